"""What every optimizer is: a frozen spec that binds its update rule to the network's flat vectors.

Since all parameters lie in one vector, an update is a few calls for the whole network, whatever its depth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy import add, multiply
from numpy.typing import NDArray

from engine import buffers
from engine.activations import constant
from engine.fields import setting
from engine.registry import Registry

Array = NDArray[Any]
Step = Callable[[], object]


@dataclass(slots=True)
class Slots:
    """What an optimizer remembers: flat vectors as long as the parameters, by name, and its own step count.

    `update` holds the last change of the parameters, so that update/weight ratios can be shown.
    `rate` is a 0-d array that the schedule writes and the update rule reads.
    """

    vectors: dict[str, Array]
    update: Array
    rate: Array
    count: int = 0

    @classmethod
    def fresh(cls, names: tuple[str, ...], like: Array, rate: float) -> Slots:
        """Zeroed slots for a parameter vector `like`."""
        vectors = {name: buffers.zeros_like(like) for name in names}
        return cls(vectors, buffers.zeros_like(like), np.array(rate, like.dtype))


def learning_rate(default: float) -> Any:
    """The field for η, the same for all but its default."""
    return setting(
        default,
        label="Learning rate",
        kind="float",
        above=0.0,
        maximum=1e6,
        logarithmic=True,
        help="How far each step goes against the gradient.",
    )


def memory(default: float, *, label: str, help: str) -> Any:
    """A field for how much of a running mean is kept at each step, from 0 to less than 1."""
    return setting(default, label=label, kind="float", minimum=0.0, below=1.0, help=help, basic=False)


def epsilon(default: float) -> Any:
    """The field for ε."""
    return setting(
        default,
        label="ε",
        kind="float",
        above=0.0,
        maximum=1.0,
        help="Keeps the division finite.",
        basic=False,
    )


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """Base of all optimizers.

    Attributes:
        source: the paper and equation; slots: the vectors it remembers, by name.
        sizes: those of them that measure how large gradients have been, and that it divides by.
        scaled_is_update: whether the gradient as `bind_scaled` wants it is the update itself.
    """

    kind: ClassVar[str]
    label: ClassVar[str]
    formula: ClassVar[str]
    source: ClassVar[str]
    slots: ClassVar[tuple[str, ...]] = ()
    sizes: ClassVar[tuple[str, ...]] = ()
    scaled_is_update: ClassVar[bool] = False

    learning_rate: float = learning_rate(0.1)

    def bind(self, parameters: Array, gradients: Array, slots: Slots) -> Step:
        """A function that changes `parameters` in place from `gradients` (the mean over the batch)."""
        raise NotImplementedError

    def scale(self, rate: float) -> float | None:
        """By what the gradient is best multiplied beforehand, at a learning rate; None: as it is."""
        return None

    def bind_scaled(self, parameters: Array, gradients: Array, slots: Slots) -> Step:
        """As `bind`, for gradients that come multiplied by `scale`, where that is a number."""
        raise NotImplementedError


OPTIMIZERS: Registry[type[Optimizer]] = Registry("optimizer")


def optimizer(cls: type[Optimizer]) -> type[Optimizer]:
    """Class decorator: put an optimizer into the registry."""
    return OPTIMIZERS.register(cls.kind, cls)


def follow_mean(gradients: Array, mean: Array, scratch: Array, beta: float) -> Step:
    """A step m ← β m + (1 − β) g."""
    keep, rest = constant(beta, mean), constant(1 - beta, mean)

    def step() -> None:
        multiply(mean, keep, mean)
        multiply(gradients, rest, scratch)
        add(mean, scratch, mean)

    return step


def follow_scaled(gradients: Array, mean: Array, beta: float) -> Step:
    """A step m ← β m + (1 − β) g, for gradients that hold (1 − β) g."""
    keep = constant(beta, mean)

    def step() -> None:
        multiply(mean, keep, mean)
        add(mean, gradients, mean)

    return step


def follow_square(gradients: Array, square: Array, scratch: Array, beta: float, scale: float = 1.0) -> Step:
    """A step v ← β v + (1 − β) g², for gradients that hold g times a scale."""
    keep, rest = constant(beta, square), constant((1 - beta) / scale**2, square)

    def step() -> None:
        multiply(gradients, gradients, scratch)
        multiply(scratch, rest, scratch)
        multiply(square, keep, square)
        add(square, scratch, square)

    return step
