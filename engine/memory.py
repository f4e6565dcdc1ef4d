"""How much memory a design needs, reckoned from its shapes before anything is allocated."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping, Sequence

from engine.layers.base import LayerSpec, Shape, size_of

VECTORS = 6
"""Flat vectors with Adam: parameters, gradients, last update, two optimizer slots, a copy for the picture.

Descent takes two fewer; a third slot, decay and the weights of the best epoch come on top, up to 12 in all.
"""
SHARE = 0.8
"""The part of the machine's memory that a network may take."""


def bytes_needed(
    order: Sequence[LayerSpec],
    fed: Mapping[str, tuple[Shape, ...]],
    shapes: Mapping[str, Shape],
    batch: int,
    itemsize: int,
) -> dict[str, int]:
    """About how many bytes each layer takes in training with this batch size, by id."""
    return {spec.id: _layer_bytes(spec, fed[spec.id], shapes[spec.id], batch, itemsize) for spec in order}


def _layer_bytes(spec: LayerSpec, fed: tuple[Shape, ...], shape: Shape, batch: int, itemsize: int) -> int:
    parameters = sum(size_of(tensor.shape) for tensor in spec.parameters(fed))
    total = VECTORS * parameters * itemsize
    if not spec.passes_through:
        total += 2 * (1 + size_of(shape)) * batch * itemsize  # the value and its gradient
        total += spec.workspace_bytes(fed, batch, itemsize)
    return total


def memory_of_machine() -> int:
    """The machine's memory in bytes; 8 GB where it cannot be found out."""
    try:
        if sys.platform == "win32":
            return _windows_memory()
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return 8 << 30


def said(count: float) -> str:
    """A number of bytes as it is said on screen."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:,.3g} TB" if count < 1000 else f"{count:,.0f} TB"


def _windows_memory() -> int:
    class Status(ctypes.Structure):
        _fields_ = [
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in ("total", "free", "c", "d", "e", "f", "g")),
        ]

    status = Status(length=ctypes.sizeof(Status))
    ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # type: ignore[attr-defined, unused-ignore]
    return int(status.total)
