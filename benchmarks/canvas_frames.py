"""What the window's thread does per frame while the network trains and while a hand moves the picture.

A frame lasts from one tick to the next: of the window's clock while it trains, of the hand (16 ms) otherwise.
Its *busy* time is the processor time that the window's thread used in it, for whatever: painting, charts, the
trace of the example. Its *wall* time runs from the tick to the end of painting; other programs lengthen it.
Frames in which the canvas was painted count, and those that kept the thread busy for more than 16 ms without
painting anything: nothing slow can hide.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractEventDispatcher, QEvent, QEventLoop, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from engine.design import Project, chain
from engine.edits.architectures import lenet
from engine.examples import example_project
from gui.app import Laboratory, application
from gui.canvas.view import CanvasView
from gui.widgets.pace import ONE_A_FRAME

WINDOW = 1280, 800
SLOT = 0.016  # seconds: what does not paint for longer has cost a frame
REST = 20  # ticks of the hand, in which the picture comes to rest
_SIZES = {"784-16-16-10": (16, 16), "784-512-512-10": (512, 512), "784-1000-200-10": (1000, 200)}


def projects() -> dict[str, Project]:
    """The networks by name."""
    digits, relu = example_project("mnist-16-16"), {"activation": "relu"}
    found = {"2-4-2-1": example_project("circle")}
    for name, hidden in _SIZES.items():
        design = chain((784,), *((units, relu) for units in hidden), (10, {"activation": "identity"}))
        found[name] = replace(digits, design=design)
    found["LeNet-like"] = replace(digits, design=lenet((784,), 10))
    return found


class Meter(QObject):
    """Measures frames: from one tick of a timer to the next.

    Attributes:
        busy, wall: seconds of every frame that counts.
    """

    def __init__(self, watched: QObject) -> None:
        super().__init__()
        self.busy: list[float] = []
        self.wall: list[float] = []
        self._watched, self._timer = watched, QObject()
        self._cpu = self._begun = self._painted = 0.0
        self._dirty = False
        watched.installEventFilter(self)
        QAbstractEventDispatcher.instance().aboutToBlock.connect(self._on_rest)

    def follow(self, timer: QObject) -> None:
        """Begin anew; a tick of this timer begins a frame."""
        self._timer.removeEventFilter(self)
        self._timer = timer
        timer.installEventFilter(self)
        self._start()
        self.busy.clear()
        self.wall.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's name
        if event.type() == QEvent.Type.Paint and watched is self._watched:
            self._dirty = True
        elif event.type() == QEvent.Type.Timer and watched is self._timer:
            self._finish()
            self._start()
        return False

    def _start(self) -> None:
        self._cpu, self._begun = time.thread_time(), time.perf_counter()
        self._painted, self._dirty = 0.0, False

    def _on_rest(self) -> None:
        if self._dirty and not self._painted:
            self._painted = time.perf_counter()

    def _finish(self) -> None:
        busy = time.thread_time() - self._cpu
        if self._dirty or busy > SLOT:
            self.busy.append(busy)
            self.wall.append((self._painted or time.perf_counter()) - self._begun)


class Hand(QObject):
    """Moves the mouse over the canvas, as the window system would tell it."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__()
        self._view = view
        self._at = QPointF()
        self._buttons = Qt.MouseButton.NoButton
        self.timer = QTimer(self, interval=16)
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.timer.timeout.connect(self._on_tick)
        self._moves: Iterator[Callable[[], None] | None] = iter(())

    def begin(self, moves: list[Callable[[], None] | None]) -> None:
        """Do one of these each tick, again and again; None: rest."""
        self._moves = cycle(moves)
        self.timer.start()

    def _on_tick(self) -> None:
        move = next(self._moves)
        if move is not None:
            move()

    def press(self, at: QPointF, button: Qt.MouseButton) -> None:
        """Press a button at a point of the viewport."""
        self._at, self._buttons = at, button
        self._send(QEvent.Type.MouseMove, Qt.MouseButton.NoButton, Qt.MouseButton.NoButton)
        self._send(QEvent.Type.MouseButtonPress, button, button)

    def to(self, at: QPointF) -> None:
        """Move to a point of the viewport."""
        self._at = at
        self._send(QEvent.Type.MouseMove, Qt.MouseButton.NoButton, self._buttons)

    def release(self) -> None:
        """Let go."""
        button, self._buttons = self._buttons, Qt.MouseButton.NoButton
        self._send(QEvent.Type.MouseButtonRelease, button, Qt.MouseButton.NoButton)

    def turn(self, at: QPointF, angle: int) -> None:
        """Turn the wheel."""
        place = self._view.viewport().mapToGlobal(at)
        none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False
        QApplication.sendEvent(
            self._view.viewport(), QWheelEvent(at, place, QPoint(), QPoint(0, angle), *none)
        )

    def _send(self, kind: QEvent.Type, button: Qt.MouseButton, buttons: Qt.MouseButton) -> None:
        place = self._view.viewport().mapToGlobal(self._at)
        event = QMouseEvent(kind, self._at, place, button, buttons, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(self._view.viewport(), event)


class Frames:
    """Measures one window, network after network."""

    def __init__(self, seconds: float) -> None:
        application()
        self._seconds = seconds
        self._laboratory = Laboratory()
        self._window = self._laboratory.window
        self._window.resize(*WINDOW)
        self._window.show()
        self._view: CanvasView = self._window.canvas
        self._hand = Hand(self._view)
        self._meter = Meter(self._view.viewport())

    def open(self, project: Project) -> None:
        """Open a project and wait until the picture stands."""
        laboratory = self._laboratory
        old = laboratory.controller.run
        laboratory.storage.begin(project)
        self._view.set_waves(True)
        ready = lambda: laboratory.controller.run != old and self._view.frame is not None  # noqa: E731
        if not wait(60, ready) or not self._settle():
            raise TimeoutError("the canvas was not ready after a minute")
        self._view.waves.stop()

    def measure(self) -> dict[str, dict[str, float]]:
        """Every motion: frames a second and milliseconds a frame."""
        found = {}
        training = self._laboratory.training
        for name, pace in (("training", ONE_A_FRAME), ("full speed", float("inf"))):
            training.set_pace(pace)
            training.toggle()
            wait(0.5)
            found[name] = self._watch(self._laboratory.clock.findChild(QTimer))
            training.toggle()
            self._rest()
        for name, moves in (("panning", self._pan), ("zooming", self._zoom), ("dragging", self._drag)):
            self._hand.begin(moves())
            found[name] = self._watch(self._hand.timer)
            self._hand.timer.stop()
            self._hand.release()
            self._rest()
            self._view.fit()
            self._rest()
        return found

    def close(self) -> None:
        """End everything."""
        self._laboratory.end()

    def _watch(self, timer: QTimer) -> dict[str, float]:
        self._meter.follow(timer)
        begun = time.perf_counter()
        wait(self._seconds)
        elapsed = time.perf_counter() - begun
        busy, wall = np.array(self._meter.busy) * 1000, np.array(self._meter.wall) * 1000
        if not busy.size:
            raise RuntimeError("nothing was painted")
        return {
            "per_second": busy.size / elapsed,
            "busy_median": float(np.median(busy)),
            "busy_p99": float(np.percentile(busy, 99)),
            "wall_median": float(np.median(wall)),
            "wall_p99": float(np.percentile(wall, 99)),
        }

    def _settle(self) -> bool:
        return wait(60, lambda: self._view.is_settled)

    def _rest(self) -> None:
        wait(0.3)
        self._settle()

    # -- motions: what the hand does, tick by tick

    def _pan(self) -> list[Any]:
        """Back and forth with the middle button, with rests in which new parts are worked out."""
        middle = QPointF(self._view.viewport().rect().center())
        self._hand.press(middle, Qt.MouseButton.MiddleButton)
        there = [middle + QPointF(8 * k, 3 * k) for k in range(1, 41)]
        path = [*there, *reversed(there)]
        return [*_resting(path[:40], self._hand.to), *_resting(path[40:], self._hand.to)]

    def _zoom(self) -> list[Any]:
        """With the wheel, over a neuron of the first layer: from far to nearest and back, with rests."""
        key = self._view.document.project.design.layers[1].id
        box = self._view.canvas.layers[key].box
        at = QPointF(self._view.mapFromScene(QPointF(*box.centers[len(box.centers) // 2])))
        nearer, further = [(at, 60)] * 12, [(at, -60)] * 12
        out, there, back = _resting(further, self._turn), [], []
        for _ in range(4):
            there += _resting(nearer, self._turn)
            back += _resting(further, self._turn)
        return [*out, *_resting(nearer, self._turn), *there, *back]

    def _turn(self, how: tuple[QPointF, int]) -> None:
        self._hand.turn(*how)

    def _drag(self) -> list[Any]:
        """The first hidden layer in circles by its title, with rests."""
        key = self._view.document.project.design.layers[1].id
        grip = self._view.canvas.headers[key].title_rect().center()
        at = QPointF(self._view.mapFromScene(grip))
        self._hand.press(at, Qt.MouseButton.LeftButton)
        angles = np.linspace(0, 2 * np.pi, 60)
        return _resting([at + QPointF(60 * np.sin(a), 30 - 30 * np.cos(a)) for a in angles], self._hand.to)


def _resting(path: list[Any], move: Callable[[Any], None]) -> list[Callable[[], None] | None]:
    return [*(lambda p=p: move(p) for p in path), *[None] * REST]


def wait(seconds: float, until: Callable[[], bool] | None = None) -> bool:
    """Let the event loop run for so long, or until something is true; whether it is."""
    end = time.perf_counter() + seconds
    while (left := end - time.perf_counter()) > 0 and not (until is not None and until()):
        loop = QEventLoop()
        QTimer.singleShot(20 if until is not None else int(1000 * left) + 1, loop.quit)
        loop.exec()
    return until is None or until()


def measure(names: list[str], seconds: float) -> dict[str, Any]:
    """All networks named, at the scale that QT_SCALE_FACTOR says."""
    frames, known = Frames(seconds), projects()
    found: dict[str, Any] = {}
    for name in names:
        frames.open(known[name])
        found[name] = frames.measure()
        print(f"  {name} measured", file=sys.stderr, flush=True)
    frames.close()
    return found
