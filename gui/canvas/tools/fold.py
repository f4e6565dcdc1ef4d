"""Folding: a click on the “⋮ 497 ⋮” of a large layer shows every neuron."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from gui.canvas.look import tr
from gui.canvas.tools.base import Tool

_WIDE, _HIGH = 34.0, 11.0


class FoldTool(Tool):
    """Unfolds layers; the View menu folds them again."""

    cursor = Qt.CursorShape.PointingHandCursor

    def hint(self, point: QPointF) -> str:
        layer = self._at(point)
        if not layer:
            return ""
        return self.view.folds.why_folded(layer) or tr("click: show every neuron")

    def press(self, event: QMouseEvent, point: QPointF) -> bool:
        layer = self._at(point)
        if not layer or event.button() != Qt.MouseButton.LeftButton:
            return False
        self.view.folds.fold(layer, False)
        return True

    def _at(self, point: QPointF) -> str:
        if self.view.canvas.far >= 0.5:
            return ""
        for key, item in self.view.canvas.layers.items():
            place = item.box.ellipsis
            if (
                place is not None
                and abs(point.x() - place[0]) <= _WIDE
                and abs(point.y() - place[1]) <= _HIGH
            ):
                return key
        return ""
