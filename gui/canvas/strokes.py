"""Draws a few hundred synapses as antialiased curves whose width is |value|, in NumPy alone.

All curves are one S-shape, stretched: y = y₀ + (y₁ − y₀) · S(u) with u = (x − x₀) / (x₁ − x₀). So which pixel
lies how far from which curve is worked out once; a frame is a few gathers, sums and a color table. Where
curves cross, a pixel shows the mean of those that cross it, weighted by how much each covers and by strength.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gui.canvas.color import FADE_LEVELS, TABLE_SIZE, ZERO, ColorTable
from gui.canvas.coverage import flat_image
from gui.canvas.segments import segments
from gui.canvas.tracks import BuildCancelledError

Floats = NDArray[np.floating[Any]]
Index = NDArray[np.intp]
Bits = NDArray[np.bool_]

THIN, THICK = 0.9, 3.4  # width in logical pixels of a synapse of 0, and of one at the limit of the scale
_LEAST = 0.02  # how much a synapse of 0 counts where it crosses one at the limit
_STEPS = 257
_T = np.linspace(0.0, 1.0, _STEPS)
# A cubic Bézier with level ends: control points at half the way.
_U = 1.5 * _T * (1.0 - _T) + _T**3
_S = _T * _T * (3.0 - 2.0 * _T)


def along(share: ArrayLike, curved: bool) -> NDArray[np.float64]:
    """Return S(u): the share of the height that a synapse has climbed at shares u of its width."""
    u = np.clip(np.asarray(share, np.float64), 0.0, 1.0)
    return np.interp(u, _U, _S) if curved else u


def nearest(starts: Floats, ends: Floats, x: float, y: float, curved: bool, tolerance: float) -> int | None:
    """Return the synapse nearest to a point, within tolerance across, or None."""
    if not len(starts):
        return None
    run = np.maximum(ends[:, 0] - starts[:, 0], 1e-9)
    u = (x - starts[:, 0]) / run
    climb = ends[:, 1] - starts[:, 1]
    height = starts[:, 1] + climb * along(u, curved)
    slope = climb * (along(u + 0.01, curved) - along(u - 0.01, curved)) / (0.02 * run)
    distance = np.abs(y - height) / np.hypot(1.0, slope)
    distance[(u < 0) | (u > 1)] = np.inf
    best = int(np.argmin(distance))
    return best if distance[best] <= tolerance else None


class Strokes:
    """Synapses starts (n, 2) → ends (n, 2) in device pixels, ready to be painted again and again.

    Attributes:
        shape: (rows, columns) of the picture; resolution: always 1; samples: pairs of pixel and synapse.
    """

    resolution = 1

    def __init__(
        self,
        starts: Floats,
        ends: Floats,
        width: int,
        height: int,
        *,
        ratio: float = 1.0,
        curved: bool = True,
        cancelled: Callable[[], bool] | None = None,
    ) -> None:
        self.shape = (height, width)
        self.synapses = len(starts)
        self._ratio = ratio
        reach = THICK / 2 * ratio + 0.5
        pixel, ids, distance = _near(starts, ends, self.shape, reach, curved, cancelled)
        order = np.argsort(pixel, kind="stable")
        first = np.ones(pixel.size, bool)
        first[1:] = pixel[order[1:]] != pixel[order[:-1]]
        starts_of = np.flatnonzero(first)
        laid = segments(starts_of, pixel.size)
        self.pixels = pixel[order[starts_of]][laid.pixels]
        order = order[laid.entries]
        self._distance, self._ids = distance[order].astype(np.float32), ids[order].astype(np.intp)
        self._blocks = laid.blocks
        self.samples = pixel.size
        self._gathered = np.zeros((laid.longest, 4), np.float32)  # half the width, counts, weighted, nothing
        self._parts = np.zeros((3, laid.longest), np.float32)
        self._sums = np.zeros((3, self.pixels.size), np.float32)
        self._index = np.zeros(self.pixels.size, np.intp)
        self._colors = np.zeros(self.pixels.size, np.uint32)

    def paint(
        self, values: Floats, table: ColorTable, limit: float, image: NDArray[Any], background: int = 0
    ) -> NDArray[np.float32]:
        """Paint values (synapses,) on the scale ±limit into image, `shape` uint32; returns the means.

        They are the map's own buffer, valid until the next call; NaN where a value is not finite.
        """
        flat = flat_image(image, self.shape)
        flat.fill(background)
        if not self.samples:
            return np.zeros(0, np.float32)
        bad = ~np.isfinite(values)
        clean = np.where(bad, 0.0, values).astype(np.float32)
        strength = np.minimum(np.abs(clean) / np.float32(limit), np.float32(1.0))
        half = np.float32(self._ratio / 2) * (THIN + (THICK - THIN) * strength) + np.float32(0.5)
        # The stronger a synapse, the more it counts where several cross: it stays one unbroken line.
        counts = np.float32(_LEAST) + strength * strength
        broken = bool(bad.any())
        if broken:
            self._sum(half, bad.astype(np.float32), counts)
            touched = self._sums[1] > 0.1
        self._sum(half, counts, counts * clean)
        total, weight, mean = self._sums
        np.maximum(weight, np.float32(1e-9), out=weight)
        np.divide(mean, weight, out=mean)
        bare = self._look_up(total, mean, table, limit)
        np.copyto(self._colors, background, where=bare)
        if broken:
            self._colors[touched] = table.broken
            mean[touched] = np.nan
        flat[self.pixels] = self._colors
        return mean

    def _look_up(self, total: Floats, mean: Floats, table: ColorTable, limit: float) -> Bits:
        """Set the colors of pixels covered by `total` with means; returns which are hardly covered."""
        row, column = self._sums[:2]  # the sums are used up
        np.minimum(total, np.float32(1.0), out=row)
        np.multiply(row, np.float32(FADE_LEVELS), out=row)
        np.floor(row, out=row)
        bare: Bits = row < 1.0
        np.maximum(row, np.float32(1.0), out=row)
        np.multiply(mean, np.float32(ZERO / limit), out=column)
        np.clip(column, -ZERO, ZERO, out=column)
        np.rint(column, out=column)
        # row − 1 is the row of the table, and its middle is zero
        np.multiply(row, np.float32(TABLE_SIZE), out=row)
        np.add(row, column, out=row)
        np.add(row, np.float32(ZERO - TABLE_SIZE), out=row)
        np.copyto(self._index, row, casting="unsafe")
        np.take(table.rim, self._index, out=self._colors, mode="clip")
        return bare

    def _sum(self, half: Floats, counts: Floats, weighted: Floats) -> None:
        """Sum over the synapses of each pixel: how much they cover it, that × counts, that × weighted."""
        each = np.stack((half, counts, weighted, weighted), axis=1).astype(
            np.float32
        )  # gathered 16 bytes at once
        for block in self._blocks:
            size = block.end - block.begin
            gathered, parts = self._gathered[:size], self._parts[:, :size]
            np.take(each, self._ids[block.entries], axis=0, out=gathered, mode="clip")
            cover = parts[0]
            np.subtract(gathered[:, 0], self._distance[block.entries], out=cover)
            np.clip(cover, 0.0, 1.0, out=cover)
            np.multiply(gathered[:, 1], cover, out=parts[1])
            np.multiply(gathered[:, 2], cover, out=parts[2])
            block.sum(parts, self._sums[:, block.pixels])


def _near(
    starts: Floats,
    ends: Floats,
    shape: tuple[int, int],
    reach: float,
    curved: bool,
    cancelled: Callable[[], bool] | None,
) -> tuple[Index, Index, Floats]:
    """Return pairs (pixel, synapse, distance) of all pixels within reach of a curve."""
    pieces: list[tuple[Index, Index, Floats]] = []
    for begin in range(0, len(starts), 64):
        if cancelled is not None and cancelled():
            raise BuildCancelledError
        part = slice(begin, begin + 64)
        pixel, ids, distance = _block(starts[part], ends[part], shape, reach, curved)
        pieces.append((pixel, ids + begin, distance))
    if not pieces:
        return np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0)
    pixel, ids, distance = (np.concatenate(column) for column in zip(*pieces, strict=True))
    return pixel, ids, distance


def _block(
    starts: Floats, ends: Floats, shape: tuple[int, int], reach: float, curved: bool
) -> tuple[Index, Index, Floats]:
    rows, columns = shape
    left, right = np.minimum(starts[:, 0], ends[:, 0]), np.maximum(starts[:, 0], ends[:, 0])
    first = max(int(np.floor(left.min())), 0)
    last = min(int(np.ceil(right.max())), columns)
    x = np.arange(first, max(last, first)) + 0.5
    run = ends[:, 0] - starts[:, 0]
    run = np.where(np.abs(run) < 1e-6, 1e-6, run)
    u = (x[None, :] - starts[:, :1]) / run[:, None]
    climb = (ends[:, 1] - starts[:, 1])[:, None]
    y = starts[:, 1:] + climb * along(u, curved)
    slope = climb * (along(u + 0.01, curved) - along(u - 0.01, curved)) / (0.02 * run[:, None])
    upright = 1.0 / np.hypot(1.0, slope)  # cosine of the angle: distance across ÷ distance down
    inside = (u >= 0) & (u <= 1)
    top = np.clip(np.ceil(y - reach / upright - 0.5), 0, rows).astype(np.intp)
    bottom = np.clip(np.floor(y + reach / upright - 0.5), -1, rows - 1).astype(np.intp)
    count = np.where(inside, np.maximum(bottom - top + 1, 0), 0)
    flat = count.reshape(-1)
    pair = np.repeat(np.arange(flat.size), flat)
    within = np.arange(pair.size) - np.repeat(np.cumsum(flat) - flat, flat)
    row = top.reshape(-1)[pair] + within
    line, column = np.divmod(pair, max(x.size, 1))
    distance = np.abs(row + 0.5 - y.reshape(-1)[pair]) * upright.reshape(-1)[pair]
    return row * columns + column + first, line, distance
