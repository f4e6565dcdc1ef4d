"""What has been done by hand, drawn over the picture: pruned synapses as dots, locks, and what is held."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gui.canvas.boxes import LayerBox
from gui.canvas.items.item import Item
from gui.canvas.items.lettering import thin
from gui.canvas.look import Look, tr
from gui.canvas.rects import to_qt

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """Where a synapse runs."""

    start: Point
    end: Point
    curved: bool

    def path(self) -> QPainterPath:
        """As it is drawn."""
        (x0, y0), (x1, y1) = self.start, self.end
        path = QPainterPath(QPointF(x0, y0))
        if self.curved:
            path.cubicTo((x0 + x1) / 2, y0, (x0 + x1) / 2, y1, x1, y1)
        else:
            path.lineTo(x1, y1)
        return path


@dataclass(frozen=True, slots=True)
class Marks:
    """What is marked: pruned synapses, the places of locks, and units that are held (with their radius)."""

    pruned: tuple[Line, ...] = ()
    locks: tuple[Point, ...] = ()
    held: tuple[tuple[float, float, float], ...] = ()


class HandMarksItem(Item):
    """All marks of the picture, as one item.

    Attributes:
        marks: what it shows.
    """

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.marks = Marks()
        self._rect = QRectF()
        self.setZValue(3)

    def show_marks(self, marks: Marks, boxes: list[LayerBox]) -> None:
        """Show these marks in a picture of these layers."""
        rect = QRectF()
        for box in boxes:
            rect = rect.united(to_qt(box.rect))
        rect.adjust(-40, -40, 40, 40)
        if (marks, rect) == (self.marks, self._rect):
            return
        self.marks, self._rect = marks, rect
        self.measure()

    def reach(self) -> QRectF:
        return self._rect if self.marks != Marks() else QRectF()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self._paint_pruned(painter)
        for place in self.marks.locks:
            self._paint_lock(painter, place)
        for x, y, radius in self.marks.held:
            self._paint_held(painter, QPointF(x, y), radius)

    def _paint_pruned(self, painter: QPainter) -> None:
        pen = self.look.pen("secondary", 1.2 * thin(painter), 0.7)
        pen.setStyle(Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([0.1, 5.0])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for line in self.marks.pruned:
            painter.drawPath(line.path())

    def _paint_lock(self, painter: QPainter, place: Point) -> None:
        s = self.look.theme.scale
        x, y = place
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.look.theme.color("canvas", 0.92))
        painter.drawEllipse(QPointF(x, y), 7.5 * s, 7.5 * s)
        painter.setPen(self.look.pen("text", 1.3 * s))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawArc(QRectF(x - 2.4 * s, y - 5.2 * s, 4.8 * s, 6.4 * s), 0, 180 * 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.look.theme.color("text"))
        painter.drawRoundedRect(QRectF(x - 3.8 * s, y - 1.4 * s, 7.6 * s, 5.6 * s), 1.2 * s, 1.2 * s)

    def _paint_held(self, painter: QPainter, center: QPointF, radius: float) -> None:
        s = self.look.theme.scale
        t = thin(painter)
        pen = self.look.pen("text", 1.6 * t)
        pen.setDashPattern([3.0, 2.4])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(center, radius + 3.0 * t, radius + 3.0 * t)
        painter.setFont(self.look.small(bold=True))
        text = tr("what if")
        width = painter.fontMetrics().horizontalAdvance(text) + 8 * s
        place = QRectF(center.x() - width / 2, center.y() - radius - 20 * s, width, 15 * s)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.look.theme.color("canvas", 0.92))
        painter.drawRoundedRect(place, 4 * s, 4 * s)
        painter.setPen(self.look.pen("text"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
