"""Turns numbers into colors: one diverging scale for signed values, one green scale for gradients.

A table has 257 premultiplied ARGB32 entries, so that entry 128 is exactly zero. Tones between the named
colors are mixed in OKLab (Björn Ottosson, "A perceptual color space for image processing", 2020), where
equal steps look equal and orange fades into gray without turning brown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating[Any]]
Colors = NDArray[np.uint32]

TABLE_SIZE = 257
ZERO = 128  # the index of exactly zero
FADE_LEVELS = 64  # steps of coverage at the antialiased rim of a bundle
CALM = 0.25
_STEP = 2.0**0.5
_SMALLEST = 1e-30  # below it a scale would leave the range of float32

UP, DOWN, LEVEL = "▲", "▼", "·"
_GLYPHS = {"arrows": (DOWN, LEVEL, UP), "signs": ("−", "0", "+")}

# Ottosson's matrices: linear sRGB → cone response, cube-rooted cone response → L, a, b.
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def rgb(hexadecimal: str) -> NDArray[np.float64]:
    """Return "#RRGGBB" as three sRGB values in 0..1, shape (3,)."""
    digits = hexadecimal.lstrip("#")
    if len(digits) != 6:
        raise ValueError(f"a color is written #RRGGBB, not {hexadecimal!r}")
    return np.array([int(digits[i : i + 2], 16) for i in (0, 2, 4)]) / 255.0


def srgb_to_oklab(colors: ArrayLike) -> NDArray[np.float64]:
    """Convert sRGB in 0..1, shape (..., 3), to OKLab, same shape."""
    c = np.asarray(colors, dtype=np.float64)
    linear = np.where(c <= 0.04045, c / 12.92, ((np.maximum(c, 0.0) + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB.T)


def oklab_to_srgb(lab: ArrayLike) -> NDArray[np.float64]:
    """Convert OKLab, shape (..., 3), to sRGB clipped to 0..1, same shape."""
    cones = (np.asarray(lab, dtype=np.float64) @ np.linalg.inv(_TO_LAB).T) ** 3
    linear = np.clip(cones @ np.linalg.inv(_TO_CONES).T, 0.0, 1.0)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def mix(first: ArrayLike, second: ArrayLike, share: ArrayLike) -> NDArray[np.float64]:
    """Mix two sRGB colors in OKLab; share (n,) of the second → (n, 3). The ends come out exactly."""
    a, b = srgb_to_oklab(first), srgb_to_oklab(second)
    t = np.atleast_1d(np.asarray(share, dtype=np.float64))[:, None]
    return oklab_to_srgb(a + (b - a) * t)


def premultiply(colors: ArrayLike, alpha: ArrayLike) -> Colors:
    """Pack sRGB (n, 3) and alpha (n,), all in 0..1, as 0xAARRGGBB (QImage Format_ARGB32_Premultiplied)."""
    a = np.clip(np.asarray(alpha, dtype=np.float64), 0.0, 1.0)
    color = np.clip(np.asarray(colors, dtype=np.float64), 0.0, 1.0) * a[..., None]
    parts = np.rint(np.concatenate([a[..., None], color], axis=-1) * 255.0).astype(np.uint32)
    packed = parts[..., 0] << 24 | parts[..., 1] << 16 | parts[..., 2] << 8 | parts[..., 3]
    return np.asarray(packed, dtype=np.uint32)


def unpack(colors: ArrayLike) -> NDArray[np.uint8]:
    """Return packed 0xAARRGGBB colors (...) as bytes (..., 4) in the order alpha, red, green, blue."""
    c = np.asarray(colors, dtype=np.uint32)
    return np.stack([(c >> shift & 0xFF).astype(np.uint8) for shift in (24, 16, 8, 0)], axis=-1)


@dataclass(frozen=True, eq=False)
class ColorTable:
    """One scale, ready to look up: `rgb` (257, 3) in 0..1 and `alpha` (257,) for values −limit … +limit.

    `colors` (257,) holds the premultiplied entries; `rim` (64 × 257,) the same at 1/64 … 64/64 coverage,
    for the antialiased rim of a bundle; `broken` is the color of what is not a finite number.
    """

    rgb: NDArray[np.float64]
    alpha: NDArray[np.float64]
    broken_rgb: NDArray[np.float64] = field(default_factory=lambda: rgb("#C2185B"))

    @cached_property
    def colors(self) -> Colors:
        """The premultiplied entries, (257,)."""
        return premultiply(self.rgb, self.alpha)

    @cached_property
    def rim(self) -> Colors:
        """The entries at each level of coverage, flat: level × 257 + index; the last is `colors`."""
        levels = (np.arange(FADE_LEVELS) + 1) / FADE_LEVELS
        return premultiply(np.tile(self.rgb, (FADE_LEVELS, 1)), np.outer(levels, self.alpha).reshape(-1))

    @cached_property
    def faded(self) -> Colors:
        """The same from no coverage at all: 257 times nothing, then `rim`."""
        return np.concatenate([np.zeros(TABLE_SIZE, np.uint32), self.rim])

    @cached_property
    def broken(self) -> np.uint32:
        """The premultiplied color for NaN and infinity."""
        return np.uint32(premultiply(self.broken_rgb[None], np.ones(1))[0])

    def over(self, background: str) -> ColorTable:
        """Return the same scale made opaque over a background color (mixed in sRGB, as a painter would)."""
        a = self.alpha[:, None]
        return ColorTable(self.rgb * a + rgb(background) * (1 - a), np.ones(TABLE_SIZE), self.broken_rgb)

    def look_up(self, values: ArrayLike, limit: float) -> Colors:
        """Return the premultiplied colors of values (...) on the symmetric scale ±limit."""
        v = np.asarray(values, dtype=np.float64)
        return np.where(np.isfinite(v), self.colors[table_index(v, limit)], self.broken)

    def hex(self, value: float, limit: float) -> str:
        """Return "#RRGGBB", without alpha, for one value."""
        if not np.isfinite(value):
            red, green, blue = np.rint(self.broken_rgb * 255).astype(int)
        else:
            red, green, blue = np.rint(self.rgb[int(table_index(value, limit))] * 255).astype(int)
        return f"#{red:02X}{green:02X}{blue:02X}"


@dataclass(frozen=True)
class Theme:
    """The canvas colors of one theme, as written in the design."""

    name: str
    canvas: str
    text: str
    secondary: str
    negative: str
    zero: str
    positive: str
    gradient: str


LIGHT = Theme("light", "#FBFBFA", "#1F2328", "#5C6670", "#D55E00", "#DFE2E6", "#0072B2", "#00876C")
DARK = Theme("dark", "#15181C", "#E6E8EB", "#9AA4AF", "#FF9A3C", "#3A4048", "#4FB0FF", "#5CE0A8")


def _alpha(strength: Floats, floor: float) -> NDArray[np.float64]:
    """Alpha rising smoothly from the floor at zero to 1 at full strength."""
    return np.asarray(floor + (1.0 - floor) * strength * (2.0 - strength))


def diverging_table(theme: Theme, floor: float = 1.0) -> ColorTable:
    """Return the signed scale: negative … zero … positive, alpha `floor` at zero rising to 1 at ±limit."""
    v = (np.arange(TABLE_SIZE) - ZERO) / ZERO
    strength = np.abs(v)
    ends = np.where(
        (v < 0)[:, None],
        mix(rgb(theme.zero), rgb(theme.negative), strength),
        mix(rgb(theme.zero), rgb(theme.positive), strength),
    )
    return ColorTable(ends, _alpha(strength, floor))


def gradient_table(theme: Theme, floor: float = 0.0) -> ColorTable:
    """Return the gradient scale: green by magnitude, the same for both signs (the sign is a glyph)."""
    strength = np.abs((np.arange(TABLE_SIZE) - ZERO) / ZERO)
    return ColorTable(mix(rgb(theme.zero), rgb(theme.gradient), strength), _alpha(strength, floor))


def table_index(values: ArrayLike, limit: float) -> NDArray[np.intp]:
    """Return the entries (0..256, 128 = zero) of values on the scale ±limit; what is beyond saturates.

    NaN becomes 128; whoever paints shows it in the broken color instead. limit ≤ 0 is an error.
    """
    if not limit > 0:
        raise ValueError(f"the limit of a color scale is positive, not {limit}")
    scaled = np.nan_to_num(np.asarray(values, dtype=np.float64) * (ZERO / limit), nan=0.0)
    return np.asarray(np.rint(np.clip(scaled, -ZERO, ZERO)), dtype=np.intp) + ZERO


def sign_glyph(value: float, style: str = "arrows") -> str:
    """Return ▼ · ▲ (style "arrows") or − 0 + (style "signs"), so that sign can be read without color."""
    glyphs = _GLYPHS[style]
    return glyphs[1 + int(np.sign(value))] if np.isfinite(value) else "?"


class ScaleLimit:
    """The symmetric limit of one bundle's scale, which follows the data in steps of √2 without flicker.

    It keeps its limit while the 98th percentile of |values| stays within [0.5, 1] of it; outside, it
    becomes the smallest power of √2 that holds the percentile. All-zero data change nothing.
    """

    def __init__(self, limit: float = 1.0, percentile: float = 98.0, most: int = 8192) -> None:
        self.limit = float(limit)
        self._percentile = percentile
        self._most = most

    def update(self, values: ArrayLike, at_least: float = 0.0) -> bool:
        """Take new values (any shape; some 8,192, evenly picked, are read); True if the limit moved.

        at_least: the percentile counts as no less than this. A dense bundle passes its pixel means and
        `CALM` × the percentile of its weights: means of noise stay pale, means of synapses that agree do not.
        """
        high = max(high_percentile(values, self._percentile, self._most), at_least)
        if high < _SMALLEST or 0.5 * self.limit <= high <= self.limit:
            return False
        before = self.limit
        self.limit = _STEP ** float(np.ceil(np.log2(high) * 2.0 - 1e-9))
        return self.limit != before


def high_percentile(values: ArrayLike, percentile: float = 98.0, most: int = 8192) -> float:
    """Return the percentile of |values| over at most about 8,192 finite ones, evenly picked; 0 if none."""
    v = np.asarray(values).reshape(-1)
    strength = np.abs(v[:: max(1, v.size // most)])
    strength = strength[np.isfinite(strength)]
    if not strength.size:
        return 0.0
    share, low = math.modf(percentile / 100 * (strength.size - 1))
    below, above = int(low), min(int(low) + 1, strength.size - 1)
    strength.partition((below, above))  # np.percentile takes longer, most of it in the interpreter
    return float((1.0 - share) * strength[below] + share * strength[above])
