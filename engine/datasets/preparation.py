"""Preparation: raw examples are split, scaled or standardized, their targets coded, as a `DataConfig` says.

Whatever is measured on data (mean, variance, range) is measured on the training examples alone.
"""

from __future__ import annotations

from math import isfinite
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.datasets.base import Data, DataError, Progress, Raw, Split
from engine.design import DataConfig
from engine.fields import faults_of

Array = NDArray[Any]
SLICE = 2_000  # examples at a time: fits the processor's cache, and loading can be cancelled in between
SPLIT_STREAM = 1  # the random stream that splits; stream 0 draws


class Affine(NamedTuple):
    """x ↦ scale · x + offset, for all features alike or one by one."""

    scale: Array
    offset: Array


def prepare(raw: Raw, config: DataConfig, progress: Progress) -> Data:
    """The data as `config` wants it, or DataError."""
    _check(raw)
    (x, which), (test_x, test_which) = _parts(raw, config)
    with np.errstate(all="ignore"):  # what overflows is found in the result
        inputs = _input_map(x, raw, config)
        rows = _rows(x, inputs, progress, 0.5, 0.9)
        test_rows = _rows(test_x, inputs, progress, 0.9, 1.0)
        targets = _target_map(which, raw, config)
    train = _split(rows, which, raw, targets)
    return Data(
        config=config,
        name=config.name,
        title=raw.title,
        task=raw.task,
        train=train,
        test=_split(test_rows, test_which, raw, targets),
        feature_names=raw.feature_names,
        target_names=_target_names(raw),
        class_names=raw.class_names,
        image_shape=raw.image_shape,
        input_range=_input_range(train, raw, config),
        target_range=_target_range(train, raw, config),
        target_offset=float(-targets.offset / targets.scale) if raw.labels is None else 0.0,
        target_scale=float(1 / targets.scale) if raw.labels is None else 1.0,
    )


def check_config(config: DataConfig) -> None:
    """DataError if a value of the config is not one that it may have."""
    for message in faults_of(config).values():
        raise DataError(message)
    for name, limits in (("input", config.input_range), ("target", config.target_range)):
        if limits is not None and not (np.isfinite(limits).all() and limits[0] < limits[1]):
            raise DataError(f"The {name} range must go from a lower to a higher number, not {limits}.")


def _check(raw: Raw) -> None:
    if len(raw.inputs) == 0:
        raise DataError(f"{raw.title} has no examples; choose other data.")
    if raw.inputs.shape[1] == 0:
        raise DataError(f"{raw.title} has no features; there must be at least one besides the target.")


Part = tuple[Array, Array]
"""Inputs (n, features) and what is true of them: labels (n,) or values (n, outputs)."""


def _parts(raw: Raw, config: DataConfig) -> tuple[Part, Part]:
    """The training and the test examples."""
    x, truth = raw.inputs, _truth(raw)
    if raw.test is not None:
        test = raw.test.inputs, _truth(raw.test)
    else:
        order = np.random.default_rng([config.seed, SPLIT_STREAM]).permutation(len(x))
        kept = max(1, len(x) - round(len(x) * config.test_fraction))
        test = x[order[kept:]], truth[order[kept:]]
        x, truth = x[order[:kept]], truth[order[:kept]]
    limit = config.train_limit
    return (x[:limit], truth[:limit]), test


def _truth(raw: Raw) -> Array:
    truth = raw.values if raw.labels is None else raw.labels
    assert truth is not None
    return truth


def _input_map(x: Array, raw: Raw, config: DataConfig) -> Affine:
    """How the inputs are changed, measured on the training inputs where it must be measured."""
    if config.standardize:
        deviation = x.std(0, dtype=np.float64)
        deviation[deviation == 0] = 1.0
        return Affine(1 / deviation, -x.mean(0, dtype=np.float64) / deviation)
    wanted = config.input_range or raw.default_range
    if wanted is None:
        return Affine(np.array(1.0), np.array(0.0))
    return _between(raw.value_range or (float(x.min()), float(x.max())), wanted)


def _between(own: tuple[float, float], wanted: tuple[float, float]) -> Affine:
    """The map of the range `own` onto `wanted`, or DataError where floats have no such map."""
    width = own[1] - own[0]
    scale = (wanted[1] - wanted[0]) / width if width else 1.0
    if not (isfinite(scale) and scale):
        raise DataError(
            f"Values from {own[0]:g} to {own[1]:g} are too large or too close to scale; change them."
        )
    return Affine(np.array(scale), np.array(wanted[0] - own[0] * scale))


def _rows(x: Array, change: Affine, progress: Progress, start: float, end: float) -> Array:
    """Float32 rows (n, 1 + features) with the constant 1 first."""
    # bytes lose nothing in float32, which is twice as fast; other numbers are scaled before they are rounded
    kind = np.float32 if x.dtype == np.uint8 else np.float64
    scale, offset = change.scale.astype(kind), change.offset.astype(kind)
    rows = np.empty((len(x), 1 + x.shape[1]), np.float32)
    rows[:, 0] = 1
    for first in range(0, len(x), SLICE):
        part, place = x[first : first + SLICE], rows[first : first + SLICE, 1:]
        if offset.any():
            place[:] = part * scale + offset
        else:
            np.multiply(part, scale, out=place, casting="same_kind")
        progress(start + (end - start) * min(1.0, (first + SLICE) / len(x)))
    if x.dtype.kind == "f" and not np.isfinite(rows).all():
        raise DataError("Some inputs are not finite numbers, or too large; remove those examples.")
    return rows


def _target_map(truth: Array, raw: Raw, config: DataConfig) -> Affine:
    """How targets are changed: classes from 0 and 1, quantities only where a range is asked for."""
    if raw.labels is not None:
        return _between((0.0, 1.0), config.target_range or raw.target_range)
    wanted = config.target_range or raw.default_values_range
    if wanted is None:
        return Affine(np.array(1.0), np.array(0.0))
    return _between((float(truth.min()), float(truth.max())), wanted)


def _split(rows: Array, truth: Array, raw: Raw, change: Affine) -> Split:
    """One split, its targets coded; nobody may change its arrays."""
    labels = None
    if raw.labels is None:
        plain = truth
    else:
        labels = truth.astype(np.int64)
        plain = labels[:, None] if raw.binary else labels[:, None] == np.arange(len(raw.class_names))
    with np.errstate(all="ignore"):
        targets = (plain * change.scale + change.offset).astype(np.float32)
    if not np.isfinite(targets).all():
        raise DataError("Some targets are not finite numbers, or too large; remove those examples.")
    for array in (rows, targets, labels):
        if array is not None:
            array.flags.writeable = False
    return Split(rows, targets, labels)


def _target_names(raw: Raw) -> tuple[str, ...]:
    return raw.class_names if raw.task == "classes" else raw.target_names


def _input_range(train: Split, raw: Raw, config: DataConfig) -> tuple[float, float]:
    """The range of the prepared inputs: as asked for, else the data set's own, else as found."""
    if config.standardize:
        return float(train.inputs.min()), float(train.inputs.max())
    wanted = config.input_range or raw.default_range or raw.value_range
    return wanted or (float(train.inputs.min()), float(train.inputs.max()))


def _target_range(train: Split, raw: Raw, config: DataConfig) -> tuple[float, float]:
    if raw.labels is not None:
        return config.target_range or raw.target_range
    return float(train.targets.min()), float(train.targets.max())
