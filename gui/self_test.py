"""The self-test: drives the real window through play, edit, undo, save and reload, beside the engine.

Every check that fails is named; times and reference counts are reported, not judged (but for references that
leak away, frame after frame: that ends in an abort).
"""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import PySide6
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from engine.edits.settings import set_training_field
from engine.examples import DEFAULT_EXAMPLE
from engine.files import load_project
from engine.training.checkpoint import Checkpoint
from engine.version import version
from gui.app import Laboratory, application
from gui.errors import ErrorReporter, Report
from gui.findings import Result, StallWatch
from gui.settings import HOME_VARIABLE

WARM_UP_FRAMES = 30
TOLERANCE = 3
"""How far a part of a color (of 255) may be from the engine's: the painter rounds."""
PATIENCE_SECONDS = 60.0
LOST_PER_FRAME = 0.5
"""Losing more references to None than this per frame would abort the program in time."""
LOST_ANYWAY = 100
"""So many come and go by what happens to be open at the moment."""


def run(
    frames: int, screenshot: str | None = None, as_json: bool = False, *, started: float | None = None
) -> int:
    """Test the real window over `frames` live frames; 0 if everything but times holds.

    `started` is when the program did (seconds of `time.perf_counter`; default: now).
    """
    started = time.perf_counter() if started is None else started
    before = os.environ.get(HOME_VARIABLE)
    with tempfile.TemporaryDirectory(prefix="synapscope-self-test-", ignore_cleanup_errors=True) as folder:
        os.environ[HOME_VARIABLE] = folder
        try:
            result = SelfTest(Path(folder), frames, screenshot, started).run()
        finally:
            if before is None:
                del os.environ[HOME_VARIABLE]
            else:
                os.environ[HOME_VARIABLE] = before
    print(json.dumps(result.as_dict(), ensure_ascii=False) if as_json else result.as_text())
    return 0 if result.ok else 1


class SelfTest:
    """One run of the test."""

    def __init__(self, folder: Path, frames: int, screenshot: str | None, started: float) -> None:
        self.started = started
        self.folder = folder
        self.frames = max(frames, 1)
        self.screenshot = screenshot
        self.result = Result()
        self.reports: list[Report] = []
        self.app = application()
        self.reporter = ErrorReporter()
        self.reporter.reported.connect(self.reports.append)
        self.stalls = StallWatch()

    def run(self) -> Result:
        """Do everything, one step after another; one that fails does not keep the others from being done."""
        self.reporter.install()
        self.lab = Laboratory(self.reporter, example=DEFAULT_EXAMPLE)
        self.lab.window.resize(1280, 800)
        self.lab.start()
        self._describe()
        steps: tuple[tuple[str, Callable[[], str]], ...] = (
            ("opens the default example", self._open),
            ("plays live frames", self._play),
            ("edits and undoes without losing a weight", self._edit_and_undo),
            ("saves and reloads every weight", self._save_and_reload),
            ("shows the engine's numbers, pixel by pixel", self._compare_pixels),
            ("writes the screenshot", self._take_screenshot),
            ("keeps references to None and True", self._count_references),
            ("ends cleanly", self._end),
            ("raises nothing", lambda: self.reports[0].details if self.reports else ""),
        )
        for name, step in steps:
            self._check(name, step)
            if name.startswith("opens"):
                self.result.numbers["start_up_seconds"] = round(time.perf_counter() - self.started, 3)
        self.reporter.uninstall()
        return self.result

    def _check(self, name: str, step: Callable[[], str]) -> None:
        try:
            self.result.checks[name] = step()
        except Exception as error:  # whatever it is, it is a finding
            self.result.checks[name] = f"{type(error).__name__}: {error}"

    def _describe(self) -> None:
        self.result.numbers |= {
            "version": version(),
            "python": platform.python_version(),
            "pyside": PySide6.__version__,
            "platform": QApplication.platformName(),
        }

    # -- the steps: each returns "" or what is wrong

    def _open(self) -> str:
        self._await(lambda: self.lab.clock.frame is not None, "the first frame")
        self._await(lambda: self.lab.window.canvas.is_settled, "the picture")
        return ""

    def _play(self) -> str:
        lab, count = self.lab, 0
        self._await(lambda: lab.window.inspector.learning.charts.is_filled, "the charts")

        def note(_frame: object) -> None:
            nonlocal count
            count += 1

        lab.clock.frame_ready.connect(note)
        lab.training.toggle()
        self._await(lambda: count >= WARM_UP_FRAMES, "warming up")
        self._references = sys.getrefcount(None), sys.getrefcount(True)
        self.stalls.start()
        start, first = time.perf_counter(), count
        patience = PATIENCE_SECONDS + self.frames / 5
        self._await(lambda: count - first >= self.frames, "live frames", patience)
        seconds = time.perf_counter() - start
        self.stalls.stop()
        self._after = sys.getrefcount(None), sys.getrefcount(True)
        lab.training.toggle()
        lab.clock.frame_ready.disconnect(note)
        frame = lab.clock.frame
        assert frame is not None
        measure = frame.snapshot.evaluations.get("test")
        self.result.numbers |= {
            "frames": count - first,
            "frames_per_second": round((count - first) / seconds, 1),
            "worst_stall_ms": round(1000 * self.stalls.worst, 1),
            "steps": frame.snapshot.step,
            "test_accuracy": None if measure is None else round(measure.score, 4),
        }
        return "" if frame.snapshot.step else "it drew frames, but trained no step"

    def _edit_and_undo(self) -> str:
        lab = self.lab
        before, project = self._checkpoint(), lab.document.project
        lab.window.editing.add_layer()
        self._await(lambda: lab.controller.project == lab.document.project, "the added layer")
        if len(self._checkpoint().parameters) <= len(before.parameters):
            return "the added layer has no parameters"
        rate = lab.document.project.training.optimizer.learning_rate
        lab.document.apply(set_training_field(lab.document.project, "learning_rate", rate / 2, "optimizer"))
        slower = lab.document.project
        self._await(lambda: lab.controller.project == slower, "the learning rate")
        if self._checkpoint().rate != np.float32(rate / 2):
            return "the learning rate is not in use"
        lab.document.undo_stack.undo()
        lab.document.undo_stack.undo()
        self._await(lambda: lab.controller.project == lab.document.project, "the undone edits")
        if lab.document.project != project:
            return "the project is not as before"
        return difference(before, self._checkpoint())

    def _save_and_reload(self) -> str:
        lab, path = self.lab, self.folder / "self test.synapscope"
        before, project = self._checkpoint(), lab.document.project
        done: list[bool] = []
        lab.storage.save_as(path, done.append)
        self._await(lambda: bool(done), "saving")
        loaded = load_project(path)
        if loaded.project != project or loaded.checkpoint is None:
            return "the file holds another project"
        if wrong := difference(before, loaded.checkpoint):
            return f"in the file {wrong}"
        opened: list[bool] = []
        lab.controller.opened.connect(lambda: opened.append(True))
        lab.storage.open_file(path)
        self._await(lambda: bool(opened), "reopening")
        if lab.document.project != project:
            return "another project was opened"
        return difference(before, self._checkpoint())

    def _compare_pixels(self) -> str:
        lab, canvas = self.lab, self.lab.window.canvas
        lab.document.selection.clear()
        canvas.fit()
        run_number = lab.controller.run
        self._await(
            lambda: canvas.frame is not None and canvas.frame.snapshot.run == run_number, "the picture"
        )
        self._settle(0.6)
        self._await(lambda: canvas.is_settled and bool(canvas.pixel_probes()), "the picture at rest")
        image = canvas.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        probes = canvas.pixel_probes()
        wrong = [probe for probe in probes if not _matches(image, probe.x, probe.y, probe.expected_rgb)]
        self.result.numbers |= {"pixels_compared": len(probes), "pixels_wrong": len(wrong)}
        if wrong:
            found = image.pixelColor(wrong[0].x, wrong[0].y).name()
            return f"{wrong[0].what} is {found} instead of {wrong[0].expected_rgb}"
        return "" if probes else "there is nothing to compare"

    def _take_screenshot(self) -> str:
        if self.screenshot is None:
            return ""
        saved = self.lab.window.grab().save(self.screenshot)
        return "" if saved else f"{self.screenshot} cannot be written"

    def _count_references(self) -> str:
        (none, true), (none_after, true_after) = self._references, self._after
        self.result.numbers |= {
            "references_to_none": [none, none_after],
            "references_to_true": [true, true_after],
        }
        most = max(LOST_PER_FRAME * self.frames, LOST_ANYWAY)
        lost = none - none_after > most or true - true_after > most
        return "they are lost, frame after frame" if lost else ""

    def _end(self) -> str:
        self.lab.end()
        self.app.processEvents()
        if self.lab.controller.worker.is_alive():
            return "the worker is still alive"
        left = [path.name for path in self.folder.rglob("*.autosave")]
        return f"an autosave is left: {left[0]}" if left else ""

    # -- waiting

    def _checkpoint(self) -> Checkpoint:
        taken: list[Checkpoint | None] = []
        self.lab.controller.take_checkpoint(taken.append)
        self._await(lambda: bool(taken), "a checkpoint")
        checkpoint = taken[0]
        if checkpoint is None:
            raise RuntimeError("there is no session")
        return checkpoint

    def _settle(self, seconds: float) -> None:
        end = time.perf_counter() + seconds
        self._await(lambda: time.perf_counter() >= end, "rest")

    def _await(self, condition: Callable[[], bool], what: str, patience: float = PATIENCE_SECONDS) -> None:
        """Run the event loop until something is so (TimeoutError)."""
        loop, end = QEventLoop(), time.perf_counter() + patience

        def look() -> None:
            if condition() or time.perf_counter() > end:
                loop.quit()

        timer = QTimer(interval=5)
        timer.timeout.connect(look)
        timer.start()
        if not condition():
            loop.exec()
        timer.stop()
        if not condition():
            raise TimeoutError(f"waited {patience:.0f} s for {what}")


def difference(first: Checkpoint, second: Checkpoint) -> str:
    """What differs between two states, "" if nothing does; parameters are compared bit by bit."""
    for name in ("step", "epoch", "position", "rate", "count"):
        if getattr(first, name) != getattr(second, name):
            return f"the {name} is {getattr(second, name)} instead of {getattr(first, name)}"
    if not np.array_equal(first.parameters, second.parameters, equal_nan=True):
        return "the weights differ"
    for name, vector in first.vectors.items():
        if name not in second.vectors or not np.array_equal(vector, second.vectors[name], equal_nan=True):
            return f"the optimizer's {name} differs"
    return ""


def _matches(image: QImage, x: int, y: int, expected: tuple[int, int, int]) -> bool:
    color = image.pixelColor(x, y)
    found = color.red(), color.green(), color.blue()
    return max(abs(a - b) for a, b in zip(found, expected, strict=True)) <= TOLERANCE
