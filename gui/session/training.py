"""The training commands: play, step, reset and pace, with a sentence where the design cannot be trained."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject, Signal

from engine.address import with_titles
from engine.datasets.base import Data
from gui.document.document import Document
from gui.document.facts import errors_of
from gui.session.controller import SessionController
from gui.widgets.pace import ONE_A_FRAME, PACES, nearest_stop

STEP_KINDS = ("phase", "batch", "epoch")


class Training(QObject):
    """What the actions of the Train menu do.

    Signals:
        cannot(str): it cannot be trained: a sentence that says why.
        kind_changed(str): the step button does another kind of step.
        pace_changed(float): batches per second, infinity for full speed.

    Attributes:
        step_kind: "phase", "batch" or "epoch"; pace: batches per second.
    """

    cannot = Signal(str)
    kind_changed = Signal(str)
    pace_changed = Signal(float)

    def __init__(
        self, document: Document, controller: SessionController, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.controller = controller
        self.step_kind = "phase"
        self.pace = ONE_A_FRAME

    def obstacle(self) -> str:
        """Why the design cannot be trained, "" if it can."""
        errors = errors_of(self.document.project, self._data())
        if not errors and self.controller.refusal:
            why = with_titles(self.controller.refusal, self.document.project.design)
            return self.tr("It cannot be trained yet. {why}").format(why=why)
        return self.tr("It cannot be trained yet. {why}").format(why=errors[0].message) if errors else ""

    def outputs(self) -> int | None:
        """How many targets the project's data has, None where it is not loaded."""
        data = self._data()
        return None if data is None else data.outputs

    def features(self) -> int | None:
        """How many features the project's data has, None where it is not loaded."""
        data = self._data()
        return None if data is None else data.features

    def _data(self) -> Data | None:
        return self.controller.data_of(self.document.project)

    def toggle(self) -> None:
        """Play or pause."""
        if self.controller.playing:
            self.controller.pause()
        elif self._may():
            self.controller.play()

    def step(self) -> None:
        """A step of the chosen kind."""
        {"phase": self.phase, "batch": self.batch, "epoch": self.epoch}[self.step_kind]()

    def phase(self) -> None:
        """One phase of a step."""
        if self._may():
            self.controller.step_phase()

    def batch(self) -> None:
        """One batch."""
        if self._may():
            self.controller.step_batch()

    def epoch(self) -> None:
        """To the end of the epoch."""
        if self._may():
            self.controller.step_epoch()

    def reset(self) -> None:
        """Back to the same initial weights."""
        self.controller.reset()

    def set_step_kind(self, kind: str) -> None:
        """Choose what `step` does."""
        self.step_kind = kind if kind in STEP_KINDS else "phase"
        self.kind_changed.emit(self.step_kind)

    def set_pace(self, pace: float) -> None:
        """Play this fast, in batches per second."""
        self.pace = pace if pace > 0 else ONE_A_FRAME
        self.controller.set_pace(self.pace)
        self.pace_changed.emit(self.pace)

    def faster(self) -> None:
        """The next pace up."""
        self._shift_pace(1)

    def slower(self) -> None:
        """The next pace down."""
        self._shift_pace(-1)

    def _shift_pace(self, by: int) -> None:
        stop = nearest_stop(self.pace if not math.isinf(self.pace) else math.inf) + by
        self.set_pace(PACES[min(max(stop, 0), len(PACES) - 1)])

    def _may(self) -> bool:
        sentence = self.obstacle()
        if sentence:
            self.cannot.emit(sentence)
        return not sentence
