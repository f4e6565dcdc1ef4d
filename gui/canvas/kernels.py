"""Sums synapse values over pixels, the inner loop of a coverage map, without allocating.

Entries are laid out in segments, and worked through in blocks that fit the processor's cache. Three ways:
plain (one gather per crossing), weighted (antialiased crossings), and runs (neighboring synapses in one
pixel, whose sum is a difference of prefix sums: a dense fan has three to five times fewer runs).
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gui.canvas.segments import Block, Segments, segments
from gui.canvas.tracks import Runs

Floats = NDArray[np.floating[Any]]
Index = NDArray[np.intp]

# In which steps values may be counted: as a share of the usual |value|, and at all.
_COARSEST, _SMALLEST = 1 / 512, 1e-37


class Kernel(Protocol):
    """A weighted mean per pixel.

    Attributes:
        samples: crossings; entries: numbers gathered per frame.
        pixels: the order of its pixels, as places among the sorted ones that it was made for.
    """

    samples: int
    entries: int
    pixels: Index

    def sum(self, values: Floats, out: NDArray[np.float32]) -> None:
        """Write the mean of values (synapses,) over each pixel into out (pixels,)."""


def _compact(index: NDArray[np.integer[Any]]) -> NDArray[np.unsignedinteger[Any]]:
    """Store indices in two or four bytes: reading them from memory is what a frame waits for."""
    small = not index.size or int(index.max()) < 65_536
    return index.astype(np.uint16 if small else np.uint32)


def _padded(column: NDArray[Any], entries: Index, empty: float) -> NDArray[Any]:
    """Return a column in a new order; where `entries` says one beyond its end, `empty`."""
    return np.append(column, np.asarray(empty, column.dtype))[entries]


class PlainKernel:
    """The mean of values[ids] per pixel."""

    def __init__(self, ids: Index, starts: Index, synapses: int) -> None:
        self.samples = self.entries = ids.size
        laid = segments(starts, ids.size)
        self._ids = _compact(_padded(ids, laid.entries, synapses))
        self._blocks, self.pixels = laid.blocks, laid.pixels
        self._inverse = (1.0 / np.diff(np.append(starts, ids.size)))[laid.pixels].astype(np.float32)
        self._source = np.zeros(synapses + 1, np.float32)  # the last is that of empty entries
        self._buffer = np.zeros(laid.longest, np.float32)
        self._index = np.zeros(self._buffer.size, np.intp)

    def sum(self, values: Floats, out: NDArray[np.float32]) -> None:
        """Write the mean of values over each pixel into out."""
        self._source[:-1] = values
        for block in self._blocks:
            taken, index = self._buffer[: block.size], self._index[: block.size]
            np.copyto(index, self._ids[block.entries])
            np.take(self._source, index, out=taken, mode="clip")
            block.sum(taken, out[block.pixels])
        np.multiply(out, self._inverse, out=out)


class WeightedKernel:
    """The mean of values[ids] per pixel, weighted by coverage; weights are stored already normalized."""

    def __init__(self, ids: Index, weights: NDArray[np.float64], starts: Index, synapses: int) -> None:
        self.samples = self.entries = ids.size
        laid = segments(starts, ids.size)
        self._ids = _compact(_padded(ids, laid.entries, synapses))
        self._blocks, self.pixels = laid.blocks, laid.pixels
        if ids.size:
            total = np.add.reduceat(weights, starts)
            weights = weights / np.repeat(total, np.diff(np.append(starts, ids.size)))
        self._weights = _padded(weights, laid.entries, 0.0).astype(np.float32)
        self._source = np.zeros(synapses + 1, np.float32)  # the last is that of empty entries
        self._buffer = np.zeros(laid.longest, np.float32)
        self._index = np.zeros(self._buffer.size, np.intp)

    def sum(self, values: Floats, out: NDArray[np.float32]) -> None:
        """Write the weighted mean of values over each pixel into out."""
        self._source[:-1] = values
        for block in self._blocks:
            taken, index = self._buffer[: block.size], self._index[: block.size]
            np.copyto(index, self._ids[block.entries])
            np.take(self._source, index, out=taken, mode="clip")
            np.multiply(taken, self._weights[block.entries], out=taken)
            block.sum(taken, out[block.pixels])


class RunKernel:
    """The mean per pixel of values[low:high] over its runs, from one prefix sum.

    A run is two entries: the prefix sum before its end and, beyond all those, the negative one before it.
    Values are counted in whole steps, as fine as no pixel's sum overflows. The prefix sums may, which their
    differences do not show: so half the bytes of a double are exact. Where the largest value is so far from
    the others that such steps were too coarse for them, double precision it is.
    """

    def __init__(
        self, low: NDArray[np.integer[Any]], high: NDArray[np.integer[Any]], starts: Index, synapses: int
    ) -> None:
        self.entries = low.size
        self.samples = int((high - low).sum())
        laid = segments(2 * starts, 2 * low.size)
        self._blocks, self.pixels = laid.blocks, laid.pixels
        both = np.stack((high, low + (synapses + 1)), axis=1).reshape(-1)
        self._ids = _compact(_padded(both, laid.entries, 0))  # the prefix sum of nothing is zero
        counts = np.add.reduceat(high - low, starts) if low.size else np.ones(0)
        self._inverse = (1.0 / counts[laid.pixels]).astype(np.float32)
        self._steps = 2.0 ** (30 - int(counts.max(initial=1)).bit_length())
        self._index = np.zeros(laid.longest, np.intp)
        self._whole = _Differences(np.int32, synapses, laid)
        self._double: _Differences | None = None
        self._laid, self._synapses = laid, synapses

    def sum(self, values: Floats, out: NDArray[np.float32]) -> None:
        """Write the mean of values over each pixel into out."""
        strength = np.abs(values)
        step = float(strength.max(initial=0.0)) / self._steps
        if step > _COARSEST * _usual(strength) or not step > _SMALLEST:
            if self._double is None:
                self._double = _Differences(np.float64, self._synapses, self._laid)
            self._sum(self._double, values, 1.0, out)
        else:
            self._sum(self._whole, np.rint(values / np.float32(step)), step, out)

    def _sum(self, work: _Differences, values: Floats, scale: float, out: NDArray[np.float32]) -> None:
        work.set(values)
        for block in self._blocks:
            index = self._index[: block.size]
            np.copyto(index, self._ids[block.entries])
            np.copyto(out[block.pixels], work.sums(block, index), casting="same_kind")
        np.multiply(out, self._inverse, out=out)
        if scale != 1.0:
            np.multiply(out, np.float32(scale), out=out)


def _usual(strength: Floats) -> float:
    """Return how large values are, of which a single huge one may not speak for all."""
    return float(np.sqrt(strength).mean()) ** 2 if strength.size else 0.0


class _Differences:
    """Prefix sums, their negatives, and room to add some of them up, in one type of number."""

    def __init__(self, number: type[np.number[Any]], synapses: int, laid: Segments) -> None:
        self._number = number
        self._prefix = np.zeros((2, synapses + 1), number)
        self._taken, self._sums = np.zeros(laid.longest, number), np.zeros(laid.widest, number)

    def set(self, values: Floats) -> None:
        """Prefix sums of other values."""
        np.cumsum(values, dtype=self._number, out=self._prefix[0, 1:])
        np.negative(self._prefix[0], out=self._prefix[1])

    def sums(self, block: Block, index: Index) -> NDArray[Any]:
        """Return the sums of the prefix sums named by each pixel's entries."""
        pixels = block.pixels
        taken, sums = self._taken[: index.size], self._sums[: pixels.stop - pixels.start]
        np.take(self._prefix.reshape(-1), index, out=taken, mode="clip")
        block.sum(taken, sums)
        return sums


def _firsts(sorted_keys: NDArray[np.integer[Any]]) -> Index:
    """Return where each new value begins in sorted keys."""
    if not sorted_keys.size:
        return np.zeros(0, np.intp)
    return np.flatnonzero(np.concatenate([[True], sorted_keys[1:] != sorted_keys[:-1]]))


def _bits(synapses: int) -> int:
    """Return how many bits hold a synapse's number."""
    return max(int(synapses - 1).bit_length(), 1)


def run_kernel(runs: Runs, synapses: int) -> tuple[Index, Kernel]:
    """Index runs by pixel; returns the covered pixels, in its order, and a kernel."""
    order = np.argsort(runs.pixel.astype(np.int64) << _bits(synapses) | runs.low)
    pixel, low, length = runs.pixel[order], runs.low[order], runs.length[order]
    high = low + length
    begins = np.ones(pixel.size, bool)
    begins[1:] = (pixel[1:] != pixel[:-1]) | (low[1:] != high[:-1])  # else it continues the run before
    first = np.flatnonzero(begins)
    high = high[np.append(first[1:], pixel.size) - 1] if first.size else high
    pixel, low = pixel[first], low[first]
    starts = _firsts(pixel)
    kernel = RunKernel(low, high, starts, synapses)
    return pixel[starts][kernel.pixels].astype(np.intp), kernel


def plain_kernel(runs: Runs, synapses: int) -> tuple[Index, Kernel]:
    """Index runs by pixel as single crossings; returns the covered pixels, in its order, and a kernel."""
    bits = _bits(synapses)
    keys = runs.pixel.astype(np.int64) << bits | runs.low
    keys = np.repeat(keys - (np.cumsum(runs.length) - runs.length), runs.length)
    keys = np.sort(keys + np.arange(keys.size))
    pixel = keys >> bits
    starts = _firsts(pixel)
    kernel = PlainKernel(keys & ((1 << bits) - 1), starts, synapses)
    return pixel[starts][kernel.pixels], kernel


def weighted_kernel(
    pixel: Index, ids: Index, weights: NDArray[np.float64], synapses: int
) -> tuple[Index, Kernel]:
    """Index crossings (pixel, ids) with weights; returns the covered pixels, in its order, and a kernel."""
    order = np.argsort(pixel << _bits(synapses) | ids)
    pixel = pixel[order]
    starts = _firsts(pixel)
    kernel = WeightedKernel(ids[order], weights[order], starts, synapses)
    return pixel[starts][kernel.pixels], kernel
