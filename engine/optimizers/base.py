"""What every optimizer is: a frozen spec that binds its update rule to the network's flat vectors.

Since all parameters lie in one vector, an update is a few calls for the whole network, whatever its depth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

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
        vectors = {name: np.zeros_like(like) for name in names}
        return cls(vectors, np.zeros_like(like), np.array(rate, like.dtype))


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """Base of all optimizers. `slots` names the vectors it remembers; `source` is the paper and equation."""

    kind: ClassVar[str]
    label: ClassVar[str]
    formula: ClassVar[str]
    source: ClassVar[str]
    slots: ClassVar[tuple[str, ...]] = ()

    learning_rate: float = setting(
        0.1,
        label="Learning rate",
        kind="float",
        above=0.0,
        maximum=1e6,
        logarithmic=True,
        help="How far each step goes against the gradient.",
    )

    def bind(self, parameters: Array, gradients: Array, slots: Slots) -> Step:
        """A function that changes `parameters` in place from `gradients` (the mean over the batch)."""
        raise NotImplementedError


OPTIMIZERS: Registry[type[Optimizer]] = Registry("optimizer")


def optimizer(cls: type[Optimizer]) -> type[Optimizer]:
    """Class decorator: put an optimizer into the registry."""
    return OPTIMIZERS.register(cls.kind, cls)
