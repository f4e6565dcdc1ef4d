"""Sums over the entries of each pixel, as additions of long vectors.

`np.add.reduceat` does the same in one call, but keeps the interpreter to itself all the while, and so stops
the training. So pixels with equally many entries are laid out together, as a matrix with a column for each of
them, whose rows are summed: plain vector additions, in one call, which other threads may run beside. Where
only few pixels have exactly as many, those with nearly as many join them, and empty entries fill the rest.
Several matrices are a block, as before and after each call the threads of the program take turns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.intp]

BLOCK = 65536  # entries at a time: what fits the processor's cache
_LARGEST = BLOCK // 2  # entries of a matrix
_MATRIX = 2048  # entries that could be summed in the time that another matrix takes


@dataclass(frozen=True)
class Matrix:
    """Entries begin … end, `count` for each of the pixels first … last: all first ones, all second ones …"""

    begin: int
    end: int
    first: int
    last: int
    count: int


@dataclass(frozen=True)
class Block:
    """Neighboring matrices."""

    matrices: tuple[Matrix, ...]

    @property
    def size(self) -> int:
        """How many entries it has."""
        return self.matrices[-1].end - self.matrices[0].begin

    @property
    def entries(self) -> slice:
        """Its entries among all."""
        return slice(self.matrices[0].begin, self.matrices[-1].end)

    @property
    def pixels(self) -> slice:
        """Its pixels among all."""
        return slice(self.matrices[0].first, self.matrices[-1].last)

    def reduce(self, operation: np.ufunc, entries: NDArray[Any], out: NDArray[Any]) -> None:
        """Join each pixel's entries (…, size), by a sum for example, and write that into out (…, pixels)."""
        begin, first = self.matrices[0].begin, self.matrices[0].first
        for m in self.matrices:
            part = entries[..., m.begin - begin : m.end - begin]
            rows = part.reshape(*part.shape[:-1], m.count, -1)
            joined = out[..., m.first - first : m.last - first]
            operation.reduce(rows, axis=-2, dtype=out.dtype, out=joined)

    def sum(self, entries: NDArray[Any], out: NDArray[Any]) -> None:
        """Write the sum of each pixel's entries (…, size) into out (…, pixels)."""
        self.reduce(np.add, entries, out)


@dataclass(frozen=True)
class Segments:
    """The new order of entries that were sorted by pixel.

    Attributes:
        blocks: pieces of about `BLOCK` entries, at pixel boundaries.
        entries: for each entry of the new order its place in the old one, the old size for an empty one.
        pixels: for each pixel of the new order its place in the old one.
        longest, widest: entries and pixels of the largest block.
    """

    blocks: tuple[Block, ...]
    entries: Index
    pixels: Index

    @property
    def longest(self) -> int:
        """Entries of the largest block."""
        return max((b.size for b in self.blocks), default=0)

    @property
    def widest(self) -> int:
        """Pixels of the largest block."""
        return max((b.pixels.stop - b.pixels.start for b in self.blocks), default=0)


def segments(starts: Index, size: int) -> Segments:
    """Lay out `size` entries, sorted by pixel; those of pixel p, one at least, begin at starts[p]."""
    counts = np.diff(np.append(starts, size))
    order = np.argsort(-counts, kind="stable")
    counts, begins = counts[order], starts[order]
    matrices: list[Matrix] = []
    places = [np.zeros(0, np.intp)]
    end = 0
    for first, last, count in _pieces(counts):
        rank = np.arange(count)[:, None]
        place = np.where(rank < counts[first:last], begins[first:last] + rank, size)
        matrices.append(Matrix(end, end + place.size, first, last, count))
        places.append(place.reshape(-1).astype(np.intp))
        end += place.size
    return Segments(_blocks(matrices), np.concatenate(places), order.astype(np.intp))


def _blocks(matrices: list[Matrix]) -> tuple[Block, ...]:
    groups: list[list[Matrix]] = []
    for matrix in matrices:
        if groups and matrix.end - groups[-1][0].begin <= BLOCK:
            groups[-1].append(matrix)
        else:
            groups.append([matrix])
    return tuple(Block(tuple(group)) for group in groups)


def _pieces(counts: Index) -> Iterator[tuple[int, int, int]]:
    """Yield first and last pixel, and the most entries of one, of pieces of falling counts.

    Of all ways to divide them the one that costs least; a matrix costs as much as so many empty entries.
    """
    if not counts.size:
        return
    begins = np.flatnonzero(np.append(True, counts[1:] != counts[:-1]))  # where each count begins
    ends, most = np.append(begins[1:], counts.size), counts[begins]
    least, choice = [0.0], []  # of the first so many counts: the least cost, and where the last piece begins
    for last in range(most.size):
        costs = np.array(least) + _MATRIX + most[: last + 1] * (ends[last] - begins[: last + 1])
        choice.append(int(np.argmin(costs)))
        least.append(float(costs[choice[-1]]))
    pieces, last = [], most.size - 1
    while last >= 0:
        pieces.append((int(begins[choice[last]]), int(ends[last]), int(most[choice[last]])))
        last = choice[last] - 1
    for begin, end, count in reversed(pieces):
        step = max(_LARGEST // count, 1)
        for first in range(begin, end, step):
            yield first, min(first + step, end), count
