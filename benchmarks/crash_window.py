"""The program that `benchmarks.crash` kills: the real window, in which somebody trains, edits and saves.

Every start answers an offer to restore work as a person would, then says on standard output what is open.
From then on it writes into a diary what it does, before it does it. Edits go through the document, and saving
through Ctrl+S in the window.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest

from engine.design import Project
from engine.edits.outcome import Edit
from engine.edits.settings import set_training_field
from engine.edits.units import set_units
from engine.files import autosave
from gui.app import Laboratory, application
from gui.errors import ErrorReporter
from gui.files import storage

EDIT_EVERY_MS = 30
LOOK_EVERY_MS = 20
MOODS = ("edits", "saves")
LONGEST_MOOD = 5.0


class Person(QObject):
    """Somebody at the window: answers the offer, then in turn only edits, and saves after every edit."""

    def __init__(self, laboratory: Laboratory, folder: Path, seed: int) -> None:
        super().__init__(laboratory)
        self.lab = laboratory
        self.window = laboratory.window
        self.rng = random.Random(seed)
        self.diary = Diary(folder / "diary")
        self.edits = 0
        self.offers: list[dict[str, Any]] = []
        self._mood, self._mood_until = "edits", 0.0
        self._timer = QTimer(self, interval=EDIT_EVERY_MS)
        self._timer.timeout.connect(self._live)

    def begin(self) -> None:
        """Wait until the project is open and what crashes have left has been looked for."""
        self._when(lambda: self.lab.document.path is not None, self._ask_what_is_left)

    def _ask_what_is_left(self) -> None:
        # the one thread for files works in order: the search for abandoned work ends before this
        self.lab.storage.background.run("", lambda: None, lambda _: self._answer(), lambda _: None)

    def _answer(self) -> None:
        """Restore what is newer than the file, with a click; else discard it."""
        item = self.window.recovery.offered
        if item is None or not self.window.offer.isVisible():
            self._when(lambda: self.lab.clock.frame is not None, self._tell)
            return
        kept = number_of(self.lab.document.project)
        newer = item.newer
        self.offers.append({"sentence": self.window.offer.text(), "newer": newer, "file": kept})
        if newer:
            QTest.mouseClick(self.window.offer.button, Qt.MouseButton.LeftButton)
            self._when(lambda: self.lab.document.modified, self._tell)
        else:
            QTest.mouseClick(self.window.recovery.discard, Qt.MouseButton.LeftButton)
            self._answer()

    def _tell(self) -> None:
        """Say what is open now, and begin to work."""
        self.edits = number_of(self.lab.document.project)
        self.diary.write(f"start {time.time()} {self.edits}")
        told = {
            "edit": self.edits,
            "at": moment_of(self.lab.document.project),
            "offers": self.offers,
            "banner": self.window.banner.text() if self.window.banner.isVisible() else "",
        }
        print(json.dumps(told), flush=True)
        self.lab.training.toggle()
        self._timer.start()

    def _live(self) -> None:
        now = time.perf_counter()
        if now > self._mood_until:
            self._mood = MOODS[1 - MOODS.index(self._mood)]
            self._mood_until = now + self.rng.uniform(0.0, LONGEST_MOOD)
        self._edit()
        if self._mood == "saves":  # somebody who presses Ctrl+S after every change
            QTest.keyClick(self.window.canvas, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)

    def _edit(self) -> None:
        project = self.lab.document.project
        hidden = project.design.layers[1].id
        outcome = self.rng.choice(
            (
                lambda: set_training_field(project, "batch_size", self.rng.randint(8, 64)),
                lambda: set_units(project, hidden, self.rng.randint(12, 20)),
            )
        )()
        edited = outcome.project if isinstance(outcome, Edit) else project
        self.edits += 1
        now = time.time()
        self.diary.write(f"edit {now} {self.edits}")
        self.lab.document.edit("change", replace(edited, about=json.dumps({"edit": self.edits, "at": now})))
        if self.rng.random() < 0.1:
            self.lab.document.undo_stack.undo()
            self.lab.document.undo_stack.redo()

    def _when(self, ready: Callable[[], bool], then: Callable[[], object]) -> None:
        if ready():
            then()
        else:
            QTimer.singleShot(LOOK_EVERY_MS, self, lambda: self._when(ready, then))


class Diary:
    """What is written down at once, line by line, so that it outlives the one who wrote it."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def write(self, line: str) -> None:
        os.write(self._descriptor, f"{line}\n".encode())

    def around(self, what: str, call: Callable[..., None]) -> Callable[..., None]:
        """The same call, with a line before and after it."""

        def noted(*args: Any, **named: Any) -> None:
            self.write(f"begin {what}")
            try:
                call(*args, **named)
            finally:
                self.write(f"end {what}")

        return noted


def number_of(project: Project) -> int:
    """The number of the last edit in a project."""
    return int(json.loads(project.about)["edit"])


def moment_of(project: Project) -> float:
    """When that edit was made."""
    return float(json.loads(project.about)["at"])


def main(folder: Path, seed: int) -> int:
    """Open the window with the project in `folder` and work there until killed."""
    app = application()
    reporter = ErrorReporter()
    reporter.install()
    laboratory = Laboratory(reporter)
    person = Person(laboratory, folder, seed)
    reporter.reported.connect(lambda report: person.diary.write(f"fault {report.sentence}"))
    laboratory.storage.failed.connect(lambda sentence: person.diary.write(f"fault {sentence}"))
    laboratory.autosaver.failed.connect(lambda sentence: person.diary.write(f"fault {sentence}"))
    storage.save_project = person.diary.around("saving", storage.save_project)
    autosave.save_project = person.diary.around("autosaving", autosave.save_project)
    laboratory.start(str(folder / "work.synapscope"))
    person.begin()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
