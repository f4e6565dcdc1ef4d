"""A sheet: memory that window and painting process both see, with one bundle and its pictures on it."""

from __future__ import annotations

import contextlib
import math
import mmap
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gui.canvas.color import TABLE_SIZE, ColorTable

Array = NDArray[Any]

_SHARED = Path("/dev/shm")  # where a file stays in memory
_ALIGNED = 64


@dataclass(frozen=True)
class Form:
    """What one side tells the other of a sheet.

    Attributes:
        path: the file that both map; synapses: how many; precision: of the weights, "float32" or "float64".
        rows, columns: of the picture; width, height: of the region that it shows, in device pixels.
        ratio: device pixels per logical one.
    """

    path: str
    synapses: int
    precision: str
    rows: int
    columns: int
    width: int
    height: int
    ratio: float


class Sheet:
    """The arrays of a form, whose file is there.

    Attributes:
        starts, ends: of the synapses, (n, 2), in pixels of the region; values: their weights, (n,).
        limit: of the scale, (1,); rgb, alpha, broken: of the colors.
        pictures: two, (2, rows, columns) uint32, premultiplied ARGB: one is shown while the other is painted;
        side: which, (1,).
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        parts = _parts(form)
        places, end = {}, 0
        for name, (shape, kind) in parts.items():
            places[name] = end
            end += -(-math.prod(shape) * np.dtype(kind).itemsize // _ALIGNED) * _ALIGNED
        memory = _mapped(Path(form.path), end)
        found: dict[str, Array] = {
            name: np.frombuffer(memory, kind, math.prod(shape), places[name]).reshape(shape)
            for name, (shape, kind) in parts.items()
        }
        self.starts, self.ends, self.values = found["starts"], found["ends"], found["values"]
        self.rgb, self.alpha, self.broken = found["rgb"], found["alpha"], found["broken"]
        self.limit, self.side, self.pictures = found["limit"], found["side"], found["pictures"]

    @property
    def table(self) -> ColorTable:
        """The colors."""
        return ColorTable(self.rgb.copy(), self.alpha.copy(), self.broken.copy())

    def write_table(self, table: ColorTable) -> None:
        """Set the colors."""
        self.rgb[:], self.alpha[:], self.broken[:] = table.rgb, table.alpha, table.broken_rgb

    def forget_file(self) -> None:
        """Take the file's name away; the memory goes with the last who uses it."""
        forget(self.form.path)


def _parts(form: Form) -> dict[str, tuple[tuple[int, ...], str]]:
    """Return the shape and the kind of number of each array."""
    n = form.synapses
    return {
        "starts": ((n, 2), "float64"),
        "ends": ((n, 2), "float64"),
        "rgb": ((TABLE_SIZE, 3), "float64"),
        "alpha": ((TABLE_SIZE,), "float64"),
        "broken": ((3,), "float64"),
        "limit": ((1,), "float64"),
        "side": ((1,), "int64"),
        "values": ((n,), form.precision),
        "pictures": ((2, form.rows, form.columns), "uint32"),
    }


def new_sheet(**form: Any) -> Sheet:
    """Return a sheet in a new file, given all of its form but the path; OSError where there is no room."""
    folder = _SHARED if _SHARED.is_dir() and os.access(_SHARED, os.W_OK) else None
    handle, path = tempfile.mkstemp(prefix="synapscope-", suffix=".sheet", dir=folder)
    os.close(handle)
    try:
        return Sheet(Form(path, **form))
    except OSError:
        forget(path)
        raise


def forget(path: str) -> bool:
    """Remove a file; False where it is in use and cannot be, as on Windows."""
    with contextlib.suppress(OSError):
        Path(path).unlink(missing_ok=True)
    return not Path(path).exists()


def _mapped(path: Path, size: int) -> mmap.mmap:
    """Return the file as memory, made long enough; OSError where there is no room for it."""
    with path.open("r+b") as file:
        if path.stat().st_size < size:
            if hasattr(os, "posix_fallocate"):  # else a full disk would be noticed by a crash
                os.posix_fallocate(file.fileno(), 0, size)
            else:
                file.truncate(size)
        return mmap.mmap(file.fileno(), size)
