"""The rectangles of the layout, which knows nothing of Qt, as Qt's."""

from __future__ import annotations

from PySide6.QtCore import QRectF

from gui.canvas.boxes import Rect


def to_qt(rect: Rect) -> QRectF:
    """Return the same rectangle for Qt."""
    return QRectF(rect.x, rect.y, rect.width, rect.height)
