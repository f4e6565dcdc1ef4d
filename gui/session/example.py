"""The example on show: which one of the data set's examples the picture is computed for."""

from __future__ import annotations

import random
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from engine.datasets.base import Data, Split

Array = NDArray[Any]


class ShownExample(QObject):
    """One example of one split.

    Signals:
        changed(): another example is shown.

    Attributes:
        data: None as long as there is none; split_name: "train" or "test"; index: from 0.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.data: Data | None = None
        self.split_name = "test"
        self.index = 0

    def use(self, data: Data) -> None:
        """Show an example of this data set: the same number, if it has so many."""
        self.data = data
        if not len(data.test):
            self.split_name = "train"
        self.index = min(self.index, len(self.split) - 1)
        self.changed.emit()

    def forget(self) -> None:
        """Show none: there is no data yet."""
        self.data, self.split_name, self.index = None, "test", 0
        self.changed.emit()

    @property
    def split(self) -> Split:
        """The split it belongs to."""
        assert self.data is not None
        split: Split = getattr(self.data, self.split_name)
        return split

    @property
    def count(self) -> int:
        """How many examples the split has."""
        return len(self.split) if self.data is not None else 0

    @property
    def inputs(self) -> Array:
        """Its features, (features,)."""
        return self.split.inputs[self.index]

    @property
    def targets(self) -> Array:
        """Its targets, (outputs,)."""
        return self.split.targets[self.index]

    @property
    def truth(self) -> str:
        """What is true of it, as text."""
        assert self.data is not None
        return self.data.describe(self.split, self.index)

    def show(self, index: int, split_name: str | None = None) -> None:
        """Show an example; indices run around."""
        if self.data is None:
            return
        if split_name is not None and len(getattr(self.data, split_name)):
            self.split_name = split_name
        self.index = index % self.count
        self.changed.emit()

    def move(self, by: int) -> None:
        """Show the one so many places further."""
        self.show(self.index + by)

    def random(self) -> None:
        """Show any other one."""
        if self.count > 1:
            self.show(self.index + random.randrange(1, self.count))
