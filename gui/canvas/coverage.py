"""Draws thousands of synapses at once: each pixel shows the mean of the synapses that cross it.

Between two changes of layout the lines of a bundle stand still and only their values change. So which
pixel sees which synapses is worked out once (`CoverageMap.build`, which may run off the GUI thread), and a
frame is a gather, a sum and a color table: no GPU and no drawing call per line.

In each column (in each row, if it is steep) a synapse belongs to the two pixels nearest to it. Where few
meet, it counts in proportion to its nearness, which antialiases it. In crowded pixels, which six or more
reach, it counts whole in both, or, where they lie too far apart to be summed in runs, in the nearer alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gui.canvas.color import FADE_LEVELS, TABLE_SIZE, ZERO, ColorTable
from gui.canvas.kernels import Kernel, RunKernel, plain_kernel, run_kernel, weighted_kernel
from gui.canvas.scatter import ALL, COMBS, Scatter, comb_of, packed_image
from gui.canvas.tracks import BuildCancelledError, Runs, Tracks, find_runs, follow, probe_runs

__all__ = [
    "CROWDED",
    "MOST_ENTRIES",
    "MOST_SAMPLES",
    "BuildCancelledError",
    "CoverageMap",
]

Floats = NDArray[np.floating[Any]]

MOST_SAMPLES = 20_000_000  # crossings worked out when a map is built, about a second's worth
MOST_ENTRIES = 4_000_000  # numbers gathered per frame, about 14 ms' worth
CROWDED = 6  # synapses reaching a pixel from which it is crowded
_LONG = 1.6  # mean length of runs from which they are faster than single crossings
_FAINT = 1 / 64  # a smaller share of a pixel is not painted
_COARSEST = 16
_PROBE = 16  # every which column is looked at to foresee the size of a map
_STEEPEST = 1e38  # the largest factor float32 holds


def _affordable(starts: Floats, ends: Floats, shape: tuple[int, int], most_entries: int) -> bool:
    """Return whether a map of lines in (rows, columns) pixels would stay within the caps, from a probe."""
    tracks = [follow(starts, ends, shape, steep) for steep in (False, True)]
    crossings = sum(t.samples for t in tracks)
    if crossings <= most_entries // 2:
        return True
    if crossings > MOST_SAMPLES:
        return False
    runs = [r for t in tracks for r in probe_runs(t, _PROBE)]
    pieces, singles = (sum(int(n) for n in column) * _PROBE for column in zip(*map(_size, runs), strict=True))
    # Two neighboring runs, at the pixel below and at the one beyond, mostly become one.
    return (pieces if singles >= _LONG * pieces else singles) / 2 <= most_entries


def _size(runs: Runs) -> tuple[int, int]:
    return runs.length.size, int(runs.length.sum())


class CoverageMap:
    """Which synapses cross which pixel of a viewport, and the buffers to paint them frame after frame.

    A map is used by one thread at a time: its buffers are its own and are overwritten by every call.

    Attributes:
        shape: (rows, columns) of the picture, in map pixels.
        resolution: device pixels per map pixel, 1 unless the bundle took more than `MOST_SAMPLES` or about
            `MOST_ENTRIES`; draw the picture `resolution` times larger.
        pixels: flat indices of the covered pixels, (covered,).
        alpha: how much of each is covered, 0..1, (covered,).
        samples: crossings stored, after antialiasing.
        wide: whether in crowded pixels a synapse counts in both of its pixels, or in the nearer alone.
        entries: numbers gathered per frame (fewer than samples where runs were found).
    """

    def __init__(
        self,
        starts: Floats,
        ends: Floats,
        shape: tuple[int, int],
        resolution: int,
        parts: list[list[_Part]],
    ) -> None:
        self._starts, self._ends = starts, ends
        self.shape, self.resolution = shape, resolution
        every = [p for comb in parts for p in comb]
        self.pixels = np.concatenate([p.pixels for p in every])
        self.alpha = np.concatenate([p.alpha for p in every])
        self.wide = any(isinstance(p.kernel, RunKernel) for p in every)
        self.samples = sum(p.kernel.samples for p in every)
        self.entries = sum(p.kernel.entries for p in every)
        self._combs = [_Comb(own, shape, number) for number, own in enumerate(parts)]
        self._mean = np.zeros(self.pixels.size, np.float32)
        ends_at = np.cumsum([0, *(c.size for c in self._combs)]).tolist()
        self._of_comb = [slice(*both) for both in pairwise(ends_at)]

    @classmethod
    def build(
        cls,
        starts: ArrayLike,
        ends: ArrayLike,
        width: int,
        height: int,
        *,
        antialias: bool = True,
        cancelled: Callable[[], bool] | None = None,
        most_entries: int = MOST_ENTRIES,
    ) -> CoverageMap:
        """Work out the map of lines starts (n, 2) → ends (n, 2), in device pixels of a viewport.

        Pixel (row, column) spans [column, column + 1) × [row, row + 1). Raises BuildCancelledError when
        `cancelled()` becomes true, ValueError for shapes that do not fit.
        """
        a, b = np.asarray(starts, np.float64), np.asarray(ends, np.float64)
        if a.shape != b.shape or a.ndim != 2 or a.shape[1] != 2:
            raise ValueError(f"starts and ends are both (n, 2), not {a.shape} and {b.shape}")
        if width < 1 or height < 1:
            raise ValueError(f"a viewport has at least one pixel, not {width} × {height}")
        shape, resolution = (height, width), 1
        while resolution < _COARSEST and not _affordable(a / resolution, b / resolution, shape, most_entries):
            resolution += 1
            shape = (-(-height // resolution), -(-width // resolution))
        lines = [follow(a / resolution, b / resolution, shape, steep) for steep in (False, True)]
        return cls(a, b, shape, resolution, _parts(lines, shape, len(a), antialias, cancelled))

    @property
    def synapses(self) -> int:
        """Number of synapses, the length of the values to paint."""
        return len(self._starts)

    def subset(self, ids: ArrayLike, cancelled: Callable[[], bool] | None = None) -> CoverageMap:
        """Return the map of some synapses alone; it takes their values in the order of ids."""
        chosen = np.asarray(ids, np.intp)
        rows, columns = self.shape
        r = self.resolution
        return CoverageMap.build(
            self._starts[chosen], self._ends[chosen], columns * r, rows * r, cancelled=cancelled
        )

    def mean(
        self, values: Floats, out: NDArray[np.float32] | None = None, combs: Iterable[int] = ALL
    ) -> NDArray[np.float32]:
        """Return the mean of values (synapses,) over each covered pixel, (covered,), weighted by coverage.

        Without `out` the map's own buffer is returned, valid until the next call. Only the pixels of some
        combs are worked out, if they are named. A pixel crossed by a value that is not finite is NaN.
        """
        if values.shape != (self.synapses,):
            raise ValueError(f"this bundle has {self.synapses} synapses, not {values.shape}")
        result = self._mean if out is None else out
        bad = ~np.isfinite(values)
        broken = bad if bool(bad.any()) else None
        clean = values if broken is None else np.where(bad, 0, values)
        with np.errstate(over="ignore", invalid="ignore"):  # weights of 1e38 add up to infinity
            for comb in combs:
                self._combs[comb].mean(clean, broken, result[self._of_comb[comb]])
        return result

    def of_combs(self, mean: NDArray[np.float32], combs: Iterable[int]) -> NDArray[np.float32]:
        """Return those of the means (covered,) that belong to neighboring combs."""
        own = [self._of_comb[comb] for comb in combs]
        return mean[own[0].start : own[-1].stop]

    def paint(
        self, values: Floats, table: ColorTable, limit: float, image: NDArray[Any], background: int = 0
    ) -> NDArray[np.float32]:
        """Paint values (synapses,) on the scale ±limit into image; returns the means per covered pixel.

        image: `shape` uint32 (0xAARRGGBB, premultiplied) or `shape` + (4,) uint8, C-contiguous. Pixels
        without a synapse become `background` (packed; 0 is transparent).
        """
        mean = self.mean(values)
        self.paint_means(mean, table, limit, image, background)
        return mean

    def paint_means(
        self,
        mean: NDArray[np.float32],
        table: ColorTable,
        limit: float,
        image: NDArray[Any],
        background: int = 0,
        combs: Iterable[int] = ALL,
    ) -> None:
        """Paint means (covered,), as returned by `mean`, into image: the second half of `paint`."""
        if not limit > 0:
            raise ValueError(f"the limit of a color scale is positive, not {limit}")
        picture = packed_image(image, self.shape)
        for comb in combs:
            self._combs[comb].paint(mean[self._of_comb[comb]], table, limit, picture, background)


@dataclass(frozen=True)
class _Part:
    """Pixels that share one way of summing."""

    pixels: NDArray[np.intp]
    alpha: NDArray[np.float32]
    kernel: Kernel


class _Comb:
    """The covered pixels of one comb of the picture, and how they are summed and painted.

    Attributes:
        size: how many pixels are covered.
    """

    def __init__(self, parts: list[_Part], shape: tuple[int, int], number: int) -> None:
        self._kernels = [(p.kernel, p.pixels.size) for p in parts]
        pixels = np.concatenate([p.pixels for p in parts])
        alpha = np.concatenate([p.alpha for p in parts])
        self.size = pixels.size
        level = np.clip(np.rint(alpha * FADE_LEVELS), 1, FADE_LEVELS) - 1
        # Rows of the color table and the rounding and centering of an index, in one addition per frame.
        self._base = (level * TABLE_SIZE + ZERO + 0.5).astype(np.float32)
        self._scaled = np.zeros(pixels.size, np.float32)
        # NumPy takes the lesser of two vectors several times faster than that of a vector and one number.
        self._most = np.full(pixels.size, ZERO, np.float32)
        self._least = -self._most
        self._index = np.zeros(pixels.size, np.intp)
        self._scatter = Scatter(pixels, shape, number)

    def mean(self, clean: Floats, bad: NDArray[np.bool_] | None, out: NDArray[np.float32]) -> None:
        """Write the mean over each pixel into out (size,), NaN where `bad` synapses cross it."""
        begin = 0
        for kernel, size in self._kernels:
            part = out[begin : begin + size]
            kernel.sum(clean, part)
            if bad is not None:
                touched = np.zeros(size, np.float32)
                kernel.sum(bad.astype(np.float32), touched)
                part[touched > 1e-6] = np.nan
            begin += size

    def paint(
        self,
        mean: NDArray[np.float32],
        table: ColorTable,
        limit: float,
        picture: NDArray[np.uint32],
        background: int,
    ) -> None:
        """Paint means (size,) on the scale ±limit into the comb of a picture (rows, columns)."""
        with np.errstate(over="ignore"):  # what is far beyond the scale saturates all the same
            np.multiply(mean, np.float32(min(ZERO / limit, _STEEPEST)), out=self._scaled)
        np.minimum(self._scaled, self._most, out=self._scaled)
        np.maximum(self._scaled, self._least, out=self._scaled)
        np.add(self._scaled, self._base, out=self._scaled)
        bad = None
        if not np.isfinite(self._scaled.sum()):
            bad = np.isnan(mean)
            self._scaled[bad] = 0
        # Truncation of a positive number plus one half is rounding.
        np.copyto(self._index, self._scaled, casting="unsafe")
        np.take(table.rim, self._index, out=self._scatter.colors, mode="clip")
        if bad is not None:
            self._scatter.colors[bad] = table.broken
        self._scatter.write(picture, background)


def _singles(runs: Runs, tracks: Tracks) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Return the single crossings of runs: pixels, synapses, and how much of the pixel each covers."""
    index = np.repeat(np.arange(runs.low.size), runs.length)
    within = np.arange(index.size) - (np.cumsum(runs.length) - runs.length)[index]
    pixel, ids = runs.pixel[index].astype(np.intp), (runs.low[index] + within).astype(np.intp)
    share = tracks.shares(pixel, ids)
    seen = share >= _FAINT
    return pixel[seen], ids[seen], share[seen]


def _parts(
    directions: list[Tracks],
    shape: tuple[int, int],
    synapses: int,
    antialias: bool,
    cancelled: Callable[[], bool] | None,
) -> list[list[_Part]]:
    """Divide the pixels of each comb into crowded and sparse ones and index both."""
    size, columns = shape[0] * shape[1], shape[1]
    found = [Runs.joined(list(find_runs(t, False, cancelled))) for t in directions]
    reached = sum((np.bincount(r.pixel, r.length, size) for r in found), np.zeros(size))
    crowded = reached >= (CROWDED if antialias else 1)
    dense = Runs.joined([r.chosen(crowded[r.pixel]) for r in found])
    if cancelled is not None and cancelled():
        raise BuildCancelledError
    if dense.length.size and dense.length.sum() >= _LONG * dense.length.size:
        kernels = [run_kernel(r, synapses) for r in _by_comb(dense, columns)]
    else:
        near = Runs.joined([r for t in directions for r in find_runs(t, True, cancelled)])
        near = near.chosen(crowded[near.pixel])
        kernels = [plain_kernel(r, synapses) for r in _by_comb(near, columns)]
        # A pixel that is nobody's nearest is left to the sparse ones.
        crowded = np.zeros(size, bool)
        for pixels, _ in kernels:
            crowded[pixels] = True
    singles = [_singles(r.chosen(~crowded[r.pixel]), t) for r, t in zip(found, directions, strict=True)]
    where, ids, share = (np.concatenate(column) for column in zip(*singles, strict=True))
    cover = np.minimum(np.bincount(where, share, size), 1.0)
    parts = []
    for comb, (pixels, kernel) in enumerate(kernels):
        own = comb_of(where, columns) == comb
        others, weighted = weighted_kernel(where[own], ids[own], share[own], synapses)
        whole = _Part(pixels, np.ones(pixels.size, np.float32), kernel)
        parts.append([whole, _Part(others, cover[others].astype(np.float32), weighted)])
    return parts


def _by_comb(runs: Runs, columns: int) -> list[Runs]:
    """Divide runs by the combs that their pixels belong to."""
    comb = comb_of(runs.pixel, columns)
    return [runs.chosen(comb == number) for number in range(COMBS)]
