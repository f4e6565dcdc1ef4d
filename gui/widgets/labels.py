"""Labels by their role: headings, quiet small print, and sentences that say what is wrong."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel


def secondary(text: str = "") -> QLabel:
    """Small print that wraps."""
    return _label(text, "secondary")


def heading(text: str = "") -> QLabel:
    """A heading that wraps."""
    return _label(text, "heading")


def fault() -> QLabel:
    """A sentence that says what is wrong; hidden while nothing is."""
    label = _label("", "fault")
    label.hide()
    return label


def say_faults(label: QLabel, sentences: tuple[str, ...], *, calm: bool) -> None:
    """Show sentences in a label for faults, hidden without any; calm: they say what is to be done yet."""
    role = "secondary" if calm else "fault"
    if label.property("role") != role:
        label.setProperty("role", role)
        label.style().unpolish(label)
        label.style().polish(label)
    label.setText("\n".join(sentences))
    label.setVisible(bool(sentences))


def _label(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    return label
