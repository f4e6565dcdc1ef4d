"""Uncaught exceptions, from any thread and from inside Qt: one calm dialog, never two, never a crash."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt, QTimer, qWarning
from PySide6.QtGui import QGuiApplication, QPaintEvent
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gui.errors import ErrorReporter, Report, report_of


@pytest.fixture
def reporter(qapp: QApplication) -> Iterator[ErrorReporter]:
    reporter = ErrorReporter()
    reporter.install()
    yield reporter
    if reporter.dialog is not None:
        reporter.dialog.close()
    reporter.uninstall()


def _fail(text: str = "the cat sat on it") -> None:
    raise RuntimeError(text)


def test_an_exception_in_a_slot_is_shown_with_its_sentence(qtbot: QtBot, reporter: ErrorReporter) -> None:
    button = QPushButton("break")
    qtbot.addWidget(button)
    button.show()
    button.clicked.connect(lambda: _fail())
    with qtbot.waitSignal(reporter.reported):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    dialog = reporter.dialog
    assert dialog is not None
    qtbot.waitUntil(dialog.isVisible)
    assert "the cat sat on it (RuntimeError)" in dialog._sentence.text()
    assert not dialog.details.isVisible()
    qtbot.mouseClick(dialog.fold, Qt.MouseButton.LeftButton)
    assert dialog.details.isVisible()
    assert "_fail" in dialog.details.toPlainText()
    qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    assert "Traceback" in QGuiApplication.clipboard().text()
    qtbot.mouseClick(dialog.close_button, Qt.MouseButton.LeftButton)
    assert reporter.dialog is None


def test_an_exception_in_a_thread_is_shown_in_the_gui_thread(qtbot: QtBot, reporter: ErrorReporter) -> None:
    seen: list[tuple[str, Report]] = []
    reporter.reported.connect(lambda report: seen.append((threading.current_thread().name, report)))
    thread = threading.Thread(target=_fail, name="worker")
    with qtbot.waitSignal(reporter.reported):
        thread.start()
    thread.join()
    assert seen[0][0] == threading.main_thread().name
    assert "Thread worker" in seen[0][1].details
    assert reporter.dialog is not None


class Broken(QWidget):
    """Fails whenever it paints."""

    painted = 0

    def paintEvent(self, event: QPaintEvent) -> None:
        self.painted += 1
        _fail("cannot paint")


def test_a_widget_that_fails_at_every_frame_asks_only_once(qtbot: QtBot, reporter: ErrorReporter) -> None:
    reports: list[Report] = []
    reporter.reported.connect(reports.append)
    widget = Broken()
    qtbot.addWidget(widget)
    with qtbot.waitSignal(reporter.reported):
        widget.show()
    first = reporter.dialog
    for count in range(2, 5):
        widget.update()
        qtbot.waitUntil(lambda count=count: len(reports) >= count)
    assert reporter.dialog is first
    assert first is not None
    first.accept()
    seen = len(reports)
    widget.update()
    qtbot.waitUntil(lambda: len(reports) > seen)
    assert reporter.dialog is None, "the same failure does not ask again"
    widget.hide()


def test_several_failures_share_one_dialog(qtbot: QtBot, reporter: ErrorReporter) -> None:
    def fail_differently() -> None:
        raise ValueError("another thing")

    QTimer.singleShot(0, _fail)
    QTimer.singleShot(0, fail_differently)
    qtbot.waitUntil(lambda: reporter.dialog is not None and "another thing" in reporter.dialog.text())
    assert reporter.dialog is not None
    assert reporter.dialog._title.text().startswith("2 things went wrong")


def test_a_failure_while_showing_a_failure_ends_there(
    qtbot: QtBot, reporter: ErrorReporter, caplog: pytest.LogCaptureFixture
) -> None:
    reporter.reported.connect(lambda report: _fail("while reporting"))
    with qtbot.waitSignal(reporter.reported):
        QTimer.singleShot(0, _fail)
    qtbot.waitUntil(lambda: reporter.dialog is not None)
    assert "the cat sat on it" in caplog.text


def test_even_an_exception_that_cannot_be_printed_is_reported() -> None:
    class MuteError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no words")

    assert report_of(MuteError(), None).sentence == "MuteError"


def test_an_endless_traceback_is_cut() -> None:
    def deeper(level: int) -> None:
        if level:
            deeper(level - 1)
        raise RuntimeError("x" * 100_000)

    try:
        deeper(5)
    except RuntimeError as error:
        report = report_of(error, error.__traceback__)
    assert len(report.details) < 25_000
    assert len(report.sentence) < 400


def test_the_hooks_are_given_back(qapp: QApplication) -> None:
    before = (sys.excepthook, threading.excepthook)
    reporter = ErrorReporter()
    reporter.install()
    reporter.install()
    assert sys.excepthook != before[0]
    reporter.uninstall()
    assert (sys.excepthook, threading.excepthook) == before


def test_messages_of_qt_go_to_the_log(reporter: ErrorReporter, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "synapscope.qt"):
        qWarning("from Qt")
    assert "from Qt" in caplog.text
