"""The two waves: a picture of w·a (or of w·δ) seen through a window that travels along the network.

Nothing here invents a value: the picture is a coverage map's own, repainted some ten times a second, and a
wave only multiplies it, column by column, at frame rate. Forward is a soft band from left to right; backward
is a train of chevrons ‹‹‹ from right to left. Positions are scene x, so that one front crosses all bundles.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating[Any]]

FORWARD, BACKWARD = 1, -1
BAND = 160.0  # width of the soft band, scene units
TRAIN = 280.0  # width of the train of chevrons
PERIOD, TALL = 20, 24  # pixels from one chevron to the next, to the right and down
SWEEP_MS, LOSS_MS, DISSOLVE_MS = 700, 300, 200  # each way; at the loss between; marks into new colors
FADED = 0.25  # opacity of the weights while the backward wave travels
DIMMED = 0.4  # … and while the forward wave does, so that the band stands out
VALLEY = 0.35  # what remains between chevrons, so that a synapse stays one line
_FULL = 256


def front(phase: float, left: float, right: float, direction: int, width: float = BAND) -> float:
    """Return the scene x of the middle of a wave at phase 0 … 1.

    At 0 it is wholly outside [left, right] on the side it comes from, at 1 wholly outside on the other.
    """
    share = phase if direction == FORWARD else 1.0 - phase
    return left - width / 2 + share * (right - left + width)


def band(x: ArrayLike, middle: float, width: float = BAND) -> NDArray[np.float64]:
    """Return the soft band at scene x (n,): 1 in the middle, a raised cosine, 0 from ± width / 2 on."""
    distance = np.abs(np.asarray(x, np.float64) - middle) / (width / 2)
    return np.where(distance < 1.0, 0.5 + 0.5 * np.cos(np.pi * np.minimum(distance, 1.0)), 0.0)


def train(x: ArrayLike, middle: float, width: float = TRAIN) -> NDArray[np.float64]:
    """Return the envelope of the chevrons at scene x (n,): full at the left, their head, fading behind."""
    behind = (np.asarray(x, np.float64) - (middle - width / 2)) / width
    rise = np.clip(behind / 0.1, 0.0, 1.0)
    fall = np.clip((1.0 - behind) / 0.5, 0.0, 1.0)
    return np.asarray(rise * fall * fall * (3 - 2 * fall))


def passed(x: ArrayLike, middle: float, direction: int, width: float = BAND) -> NDArray[np.float64]:
    """Return how far a wave has passed scene x (n,): 0 before it, rising smoothly, 1 behind it.

    Activations change and marks of ∂L/∂w appear by this amount.
    """
    t: NDArray[np.float64] = np.clip(0.5 + direction * (middle - np.asarray(x, np.float64)) / width, 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float64)


def column_positions(columns: int, scene_x: float, pixels_per_unit: float) -> NDArray[np.float64]:
    """Return the scene x of the pixel centers of a picture whose left edge is at scene_x."""
    return np.asarray(scene_x + (np.arange(columns) + 0.5) / pixels_per_unit, np.float64)


def chevrons(rows: int, columns: int) -> NDArray[np.uint16]:
    """Return the pattern ‹‹‹, soft-edged, as factors 90 … 256, (rows, columns), repeating every PERIOD."""
    y = np.abs(np.arange(rows) % TALL - (TALL - 1) / 2)
    along = np.mod(np.arange(columns)[None, :] - 0.6 * y[:, None], PERIOD) / PERIOD
    ridge = np.clip(1.5 - np.abs(along - 0.5) * 5.0, 0.0, 1.0)
    arms = np.clip((TALL / 2 - 1 - y) / 2, 0.0, 1.0)[:, None]  # a small space between rows of chevrons
    return np.rint((VALLEY + (1.0 - VALLEY) * ridge * arms) * _FULL).astype(np.uint16)


class Pulse:
    """A bundle's picture of what flows, and the part of it that a wave shows now.

    Attributes:
        picture: (rows, columns) uint32; paint it with `CoverageMap.paint` (from w·a, w·δ or δ·a).
        shown: (rows, columns) uint32; what to draw over the resting bundle, premultiplied ARGB32.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.picture = np.zeros(shape, np.uint32)
        self.shown = np.zeros(shape, np.uint32)
        self._product = np.zeros(shape[0] * shape[1] * 4, np.uint16)
        self._chevrons: NDArray[np.uint16] | None = None
        self._factors = np.zeros(shape[1], np.uint16)  # by which each column is shown
        self._comparable = True  # whether a column of the same factor is shown as it shall be

    def renew(self) -> None:
        """Another picture has been painted: all of what is shown is to be worked out anew."""
        self._comparable = False

    def show(self, envelope: ArrayLike, chevron_shift: int | None = None) -> tuple[int, int]:
        """Set `shown` to picture × envelope (columns,), 0..1; returns the columns that may have changed.

        chevron_shift: how many pixels the chevrons stand to the right of where they began; None: no chevrons.
        """
        factors = np.rint(np.clip(np.asarray(envelope, np.float64), 0.0, 1.0) * _FULL).astype(np.uint16)
        if factors.shape != (self.picture.shape[1],):
            raise ValueError(f"the envelope has {self.picture.shape[1]} columns, not {factors.shape}")
        plain = chevron_shift is None
        other = factors != self._factors if plain and self._comparable else (factors | self._factors) > 0
        self._factors, self._comparable = factors, plain
        touched = np.flatnonzero(other)
        if not touched.size:
            return 0, 0
        begin, end = int(touched[0]), int(touched[-1]) + 1
        self._multiply(factors, begin, end, chevron_shift)
        return begin, end

    def _multiply(self, factors: NDArray[np.uint16], begin: int, end: int, shift: int | None) -> None:
        """Write picture × factors into the columns begin … end, byte by byte: a pixel has four."""
        rows = len(self.picture)
        source = self.picture.view(np.uint8)[:, 4 * begin : 4 * end]
        product = self._product[: source.size].reshape(source.shape)
        np.copyto(product, source)
        _scale(product, np.repeat(factors[begin:end], 4))
        if shift is not None:
            if self._chevrons is None:
                self._chevrons = np.repeat(chevrons(rows, self.picture.shape[1] + PERIOD), 4, axis=1)
            offset = begin + (-shift) % PERIOD
            _scale(product, self._chevrons[:, 4 * offset : 4 * (offset + end - begin)])
        np.copyto(self.shown.view(np.uint8)[:, 4 * begin : 4 * end], product, casting="unsafe")

    def clear(self) -> None:
        """Show nothing."""
        self.shown.fill(0)
        self._factors = np.zeros_like(self._factors)


def _scale(parts: NDArray[np.uint16], factors: NDArray[np.uint16]) -> None:
    """Multiply parts 0 … 255 by factors, of which 256 changes nothing: 255 × 256 + 127 fits 16 bits."""
    np.multiply(parts, factors, out=parts)
    np.add(parts, np.uint16(127), out=parts)
    np.right_shift(parts, np.uint16(8), out=parts)
