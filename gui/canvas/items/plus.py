"""The ＋ between two layers: one more layer like its neighbor."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.canvas.boxes import LayerBox
from gui.canvas.items.item import Item
from gui.canvas.items.lettering import least_scale
from gui.canvas.look import Look

_RADIUS = 10.0


class PlusItem(Item):
    """A button on a wire; source and target are the ids of the layers that it joins."""

    def __init__(self, source: LayerBox, target: LayerBox, look: Look) -> None:
        super().__init__(look)
        self.hot = False
        self.zoom = 1.0
        self.setZValue(4)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.set_boxes(source, target)

    def set_boxes(self, source: LayerBox, target: LayerBox) -> None:
        """The same wire elsewhere."""
        self.source, self.target = source.id, target.id
        left, right = source.body.right, target.body.x
        if source.side is not None:
            left = source.side.right
        y = (source.header.bottom + target.header.bottom) / 2 - 4
        self.center = QPointF((left + right) / 2, y - _RADIUS * self.look.theme.scale)
        self.measure()

    def set_zoom(self, zoom: float) -> None:
        """Seen from near it keeps its size on the screen."""
        if least_scale(zoom) != least_scale(self.zoom):
            self.zoom = zoom
            self.measure()

    @property
    def radius(self) -> float:
        """Half its size, scene units."""
        return _RADIUS * self.look.theme.scale * least_scale(self.zoom)

    def contains_point(self, x: float, y: float) -> bool:
        """Whether a point lies on it, with some room around."""
        return QLineF(self.center, QPointF(x, y)).length() <= self.radius + 4 * least_scale(self.zoom)

    def set_hot(self, hot: bool) -> None:
        """Whether the mouse is over it."""
        if hot != self.hot:
            self.hot = hot
            self.update()

    def reach(self) -> QRectF:
        r = self.radius + 2
        return QRectF(self.center.x() - r, self.center.y() - r, 2 * r, 2 * r)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        theme, r, thin = self.look.theme, self.radius, least_scale(self.zoom)
        painter.setBrush(theme.color("accent") if self.hot else theme.color("canvas"))
        painter.setPen(self.look.pen("accent" if self.hot else "control", thin))
        painter.drawEllipse(self.center, r - 0.5 * thin, r - 0.5 * thin)
        painter.setPen(self.look.pen("on_accent" if self.hot else "secondary", 1.4 * thin))
        arm = r * 0.42
        painter.drawLine(QLineF(self.center - QPointF(arm, 0), self.center + QPointF(arm, 0)))
        painter.drawLine(QLineF(self.center - QPointF(0, arm), self.center + QPointF(0, arm)))
