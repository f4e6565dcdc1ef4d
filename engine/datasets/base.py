"""What every data set is: a frozen spec that draws or reads raw examples, and data prepared for training.

`load_data` is the way in: it finds the data set that a `DataConfig` names, lets it fetch its raw
examples, and prepares them (`engine.datasets.preparation`): split, scaled, targets coded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from engine.design import DataConfig
from engine.fields import settings_of
from engine.layers.base import Shape
from engine.registry import Registry, UnknownNameError

Array = NDArray[Any]
Task = Literal["classes", "binary", "regression"]
MOST_BYTES = 2**31
MOST_CLASSES = 1000
Progress = Callable[[float], None]
"""Told the share that is done, 0 to 1; may raise `Cancelled` to stop, which passes through `load_data`."""


class DataError(ValueError):
    """Data that cannot be used; its text is one sentence: what is wrong, where, and what to do."""


class Cancelled(Exception):  # noqa: N818  it is not an error
    """Raised by a progress callback to stop loading."""


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Examples ready for the network; the arrays are read-only.

    Attributes:
        rows: (n, 1 + features) float32, column 0 is the constant 1, so that training need not copy.
        targets: (n, outputs) float32.
        labels: (n,) int64, the class of each example, or None for regression.
    """

    rows: Array
    targets: Array
    labels: Array | None = None

    @property
    def inputs(self) -> Array:
        """The features, (n, features), a view of `rows`."""
        return self.rows[:, 1:]

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, eq=False, kw_only=True)
class Data:
    """A data set, prepared.

    Attributes:
        config: what it was made from; name, title: of the data set.
        task: "classes" (one output per class), "binary" (one output) or "regression".
        target_names: one per output; class_names: one per class, empty for regression.
        image_shape: (height, width) or (channels, height, width) where an example is a picture.
        input_range: lowest and highest value of the inputs as prepared (the data set's range, or as found).
        target_range: what the targets of classes are coded as, (no, yes); their middle is the threshold. For
            regression the lowest and highest training target.
        target_offset, target_scale: a regression target in its own unit is offset + scale · target.
    """

    config: DataConfig
    name: str
    title: str
    task: Task
    train: Split
    test: Split
    feature_names: tuple[str, ...]
    target_names: tuple[str, ...]
    class_names: tuple[str, ...] = ()
    image_shape: Shape | None = None
    input_range: tuple[float, float] = (0.0, 1.0)
    target_range: tuple[float, float] = (0.0, 1.0)
    target_offset: float = 0.0
    target_scale: float = 1.0

    @property
    def features(self) -> int:
        """How many numbers an example has."""
        return len(self.feature_names)

    @property
    def outputs(self) -> int:
        """How many targets an example has."""
        return len(self.target_names)

    @property
    def threshold(self) -> float:
        """Where the one output of a binary task changes from the first class to the second."""
        return sum(self.target_range) / 2

    def describe(self, split: Split, index: int) -> str:
        """What is true of one example, as text: its class, or its target values in their own unit."""
        if split.labels is not None:
            return self.class_names[int(split.labels[index])]
        values = self.target_offset + self.target_scale * split.targets[index].astype(float)
        return ", ".join(
            f"{name} = {value:.4g}" for name, value in zip(self.target_names, values, strict=True)
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Raw:
    """Examples as a data set gives them, before preparation.

    Attributes:
        inputs: (n, features), any real type.
        labels: (n,) integers from 0, for classes; values: (n, outputs) float, for regression.
        test: the data set's own test examples; None lets the preparation split some off.
        value_range: the inputs' own range where known (0–255 of pictures), from which `input_range` scales.
        default_range: the input range unless the config asks for one; None leaves the values as they are.
        target_range: how classes are coded unless the config asks for something else.
        default_values_range: what quantities are scaled to unless the config asks for something else; None
            leaves them in their own unit.
        binary: whether two classes share one output.
    """

    title: str
    inputs: Array
    feature_names: tuple[str, ...]
    labels: Array | None = None
    class_names: tuple[str, ...] = ()
    values: Array | None = None
    target_names: tuple[str, ...] = ()
    test: Raw | None = None
    image_shape: Shape | None = None
    value_range: tuple[float, float] | None = None
    default_range: tuple[float, float] | None = None
    target_range: tuple[float, float] = (0.0, 1.0)
    default_values_range: tuple[float, float] | None = None
    binary: bool = False

    @property
    def task(self) -> Task:
        """What is to be learned."""
        if self.labels is None:
            return "regression"
        return "binary" if self.binary else "classes"


@dataclass(frozen=True, slots=True)
class Request:
    """What a data set may need besides its options."""

    seed: int
    path: str
    progress: Progress

    def rng(self, stream: int = 0) -> np.random.Generator:
        """A generator; the same seed and stream give the same numbers."""
        return np.random.default_rng([self.seed, stream])


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """Base of all data sets: a frozen value whose fields are its options.

    `from_file` ones need a path. `coding` is what no and yes are as numbers unless the config says otherwise.
    """

    kind: ClassVar[str]
    label: ClassVar[str]
    summary: ClassVar[str] = ""
    from_file: ClassVar[bool] = False
    coding: ClassVar[tuple[float, float]] = (0.0, 1.0)

    def raw(self, request: Request) -> Raw:
        """The examples, or DataError."""
        raise NotImplementedError


DATASETS: Registry[type[DataSet]] = Registry("data set")


def dataset(cls: type[DataSet]) -> type[DataSet]:
    """Class decorator: put a data set into the registry."""
    return DATASETS.register(cls.kind, cls)


def classes_said(count: int) -> str:
    """“1 class”, “16 classes”."""
    return "1 class" if count == 1 else f"{count:,} classes"


def load_data(config: DataConfig, progress: Progress | None = None) -> Data:
    """Fetch and prepare the data that `config` describes, or DataError."""
    from engine.datasets.preparation import check_config, prepare

    check_config(config)
    tell = progress or _silent
    try:
        raw = dataset_of(config).raw(Request(config.seed, config.path, tell))
        return prepare(raw, config, tell)
    except MemoryError:
        raise DataError("The data does not fit into memory; use a smaller file.") from None


def dataset_of(config: DataConfig) -> DataSet:
    """The data set that `config` names, with its options, or DataError."""
    try:
        cls = DATASETS[config.name]
    except UnknownNameError as error:
        raise DataError(f"{str(error)[0].upper()}{str(error)[1:]}.") from None
    known = {info.name: info for info in settings_of(cls)}
    for name, value in config.options:
        if name not in known:
            raise DataError(f"The data set {cls.label!r} has no option {name!r}; remove it.")
        if fault := known[name].fault_of(value):
            raise DataError(f"Data set {cls.label!r}: {fault}")
    if cls.from_file and not config.path:
        raise DataError(f"The data set {cls.label!r} comes from a file; choose one.")
    if cls.from_file:
        _check_file(Path(config.path))
    return cls(**dict(config.options))


def _check_file(path: Path) -> None:
    """DataError unless there is a plain file of bearable size: a device or a pipe might never end."""
    try:
        if not path.is_file():
            kind = "it is a folder" if path.is_dir() else "there is no such file"
            raise DataError(f"{path} cannot be read: {kind}.")
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path} cannot be read: {getattr(error, 'strerror', error)}.") from None
    if size > MOST_BYTES:
        raise DataError(f"{path.name} has {size:,} bytes, too many to load; use a smaller file.")


def _silent(share: float) -> None:
    """Nobody wants to know how far loading is."""
