"""How much processor time the window's thread takes per frame while the canvas trains, pans, zooms and drags.

Run with a display (or `xvfb-run -a`): python -m benchmarks.canvas [--seconds 4] [--json]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, QPoint, QPointF, QTimer
from PySide6.QtWidgets import QApplication

from engine.design import Project, chain
from engine.edits.architectures import lenet
from engine.edits.arrangement import move
from engine.edits.outcome import Edit
from engine.examples import example_project
from gui.canvas.view import CanvasView
from gui.document.document import Document
from gui.session.controller import SessionController
from gui.session.example import ShownExample
from gui.session.frame_clock import FrameClock
from gui.theme import manager

SIZE = 956, 680  # of the canvas in a window of 1280 × 800


def projects() -> dict[str, Project]:
    digits = example_project("mnist-16-16")
    relu = {"activation": "relu"}
    wide = chain((784,), (512, relu), (512, relu), (10, {"activation": "identity"}))
    return {
        "2-4-2-1": example_project("circle"),
        "784-16-16-10": digits,
        "784-512-512-10": replace(digits, design=wide),
        "lenet": replace(digits, design=lenet((784,), 10)),
    }


class Meter(QObject):
    """Notes the processor time that the window's thread uses from one painting of the canvas to the next."""

    def __init__(self, watched: QObject) -> None:
        super().__init__()
        self.frames: list[float] = []
        self._used = time.thread_time()
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's name
        if event.type() == QEvent.Type.Paint:
            used = time.thread_time()
            self.frames.append(used - self._used)
            self._used = used
        return False


def wait(seconds: float, until: Callable[[], bool] | None = None) -> bool:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end and not (until is not None and until()):
        loop = QEventLoop()
        QTimer.singleShot(20 if until is not None else int(1000 * seconds), loop.quit)
        loop.exec()
    return until is None or until()


def measure(project: Project, seconds: float) -> dict[str, dict[str, float]]:
    document = Document(project)
    controller = SessionController(document)
    example = ShownExample()
    clock = FrameClock(controller, example)
    view = CanvasView(document, controller, clock, example, manager())
    view.resize(*SIZE)
    view.show()
    controller.open(project)
    if not wait(60, lambda: view.frame is not None and view.is_settled):
        sys.exit("the canvas was not ready after a minute")
    meter = Meter(view.viewport())
    mover = QTimer(interval=16)
    angle = [0.0]

    def pan() -> None:
        angle[0] += 0.1
        view.camera.pan(QPoint(round(6 * np.cos(angle[0])), round(6 * np.sin(angle[0]))))

    def zoom() -> None:
        angle[0] += 0.05
        view.camera.zoom_by(1.03 if np.sin(angle[0]) > 0 else 1 / 1.03, QPointF(400, 300))

    def drag() -> None:
        angle[0] += 0.1
        name = project.design.layers[1].id
        x, y = home[name]
        outcome = move(document.project, {name: (x + 60 * np.sin(angle[0]), y)})
        if isinstance(outcome, Edit):
            document.edit(outcome.text, outcome.project, "benchmark")

    home = view.places()
    found = {}
    view.set_waves(True)
    controller.set_pace(float("inf"))
    for name, motion in (("training", None), ("panning", pan), ("zooming", zoom), ("dragging", drag)):
        controller.play() if motion is None else controller.pause()
        if motion is not None:
            view.moving = motion is drag
            mover.timeout.connect(motion)
            mover.start()
        meter.frames.clear()
        steps, begun = view.frame.snapshot.step, time.perf_counter()
        wait(seconds)
        elapsed = time.perf_counter() - begun
        mover.stop()
        if motion is not None:
            view.moving = motion is drag
            mover.timeout.disconnect(motion)
        busy = np.array(meter.frames) * 1000
        found[name] = {
            "frames_per_second": round(len(busy) / elapsed, 1),
            "cpu_ms_median": round(float(np.median(busy)), 2) if busy.size else 0.0,
            "cpu_ms_p99": round(float(np.percentile(busy, 99)), 2) if busy.size else 0.0,
            "steps_per_second": round((view.frame.snapshot.step - steps) / elapsed),
        }
    view.close()
    controller.shut_down()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0, help="for each measurement")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    sys.setswitchinterval(0.0002)
    app = QApplication.instance() or QApplication([])
    manager().choose("light")
    results = {name: measure(project, options.seconds) for name, project in projects().items()}
    if options.json:
        print(json.dumps(results))
    else:
        for name, found in results.items():
            for what, numbers in found.items():
                print(f"{name:16}{what:10}", "  ".join(f"{key} {value}" for key, value in numbers.items()))
    del app
    return 0


if __name__ == "__main__":
    sys.exit(main())
