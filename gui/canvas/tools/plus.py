"""The ＋ on a bundle: a click inserts one more layer like its neighbor."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from gui.canvas.items.plus import PlusItem
from gui.canvas.look import tr
from gui.canvas.tools.base import Tool
from gui.document.edits import label_of, neighbor, with_layer_between


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
        project = document.project
        spec = neighbor(project, found.source)
        after = label_of(project.design.layer(found.source))
        text = tr("add {layer} after {source}").format(layer=label_of(spec), source=after)
        document.edit(text, with_layer_between(project, found.source, found.target, spec))
        self.view.add_layer_requested.emit(spec.id)
        return True

    def leave(self) -> None:
        for item in self.view.canvas.pluses.values():
            item.set_hot(False)

    def _at(self, point: QPointF) -> PlusItem | None:
        items = self.view.canvas.pluses.values()
        return next((item for item in items if item.contains_point(point.x(), point.y())), None)
