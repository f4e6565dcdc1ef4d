"""Puts the colors of some pixels, in any order, into a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Colors = NDArray[np.uint32]


class Scatter:
    """Colors of pixels, ready to be written into a picture.

    Every pixel of the picture fetches its color, one of those or the background's: in order, which is faster
    than bringing each color to its place.

    Attributes:
        colors: those of the pixels, (pixels,), to be set before `write`.
    """

    def __init__(self, pixels: NDArray[np.intp], size: int) -> None:
        self._all = np.zeros(pixels.size + 1, np.uint32)
        self.colors = self._all[:-1]
        self._source = np.full(size, pixels.size, np.intp)
        self._source[pixels] = np.arange(pixels.size)

    def write(self, flat: Colors, background: int) -> None:
        """Write the colors into a picture (size,), and the background everywhere else."""
        self._all[-1] = background
        np.take(self._all, self._source, out=flat, mode="clip")


def flat_image(image: NDArray[Any], shape: tuple[int, int]) -> Colors:
    """Return a flat uint32 view of an image (h, w) uint32 or (h, w, 4) uint8; ValueError if it is neither."""
    if not image.flags.c_contiguous:
        raise ValueError("the image must be C-contiguous")
    packed = image.view(np.uint32).reshape(image.shape[:2]) if image.ndim == 3 else image
    if packed.shape != shape or packed.dtype != np.uint32:
        raise ValueError(f"the image must be {shape} uint32, not {packed.shape} {packed.dtype}")
    return packed.reshape(-1)
