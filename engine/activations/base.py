"""What every activation function is: its value, its derivative, its range and its formula, bound to arrays.

Arrays hold one example per column, `(units, batch)`. An entry's `bind` is given the arrays once and returns
two parameterless functions, because at small sizes the cost of a NumPy call is all there is:

* `forward()` writes a = φ(z) into `a`;
* `pull_back()` turns ∂L/∂a, found in `delta`, into δ = ∂L/∂z = φ'(z) ⊙ ∂L/∂a, in place.

Unless `uses_z`, z and a may be the same array: the derivative is then computed from the output. Where the
derivative jumps (ReLU at 0) its value there is PyTorch's. Nothing overflows: exponents are never positive.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.registry import Registry

Array = NDArray[Any]
Step = Callable[[], object]
Steps = tuple[Step, Step]
Bind = Callable[[Array, Array, Array, Array], Steps]


@dataclass(frozen=True, slots=True)
class Activation:
    """One activation function φ.

    `formula` and `slope` are LaTeX for the screen, `text` is the formula in plain characters for a tooltip;
    `low` and `high` bound its range. `kinks` are the z where two pieces meet, so that
    the first or second derivative jumps.

    `differentiable` is false where the slope is zero wherever it exists, so that gradient descent cannot
    learn through it (step); `uses_z` says that the derivative needs z, in an array apart from a;
    `elementwise` is false where a unit's output depends on the whole layer (softmax).
    """

    name: str
    label: str
    text: str
    formula: str
    slope: str
    low: float
    high: float
    bind: Bind
    kinks: tuple[float, ...] = ()
    differentiable: bool = True
    uses_z: bool = False
    elementwise: bool = True

    @property
    def saturates(self) -> bool:
        """Whether units can get stuck near a bound, where the slope fades: its range is finite."""
        return self.elementwise and self.differentiable and self.high - self.low < inf

    @property
    def dies(self) -> bool:
        """Whether a unit that gives 0 for every example has no gradient left to bring it back (ReLU)."""
        return self.low == 0.0 and 0.0 in self.kinks and self.differentiable

    def __call__(self, z: Array) -> Array:
        """φ(z) for columns z (units, batch), as a new array."""
        z = np.array(z, copy=True)
        a = np.empty_like(z)
        self.bind(z, a, np.empty_like(z), np.empty_like(z))[0]()
        return a

    def derivative(self, z: Array) -> Array:
        """∂(Σ a)/∂z for columns z: φ'(z) where φ is elementwise."""
        z = np.array(z, copy=True)
        a, delta = np.empty_like(z), np.ones_like(z)
        forward, pull_back = self.bind(z, a, delta, np.empty_like(z))
        forward()
        pull_back()
        return delta


ACTIVATIONS: Registry[Activation] = Registry("activation")


def activation(name: str, label: str, **fields: Any) -> Callable[[Bind], Bind]:
    """Decorator for an entry's `bind(z, a, delta, scratch)`: put the activation into the registry.

    `fields` are the other fields of `Activation`.
    """

    def register(bind: Bind) -> Bind:
        ACTIVATIONS.register(name, Activation(name=name, label=label, bind=bind, **fields))
        return bind

    return register


def constant(value: float, like: Array) -> Array:
    """A number as a 0-d array: in a small ufunc call twice as fast as a float (0.24 against 0.46 µs)."""
    return np.array(value, dtype=like.dtype)


def nothing() -> None:
    """A step that has nothing to do."""
