"""The example browser: the next, the previous or any example, of all or only of the mistakes."""

from __future__ import annotations

import random

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from engine.datasets.base import Data
from gui.session.example import ShownExample
from gui.session.frame_clock import Frame, FrameClock

SLICE = 250
"""Examples looked at in one go: a few milliseconds for 784-16-16-10."""


class ExampleBrowser(QObject):
    """Moves the example on show.

    Signals:
        none_found(): the network gets every example right.
        only_mistakes_changed(bool)

    Attributes:
        only_mistakes: whether right answers are passed over.
    """

    none_found = Signal()
    only_mistakes_changed = Signal(bool)

    def __init__(self, example: ShownExample, clock: FrameClock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.example = example
        self.clock = clock
        self.only_mistakes = False
        self._at = 0
        self._by = 1
        self._left = 0
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._look_on)

    @property
    def can_tell_mistakes(self) -> bool:
        """Whether answers are right or wrong at all: not in regression."""
        return self.example.data is not None and self.example.data.task != "regression"

    def set_only_mistakes(self, only: bool) -> None:
        """Pass over right answers, or not; goes to the next mistake if the example on show is none."""
        if only != self.only_mistakes:
            self.only_mistakes = only
            self.only_mistakes_changed.emit(only)
        if only:
            self._search(self.example.index, 1)
        else:
            self._timer.stop()

    def move(self, by: int) -> None:
        """The next (1) or the previous (−1) one."""
        if self._searches():
            self._search(self.example.index + by, by)
        else:
            self.example.move(by)

    def random(self) -> None:
        """Any other one."""
        if self._searches():
            self._search(self.example.index + random.randrange(1, max(self.example.count, 2)), 1)
        else:
            self.example.random()

    def _searches(self) -> bool:
        return self.only_mistakes and self.can_tell_mistakes and self.clock.frame is not None

    def _search(self, start: int, by: int) -> None:
        if self.clock.frame is None or not self.can_tell_mistakes:
            return
        self._at, self._by, self._left = start, by, self.example.count
        self._timer.start()

    def _look_on(self) -> None:
        """Look at one slice; the event loop runs in between."""
        frame, count = self.clock.frame, self.example.count
        if frame is None or frame.data is not self.example.data or self._left <= 0:
            self._timer.stop()
            if self._left <= 0:
                self.none_found.emit()
            return
        indices = (self._at + self._by * np.arange(min(SLICE, self._left))) % count
        wrong = np.flatnonzero(self._is_wrong(frame, indices))
        if len(wrong):
            self._timer.stop()
            self.example.show(int(indices[wrong[0]]))
            return
        self._at += self._by * len(indices)
        self._left -= len(indices)

    def _is_wrong(self, frame: Frame, indices: np.ndarray) -> np.ndarray:
        split = self.example.split
        said = frame.network.predict(split.inputs[indices])
        return is_wrong(frame.data, said, split.targets[indices])


def is_wrong(data: Data, said: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Which answers are wrong: rows (n, outputs) of predictions and targets → (n,) bool."""
    if said.shape[1] == 1:
        return np.asarray((said[:, 0] > data.threshold) != (targets[:, 0] > data.threshold))
    return np.asarray(said.argmax(1) != targets.argmax(1))
