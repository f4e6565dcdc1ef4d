"""The marquee: Shift and a drag over empty canvas select what lies within."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QRubberBand

from gui.canvas.boxes import LayerBox
from gui.canvas.rects import to_qt
from gui.canvas.tools.base import Tool
from gui.document.selection import Picked


class MarqueeTool(Tool):
    """A rectangle that selects layers, or some neurons if it lies within one layer."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, view) -> None:  # type: ignore[no-untyped-def]
        super().__init__(view)
        self._band = QRubberBand(QRubberBand.Shape.Rectangle, view.viewport())
        self._begun = QPoint()
        self._kept: tuple[Picked, ...] = ()

    def press(self, event: QMouseEvent, point: QPointF) -> bool:
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if event.button() != Qt.MouseButton.LeftButton or not shift:
            return False
        self._begun = event.position().toPoint()
        both = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        self._kept = self.view.document.selection.picked if both else ()
        self._band.setGeometry(QRect(self._begun, self._begun))
        self._band.show()
        return True

    def move(self, event: QMouseEvent, point: QPointF) -> None:
        self._band.setGeometry(QRect(self._begun, event.position().toPoint()).normalized())

    def release(self, event: QMouseEvent, point: QPointF) -> None:
        rect = QRect(self._begun, event.position().toPoint()).normalized()
        self._band.hide()
        found = within(
            [item.box for item in self.view.canvas.layers.values()],
            self.view.mapToScene(rect).boundingRect(),
        )
        rest = tuple(picked for picked in self._kept if picked not in found)
        self.view.document.selection.select(*rest, *found)

    def cancel(self) -> None:
        self._band.hide()


def within(boxes: list[LayerBox], rect: QRectF) -> tuple[Picked, ...]:
    """What a rectangle selects: the layers it touches, or a part of the neurons of a single one."""
    touched: list[tuple[LayerBox, list[int]]] = []
    for box in boxes:
        header = QPointF(*box.header.center)
        if not rect.intersects(to_qt(box.body)) and not rect.contains(header):
            continue
        inside = [
            int(unit)
            for unit, (x, y) in zip(box.units, box.centers, strict=True)
            if rect.contains(float(x), float(y))
        ]
        if inside or rect.contains(header) or box.shape is not None:
            touched.append((box, inside))
    if len(touched) == 1:
        box, inside = touched[0]
        whole = rect.contains(QPointF(*box.header.center)) or len(inside) == len(box.units)
        if inside and not whole and box.shape is None:
            return tuple(Picked(box.id, unit) for unit in inside)
    return tuple(Picked(box.id) for box, _ in touched)
