"""Puts the colors of some pixels, in any order, into a comb of a picture.

A comb is every so-many-th column. While numbers change many times a second, a picture is painted comb by
comb: what leads from left to right, as synapses do, crosses every comb, and so is drawn anew in each frame at
a part of the cost. Television did so with rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Colors = NDArray[np.uint32]

COMBS = 4  # of a picture
ALL = tuple(range(COMBS))
TURNS = (0, 2, 1, 3)  # in which they are painted, so that no front creeps along the picture


def comb_of(pixels: NDArray[np.integer[Any]], columns: int) -> NDArray[np.integer[Any]]:
    """Return the comb that each pixel of a flat picture so many columns wide belongs to."""
    return pixels % columns % COMBS


class Scatter:
    """Colors of the pixels of one comb, ready to be written into a picture.

    Every pixel of the comb fetches its color, one of those or the background's: in order, which is faster
    than bringing each color to its place.

    Attributes:
        colors: those of the pixels, (pixels,), to be set before `write`.
    """

    def __init__(self, pixels: NDArray[np.intp], shape: tuple[int, int], comb: int) -> None:
        self._all = np.zeros(pixels.size + 1, np.uint32)
        self.colors = self._all[:-1]
        source = np.full(shape, pixels.size, np.intp)
        source.reshape(-1)[pixels] = np.arange(pixels.size)
        self._columns = slice(comb, None, COMBS)
        self._source = source[:, self._columns].copy()
        self._fetched = np.zeros(self._source.shape, np.uint32)

    def write(self, picture: Colors, background: int) -> None:
        """Write the colors into a picture (rows, columns); the comb's other pixels are background."""
        self._all[-1] = background
        np.take(self._all, self._source, out=self._fetched, mode="clip")
        np.copyto(picture[:, self._columns], self._fetched)


def packed_image(image: NDArray[Any], shape: tuple[int, int]) -> Colors:
    """Return a uint32 view (h, w) of an image, (h, w) uint32 or (h, w, 4) uint8; else ValueError."""
    if not image.flags.c_contiguous:
        raise ValueError("the image must be C-contiguous")
    packed = image.view(np.uint32).reshape(image.shape[:2]) if image.ndim == 3 else image
    if packed.shape != shape or packed.dtype != np.uint32:
        raise ValueError(f"the image must be {shape} uint32, not {packed.shape} {packed.dtype}")
    return packed
