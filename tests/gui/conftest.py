"""The whole window for tests: a laboratory on a small example, with a way to wait for what threads do."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.training.checkpoint import Checkpoint
from gui.app import Laboratory
from gui.main_window import MainWindow

PATIENCE_MS = 20_000


@pytest.fixture(autouse=True)
def garbage_between_tests() -> Iterator[None]:
    """Collect what a test leaves behind when it is over, and nothing before.

    Python may collect in the middle of a call of Qt (asking for an override is enough), or in a worker's
    thread. Is a widget of an earlier test among the garbage, Qt waits for a lock that it holds, or crashes.
    """
    gc.disable()
    yield
    gc.collect(1)  # all that the test has made is young still; the rest need not be looked through
    gc.enable()


@dataclass
class Bench:
    """A running laboratory, and hands for it."""

    lab: Laboratory
    qtbot: QtBot

    @property
    def window(self) -> MainWindow:
        return self.lab.window

    def wait(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    def key(self, key: Qt.Key | str, widget: QWidget | None = None, *modifiers: Qt.KeyboardModifier) -> None:
        together = Qt.KeyboardModifier.NoModifier
        for modifier in modifiers:
            together |= modifier
        QTest.keyClick(widget or QApplication.focusWidget() or self.window, key, together)

    def click(self, widget: QWidget) -> None:
        QApplication.processEvents()  # what has just appeared gets its place
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)

    def frame_at(self, step: int) -> None:
        self.wait(lambda: self.step >= step)

    @property
    def step(self) -> int:
        frame = self.lab.clock.frame
        return -1 if frame is None else frame.snapshot.step

    def settled(self) -> None:
        """Wait until the worker has taken over the document."""
        self.wait(lambda: self.lab.controller.project == self.lab.document.project)

    def checkpoint(self) -> Checkpoint:
        taken: list[Checkpoint | None] = []
        self.lab.controller.take_checkpoint(taken.append)
        self.wait(lambda: bool(taken))
        assert taken[0] is not None
        return taken[0]

    def dialog(self) -> QWidget:
        """The dialog that is open now."""
        self.wait(lambda: QApplication.activeModalWidget() is not None)
        found = QApplication.activeModalWidget()
        assert found is not None
        return found


@pytest.fixture
def new_bench(qtbot: QtBot) -> Iterator[Callable[..., Bench]]:
    """Start laboratories; all are ended with the test."""
    open_now: list[Laboratory] = []

    def start(example: str = "circle", path: str | None = None, ready: bool = True) -> Bench:
        lab = Laboratory()
        open_now.append(lab)
        lab.start(path, example)
        lab.window.setWindowState(Qt.WindowState.WindowNoState)  # the offscreen screen is small
        lab.window.resize(1280, 800)
        lab.window.activateWindow()
        bench = Bench(lab, qtbot)
        if ready:
            bench.wait(lambda: lab.clock.frame is not None)
            bench.wait(lab.window.isActiveWindow)
        return bench

    yield start
    for lab in open_now:
        lab.end()
        lab.window.deleteLater()
        lab.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def bench(new_bench: Callable[..., Bench]) -> Bench:
    return new_bench()
