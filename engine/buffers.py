"""Buffers that begin at a whole cache line, so that the same sums are formed wherever memory happens to lie.

A kernel may treat the values before the first aligned address apart, and then it adds in another order: with
OpenBLAS's SSE kernels the same 100 numbers, 8 bytes further, have another last bit in their dot product; of
Intel's and Apple's libraries their makers say as much. A run that is resumed or replayed has its arrays
elsewhere, and must not differ.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]

LINE = 64
"""Bytes of a cache line, and of the longest vector register."""


def zeros(shape: int | tuple[int, ...], dtype: DTypeLike) -> Array:
    """As `np.zeros`, at a whole cache line (which an array without values has not)."""
    kind = np.dtype(dtype)
    size = int(np.prod(shape, dtype=np.int64)) * kind.itemsize
    raw = np.zeros(size + LINE, np.uint8)
    start = -raw.ctypes.data % LINE
    return raw[start : start + size].view(kind).reshape(shape)


def ones(shape: int | tuple[int, ...], dtype: DTypeLike) -> Array:
    """As `np.ones`, at a whole cache line."""
    found = zeros(shape, dtype)
    found.fill(1)
    return found


def zeros_like(array: Array) -> Array:
    """Zeros of an array's shape and type, in C order."""
    return zeros(array.shape, array.dtype)


def copy(array: Array, dtype: DTypeLike | None = None) -> Array:
    """A copy in C order."""
    found = zeros(array.shape, dtype or array.dtype)
    found[...] = array
    return found
