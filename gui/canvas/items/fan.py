"""The fan of one neuron, drawn alone and exactly: every synapse into it and out of it in its own color."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gui.canvas.boxes import Bundle, Index
from gui.canvas.items.bundle import BundleItem
from gui.canvas.items.item import Item
from gui.canvas.items.placing import draw
from gui.canvas.look import Look
from gui.canvas.surface import Region, Surface, build

Array = NDArray[Any]


@dataclass(eq=False)
class Part:
    """Some synapses of one bundle, and their picture."""

    item: BundleItem
    ids: Index
    surface: Surface | None = None

    @property
    def bundle(self) -> Bundle:
        """Where they belong."""
        return self.item.bundle


class FanItem(Item):
    """The synapses of the neuron in focus, in the colors of their bundles' scales."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.parts: list[Part] = []
        self.setZValue(1)

    def show_parts(self, parts: list[tuple[BundleItem, Index]], region_of: Any) -> None:
        """Show these synapses; region_of(BundleItem) gives the region to draw in."""
        self.parts = [Part(item, ids) for item, ids in parts if len(ids)]
        self.rebuild(region_of)

    def rebuild(self, region_of: Any) -> None:
        """Work out the pictures anew, after a zoom."""
        for part in self.parts:
            region: Region | None = region_of(part.item)
            part.surface = None if region is None else build(part.bundle, region, None, part.ids)
        self.measure()
        self.repaint_values()

    def repaint_values(self) -> None:
        """Paint the synapses' weights as they are now."""
        for part in self.parts:
            values = part.item.values
            if part.surface is not None and values is not None:
                table = self.look.line
                part.surface.mapping.paint(
                    values[part.ids], table, part.item.color_scale.limit, part.surface.picture
                )
        self.update()

    def reach(self) -> QRectF:
        rect = QRectF()
        for part in self.parts:
            rect = rect.united(part.item.extent())
        return rect.adjusted(-2, -2, 2, 2)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        for part in self.parts:
            if part.surface is not None:
                draw(painter, part.surface.image, part.surface.region, part.surface.mapping.resolution)
