"""NPZ files: NumPy arrays `x` and `y` (and perhaps `x_test`, `y_test`), read without unpickling anything."""

from __future__ import annotations

import warnings
import zipfile
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.datasets.base import (
    MOST_BYTES,
    MOST_CLASSES,
    DataError,
    DataSet,
    Raw,
    Request,
    classes_said,
    dataset,
)
from engine.datasets.images import pixel_names
from engine.fields import setting

Array = NDArray[Any]
INPUT_NAMES = ("x_train", "x", "inputs", "features", "images", "data")
TARGET_NAMES = ("y_train", "y", "targets", "target", "labels")


@dataset
@dataclass(frozen=True, kw_only=True)
class Npz(DataSet):
    """Arrays from NumPy: inputs (n, …), targets (n,) of whole numbers for classes, else quantities."""

    kind = "npz"
    label = "NPZ file"
    summary = "NumPy arrays: x and y, perhaps x_test and y_test."
    from_file = True

    task: str = setting(
        "auto",
        label="Task",
        choices=("auto", "classes", "regression"),
        help="Whether the target is a class or a quantity; auto takes whole numbers for classes.",
    )

    def raw(self, request: Request) -> Raw:
        path = Path(request.path)
        arrays = read_npz(path)
        request.progress(0.4)
        x = _named(arrays, INPUT_NAMES, path.name)
        y = _named(arrays, TARGET_NAMES, path.name)
        tests = arrays.get("x_test"), arrays.get("y_test")
        if (tests[0] is None) != (tests[1] is None):
            raise DataError(f"{path.name} has only one of x_test and y_test; it needs both or neither.")
        classes = self.task == "classes" or (self.task == "auto" and _are_classes(y))
        raw = _raw(path.name, x, y, classes)
        if tests[0] is None or tests[1] is None:
            return raw
        return _with_test(raw, _raw(path.name, tests[0], tests[1], classes, fewest=1))


def read_npz(path: Path) -> dict[str, Array]:
    """The numeric arrays in an NPZ file, by name in lower case, or DataError."""
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > MOST_BYTES:
            raise DataError(
                f"{path.name} holds {size:,} bytes unpacked, too many to load; use a smaller file."
            )
        with warnings.catch_warnings(), np.load(path, allow_pickle=False) as stored:
            warnings.simplefilter("ignore")
            arrays = {name.lower(): np.asarray(stored[name]) for name in stored.files}
    except (DataError, MemoryError):
        raise
    except FileNotFoundError:
        raise DataError(f"{path} cannot be read: there is no such file.") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from None
    except Exception:  # whatever zipfile, zlib and NumPy's parser raise on a damaged file
        raise DataError(
            f"{path.name} is damaged, or not an NPZ file of plain numbers; save it again."
        ) from None
    return arrays


def _named(arrays: dict[str, Array], names: tuple[str, ...], file: str) -> Array:
    for name in names:
        if name in arrays:
            return arrays[name]
    found = ", ".join(sorted(arrays)[:10]) or "nothing"
    raise DataError(f"{file} has no array named {' or '.join(names[:3])}; it holds: {found}.")


def _are_classes(y: Array) -> bool:
    return y.dtype.kind in "biuU" and (y.ndim == 1 or (y.ndim == 2 and y.shape[1] == 1))


def _raw(name: str, x: Array, y: Array, classes: bool, fewest: int = 2) -> Raw:
    _check(name, x, y, classes)
    shape = x.shape[1:]
    picture = shape if len(shape) in (2, 3) else None
    names = pixel_names(shape) if picture else (f"x{i + 1}" for i in range(prod(shape)))
    whole = x.dtype == np.uint8
    raw = Raw(
        title=name,
        inputs=x.reshape(len(x), prod(shape)),
        feature_names=tuple(names),
        image_shape=picture,
        value_range=(0.0, 255.0) if whole else None,
        default_range=(0.0, 1.0) if whole else None,
    )
    return _classified(raw, y, fewest) if classes else _valued(raw, y)


def _check(name: str, x: Array, y: Array, classes: bool) -> None:
    for word, array in (("inputs", x), ("targets", y)):
        if array.dtype.kind not in ("biuf" if word == "inputs" or not classes else "biufU"):
            raise DataError(f"{name}: the {word} are of type {array.dtype}, not numbers; save numbers.")
    if x.ndim < 1 or y.ndim < 1 or len(x) != len(y):
        raise DataError(
            f"{name}: inputs of shape {x.shape} and targets of shape {y.shape} do not belong together; "
            "both need one row per example."
        )
    if x.ndim < 2 or x.size == 0:
        raise DataError(f"{name}: the inputs have the shape {x.shape}; it must be (examples, features).")
    if classes and y.size != len(y):
        raise DataError(f"{name}: the classes have the shape {y.shape}; it must be (examples,).")
    if y.size == 0:
        raise DataError(f"{name}: the targets are empty; there must be at least one per example.")
    if y.dtype.kind == "f" and not np.isfinite(y).all():
        raise DataError(f"{name}: some targets are not finite numbers; remove those examples.")


def _classified(raw: Raw, y: Array, fewest: int) -> Raw:
    classes, labels = np.unique(y.ravel(), return_inverse=True)
    if not fewest <= len(classes) <= MOST_CLASSES:
        raise DataError(
            f"{raw.title} has {classes_said(len(classes))}; it needs {fewest} to {MOST_CLASSES}, "
            "or choose regression."
        )
    names = tuple(str(name) for name in classes.tolist())
    return replace(
        raw, labels=labels.reshape(-1), class_names=names, target_names=("class",), binary=len(names) == 2
    )


def _valued(raw: Raw, y: Array) -> Raw:
    values = y.reshape(len(y), -1).astype(np.float64)
    names = tuple(f"y{i + 1}" for i in range(values.shape[1])) if values.shape[1] > 1 else ("y",)
    return replace(raw, values=values, target_names=names, default_values_range=(-1.0, 1.0))


def _with_test(raw: Raw, test: Raw) -> Raw:
    """The raw data with test examples of their own, whose classes are numbered as in the training data."""
    if test.inputs.shape[1] != raw.inputs.shape[1] or len(test.target_names) != len(raw.target_names):
        raise DataError(f"{raw.title}: x_test and y_test have another width than the training arrays.")
    if raw.labels is None:
        return replace(raw, test=test)
    names = sorted({*raw.class_names, *test.class_names}, key=lambda name: (len(name), name))
    return replace(
        _renumbered(raw, names),
        test=_renumbered(test, names),
        class_names=tuple(names),
        binary=len(names) == 2,
    )


def _renumbered(raw: Raw, names: list[str]) -> Raw:
    assert raw.labels is not None
    number = np.array([names.index(name) for name in raw.class_names])
    return replace(raw, labels=number[raw.labels])
