"""Follows the lines of a bundle through a grid of pixels, finding runs of neighbors that share a pixel.

A line is looked at once per column (per row, if it is steeper than 45°), so it has no holes and no doubles.
There it lies between two pixel centers: at `below`, the nearer to zero, and one further. Neighboring synapses
mostly share that place, so crossings are kept as runs (pixel, first synapse, length).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Index = NDArray[np.intp]

_LINES = 1024  # lines followed together
_BLOCK = 262_144  # crossings worked out together


class BuildCancelledError(Exception):
    """Raised where a map is being built that its caller no longer wants."""


@dataclass(frozen=True)
class Runs:
    """Synapses low … low + length − 1 cross `pixel` (flat); three int32 arrays."""

    pixel: NDArray[np.int32]
    low: NDArray[np.int32]
    length: NDArray[np.int32]

    def chosen(self, where: NDArray[np.bool_]) -> Runs:
        """Return some of the runs."""
        return Runs(self.pixel[where], self.low[where], self.length[where])

    @staticmethod
    def joined(pieces: list[Runs]) -> Runs:
        """Return runs end to end."""
        empty = np.zeros(0, np.int32)
        pieces = [Runs(empty, empty, empty), *pieces]
        return Runs(
            np.concatenate([p.pixel for p in pieces]),
            np.concatenate([p.low for p in pieces]),
            np.concatenate([p.length for p in pieces]),
        )


@dataclass(frozen=True)
class Tracks:
    """Lines seen along their major axis: minor = offset + slope · (k + ½) at pixels k = first … last.

    along and across are the strides of one pixel in the flat image; breadth is the number of pixels across.
    Arrays offset and slope have one entry per synapse of the bundle, first and last one per line in `ids`.
    """

    ids: Index
    first: Index
    last: Index
    offset: NDArray[np.float64]
    slope: NDArray[np.float64]
    along: int
    across: int
    breadth: int

    @property
    def samples(self) -> int:
        """How many crossings the lines have in all."""
        return int(np.maximum(self.last - self.first + 1, 0).sum())

    def shares(self, pixel: Index, ids: Index) -> NDArray[np.float64]:
        """Return how much of pixels synapses cover: 1 at the pixel's center, 0 a pixel away."""
        first, second = np.divmod(pixel, max(self.along, self.across))
        step, place = (first, second) if self.across == 1 else (second, first)
        minor = self.offset[ids] + self.slope[ids] * (step + 0.5) - 0.5
        return np.asarray(1.0 - np.abs(minor - place))


def follow(starts: Floats, ends: Floats, shape: tuple[int, int], steep: bool) -> Tracks:
    """Return the shallow or the steep lines starts → ends, (n, 2), clipped to (rows, columns) pixels."""
    height, width = shape
    major, minor = (1, 0) if steep else (0, 1)
    length, breadth = (height, width) if steep else (width, height)
    with np.errstate(invalid="ignore", over="ignore"):
        delta = ends - starts
    run = np.where(delta[:, major] == 0, 1.0, delta[:, major])
    with np.errstate(invalid="ignore", over="ignore"):
        slope = delta[:, minor] / run
        offset = starts[:, minor] - slope * starts[:, major]
    chosen = (np.abs(delta[:, 1]) > np.abs(delta[:, 0])) == steep
    chosen &= np.isfinite(delta).all(axis=1) & np.isfinite(slope) & np.isfinite(offset)
    ids = np.flatnonzero(chosen)
    a, b = starts[ids, major], ends[ids, major]
    low, high = np.minimum(a, b), np.maximum(a, b)
    first, last = np.ceil(low - 0.5), np.floor(high - 0.5)
    # What ends within one pixel without passing a center is still one dot.
    dot = last < first
    first = np.where(dot, np.floor((low + high) / 2), first)
    last = np.where(dot, first, last)
    begin, end = _inside(offset[ids], slope[ids], length, breadth)
    first, last = np.maximum(first, begin), np.minimum(last, end)
    strides = (width, 1) if steep else (1, width)
    return Tracks(
        ids,
        np.clip(first, 0, length).astype(np.intp),
        np.clip(last, -1, length - 1).astype(np.intp),
        offset,
        slope,
        *strides,
        breadth,
    )


def _inside(offset: Floats, slope: Floats, length: int, breadth: int) -> tuple[Floats, Floats]:
    """Return the first and last k at which lines can be seen in the viewport (a little more is harmless)."""
    level = slope == 0
    safe = np.where(level, 1.0, slope)
    p, q = (-1.0 - offset) / safe - 0.5, (breadth + 1.0 - offset) / safe - 0.5
    begin = np.where(level, 0.0, np.maximum(np.floor(np.minimum(p, q)), 0.0))
    end = np.where(level, length - 1.0, np.minimum(np.ceil(np.maximum(p, q)), length - 1.0))
    return begin, end


def find_runs(tracks: Tracks, nearest: bool, cancelled: Callable[[], bool] | None) -> Iterator[Runs]:
    """Yield the runs of lines at the two pixels between whose centers they pass, or at the nearest alone."""
    for begin in range(0, tracks.ids.size, _LINES):
        lines = slice(begin, begin + _LINES)
        first, last = int(tracks.first[lines].min()), int(tracks.last[lines].max())
        height = max(1, _BLOCK // tracks.ids[lines].size)
        for k in range(first, last + 1, height):
            if cancelled is not None and cancelled():
                raise BuildCancelledError
            yield _block_runs(tracks, lines, np.arange(k, min(k + height, last + 1)), nearest)


def probe_runs(tracks: Tracks, stride: int) -> Iterator[Runs]:
    """Yield the runs of lines at every stride-th column (row) only: enough to foresee how many there are."""
    for begin in range(0, tracks.ids.size, _LINES):
        lines = slice(begin, begin + _LINES)
        k = np.arange(int(tracks.first[lines].min()), int(tracks.last[lines].max()) + 1, stride)
        if k.size:
            yield _block_runs(tracks, lines, k, nearest=False)


def _block_runs(tracks: Tracks, lines: slice, k: Index, nearest: bool) -> Runs:
    """Return the runs of some lines at some pixels k."""
    ids, first, last = tracks.ids[lines], tracks.first[lines], tracks.last[lines]
    minor = np.multiply.outer(k + 0.5, tracks.slope[ids])
    minor += tracks.offset[ids] - (0.0 if nearest else 0.5)
    np.floor(minor, out=minor)
    np.clip(minor, -2, tracks.breadth, out=minor)
    if first.max() > k[0] or last.min() < k[-1]:
        minor[(k[:, None] < first) | (k[:, None] > last)] = -2
    breaks = np.ones(minor.shape, bool)
    np.not_equal(minor[:, 1:], minor[:, :-1], out=breaks[:, 1:])
    breaks[:, 1:] |= np.diff(ids) != 1
    begins = np.flatnonzero(breaks)
    length = np.diff(np.append(begins, minor.size)).astype(np.int32)
    place = minor.reshape(-1)[begins]
    row, column = np.divmod(begins, ids.size)
    pixel = (k[row] * tracks.along + place * tracks.across).astype(np.int32)
    below = Runs(pixel, ids[column].astype(np.int32), length)
    seen = below.chosen((place >= 0) & (place < tracks.breadth))
    if nearest:
        return seen
    beyond = Runs(pixel + np.int32(tracks.across), below.low, length)
    return Runs.joined([seen, beyond.chosen((place >= -1) & (place < tracks.breadth - 1))])
