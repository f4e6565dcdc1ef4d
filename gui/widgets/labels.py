"""Labels by their role: quiet small print, and sentences that say what is wrong."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel


def secondary(text: str = "") -> QLabel:
    """Small print that wraps."""
    return _label(text, "secondary")


def fault() -> QLabel:
    """A sentence that says what is wrong; hidden while nothing is."""
    label = _label("", "fault")
    label.hide()
    return label


def _label(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    return label
