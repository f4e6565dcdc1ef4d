"""Giving the keyboard back to what had it before something opened over the window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget
from shiboken6 import isValid


def give_back(before: QWidget | None) -> None:
    """Let what had the keyboard have it again, if it is there; a field's text is selected, as by Tab."""
    if before is None or not isValid(before):
        return
    is_field = isinstance(before, QLineEdit)
    before.setFocus(Qt.FocusReason.TabFocusReason if is_field else Qt.FocusReason.PopupFocusReason)
