"""Panning: the left button on empty canvas, or the middle button anywhere, drags the picture."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent

from gui.canvas.look import tr
from gui.canvas.tools.base import Tool

_CLICK = 3  # pixels within which a press is a click


class PanTool(Tool):
    """Drags the view; a click that does not move clears the selection."""

    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, view) -> None:  # type: ignore[no-untyped-def]
        super().__init__(view)
        self._last = QPoint()
        self._moved = 0

    def hint(self, point: QPointF) -> str:
        return tr("drag: pan · Shift-drag: select · wheel: zoom · F: fit")

    def press(self, event: QMouseEvent, point: QPointF) -> bool:
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            return False
        self._last, self._moved = event.position().toPoint(), 0
        return True

    def move(self, event: QMouseEvent, point: QPointF) -> None:
        now = event.position().toPoint()
        step = now - self._last
        self._moved += step.manhattanLength()
        self._last = now
        if self._moved > _CLICK:
            self.view.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
            self.view.camera.pan(step)
            self.view.card.hide()

    def release(self, event: QMouseEvent, point: QPointF) -> None:
        self.view.viewport().unsetCursor()
        if self._moved <= _CLICK and event.button() == Qt.MouseButton.LeftButton:
            self.view.document.selection.select()
