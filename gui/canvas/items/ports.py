"""Ports: the small circles at a layer's edges from which wires are drawn; they appear near the mouse."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gui.canvas.boxes import LayerBox
from gui.canvas.items.item import Item
from gui.canvas.look import Look

RADIUS = 6.0
OFF = 15.0  # beside the neurons, scene units
IN, OUT = "in", "out"
Port = tuple[str, str]
"""A layer's id, and IN or OUT."""


def port_at(box: LayerBox, side: str) -> QPointF:
    """Where a port is, in scene units."""
    y = box.body.center[1]
    return QPointF(box.body.right + OFF, y) if side == OUT else QPointF(box.body.x - OFF, y)


def radius_at(zoom: float) -> float:
    """A port's radius in scene units: from near it does not grow over the picture."""
    return RADIUS / max(zoom, 1.0)


class PortsItem(Item):
    """The ports that are shown now.

    Attributes:
        ports: where they are, by layer and side; hot: the one under the mouse.
    """

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.ports: dict[Port, QPointF] = {}
        self.hot: Port | None = None
        self.setZValue(9)

    def show_ports(self, ports: dict[Port, QPointF], hot: Port | None) -> None:
        """Show these."""
        if (ports, hot) != (self.ports, self.hot):
            self.ports, self.hot = ports, hot
            self.measure()

    def near(self, point: QPointF, zoom: float, slack: float = 5.0) -> Port | None:
        """The port at a point, as it is seen at a zoom."""
        reach = radius_at(zoom) * (1.0 + slack / RADIUS)
        return next((p for p, at in self.ports.items() if QLineF(at, point).length() <= reach), None)

    def reach(self) -> QRectF:
        rect, r = QRectF(), RADIUS + 3
        for at in self.ports.values():
            rect = rect.united(QRectF(at.x() - r, at.y() - r, 2 * r, 2 * r))
        return rect

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        radius = radius_at(painter.worldTransform().m11())  # not that of the last move: the wheel moves too
        for port, at in self.ports.items():
            hot = port == self.hot
            painter.setPen(self.look.pen("accent", 1.8 * radius / RADIUS))
            painter.setBrush(self.look.theme.color("accent" if hot else "canvas"))
            painter.drawEllipse(at, radius, radius)
