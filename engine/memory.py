"""How much memory a design needs, reckoned from its shapes before anything is allocated."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from engine.design import TrainingConfig
from engine.layers.base import LayerSpec, Shape, size_of

VECTORS = 6
"""Flat vectors where no training is known yet: parameters, gradients, last update, two optimizer slots as
Adam has, a copy for the picture.
"""
MOST_AT_ONCE, EVALUATION = 500, 1 << 25
"""Measured at once are at most so many examples, and no more than take about so many bytes (but one)."""
SHARE = 0.8
"""The part of the machine's memory that a network may take."""


def bytes_needed(
    order: Sequence[LayerSpec],
    fed: Mapping[str, tuple[Shape, ...]],
    shapes: Mapping[str, Shape],
    batch: int,
    itemsize: int,
    vectors: int = VECTORS,
) -> dict[str, int]:
    """About how many bytes each layer takes in training with this batch size and so many flat vectors, by id.

    The measures between the batches have arrays of their own.
    """
    measured = examples_at_once(order, fed, shapes, itemsize)
    return {
        spec.id: vectors * _parameter_bytes(spec, fed[spec.id], itemsize)
        + sum(
            _value_bytes(spec, fed[spec.id], shapes[spec.id], count, itemsize) for count in (batch, measured)
        )
        for spec in order
    }


def examples_at_once(
    order: Sequence[LayerSpec],
    fed: Mapping[str, tuple[Shape, ...]],
    shapes: Mapping[str, Shape],
    itemsize: int,
) -> int:
    """How many examples are measured at once."""
    one = sum(_value_bytes(spec, fed[spec.id], shapes[spec.id], 1, itemsize) for spec in order)
    return max(1, min(MOST_AT_ONCE, EVALUATION // max(one, 1)))


class Demand(NamedTuple):
    """What the memory of training depends on beside the design; the names are those `infer` takes."""

    batch: int = 1
    itemsize: int = 4
    vectors: int = VECTORS


def demand(training: TrainingConfig, examples: int | None = None) -> Demand:
    """The demand of a training on so many examples, if they are known: no batch is larger."""
    batch = training.batch_size if examples is None else min(training.batch_size, examples)
    return Demand(batch, np.dtype(training.precision).itemsize, vectors_in(training))


def vectors_in(training: TrainingConfig) -> int:
    """How many flat vectors a training holds, as long as the parameters each."""
    decay, stopping = training.regularization, training.early_stopping
    known = 4  # parameters, gradients, last update, a copy for the picture
    known += len(training.optimizer.slots) + 1  # and what the rule works with
    known += bool(decay.l1) + bool(decay.l2) + bool(decay.l1 or decay.l2)  # whom it spares, and its work
    known += bool(decay.max_norm)
    return known + (stopping is not None and stopping.restore_best)


def _parameter_bytes(spec: LayerSpec, fed: tuple[Shape, ...], itemsize: int) -> int:
    return sum(size_of(tensor.shape) for tensor in spec.parameters(fed)) * itemsize


def _value_bytes(spec: LayerSpec, fed: tuple[Shape, ...], shape: Shape, batch: int, itemsize: int) -> int:
    total = 0
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
