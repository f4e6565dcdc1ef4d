"""A whole canvas on a real session: document, worker, clock, example and view, as in the window."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QImage

from engine.examples import example_project
from gui.canvas.view import CanvasView
from gui.document.document import Document
from gui.session.controller import SessionController
from gui.session.example import ShownExample
from gui.session.frame_clock import FrameClock
from gui.theme import manager


class Stage:
    """One canvas and all that it shows."""

    def __init__(self, qtbot, example: str, size: tuple[int, int]) -> None:
        self.qtbot = qtbot
        self.document = Document(example_project(example))
        self.controller = SessionController(self.document)
        self.example = ShownExample()
        self.clock = FrameClock(self.controller, self.example)
        manager().choose("light")
        self.view = CanvasView(self.document, self.controller, self.clock, self.example, manager())
        qtbot.addWidget(self.view)
        self.view.resize(*size)
        self.view.show()
        self.controller.open(self.document.project)
        self.wait(lambda: self.view.frame is not None)
        self.rest()

    def wait(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=30_000)

    def rest(self) -> None:
        """No wave, everything worked out and painted."""
        self.view.waves.stop()
        if not self.view.transition.running:
            self.view.maps.settle()  # it would wait for a hand to stop moving
        self.wait(lambda: self.view.is_settled)
        self.view.live.show_at_once()

    def train(self, steps: int) -> None:
        self.view.set_waves(False)
        self.controller.set_pace(float("inf"))
        self.controller.play()
        self.wait(lambda: self.view.frame.snapshot.step >= steps)
        self.controller.pause()
        self.wait(lambda: not self.view.frame.snapshot.playing)
        self.rest()

    def grab(self) -> QImage:
        self.rest()
        return self.view.viewport().grab().toImage()

    def point(self, x: float, y: float) -> QPoint:
        """Where a scene point is in the viewport."""
        return self.view.mapFromScene(QPointF(x, y))

    def unit(self, layer: str, unit: int) -> QPoint:
        box = self.view.canvas.layers[layer].box
        row = box.units.tolist().index(unit)
        return self.point(*box.centers[row])

    def close(self) -> None:
        self.clock.set_hidden(True)  # no timer may run on into the next test
        self.view.close()
        assert self.controller.shut_down()


@pytest.fixture
def stage(qtbot) -> Iterator[Callable[..., Stage]]:
    stages: list[Stage] = []

    def make(example: str = "circle", size: tuple[int, int] = (956, 680)) -> Stage:
        stages.append(Stage(qtbot, example, size))
        return stages[-1]

    yield make
    for made in stages:
        made.close()
    stages.clear()
    gc.collect()  # here, not in a worker's thread, where a timer must not die
