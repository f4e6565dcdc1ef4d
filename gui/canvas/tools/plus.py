"""The ＋ on a bundle: a click inserts one more layer like its neighbor."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from engine.edits.layers import insert
from gui.canvas.items.plus import PlusItem
from gui.canvas.look import tr
from gui.canvas.tools.base import Tool


class PlusTool(Tool):
    """Inserts layers."""

    cursor = Qt.CursorShape.PointingHandCursor

    def hint(self, point: QPointF) -> str:
        found = self._at(point)
        for item in self.view.canvas.pluses.values():
            item.set_hot(item is found)
        return "" if found is None else tr("click: one more layer here, like its neighbor")

    def press(self, event: QMouseEvent, point: QPointF) -> bool:
        found = self._at(point)
        if found is None or event.button() != Qt.MouseButton.LeftButton:
            return False
        document = self.view.document
        made = document.apply(insert(document.project, found.source, found.target))
        if made is not None:
            self.view.add_layer_requested.emit(made.added[0])
        return True

    def leave(self) -> None:
        for item in self.view.canvas.pluses.values():
            item.set_hot(False)

    def _at(self, point: QPointF) -> PlusItem | None:
        items = self.view.canvas.pluses.values() if self.view.canvas.far < 0.5 else ()
        return next((item for item in items if item.contains_point(point.x(), point.y())), None)
