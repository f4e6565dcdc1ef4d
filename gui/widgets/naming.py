"""What a control is called and what it does, for the mouse and for a screen reader."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QAbstractButton, QMessageBox, QWidget


def name_control(widget: QWidget, name: str, tip: str = "") -> None:
    """Give a control its accessible name and its tooltip (the name, where there is no more to say)."""
    widget.setAccessibleName(name)
    widget.setToolTip(tip or name)


def name_picture(widget: QWidget, name: str, tip: str) -> None:
    """Describe a picture that answers the mouse itself: its tooltip is read out, but covers nothing."""
    name_control(widget, name, tip)
    widget.installEventFilter(_Silence(widget))


def name_buttons(box: QMessageBox, tips: dict[QMessageBox.StandardButton, str]) -> None:
    """Say what each button of a question does."""
    for kind, tip in tips.items():
        button: QAbstractButton | None = box.button(kind)
        if button is not None:
            name_control(button, button.text().replace("&", ""), tip)


class _Silence(QObject):
    """Keeps a widget's own tooltip from popping up."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return event.type() == QEvent.Type.ToolTip
