"""What lies over the picture of a bundle: the wave that passes, what it leaves, and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gui.canvas.boxes import Bundle
from gui.canvas.items.item import Item
from gui.canvas.items.numbering import near_spots, spots, write_weights

if TYPE_CHECKING:
    from gui.canvas.items.bundle import BundleItem


class Over(Item):
    """Paints them, in front of all that a bundle paints of itself."""

    def __init__(self, item: BundleItem) -> None:
        super().__init__(item.look, item)
        self._item = item
        self.place(item.bundle)
        self.hide()

    def place(self, bundle: Bundle) -> None:
        """The synapses are elsewhere."""
        self._spots = spots(bundle)
        self._near_spots: tuple[float, list[tuple[int, QRectF]]] | None = None

    @property
    def is_numbered(self) -> bool:
        """Whether weights are written on synapses."""
        return self._item.strength > 0.5 and bool(self._item.near or self._spots)

    def labels(self, zoom: float) -> list[tuple[int, QRectF]]:
        """Which synapses have their numbers written on them at a zoom, and where, in scene units."""
        if not self._item.near:
            return [(k, QRectF(x - 20, y - 7, 40, 14)) for k, (x, y) in self._spots]
        if self._near_spots is None or self._near_spots[0] != zoom:
            self._near_spots = zoom, near_spots(self._item.bundle, zoom / self.look.theme.scale)
        return self._near_spots[1]

    def reach(self) -> QRectF:
        return self._item.rect()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if self._item.surface is None:
            return
        self._item.wave.paint(painter, self._item.surface)
        if self.is_numbered:
            self._paint_numbers(painter)

    def _paint_numbers(self, painter: QPainter) -> None:
        """Where there are few synapses, or they are seen from near, their weights; from near ∂L/∂w too."""
        item = self._item
        if item.values is None or len(item.values) != len(item.bundle):
            return
        zoom = painter.worldTransform().m11() if item.near else 1.0
        if item.near and item.surface is not None:
            settled = item.surface.region.zoom / item.surface.region.ratio
            if abs(settled - zoom) > 1e-6 * zoom:
                return  # while zooming
        slopes = item.gradients if item.near else None
        if slopes is not None and len(slopes) != len(item.values):
            slopes = None
        write_weights(painter, self.look, zoom, self.labels(zoom), item.values, slopes)
