"""A fault's badge: it sits at the layer that causes the fault, and keeps its size when zooming out.

What is only missing yet, while a network is being built, has a quiet mark instead of the “!”.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.validation import Fault
from gui.canvas.boxes import LayerBox
from gui.canvas.items.item import Item
from gui.canvas.items.lettering import least_scale
from gui.canvas.look import Look

_RADIUS = 9.0


class BadgeItem(Item):
    """A round “!”, or a ring with three dots.

    Attributes:
        layer: whose faults they are, "" for those of the whole network; faults: at least one.
        calm: whether it is only something to do yet.
    """

    def __init__(self, layer: str, look: Look) -> None:
        super().__init__(look)
        self.layer = layer
        self.faults: tuple[Fault, ...] = ()
        self.hot = self.calm = False
        self.zoom = 1.0
        self._box: LayerBox | None = None
        self.setZValue(8)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)

    def set_faults(self, faults: tuple[Fault, ...], box: LayerBox | None, calm: bool = False) -> None:
        """Show these, at a layer or at the head of the picture."""
        self.faults, self._box, self.calm = faults, box, calm
        self._place()
        self.measure()

    def set_zoom(self, zoom: float) -> None:
        """It stays beside the title, which does not grow with the zoom as the layer does."""
        if zoom != self.zoom:
            self.zoom = zoom
            self._place()

    def _place(self) -> None:
        if self._box is None:
            self.setPos(40.0, 24.0)
            return
        head, least = self._box.header, least_scale(self.zoom)
        half = QFontMetricsF(self.look.text(bold=True)).horizontalAdvance(self._box.title) / 2
        right = head.center[0] + half * least + (self.radius + 6) / self.zoom
        self.setPos(right, head.bottom - head.height * least + 11 * self.look.theme.scale * least)

    @property
    def radius(self) -> float:
        """Half its size, in pixels."""
        return _RADIUS * self.look.theme.scale

    @property
    def forbids(self) -> bool:
        """Whether a fault keeps the network from being trained."""
        return any(fault.severity == "error" for fault in self.faults)

    @property
    def grave(self) -> bool:
        """Whether it is to be red: something forbids training that is no mere step yet to do."""
        return self.forbids and not self.calm

    def set_hot(self, hot: bool) -> None:
        """Whether the mouse is over it."""
        if hot != self.hot:
            self.hot = hot
            self.update()

    def reach(self) -> QRectF:
        r = self.radius + 2
        return QRectF(-r, -r, 2 * r, 2 * r)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        role = "fault" if self.grave else "secondary"
        r = self.radius
        if self.calm:
            self._paint_calm(painter, role, r)
            return
        painter.setPen(self.look.pen("canvas", 2.0))
        painter.setBrush(self.look.theme.color(role))
        painter.drawEllipse(QPointF(0, 0), r, r)
        painter.setPen(self.look.pen("canvas", 2.2))
        painter.drawLine(QPointF(0, -r * 0.5), QPointF(0, r * 0.1))
        painter.drawPoint(QPointF(0, r * 0.5))
        if self.hot:
            painter.setPen(self.look.pen(role, 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(0, 0), r + 1, r + 1)

    def _paint_calm(self, painter: QPainter, role: str, r: float) -> None:
        painter.setPen(self.look.pen("text" if self.hot else role, 1.2))
        painter.setBrush(self.look.theme.color("canvas"))
        painter.drawEllipse(QPointF(0, 0), r - 0.5, r - 0.5)
        painter.setPen(self.look.pen("text" if self.hot else role, 2.2))
        painter.drawPoints([QPointF(x * r * 0.42, 0) for x in (-1, 0, 1)])
