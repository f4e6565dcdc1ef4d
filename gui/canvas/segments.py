"""Sums over the entries of each pixel, as a few additions of long vectors.

`np.add.reduceat` does the same in one call, but keeps the interpreter to itself all the while, and so stops
the training. So entries are laid out by rank: first the first entry of every pixel, then the second of those
that have two, and so on, pixels with most entries first. The entries of rank k then add onto the first n_k
sums, a plain vector addition, which other threads may run beside. (Jagged diagonals: Saad, Iterative Methods
for Sparse Linear Systems, 3.4.)
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Index = NDArray[np.intp]

BLOCK = 32768  # entries at a time: what fits the processor's cache
_NARROW = 1024  # pixels: fewer are no long vector, and reduceat over them is brief


@dataclass(frozen=True)
class Block:
    """Entries begin … end, of pixels first … last, laid out by rank.

    Attributes:
        begin, end, first, last: where it lies among all entries and all pixels, in the new order.
        widths: how many pixels have an entry of rank 0, 1, …; never more than the rank before.
        tail: where the remaining entries of each of the first pixels begin, pixel by pixel, after the ranks.
    """

    begin: int
    end: int
    first: int
    last: int
    widths: tuple[int, ...]
    tail: Index

    @property
    def entries(self) -> slice:
        """Its entries among all."""
        return slice(self.begin, self.end)

    @property
    def pixels(self) -> slice:
        """Its pixels among all."""
        return slice(self.first, self.last)

    def sum(self, entries: Floats, out: Floats) -> None:
        """Write the sum of each pixel's entries (…, end - begin) into out (…, last - first)."""
        done = self.widths[0]
        np.copyto(out, entries[..., :done], casting="same_kind")
        for width in self.widths[1:]:
            part = out[..., :width]
            np.add(part, entries[..., done : done + width], out=part)
            done += width
        if self.tail.size:
            part = out[..., : self.tail.size]
            np.add(part, np.add.reduceat(entries[..., done:], self.tail, axis=-1), out=part)


@dataclass(frozen=True)
class Segments:
    """The new order of entries that were sorted by pixel.

    Attributes:
        blocks: pieces of about `BLOCK` entries, at pixel boundaries.
        entries: for each entry of the new order its place in the old one; pixels: the same for pixels.
        longest, widest: entries and pixels of the largest block.
    """

    blocks: tuple[Block, ...]
    entries: Index
    pixels: Index

    @property
    def longest(self) -> int:
        """Entries of the largest block."""
        return max((b.end - b.begin for b in self.blocks), default=0)

    @property
    def widest(self) -> int:
        """Pixels of the largest block."""
        return max((b.last - b.first for b in self.blocks), default=0)


def segments(starts: Index, size: int) -> Segments:
    """Lay out `size` entries, sorted by pixel; those of pixel p, one at least, begin at starts[p]."""
    if not starts.size:
        nothing = np.zeros(0, np.intp)
        return Segments((), nothing, nothing)
    bounds = np.append(starts, size)
    cuts = np.unique(np.searchsorted(starts, np.arange(0, size, BLOCK)))
    edges = [*cuts[cuts < starts.size].tolist(), starts.size]
    blocks, entries, pixels = [], [], []
    for a, b in pairwise(edges):
        block, order, pixel = _lay_out(bounds[a : b + 1], a)
        blocks.append(block)
        entries.append(order)
        pixels.append(pixel)
    return Segments(tuple(blocks), np.concatenate(entries), np.concatenate(pixels))


def _lay_out(bounds: Index, first: int) -> tuple[Block, Index, Index]:
    """Lay out the entries bounds[0] … bounds[-1] of the pixels from `first` on, divided by bounds."""
    counts = np.diff(bounds)
    order = np.argsort(-counts, kind="stable")
    counts, begins = counts[order], bounds[:-1][order]
    wide = [int(np.count_nonzero(counts > rank)) for rank in range(int(counts[0]))]
    ranks = max(next((k for k, width in enumerate(wide) if width < _NARROW), len(wide)), 1)
    places = [begins[:width] + rank for rank, width in enumerate(wide[:ranks])]
    more = counts[counts > ranks] - ranks
    tail = np.cumsum(more) - more
    if more.size:
        within = np.arange(int(more.sum())) - np.repeat(tail, more)
        places.append(np.repeat(begins[: more.size] + ranks, more) + within)
    last = first + counts.size
    block = Block(int(bounds[0]), int(bounds[-1]), first, last, tuple(wide[:ranks]), tail.astype(np.intp))
    return block, np.concatenate(places).astype(np.intp), (order + first).astype(np.intp)
