"""Keys that a focused control needs itself stay with it: Space on a button presses it, it does not play."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
)
from shiboken6 import isValid

_PAGES = {Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}
_CHOICES = (QComboBox, QAbstractItemView)
_TYPED = (QLineEdit, QAbstractSpinBox, QPlainTextEdit, QTextEdit)


class KeyGuard(QObject):
    """Keeps shortcuts without modifiers from taking keys away from the control that has the focus.

    It watches that control alone: a filter on the application would be asked about every event of every
    object, and each question holds the interpreter, and so the training.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._watched: QObject | None = None
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.focusObjectChanged.connect(self._watch)
        self._watch(app.focusObject())

    def _watch(self, focused: QObject | None) -> None:
        if self._watched is not None and isValid(self._watched):
            self._watched.removeEventFilter(self)
        self._watched = focused
        if focused is not None:
            focused.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and uses(watched, event)
        ):
            event.accept()
            return True
        return False


def uses(control: QObject, event: QKeyEvent) -> bool:
    """Whether a control does something of its own with a key."""
    key = Qt.Key(event.key())
    modifiers = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
    if modifiers:
        return False
    if isinstance(control, QAbstractButton):
        return key == Qt.Key.Key_Space
    if isinstance(control, _CHOICES):
        return key in _PAGES or bool(event.text().strip()) or key == Qt.Key.Key_Space
    if isinstance(control, QAbstractSlider):
        return key in _PAGES
    if isinstance(control, _TYPED):
        return key in _PAGES
    return False
