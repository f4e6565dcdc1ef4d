"""Sums synapse values over pixels, the inner loop of a coverage map, without allocating.

Entries lie sorted by pixel and are worked through in blocks that fit the processor's cache. Three ways:
plain (one gather per crossing), weighted (antialiased crossings), and runs (neighboring synapses in one
pixel, whose sum is a difference of prefix sums: a dense fan has three to five times fewer runs).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Index = NDArray[np.intp]

_BLOCK = 32768  # entries at a time
_WORTHWHILE = 2.2  # mean length from which runs are faster than single crossings


class Kernel(Protocol):
    """A weighted mean per pixel."""

    samples: int
    entries: int

    def sum(self, values: Floats, out: NDArray[np.float32]) -> None:
        """Write the mean of values (synapses,) over each pixel into out (pixels,)."""


@dataclass(frozen=True)
class _Block:
    """Entries begin … end, belonging to pixels first … last; `starts` are the pixels' first entries, from begin."""

    begin: int
    end: int
    first: int
    last: int
    starts: Index


def _blocks(starts: Index, size: int) -> list[_Block]:
    """Cut entries into blocks of about _BLOCK at pixel boundaries."""
    if not starts.size:
        return []
    edges = np.unique(np.searchsorted(starts, np.arange(0, size, _BLOCK)))
    edges = [*edges[edges < starts.size].tolist(), starts.size]
    bounds = [*starts.tolist(), size] if starts.size < 64 else np.append(starts, size)
    return [
        _Block(int(bounds[a]), int(bounds[b]), a, b, np.ascontiguousarray(starts[a:b] - bounds[a]))
        for a, b in zip(edges, edges[1:], strict=False)
    ]


def _compact(index: Index) -> NDArray[np.unsignedinteger[Any]]:
    """Store indices in two or four bytes: reading them from memory is what a frame waits for."""
    small = not index.size or int(index.max()) < 65_536
    return index.astype(np.uint16 if small else np.uint32)


def _longest(blocks: list[_Block]) -> int:
    return max((b.end - b.begin for b in blocks), default=0)


class PlainKernel:
    """The mean of values[ids] per pixel."""

    def __init__(self, ids: Index, starts: Index) -> None:
        self.samples = self.entries = ids.size
        self._ids, self._blocks = _compact(ids), _blocks(starts, ids.size)
        self._inverse = (1.0 / np.diff(np.append(starts, ids.size))).astype(np.float32)
        self._buffer = np.zeros(_longest(self._blocks), np.float32)
        self._index = np.zeros(self._buffer.size, np.intp)

    def sum(self, values: Floats, out: NDArray[np.float32]) -> None:
        """Write the mean of values over each pixel into out."""
        source = np.ascontiguousarray(values, np.float32)
        for block in self._blocks:
            taken, index = self._buffer[: block.end - block.begin], self._index[: block.end - block.begin]
            np.copyto(index, self._ids[block.begin : block.end])
            np.take(source, index, out=taken, mode="clip")
            np.add.reduceat(taken, block.starts, out=out[block.first : block.last])
        np.multiply(out, self._inverse, out=out)


class WeightedKernel:
    """The mean of values[ids] per pixel, weighted by coverage; weights are stored already normalized."""

    def __init__(self, ids: Index, weights: NDArray[np.float32], starts: Index) -> None:
        self.samples = self.entries = ids.size
        self._ids, self._blocks = _compact(ids), _blocks(starts, ids.size)
        if ids.size:
            total = np.add.reduceat(weights.astype(np.float64), starts)
            weights = weights / np.repeat(total, np.diff(np.append(starts, ids.size)))
        self._weights = weights.astype(np.float32)
        self._buffer = np.zeros(_longest(self._blocks), np.float32)
        self._index = np.zeros(self._buffer.size, np.intp)

    def sum(self, values: Floats, out: NDArray[np.float32]) -> None:
        """Write the weighted mean of values over each pixel into out."""
        source = np.ascontiguousarray(values, np.float32)
        for block in self._blocks:
            taken, index = self._buffer[: block.end - block.begin], self._index[: block.end - block.begin]
            np.copyto(index, self._ids[block.begin : block.end])
            np.take(source, index, out=taken, mode="clip")
            np.multiply(taken, self._weights[block.begin : block.end], out=taken)
            np.add.reduceat(taken, block.starts, out=out[block.first : block.last])


class RunKernel:
    """The mean per pixel of values[low:high] over its runs, from one prefix sum in double precision."""

    def __init__(self, low: Index, high: Index, starts: Index, synapses: int) -> None:
        self.entries = low.size
        self.samples = int((high - low).sum())
        self._low, self._high, self._blocks = _compact(low), _compact(high), _blocks(starts, low.size)
        self._inverse = (1.0 / np.add.reduceat(high - low, starts)).astype(np.float32)
        self._prefix = np.zeros(synapses + 1)
        self._buffers = np.zeros((2, _longest(self._blocks)))
        self._index = np.zeros(self._buffers.shape[1], np.intp)
        self._sums = np.zeros(max(b.last - b.first for b in self._blocks))

    def sum(self, values: Floats, out: NDArray[np.float32]) -> None:
        """Write the mean of values over each pixel into out."""
        np.cumsum(values, dtype=np.float64, out=self._prefix[1:])
        for block in self._blocks:
            size = block.end - block.begin
            low, high, index = self._buffers[0, :size], self._buffers[1, :size], self._index[:size]
            np.copyto(index, self._low[block.begin : block.end])
            np.take(self._prefix, index, out=low, mode="clip")
            np.copyto(index, self._high[block.begin : block.end])
            np.take(self._prefix, index, out=high, mode="clip")
            np.subtract(high, low, out=high)
            sums = self._sums[: block.last - block.first]
            np.add.reduceat(high, block.starts, out=sums)
            np.multiply(sums, self._inverse[block.first : block.last], out=out[block.first : block.last])


def _firsts(sorted_keys: NDArray[np.int64]) -> Index:
    """Return where each new value begins in sorted keys."""
    if not sorted_keys.size:
        return np.zeros(0, np.intp)
    return np.flatnonzero(np.concatenate([[True], sorted_keys[1:] != sorted_keys[:-1]]))


class RunCollector:
    """Gathers unweighted crossings piece by piece, kept as runs of neighboring synapses in one pixel."""

    def __init__(self, synapses: int) -> None:
        self._synapses = synapses
        self._bits = max(int(synapses - 1).bit_length(), 1)
        self._keys: list[NDArray[np.int64]] = []
        self._lengths: list[NDArray[np.int64]] = []

    def add(self, pixels: NDArray[np.int32], ids: NDArray[np.int32]) -> None:
        """Add crossings of pixels (n,) by synapses ids (n,), in any order."""
        if not pixels.size:
            return
        keys = np.sort(pixels.astype(np.int64) << self._bits | ids)
        # A run goes on where the key grows by one within a pixel.
        breaks = (np.diff(keys) != 1) | ((keys[1:] & ((1 << self._bits) - 1)) == 0)
        begins = np.concatenate([[0], np.flatnonzero(breaks) + 1])
        self._keys.append(keys[begins])
        self._lengths.append(np.diff(np.append(begins, keys.size)))

    def kernel(self) -> tuple[Index, Kernel]:
        """Return the covered pixels, sorted, and the faster of the two kernels for their means."""
        if not self._keys:
            return np.zeros(0, np.intp), PlainKernel(np.zeros(0, np.intp), np.zeros(0, np.intp))
        keys, lengths = np.concatenate(self._keys), np.concatenate(self._lengths)
        order = np.argsort(keys)
        keys, lengths = keys[order], lengths[order]
        low = (keys & ((1 << self._bits) - 1)).astype(np.intp)
        where = keys >> self._bits
        if lengths.sum() < _WORTHWHILE * keys.size:
            # Each run counts up from its first synapse.
            ends = np.cumsum(lengths)
            low = np.repeat(low - (ends - lengths), lengths) + np.arange(ends[-1])
            where = np.repeat(where, lengths)
            starts = _firsts(where)
            return where[starts].astype(np.intp), PlainKernel(low.astype(np.intp), starts)
        starts = _firsts(where)
        return where[starts].astype(np.intp), RunKernel(low, low + lengths, starts, self._synapses)


def weighted_kernel(
    pixels: NDArray[np.int32], ids: NDArray[np.int32], weights: NDArray[np.float32], synapses: int
) -> tuple[Index, Kernel]:
    """Index crossings (pixels, ids, weights); returns the covered pixels and their kernel."""
    bits = max(int(synapses - 1).bit_length(), 1)
    order = np.argsort(pixels.astype(np.int64) << bits | ids, kind="stable")
    where = pixels[order]
    starts = _firsts(where.astype(np.int64))
    kernel = WeightedKernel(ids[order].astype(np.intp), weights[order], starts)
    return where[starts].astype(np.intp), kernel
