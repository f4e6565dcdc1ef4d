"""Activation functions: one entry each, with its value, its derivative, its range and its formula.

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
from math import inf, pi, sqrt
from typing import Any

import numpy as np
from numpy import (
    absolute,
    add,
    divide,
    exp,
    expm1,
    log1p,
    maximum,
    minimum,
    multiply,
    negative,
    subtract,
    tanh,
)
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


def _entry(
    bind: Bind,
    name: str,
    label: str,
    text: str,
    formula: str,
    slope: str,
    low: float,
    high: float,
    **more: Any,
) -> None:
    ACTIVATIONS.register(name, Activation(name, label, text, formula, slope, low, high, bind, **more))


def constant(value: float, like: Array) -> Array:
    """A number as a 0-d array: in a small ufunc call twice as fast as a float (0.24 against 0.46 µs)."""
    return np.array(value, dtype=like.dtype)


def nothing() -> None:
    """A step that has nothing to do."""


def _bind_identity(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    if z is a:
        return nothing, nothing
    return (lambda: np.copyto(a, z)), nothing


def _bind_step(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    zero = constant(0.0, z)

    def forward() -> None:
        np.heaviside(z, zero, a)

    def pull_back() -> None:  # φ' = 0
        delta.fill(0.0)

    return forward, pull_back


def sigmoid_step(z: Array, a: Array) -> Step:
    """A step that writes σ(z) = 1/(1 + e⁻ᶻ) = ½ (1 + tanh(z/2)), which never overflows, into `a`."""
    half = constant(0.5, z)

    def step() -> None:
        multiply(z, half, a)
        tanh(a, a)
        multiply(a, half, a)
        add(a, half, a)

    return step


def _bind_sigmoid(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    one = constant(1.0, z)

    def pull_back() -> None:  # σ' = a (1 − a)
        subtract(one, a, scratch)
        multiply(scratch, a, scratch)
        multiply(delta, scratch, delta)

    return sigmoid_step(z, a), pull_back


def _bind_hard_sigmoid(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    sixth, half, zero, one = (constant(x, z) for x in (1 / 6, 0.5, 0.0, 1.0))

    def forward() -> None:
        multiply(z, sixth, a)
        add(a, half, a)
        maximum(a, zero, out=a)
        minimum(a, one, out=a)

    def pull_back() -> None:  # φ' = 1/6 where 0 < a < 1, which is where a − a² > 0
        multiply(a, a, scratch)
        subtract(a, scratch, scratch)
        np.sign(scratch, scratch)
        multiply(scratch, sixth, scratch)
        multiply(delta, scratch, delta)

    return forward, pull_back


def _bind_tanh(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    one = constant(1.0, z)

    def forward() -> None:
        tanh(z, a)

    def pull_back() -> None:  # tanh' = 1 − a²
        multiply(a, a, scratch)
        subtract(one, scratch, scratch)
        multiply(delta, scratch, delta)

    return forward, pull_back


def _bind_softsign(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    one = constant(1.0, z)

    def forward() -> None:
        absolute(z, scratch)
        add(scratch, one, scratch)
        divide(z, scratch, a)

    def pull_back() -> None:  # φ' = 1/(1 + |z|)² = (1 − |a|)²
        absolute(a, scratch)
        subtract(one, scratch, scratch)
        multiply(scratch, scratch, scratch)
        multiply(delta, scratch, delta)

    return forward, pull_back


def _bind_relu(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    zero = constant(0.0, z)
    active = np.empty(z.shape, np.bool_)

    def forward() -> None:
        maximum(z, zero, out=a)

    def pull_back() -> None:  # φ' = 1 where a > 0, else 0: the sign of a, since a ≥ 0
        np.sign(a, scratch)
        multiply(delta, scratch, delta)

    def pull_back_many() -> None:  # the same, twice as fast for large arrays, half as fast for small ones
        np.greater(a, zero, active)
        multiply(delta, active, delta)

    return forward, pull_back if z.size < 2000 else pull_back_many


def _bind_leaky_relu(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    alpha = constant(0.01, z)

    def forward() -> None:
        multiply(z, alpha, scratch)
        maximum(z, scratch, out=a)

    def pull_back() -> None:  # φ' = 1 where a > 0, else α
        np.sign(a, scratch)
        maximum(scratch, alpha, out=scratch)
        multiply(delta, scratch, delta)

    return forward, pull_back


def _bind_elu(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    zero, one = constant(0.0, z), constant(1.0, z)

    def forward() -> None:  # with α = 1: max(0, z) + e^min(0, z) − 1
        minimum(z, zero, out=scratch)
        expm1(scratch, scratch)
        maximum(z, zero, out=a)
        add(a, scratch, a)

    def pull_back() -> None:  # φ' = 1 where a > 0, else eᶻ = a + 1
        minimum(a, zero, out=scratch)
        add(scratch, one, scratch)
        multiply(delta, scratch, delta)

    return forward, pull_back


# Klambauer et al. 2017, "Self-normalizing neural networks", below eq. (14).
SELU_SCALE = 1.0507009873554804934193349852946
SELU_ALPHA = 1.6732632423543772848170429916717


def _bind_selu(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    zero, scale, floor = constant(0.0, z), constant(SELU_SCALE, z), constant(SELU_SCALE * SELU_ALPHA, z)
    jump = constant(SELU_SCALE - SELU_SCALE * SELU_ALPHA, z)
    active = np.empty_like(z)

    def forward() -> None:
        minimum(z, zero, out=scratch)
        expm1(scratch, scratch)
        multiply(scratch, floor, scratch)
        maximum(z, zero, out=a)
        multiply(a, scale, a)
        add(a, scratch, a)

    def pull_back() -> None:  # φ' = λ where a > 0, else λ α eᶻ = a + λ α
        np.greater(a, zero, active)
        multiply(active, jump, active)
        minimum(a, zero, out=scratch)
        add(scratch, floor, scratch)
        add(scratch, active, scratch)
        multiply(delta, scratch, delta)

    return forward, pull_back


def _bind_gelu(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    # a = ½ z (1 + tanh u) = z h with u = √(2/π) (z + 0.044715 z³) and h = σ(2u)
    k1, k3 = sqrt(2 / pi), sqrt(2 / pi) * 0.044715
    linear, cubic, linear2, cubic6 = (constant(x, z) for x in (k1, k3, 2 * k1, 6 * k3))
    half, one = constant(0.5, z), constant(1.0, z)
    h, rest = np.empty_like(z), np.empty_like(z)

    def forward() -> None:
        multiply(z, z, h)
        multiply(h, cubic, h)
        add(h, linear, h)
        multiply(h, z, h)
        tanh(h, h)
        multiply(h, half, h)
        add(h, half, h)
        multiply(z, h, a)

    def pull_back() -> None:  # φ' = h + z h' = h + a (1 − h) 2 du/dz
        multiply(z, z, scratch)
        multiply(scratch, cubic6, scratch)
        add(scratch, linear2, scratch)
        multiply(scratch, a, scratch)
        subtract(one, h, rest)
        multiply(scratch, rest, scratch)
        add(scratch, h, scratch)
        multiply(delta, scratch, delta)

    return forward, pull_back


def _bind_silu(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    one = constant(1.0, z)
    s = np.empty_like(z)
    sigma = sigmoid_step(z, s)

    def forward() -> None:
        sigma()
        multiply(z, s, a)

    def pull_back() -> None:  # φ' = σ + z σ (1 − σ) = σ + a (1 − σ)
        subtract(one, s, scratch)
        multiply(scratch, a, scratch)
        add(scratch, s, scratch)
        multiply(delta, scratch, delta)

    return forward, pull_back


def _bind_softplus(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    zero = constant(0.0, z)

    def forward() -> None:  # ln(1 + eᶻ) = max(0, z) + ln(1 + e^(−|z|))
        absolute(z, scratch)
        negative(scratch, scratch)
        exp(scratch, scratch)
        log1p(scratch, scratch)
        maximum(z, zero, out=a)
        add(a, scratch, a)

    def pull_back() -> None:  # φ' = σ(z) = 1 − e⁻ᵃ
        negative(a, scratch)
        expm1(scratch, scratch)
        multiply(delta, scratch, delta)
        negative(delta, delta)

    return forward, pull_back


def _bind_softmax(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    row = np.empty((1, z.shape[1]), z.dtype)
    ones = np.ones((1, z.shape[0]), z.dtype)

    def forward() -> None:  # aⱼ = e^(zⱼ − max z) / Σₖ e^(zₖ − max z)
        maximum.reduce(z, axis=0, out=row, keepdims=True)
        subtract(z, row, a)
        exp(a, a)
        np.dot(ones, a, row)  # a sum over units, at two thirds of the cost of add.reduce
        divide(a, row, a)

    def pull_back() -> None:  # δⱼ = aⱼ (gⱼ − Σₖ gₖ aₖ) for g = ∂L/∂a
        multiply(delta, a, scratch)
        np.dot(ones, scratch, row)
        subtract(delta, row, delta)
        multiply(delta, a, delta)

    return forward, pull_back


_entry(_bind_identity, "identity", "Identity", "a = z", r"a = z", r"1", -inf, inf)
_entry(
    _bind_step,
    "step",
    "Step",
    "a = 1 if z > 0 else 0",
    r"a = \begin{cases} 1 & z > 0 \\ 0 & z \le 0 \end{cases}",
    r"0",
    0.0,
    1.0,
    kinks=(0.0,),
    differentiable=False,
)
_entry(
    _bind_sigmoid,
    "sigmoid",
    "Sigmoid",
    "a = 1 / (1 + e⁻ᶻ)",
    r"a = \frac{1}{1 + e^{-z}}",
    r"a\,(1 - a)",
    0.0,
    1.0,
)
_entry(_bind_tanh, "tanh", "tanh", "a = tanh z", r"a = \tanh z", r"1 - a^2", -1.0, 1.0)
_entry(
    _bind_relu,
    "relu",
    "ReLU",
    "a = max(0, z)",
    r"a = \max(0, z)",
    r"1 \text{ if } z > 0 \text{ else } 0",
    0.0,
    inf,
    kinks=(0.0,),
)
_entry(
    _bind_softmax,
    "softmax",
    "Softmax",
    "aⱼ = e^zⱼ / Σₖ e^zₖ",
    r"a_j = \frac{e^{z_j}}{\sum_k e^{z_k}}",
    r"a_j\,(1 - a_j)",
    0.0,
    1.0,
    elementwise=False,
)
_entry(
    _bind_leaky_relu,
    "leaky_relu",
    "Leaky ReLU",
    "a = max(0.01 z, z)",
    r"a = \max(0.01\,z, z)",
    r"1 \text{ if } z > 0 \text{ else } 0.01",
    -inf,
    inf,
    kinks=(0.0,),
)
_entry(  # Clevert et al. 2016, "Fast and accurate deep network learning by ELUs", eq. (15)
    _bind_elu,
    "elu",
    "ELU",
    "a = z if z > 0 else eᶻ − 1",
    r"a = \begin{cases} z & z > 0 \\ e^z - 1 & z \le 0 \end{cases}",
    r"1 \text{ if } z > 0 \text{ else } a + 1",
    -1.0,
    inf,
    kinks=(0.0,),
)
_entry(
    _bind_selu,
    "selu",
    "SELU",
    "a = 1.0507 z if z > 0 else 1.7581 (eᶻ − 1)",
    r"a = \lambda \begin{cases} z & z > 0 \\ \alpha (e^z - 1) & z \le 0 \end{cases}",
    r"\lambda \text{ if } z > 0 \text{ else } a + \lambda\alpha",
    -SELU_SCALE * SELU_ALPHA,
    inf,
    kinks=(0.0,),
)
_entry(  # Hendrycks & Gimpel 2016, "Gaussian error linear units", section 2, the tanh form
    _bind_gelu,
    "gelu",
    "GELU",
    "a = z/2 · (1 + tanh(√(2/π) (z + 0.044715 z³)))",
    r"a = \frac{z}{2} \left( 1 + \tanh\left( \sqrt{2/\pi}\,(z + 0.044715\,z^3) \right) \right)",
    r"h + 2a\,(1 - h) \sqrt{2/\pi}\,(1 + 0.134145\,z^2),\; h = a / z",
    -0.170041,
    inf,
    uses_z=True,
)
_entry(  # Elfwing et al. 2018, "Sigmoid-weighted linear units", eq. (3) and (4)
    _bind_silu,
    "silu",
    "SiLU",
    "a = z / (1 + e⁻ᶻ)",
    r"a = \frac{z}{1 + e^{-z}}",
    r"\sigma + a\,(1 - \sigma),\; \sigma = \frac{1}{1 + e^{-z}}",
    -0.278465,
    inf,
)
_entry(
    _bind_softplus,
    "softplus",
    "Softplus",
    "a = ln(1 + eᶻ)",
    r"a = \ln(1 + e^z)",
    r"1 - e^{-a}",
    0.0,
    inf,
)
_entry(
    _bind_softsign,
    "softsign",
    "Softsign",
    "a = z / (1 + |z|)",
    r"a = \frac{z}{1 + |z|}",
    r"(1 - |a|)^2",
    -1.0,
    1.0,
    kinks=(0.0,),
)
_entry(
    _bind_hard_sigmoid,
    "hard_sigmoid",
    "Hard sigmoid",
    "a = z/6 + ½, held between 0 and 1",
    r"a = \min(1, \max(0, z/6 + \frac12))",
    r"\frac16 \text{ if } -3 < z < 3 \text{ else } 0",
    0.0,
    1.0,
    kinks=(-3.0, 3.0),
)
