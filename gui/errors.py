"""What happens to an exception that nobody caught: it is logged, and one dialog says so, calmly and once.

Python calls `sys.excepthook` in the thread that raised (slots and paint events included) and
`threading.excepthook` in a thread of Python's own; both are posted to the GUI thread. Nothing here may raise
or recurse: if even the dialog fails, the error goes to the log alone.
"""

from __future__ import annotations

import contextlib
import logging
import platform
import sys
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import PySide6
from PySide6.QtCore import (
    QCoreApplication,
    QMessageLogContext,
    QObject,
    Qt,
    QtMsgType,
    Signal,
    Slot,
    qInstallMessageHandler,
)
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.widgets.naming import name_control

log = logging.getLogger("synapscope")
_qt_log = logging.getLogger("synapscope.qt")
_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
MOST_DETAILS = 20_000  # characters; a recursion's traceback can be endless


@dataclass(frozen=True, slots=True)
class Report:
    """One failure: a sentence for people, the details for a bug report, the place by which it is counted."""

    sentence: str
    details: str
    place: str


class ErrorReporter(QObject):
    """Catches what nobody caught, in any thread, and shows it. Install it once, early.

    Signals:
        reported(Report): something failed; emitted in the GUI thread, before the dialog.
    """

    reported = Signal(object)
    _caught = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.dialog: ErrorDialog | None = None
        self._seen: set[str] = set()
        self._busy = threading.local()
        self._before: tuple[Any, Any, Any] | None = None
        self._caught.connect(self._on_caught, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Take over the hooks of Python and the messages of Qt."""
        if self._before is None:
            handler = qInstallMessageHandler(_log_qt_message)
            self._before = (sys.excepthook, threading.excepthook, handler)
            sys.excepthook = self._on_exception
            threading.excepthook = self._on_thread_exception

    def uninstall(self) -> None:
        """Give the hooks back."""
        if self._before is not None:
            sys.excepthook, threading.excepthook, handler = self._before
            qInstallMessageHandler(handler)
            self._before = None

    def report(self, error: BaseException) -> None:
        """Show an exception that was caught but cannot be dealt with; from any thread."""
        self._on_exception(type(error), error, error.__traceback__)

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            self._on_exception(args.exc_type, args.exc_value, args.exc_traceback)

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            QCoreApplication.quit()
            return
        with self._once() as first:
            if first:
                log.error("Uncaught exception", exc_info=(kind, error, trace))
                self._caught.emit(report_of(error, trace))

    @contextlib.contextmanager
    def _once(self) -> Iterator[bool]:
        """Whether this is not already being done in this thread; whatever fails inside is only logged."""
        if getattr(self._busy, "now", False):
            yield False
            return
        self._busy.now = True
        try:
            yield True
        except Exception:
            with contextlib.suppress(Exception):
                log.exception("The error could not be shown")
        finally:
            self._busy.now = False

    @Slot(object)
    def _on_caught(self, report: Report) -> None:
        with self._once() as first:
            if first:
                self.reported.emit(report)
                self._show(report)

    def _show(self, report: Report) -> None:
        if not isinstance(QCoreApplication.instance(), QApplication):
            return
        if self.dialog is not None:
            self.dialog.count_another(report)
        elif report.place not in self._seen:  # a paint event would otherwise ask again, sixty times a second
            self._seen.add(report.place)
            self.dialog = ErrorDialog(report, QApplication.activeWindow())
            self.dialog.finished.connect(self._on_closed)
            self.dialog.open()

    def _on_closed(self) -> None:
        self.dialog = None


class ErrorDialog(QDialog):
    """One sentence, the details folded away, and a button that copies them."""

    def __init__(self, report: Report, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Something went wrong"))
        self._reports = [report]
        self._count = 1
        self._title = QLabel(self.tr("Something went wrong, and your work is still here."))
        self._title.setProperty("role", "heading")
        self._sentence = QLabel(report.sentence, wordWrap=True)
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._advice = QLabel(self.tr("It is best to save under a new name and start again."))
        self._advice.setProperty("role", "secondary")
        self.details = QPlainTextEdit(report.details, readOnly=True)
        self.details.hide()
        name_control(self.details, self.tr("Details of the error"))
        self.details.setMinimumHeight(200)
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.fold = QPushButton(self.tr("Show details"))
        name_control(self.fold, self.tr("Details"), self.tr("What a report of this error needs"))
        self.fold.setCheckable(True)
        self.fold.setProperty("kind", "quiet")
        self.fold.toggled.connect(self._on_folded)
        self.copy = QPushButton(self.tr("Copy details"))
        name_control(self.copy, self.tr("Copy details"), self.tr("To paste them into a report"))
        self.copy.clicked.connect(self._on_copy)
        self.close_button = QPushButton(self.tr("Go on"), default=True)
        name_control(self.close_button, self.tr("Go on"), self.tr("Back to the window"))
        self.close_button.setProperty("kind", "primary")
        self.close_button.clicked.connect(self.accept)
        self._lay_out()

    def count_another(self, report: Report) -> None:
        """Add a further failure to those shown."""
        self._count += 1
        if all(report.place != other.place for other in self._reports):
            self._reports.append(report)
            self.details.setPlainText(self.text())
        self._title.setText(
            self.tr("{count} things went wrong, and your work is still here.").format(count=self._count)
        )

    def text(self) -> str:
        """All details, as they are copied."""
        return "\n\n".join(report.details for report in self._reports)[:MOST_DETAILS]

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.fold)
        buttons.addStretch()
        buttons.addWidget(self.copy)
        buttons.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(8)
        for widget in (self._title, self._sentence, self._advice):
            layout.addWidget(widget)
        layout.addSpacing(8)
        layout.addWidget(self.details, 1)
        layout.addLayout(buttons)
        self.setMinimumWidth(480)

    def _on_folded(self, shown: bool) -> None:
        self.details.setVisible(shown)
        self.fold.setText(self.tr("Hide details") if shown else self.tr("Show details"))
        self.adjustSize()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text())
        self.copy.setText(self.tr("Copied"))


def report_of(error: BaseException, trace: TracebackType | None) -> Report:
    """Describe an exception; never raises, whatever its own text does."""
    try:
        message = str(error).strip()
    except Exception:
        message = ""
    name = type(error).__name__
    sentence = f"{message.splitlines()[0][:300]} ({name})" if message else name
    return Report(sentence, _details(error, trace), _place(name, trace))


def _details(error: BaseException, trace: TracebackType | None) -> str:
    versions = f"Python {platform.python_version()}, PySide {PySide6.__version__}, {platform.platform()}"
    try:
        lines = traceback.format_exception(type(error), error, trace)
    except Exception:
        lines = [type(error).__name__]
    text = "".join(lines)
    if len(text) > MOST_DETAILS:
        text = f"{text[: MOST_DETAILS // 2]}\n…\n{text[-MOST_DETAILS // 2 :]}"
    return f"Thread {threading.current_thread().name}, {versions}\n\n{text}"


def _place(name: str, trace: TracebackType | None) -> str:
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return name
    return f"{name} {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"


def _log_qt_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    with contextlib.suppress(Exception):
        _qt_log.log(_QT_LEVELS.get(kind, logging.WARNING), "%s", text)
