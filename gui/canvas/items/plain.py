"""A wire without synapses, as from a convolution to its pooling: a band, and the shape that flows along."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QTransform
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gui.canvas.boxes import LayerBox
from gui.canvas.items.item import Item
from gui.canvas.items.lettering import least_scale, thin, write
from gui.canvas.look import Look

_HALF = 5.0  # of the band's thickness, scene units; from near pixels
_BEND = 18.0  # radius of its corners


class PlainItem(Item):
    """A band from a layer to another; `text` is the shape on it."""

    def __init__(self, source: LayerBox, target: LayerBox, look: Look, below: float | None = None) -> None:
        super().__init__(look)
        self.text = ""
        self.marked = ""  # "hover" or "selected"
        self.setZValue(0)
        self.set_boxes(source, target, below)

    def set_boxes(self, source: LayerBox, target: LayerBox, below: float | None = None) -> None:
        """The same wire elsewhere; below: at which height it passes layers that stand in its way."""
        self.below = below
        if below is None:
            self.start = QPointF(source.body.right + 6, source.body.center[1])
            self.end = QPointF(target.body.x - 6, target.body.center[1])
        else:
            self.start = QPointF(source.body.center[0], source.body.bottom + 4)
            self.end = QPointF(target.body.center[0], target.body.bottom + 4)
        self.measure()

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
        if self.below is not None:
            return self._around(path, self.below)
        half = max(abs(self.end.x() - self.start.x()) / 2, 30.0)
        path.cubicTo(self.start + QPointF(half, 0), self.end - QPointF(half, 0), self.end)
        return path

    def _around(self, path: QPainterPath, below: float) -> QPainterPath:
        """Down, along below the layers, and up."""
        (x0, x1), y = (self.start.x(), self.end.x()), below
        path.lineTo(x0, y - _BEND)
        path.quadTo(x0, y, x0 + _BEND, y)
        path.lineTo(x1 - _BEND, y)
        path.quadTo(x1, y, x1, y - _BEND)
        path.lineTo(self.end)
        return path

    def reach(self) -> QRectF:
        return self.path().boundingRect().adjusted(-12, -26, 12, 26)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        role = {"selected": "accent", "hover": "control"}.get(self.marked, "zero")
        half = _HALF * thin(painter)
        pen = self.look.pen(role, 2 * half)
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
        if self.below is not None:
            middle.setY(self.below)
        least = least_scale(painter.worldTransform().m11())
        width = QFontMetricsF(font).horizontalAdvance(self.text) * least
        if width + 8 * least > abs(self.end.x() - self.start.x()):
            return
        painter.setPen(self.look.pen("secondary"))
        room = QRectF(-width / 2 - 4 * least, -half - 17 * least, width + 8 * least, 16 * least)
        write(painter, room.translated(middle), Qt.AlignmentFlag.AlignCenter, self.text)
