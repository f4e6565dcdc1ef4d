"""A fault's badge: it sits at the layer that causes the fault, and keeps its size when zooming out."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.validation import Fault
from gui.canvas.boxes import LayerBox
from gui.canvas.look import Look

_RADIUS = 9.0


class BadgeItem(QGraphicsItem):
    """A round “!”.

    Attributes:
        layer: whose faults they are, "" for those of the whole network; faults: at least one.
    """

    def __init__(self, layer: str, look: Look) -> None:
        super().__init__()
        self.layer = layer
        self.look = look
        self.faults: tuple[Fault, ...] = ()
        self.hot = False
        self.setZValue(8)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)

    def set_faults(self, faults: tuple[Fault, ...], box: LayerBox | None) -> None:
        """Show these, at a layer or at the head of the picture."""
        self.prepareGeometryChange()
        self.faults = faults
        if box is not None:
            self.setPos(
                min(box.header.right, box.header.center[0] + 62.0 * self.look.theme.scale), box.header.y
            )
        else:
            self.setPos(40.0, 24.0)
        self.update()

    @property
    def radius(self) -> float:
        """Half its size, in pixels."""
        return _RADIUS * self.look.theme.scale

    @property
    def forbids(self) -> bool:
        """Whether a fault keeps the network from being trained."""
        return any(fault.severity == "error" for fault in self.faults)

    def set_hot(self, hot: bool) -> None:
        """Whether the mouse is over it."""
        if hot != self.hot:
            self.hot = hot
            self.update()

    def boundingRect(self) -> QRectF:
        r = self.radius + 2
        return QRectF(-r, -r, 2 * r, 2 * r)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        role = "fault" if self.forbids else "secondary"
        r = self.radius
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
