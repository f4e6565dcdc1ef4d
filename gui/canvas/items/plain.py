"""A wire without synapses, as from a convolution to its pooling: a band, and the shape that flows along."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.canvas.boxes import LayerBox
from gui.canvas.look import Look

_HALF = 5.0  # of the band's thickness, scene units


class PlainItem(QGraphicsItem):
    """A band from a layer to another; `text` is the shape on it."""

    def __init__(self, source: LayerBox, target: LayerBox, look: Look) -> None:
        super().__init__()
        self.look = look
        self.text = ""
        self.marked = ""  # "hover" or "selected"
        self.setZValue(0)
        self.set_boxes(source, target)

    def set_boxes(self, source: LayerBox, target: LayerBox) -> None:
        """The same wire elsewhere."""
        self.prepareGeometryChange()
        self.start = QPointF(source.body.right + 6, source.body.center[1])
        self.end = QPointF(target.body.x - 6, target.body.center[1])
        self.update()

    def carry(self, source: QTransform, target: QTransform) -> None:
        """Draw it between layers that glide."""
        a, b = source.map(self.start) - self.start, target.map(self.end) - self.end
        width = self.end.x() - self.start.x()
        if abs(width) < 1.0:
            self.setTransform(QTransform.fromTranslate(a.x(), a.y()))
            return
        along, down = (b.x() - a.x()) / width, (b.y() - a.y()) / width
        x0 = self.start.x()
        self.setTransform(QTransform(1 + along, down, 0.0, 1.0, a.x() - along * x0, a.y() - down * x0))

    def set_text(self, text: str) -> None:
        """Say another shape."""
        if text != self.text:
            self.text = text
            self.update()

    def set_mark(self, marked: str) -> None:
        """Hovered or selected."""
        if marked != self.marked:
            self.marked = marked
            self.update()

    def path(self) -> QPainterPath:
        """The middle of the band."""
        path = QPainterPath(self.start)
        half = max(abs(self.end.x() - self.start.x()) / 2, 30.0)
        path.cubicTo(self.start + QPointF(half, 0), self.end - QPointF(half, 0), self.end)
        return path

    def boundingRect(self) -> QRectF:
        return self.path().boundingRect().adjusted(-12, -26, 12, 26)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        role = {"selected": "accent", "hover": "control"}.get(self.marked, "zero")
        pen = self.look.pen(role, 2 * _HALF)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        path = self.path()
        painter.drawPath(path)
        if not self.text or painter.worldTransform().m11() < 0.5:
            return
        font = self.look.small()
        painter.setFont(font)
        middle = path.pointAtPercent(0.5)
        width = QFontMetricsF(font).horizontalAdvance(self.text)
        if width + 8 > abs(self.end.x() - self.start.x()):
            return
        painter.setPen(self.look.pen("secondary"))
        place = QRectF(middle.x() - width / 2 - 4, middle.y() - _HALF - 17, width + 8, 16)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self.text)
