"""Draws thousands of synapses at once: each pixel shows the mean of the synapses that cross it.

Between two changes of layout the lines of a bundle stand still and only their values change. So which pixel
sees which synapses is worked out once (`CoverageMap.build`, which may run off the GUI thread), and a frame is a
gather, a sum and a color table: no GPU and no drawing call per line.

Where few lines meet, each is antialiased: it belongs to the two pixels nearest to it in each column (in
each row, if it is steep), in proportion. Where they crowd (coverage ≥ 3) each belongs to its nearest pixel
alone. Crowded pixels see runs of neighboring synapses, whose sums are differences of one prefix sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gui.canvas.color import FADE_LEVELS, TABLE_SIZE, ZERO, ColorTable
from gui.canvas.kernels import Kernel, RunCollector, weighted_kernel

Floats = NDArray[np.floating[Any]]

MOST_SAMPLES = 12_000_000
CROWDED = 3.0  # synapses' worth of coverage from which a pixel counts each synapse whole or not at all
_CHUNK = 400_000  # samples worked out at a time
_FAINT = 1 / 64  # a share of a pixel below this is dropped


class BuildCancelled(Exception):
    """Raised by `CoverageMap.build` when its caller no longer wants the map."""


@dataclass(frozen=True)
class _Samples:
    """Every crossing: the synapse, its nearest pixel, its second pixel (−1: none) and that one's share."""

    ids: NDArray[np.int32]
    near: NDArray[np.int32]
    far: NDArray[np.int32]
    share: NDArray[np.float32]


@dataclass(frozen=True)
class _Tracks:
    """Lines seen along their major axis: minor = offset + slope · (k + ½) for pixels k in first … last."""

    ids: NDArray[np.intp]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    offset: NDArray[np.float64]
    slope: NDArray[np.float64]
    along: int  # stride of a step along the major axis, in pixels of the flat image
    across: int
    breadth: int  # number of pixels across

    @property
    def counts(self) -> NDArray[np.int64]:
        """Samples of each line."""
        return np.maximum(self.last - self.first + 1, 0)


def _tracks(starts: Floats, ends: Floats, width: int, height: int, steep: bool) -> _Tracks:
    """Return the shallow or the steep lines of a bundle, clipped to the viewport."""
    major, minor = (1, 0) if steep else (0, 1)
    length, breadth = (height, width) if steep else (width, height)
    delta = ends - starts
    chosen = (np.abs(delta[:, 1]) > np.abs(delta[:, 0])) == steep
    chosen &= np.isfinite(delta).all(axis=1)
    ids = np.flatnonzero(chosen)
    a, b = starts[ids, major], ends[ids, major]
    run = np.where(b == a, 1.0, b - a)
    slope = (ends[ids, minor] - starts[ids, minor]) / run
    offset = starts[ids, minor] - slope * a
    low, high = np.minimum(a, b), np.maximum(a, b)
    first, last = np.ceil(low - 0.5), np.floor(high - 0.5)
    short = last < first  # ends within one pixel without passing its center: still one dot
    first = np.where(short, np.floor((low + high) / 2), first)
    last = np.where(short, first, last)
    with np.errstate(divide="ignore", invalid="ignore"):
        p, q = (-1.0 - offset) / slope - 0.5, (breadth + 1.0 - offset) / slope - 0.5
    flat = slope == 0
    first = np.maximum(first, np.where(flat, 0.0, np.maximum(np.floor(np.minimum(p, q)), 0.0)))
    last = np.minimum(last, np.where(flat, length - 1.0, np.minimum(np.ceil(np.maximum(p, q)), length - 1.0)))
    first, last = np.clip(first, 0, length), np.clip(last, -1, length - 1)
    along, across = (width, 1) if steep else (1, width)
    return _Tracks(ids, first.astype(np.int64), last.astype(np.int64), offset, slope, along, across, breadth)


def _pieces(tracks: _Tracks) -> Iterator[_Samples]:
    """Yield a bundle's samples, some hundred thousand at a time."""
    counts = tracks.counts
    filled = np.cumsum(counts)
    if not filled.size or not filled[-1]:
        return
    cuts = np.searchsorted(filled, np.arange(0, filled[-1], _CHUNK), side="right")
    for begin, end in zip(cuts, [*cuts[1:], counts.size], strict=True):
        if begin == end:
            continue
        n = counts[begin:end]
        index = np.repeat(np.arange(begin, end), n)
        k = np.arange(index.size) + np.repeat(tracks.first[begin:end] - (np.cumsum(n) - n), n)
        minor = tracks.offset[index] + tracks.slope[index] * (k + 0.5) - 0.5
        near = np.rint(minor)
        share = minor - near  # −½ … ½: how far towards the neighbor
        far = near + np.where(share < 0, -1, 1)
        inside = (near >= 0) & (near < tracks.breadth)
        base = k * tracks.along
        far_inside = (far >= 0) & (far < tracks.breadth)
        far_pixel = np.where(far_inside, base + far * tracks.across, -1)
        yield _Samples(
            tracks.ids[index].astype(np.int32),
            np.where(inside, base + near * tracks.across, -1).astype(np.int32),
            far_pixel.astype(np.int32),
            np.abs(share).astype(np.float32),
        )


def _all_pieces(
    starts: Floats, ends: Floats, shape: tuple[int, int], cancelled: Callable[[], bool] | None
) -> Iterator[_Samples]:
    """Yield the samples of a bundle within a viewport of (rows, columns), piece by piece."""
    for steep in (False, True):
        for piece in _pieces(_tracks(starts, ends, shape[1], shape[0], steep)):
            check(cancelled)
            yield piece


def check(cancelled: Callable[[], bool] | None) -> None:
    """Raise BuildCancelled if the caller asks for it."""
    if cancelled is not None and cancelled():
        raise BuildCancelled


def count_samples(starts: Floats, ends: Floats, width: int, height: int) -> int:
    """Return how many samples a map of these lines at this size would take."""
    return sum(int(_tracks(starts, ends, width, height, s).counts.sum()) for s in (False, True))


class CoverageMap:
    """Which synapses cross which pixel of a viewport, and the buffers to paint them frame after frame.

    A map is used by one thread at a time: its buffers are its own and are overwritten by every call.

    Attributes:
        shape: (rows, columns) of the picture, in map pixels.
        resolution: device pixels per map pixel, 1 unless the bundle took more than `MOST_SAMPLES`;
            draw the picture `resolution` times larger.
        pixels: flat indices of the covered pixels, (covered,).
        alpha: how much of each is covered, 0..1, (covered,).
        samples: crossings stored, after antialiasing.
        entries: numbers gathered per frame (fewer than samples where runs were found).
    """

    def __init__(
        self, starts: Floats, ends: Floats, shape: tuple[int, int], resolution: int, parts: list[_Part]
    ) -> None:
        self._starts, self._ends = starts, ends
        self._kernels = [(p.kernel, p.pixels.size) for p in parts]
        self.shape, self.resolution = shape, resolution
        self.pixels = np.concatenate([p.pixels for p in parts])
        self.alpha = np.concatenate([p.alpha for p in parts])
        self.samples = sum(p.kernel.samples for p in parts)
        self.entries = sum(p.kernel.entries for p in parts)
        level = np.clip(np.rint(self.alpha * FADE_LEVELS), 1, FADE_LEVELS) - 1
        # Rows of the color table and the rounding and centering of an index, in one addition per frame.
        self._base = (level * TABLE_SIZE + ZERO + 0.5).astype(np.float32)
        self._mean = np.zeros(self.pixels.size, np.float32)
        self._scaled = np.zeros(self.pixels.size, np.float32)
        self._index = np.zeros(self.pixels.size, np.intp)
        self._colors = np.zeros(self.pixels.size, np.uint32)

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
        most_samples: int = MOST_SAMPLES,
    ) -> CoverageMap:
        """Work out the map of lines starts (n, 2) → ends (n, 2), in device pixels of a width × height viewport.

        Pixel (row, column) spans [column, column + 1) × [row, row + 1). Raises BuildCancelled when
        `cancelled()` becomes true, ValueError for shapes that do not fit.
        """
        a, b = np.asarray(starts, np.float64), np.asarray(ends, np.float64)
        if a.shape != b.shape or a.ndim != 2 or a.shape[1] != 2:
            raise ValueError(f"starts and ends are both (n, 2), not {a.shape} and {b.shape}")
        if width < 1 or height < 1:
            raise ValueError(f"a viewport has at least one pixel, not {width} × {height}")
        resolution = 1
        while resolution < 16 and count_samples(a / resolution, b / resolution, width, height) > most_samples:
            resolution += 1
        columns, rows = -(-width // resolution), -(-height // resolution)
        lines = (a / resolution, b / resolution, (rows, columns), cancelled)
        parts = _parts(lambda: _all_pieces(*lines), rows * columns, len(a), antialias)
        return cls(a, b, (rows, columns), resolution, parts)

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

    def mean(self, values: Floats, out: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """Return the mean of values (synapses,) over each covered pixel, (covered,), weighted by coverage.

        Without `out` the map's own buffer is returned, valid until the next call. A pixel crossed by
        a value that is not finite is NaN.
        """
        if values.shape != (self.synapses,):
            raise ValueError(f"this bundle has {self.synapses} synapses, not {values.shape}")
        result = self._mean if out is None else out
        bad = ~np.isfinite(values)
        broken = bool(bad.any())
        clean = np.where(bad, 0, values) if broken else values
        begin = 0
        for kernel, size in self._kernels:
            part = result[begin : begin + size]
            kernel.sum(clean, part)
            if broken:
                touched = np.zeros(size, np.float32)
                kernel.sum(bad.astype(np.float32), touched)
                part[touched > 1e-6] = np.nan
            begin += size
        return result

    def paint(
        self,
        values: Floats,
        table: ColorTable,
        limit: float,
        image: NDArray[Any],
        background: int = 0,
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
    ) -> None:
        """Paint means (covered,), as returned by `mean`, into image: the second half of `paint`."""
        if not limit > 0:
            raise ValueError(f"the limit of a color scale is positive, not {limit}")
        flat = flat_image(image, self.shape)
        flat.fill(background)
        np.multiply(mean, np.float32(ZERO / limit), out=self._scaled)
        np.clip(self._scaled, -ZERO, ZERO, out=self._scaled)
        np.add(self._scaled, self._base, out=self._scaled)
        bad = None
        if not np.isfinite(self._scaled.sum()):
            bad = np.isnan(mean)
            self._scaled[bad] = 0
        # Truncation of a positive number plus one half is rounding.
        np.copyto(self._index, self._scaled, casting="unsafe")
        np.take(table.rim, self._index, out=self._colors, mode="clip")
        if bad is not None:
            self._colors[bad] = table.broken
        flat[self.pixels] = self._colors


def flat_image(image: NDArray[Any], shape: tuple[int, int]) -> NDArray[np.uint32]:
    """Return a flat uint32 view of an image (h, w) uint32 or (h, w, 4) uint8; ValueError if it does not fit."""
    if not image.flags.c_contiguous:
        raise ValueError("the image must be C-contiguous")
    packed = image.view(np.uint32).reshape(image.shape[:2]) if image.ndim == 3 else image
    if packed.shape != shape or packed.dtype != np.uint32:
        raise ValueError(f"the image must be {shape} uint32, not {packed.shape} {packed.dtype}")
    return packed.reshape(-1)


@dataclass(frozen=True)
class _Part:
    """Pixels that share one way of summing."""

    pixels: NDArray[np.intp]
    alpha: NDArray[np.float32]
    kernel: Kernel


def _survey(pieces: Iterator[_Samples], size: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return, per pixel, how many synapses are nearest to it and how much of it they cover in all."""
    count, cover = np.zeros(size, np.int64), np.zeros(size)
    for piece in pieces:
        hit, beside = piece.near >= 0, piece.far >= 0
        near = piece.near[hit]
        count += np.bincount(near, minlength=size)
        cover += np.bincount(near, 1.0 - piece.share[hit], size)
        cover += np.bincount(piece.far[beside], piece.share[beside], size)
    return count, cover


def _parts(
    pieces: Callable[[], Iterator[_Samples]], size: int, synapses: int, antialias: bool
) -> list[_Part]:
    """Divide pixels into crowded ones (whole synapses) and sparse ones (antialiased), and index both.

    The samples are made twice, a piece at a time, because holding all of them takes hundreds of megabytes.
    """
    count, cover = _survey(pieces(), size)
    crowded = (count > 0) & ((cover >= CROWDED) | (not antialias))
    runs, rims = RunCollector(synapses), []
    for piece in pieces():
        near = piece.near >= 0
        dense = near & crowded[piece.near]
        runs.add(piece.near[dense], piece.ids[dense])
        if antialias:
            near &= ~dense
            far = (piece.far >= 0) & ~crowded[piece.far] & (piece.share >= _FAINT)
            rims.append((piece.near[near], piece.ids[near], 1 - piece.share[near]))
            rims.append((piece.far[far], piece.ids[far], piece.share[far]))
    pixels, kernel = runs.kernel()
    alpha = np.minimum(cover[pixels], 1.0) if antialias else np.ones(pixels.size)
    parts = [_Part(pixels, alpha.astype(np.float32), kernel)]
    if rims:
        where, ids, weights = (np.concatenate(column) for column in zip(*rims, strict=True))
        pixels, kernel = weighted_kernel(where, ids, weights, synapses)
        parts.append(_Part(pixels, np.minimum(cover[pixels], 1.0).astype(np.float32), kernel))
    return parts
