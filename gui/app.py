"""The application: builds the parts, shows the window at once, opens what was asked for, and ends cleanly."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from engine.examples import DEFAULT_EXAMPLE, EXAMPLES, example_project
from engine.interrupts import Interrupts
from engine.registry import UnknownNameError
from gui.document.document import Document
from gui.errors import ErrorReporter
from gui.files.autosaver import Autosaver
from gui.files.storage import Storage
from gui.garbage import collected_by_the_event_loop
from gui.main_window import MainWindow
from gui.parts import Parts
from gui.session.controller import SessionController
from gui.session.example import ShownExample
from gui.session.frame_clock import FrameClock
from gui.session.training import Training
from gui.settings import SettingsStore
from gui.widgets.icons import app_icon

NAME = "Synapscope"
INTERRUPTED = 130
"""The exit status of a program that Ctrl-C has ended."""
LAST_WRITE_MS = 600
MOST_PACE = 1e9
"""A remembered pace beyond this is none: whole numbers in a file may be larger than any float."""
SIGNALS_EVERY_MS = 200
"""Qt's event loop runs no Python by itself, so that Ctrl-C would wait for the next event."""


def run(path: str | None = None, example: str | None = None, interrupts: Interrupts | None = None) -> int:
    """Open the window with a file or an example, and return the exit status when it is closed.

    A Ctrl-C that `interrupts` has noted meanwhile ends the program as soon as there is an event loop.
    """
    app = application()
    reporter = ErrorReporter()
    reporter.install()
    try:
        laboratory = Laboratory(reporter, example=(example or DEFAULT_EXAMPLE) if path is None else None)
        laboratory.interrupted.connect(lambda: app.exit(INTERRUPTED))
        laboratory.start(path, example)
        with interruptible(laboratory), collected_by_the_event_loop():
            if interrupts is not None and interrupts.pressed:
                laboratory.interrupt()
            status = app.exec()
        if status != INTERRUPTED:
            laboratory.end()
        return status
    finally:
        reporter.uninstall()


def application() -> QApplication:
    """The Qt application, made once."""
    # Threads with which Qt fills larger pictures: too short a help, and the training pays for it.
    os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName(NAME.lower())
    app.setApplicationDisplayName(NAME)
    app.setDesktopFileName(NAME.lower())
    app.setWindowIcon(app_icon())
    app.setQuitOnLastWindowClosed(False)
    return app


class Laboratory(QObject):
    """All parts of the running program, built in the order in which they need each other.

    An `example` given here is opened before the window is built, which takes as long as loading its data.

    Signals:
        interrupted(): Ctrl-C has ended it; everything is stopped.
    """

    interrupted = Signal()

    def __init__(
        self,
        reporter: ErrorReporter | None = None,
        settings: SettingsStore | None = None,
        example: str | None = None,
    ) -> None:
        super().__init__()
        self._interrupted = False
        self.reporter = reporter
        self.settings = settings or SettingsStore(parent=self)
        self.document = Document(example_project(DEFAULT_EXAMPLE), self)
        self.controller = SessionController(self.document, self)
        self.example = ShownExample(self)
        self.clock = FrameClock(self.controller, self.example, self)
        self.storage = Storage(self.document, self.controller, self.clock, self.example, self)
        self.autosaver = Autosaver(self.storage, self)
        self.training = Training(self.document, self.controller, self)
        self._begun = example if example in EXAMPLES else None
        if self._begun is not None:
            self.storage.begin(example_project(self._begun))
        self.window = MainWindow(
            Parts(
                self.settings,
                self.document,
                self.controller,
                self.example,
                self.clock,
                self.storage,
                self.autosaver,
                self.training,
            )
        )
        self.storage.view = self._view
        self.storage.restore = self._restore
        self.window.closed.connect(QApplication.quit)
        if reporter is not None:
            self.controller.failed.connect(reporter.report)
        if self.settings.problem:
            self.window.toasts.say(self.settings.problem, kind="warning")

    def start(self, path: str | None = None, example: str | None = None) -> None:
        """Show the window, open what was asked for, and look for what a crash has left."""
        name = example or DEFAULT_EXAMPLE
        try:
            project = example_project(name)
        except UnknownNameError as error:
            self.storage.failed.emit(f"{str(error)[0].upper()}{str(error)[1:]}.")
            project = EXAMPLES[DEFAULT_EXAMPLE].project()
        self.window.show()
        self.window.canvas.setFocus()
        if path is None:
            if name != self._begun:
                self.storage.begin(project)
        else:
            self.storage.open_file(Path(path), lambda well: None if well else self.storage.begin(project))
        self.autosaver.look_for_abandoned()

    def end(self, *, keep_autosave: bool = False) -> None:
        """Stop everything, in whatever state it is; the autosave goes unless it is to be kept."""
        self.window.hide()
        self.clock.set_hidden(True)
        if keep_autosave:
            self.autosaver.stop()
        self.storage.close()
        if not keep_autosave:
            self.autosaver.close()
        self.window.respite.end()
        self.controller.shut_down()
        self.window.canvas.close()
        self.document.undo_stack.blockSignals(True)  # taken apart, it would still tell the window
        self.settings.save()

    def interrupt(self) -> None:
        """Ctrl-C: end at once; unsaved work stays in the autosave and is offered at the next start."""
        if self._interrupted:
            return
        self._interrupted = True
        self.controller.pause()
        self.autosaver.hurry()
        QTimer.singleShot(LAST_WRITE_MS if self.document.modified else 0, self._end_interrupted)

    def _end_interrupted(self) -> None:
        self.end(keep_autosave=self.document.modified)
        self.interrupted.emit()

    def _view(self) -> dict[str, object]:
        pace = self.training.pace
        return {
            "pace": None if pace == float("inf") else pace,
            "camera": self.window.canvas.camera.state(),
            "selection": self.document.selection.state(),
            **self.window.options.state(),
        }

    def _restore(self, view: dict[str, object]) -> None:
        if "pace" in view:
            pace = view["pace"]
            if pace is None or (isinstance(pace, int | float) and 0 < pace < MOST_PACE):
                self.training.set_pace(float("inf") if pace is None else float(pace))
        self.window.options.restore(view)
        self.document.selection.restore(view.get("selection"), self.document.project.design)
        self.window.canvas.camera.restore(view.get("camera"))


@contextlib.contextmanager
def interruptible(laboratory: Laboratory) -> Iterator[None]:
    """Let Ctrl-C end the program cleanly while its event loop runs."""
    timer = QTimer(interval=SIGNALS_EVERY_MS)
    timer.timeout.connect(lambda: None)
    timer.start()
    before = signal.signal(signal.SIGINT, lambda _number, _frame: laboratory.interrupt())
    try:
        yield
    finally:
        timer.stop()
        signal.signal(signal.SIGINT, before)
