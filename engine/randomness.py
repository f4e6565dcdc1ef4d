"""Randomness: where fresh numbers come from, so that the same seed gives the same network, neuron by neuron.

Every unit draws its weights from a stream of its own, named by its id. So a unit keeps its initial weights
whatever happens around it: removing neuron 3 of 8, or adding a layer, changes nobody else's start, and reset
after an edit brings back what the others had.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.random import Generator, SeedSequence, default_rng
from numpy.typing import NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]


class Random(Protocol):
    """What initializers draw from: a NumPy Generator, or one stream for each row."""

    def standard_normal(self, size: Shape, /) -> Array:
        """N(0, 1)."""

    def random(self, size: Shape, /) -> Array:
        """U(0, 1)."""

    def uniform(self, low: float, high: float, size: Shape, /) -> Array:
        """U(low, high)."""


def stream(seed: int, *names: str) -> Generator:
    """A random stream of its own for each name."""
    return default_rng(SeedSequence([seed, *(zlib.crc32(name.encode()) for name in names)]))


class UnitStreams:
    """Draws matrices whose row i comes from the stream of the unit `ids[i]`.

    A matrix with more rows than units (an orthogonal one may need it) takes the further rows from streams of
    no unit.
    """

    def __init__(self, seed: int, name: str, ids: Sequence[int]) -> None:
        self._key = [seed, zlib.crc32(name.encode())]
        self._streams = [self._stream(1, unit) for unit in ids]

    def standard_normal(self, size: Shape, /) -> Array:
        """N(0, 1), shape (rows, …)."""
        return self._rows(size, lambda rng, shape: rng.standard_normal(shape))

    def random(self, size: Shape, /) -> Array:
        """U(0, 1), shape (rows, …)."""
        return self._rows(size, lambda rng, shape: rng.random(shape))

    def uniform(self, low: float, high: float, size: Shape, /) -> Array:
        """U(low, high), shape (rows, …)."""
        return low + (high - low) * self.random(size)

    def _rows(self, size: Shape, draw: Any) -> Array:
        more = [self._stream(0, row) for row in range(len(self._streams), size[0])]
        matrix = np.empty(size)
        for row, rng in zip(matrix, self._streams + more, strict=False):
            row[...] = draw(rng, size[1:])
        return matrix

    def _stream(self, *key: int) -> Generator:
        return default_rng(SeedSequence([*self._key, *key]))
