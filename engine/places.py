"""Places: where a tensor lies in the flat vectors of parameters, gradients and optimizer slots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from engine.layers.base import ParameterSpec, Shape, size_of

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tensor lies in a flat vector."""

    layer: str
    name: str
    offset: int
    shape: Shape
    spec: ParameterSpec | None = None

    @property
    def slice(self) -> slice:
        """The part of the flat vector."""
        return slice(self.offset, self.offset + size_of(self.shape))

    def of(self, flat: Array) -> Array:
        """The tensor as a view of a flat vector."""
        return flat[self.slice].reshape(self.shape)
