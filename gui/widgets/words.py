"""The engine's words (labels, help texts) in the user's language."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def translated(text: str) -> str:
    """A word of the engine's (a label, a help text) in the user's language."""
    return QCoreApplication.translate("engine", text) if text else ""
