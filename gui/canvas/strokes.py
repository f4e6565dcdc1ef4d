"""Draws a few hundred synapses as antialiased curves whose width is |value|, in NumPy alone.

All curves are one S-shape, stretched: y = y₀ + (y₁ − y₀) · S(u) with u = (x − x₀) / (x₁ − x₀). So which pixel
lies how far from which curve is worked out once; a frame is a few gathers, sums and a color table. Where
curves cross, a pixel shows the mean of those that cross it, weighted by how much each covers and by strength.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gui.canvas.color import FADE_LEVELS, TABLE_SIZE, ZERO, ColorTable
from gui.canvas.scatter import ALL, COMBS, Scatter, comb_of, packed_image
from gui.canvas.segments import segments
from gui.canvas.tracks import BuildCancelledError

Floats = NDArray[np.floating[Any]]
Index = NDArray[np.intp]
Bits = NDArray[np.bool_]

THIN, THICK = 0.9, 3.4  # width in logical pixels of a synapse of 0, and of one at the limit of the scale
_LEAST = 1e-9  # where all synapses are 0, nothing is not divided by nothing
_SEEN = 6  # levels of coverage from which a broken synapse takes a pixel for itself
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
        thin, more = THIN / 2 * ratio + 0.5, (THICK - THIN) / 2 * ratio
        pixel, ids, distance = _near(starts, ends, self.shape, thin + more, curved, cancelled)
        self.samples = pixel.size
        # Lengths are counted in the levels of coverage, of which a pixel has FADE_LEVELS.
        self._more = FADE_LEVELS * more
        comb = comb_of(pixel, width)
        self._combs = []
        for number in range(COMBS):
            own = comb == number
            beyond = FADE_LEVELS * (distance[own] - thin)
            self._combs.append(_Comb(pixel[own], ids[own], beyond, self.shape, number))
        self.pixels = np.concatenate([c.pixels for c in self._combs])

    def paint(
        self,
        values: Floats,
        table: ColorTable,
        limit: float,
        image: NDArray[Any],
        background: int = 0,
        combs: Iterable[int] = ALL,
    ) -> None:
        """Paint values (synapses,) on the scale ±limit into image, `shape` uint32, or into some of its combs.

        What is beyond the scale counts as its end. A pixel that a value crosses that is not finite has the
        broken color.
        """
        picture = packed_image(image, self.shape)
        bad = ~np.isfinite(values)
        broken = bad if bool(bad.any()) else None
        with np.errstate(over="ignore"):  # what is far beyond the scale is beyond it all the same
            shares = np.clip((values if broken is None else np.where(bad, 0.0, values)) / limit, -1.0, 1.0)
        widths = (shares * self._more).astype(np.float32)
        for comb in combs:
            self._combs[comb].paint(widths, self._more, broken, table, picture, background)


class _Comb:
    """The pixels of one comb of the picture that curves may reach.

    Attributes:
        pixels: their places in the flat picture, (pixels,).
    """

    def __init__(self, pixel: Index, ids: Index, beyond: Floats, shape: tuple[int, int], number: int) -> None:
        order = np.argsort(pixel, kind="stable")
        first = np.ones(pixel.size, bool)
        first[1:] = pixel[order[1:]] != pixel[order[:-1]]
        starts_of = np.flatnonzero(first)
        laid = segments(starts_of, pixel.size)
        self.pixels = pixel[order[starts_of]][laid.pixels]
        self._blocks = laid.blocks
        # How much wider than the thinnest a synapse must be to reach a pixel; no empty entry is ever reached.
        self._beyond = np.append(beyond[order], np.inf)[laid.entries].astype(np.float32)
        self._ids = np.append(ids[order], 0)[laid.entries].astype(np.intp)
        self._scatter = Scatter(self.pixels, shape, number)
        self._values = np.zeros(laid.longest, np.float32)
        self._parts = np.zeros((3, laid.longest), np.float32)  # reach, × width², × width³
        self._sums = np.zeros((3, self.pixels.size), np.float32)
        self._index = np.zeros(self.pixels.size, np.intp)
        # NumPy takes the greater of two vectors several times faster than that of a vector and one number.
        self._zeros = np.zeros(laid.longest, np.float32)
        self._full = np.full(self.pixels.size, FADE_LEVELS, np.float32)

    def paint(
        self,
        widths: NDArray[np.float32],
        most: float,
        bad: Bits | None,
        table: ColorTable,
        picture: NDArray[np.uint32],
        background: int,
    ) -> None:
        """Paint synapses into the comb of a picture; `bad` ones in the broken color.

        widths (synapses,): by how much more than the thinnest each reaches to either side, with its sign, in
        levels of coverage; most: that of the end of the scale.
        """
        self._sum(widths)
        self._look_up(table, most, background)
        if bad is not None:
            self._scatter.colors[self._touched(bad)] = table.broken
        self._scatter.write(picture, background)

    def _sum(self, widths: NDArray[np.float32]) -> None:
        """Sum over the synapses of each pixel: how far they reach into it, that × width², that × width."""
        for block in self._blocks:
            size = block.size
            width, parts = self._values[:size], self._parts[:, :size]
            reach, squares, cubes = parts
            np.take(widths, self._ids[block.entries], out=width, mode="clip")
            np.abs(width, out=reach)
            np.subtract(reach, self._beyond[block.entries], out=reach)
            np.maximum(reach, self._zeros[:size], out=reach)
            np.multiply(width, width, out=squares)
            np.multiply(squares, reach, out=squares)
            np.multiply(squares, width, out=cubes)
            block.sum(parts, self._sums[:, block.pixels])

    def _look_up(self, table: ColorTable, most: float, background: int) -> None:
        """Set the colors of the pixels from the sums, which are used up."""
        level, weight, column = self._sums
        # The stronger a synapse, the more it counts where several cross: it stays one unbroken line.
        np.add(weight, np.float32(_LEAST), out=weight)
        np.divide(column, weight, out=column)
        np.multiply(column, np.float32(ZERO / most), out=column)
        np.minimum(level, self._full, out=level)
        np.floor(level, out=level)
        bare = level < 1.0 if background else None
        np.multiply(level, np.float32(TABLE_SIZE), out=level)
        np.add(level, column, out=level)
        np.add(level, np.float32(ZERO + 0.5), out=level)  # truncation of what is positive rounds
        np.copyto(self._index, level, casting="unsafe")
        np.take(table.faded, self._index, out=self._scatter.colors, mode="clip")
        if bare is not None:
            self._scatter.colors[bare] = background

    def _touched(self, bad: Bits) -> Bits:
        """Return which pixels some synapses reach, however thin they are."""
        found = np.zeros(self.pixels.size, bool)
        for block in self._blocks:
            near = bad[self._ids[block.entries]] & (self._beyond[block.entries] < -_SEEN)
            block.reduce(np.logical_or, near, found[block.pixels])
        return found


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
