"""The fills of a layer's neurons as one picture, filled by a few NumPy calls and painted by Qt alone.

Which device pixel belongs to which neuron, and how much of it, is worked out once for a zoom: Qt draws the
shapes, antialiased, and what they cover is read back. A frame then only looks the neurons' colors up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QGraphicsItem

from gui.canvas.boxes import LayerBox, Points
from gui.canvas.color import FADE_LEVELS, TABLE_SIZE, ColorTable, table_index
from gui.canvas.items.picture import PictureItem
from gui.canvas.surface import Region, image_over

Array = NDArray[Any]

_STILL = 1e-6  # scene units within which neurons keep their distances


@dataclass(frozen=True, eq=False)
class Shapes:
    """Where the neurons' fills are, in scene units.

    Attributes:
        centers: of the neurons, (n, 2); radius: of their circles.
        bars: how many of the first neurons have a bar instead; bar: its offset from the center, and its size.
    """

    centers: Points
    radius: float
    bars: int
    bar: QRectF

    def rects(self) -> list[QRectF]:
        """The rectangle of each."""
        r = self.radius
        disc = QRectF(-r, -r, 2 * r, 2 * r)
        return [
            (self.bar if k < self.bars else disc).translated(x, y)
            for k, (x, y) in enumerate(self.centers.tolist())
        ]


class CellsItem(PictureItem):
    """The fills of some neurons."""

    def __init__(self, parent: QGraphicsItem) -> None:
        super().__init__(parent)
        self._made_of: tuple[Shapes, float, float] | None = None
        self._stencil: _Stencil | None = None
        self._shift = QPointF()  # since the shapes were worked out, by which it may be between two pixels

    @property
    def displaced(self) -> bool:
        """Whether it has been moved since its shapes were worked out."""
        return not self._shift.isNull()

    def drop(self) -> None:
        """The neurons are elsewhere."""
        self._made_of = self._stencil = None
        self._shift = QPointF()
        self.hide()

    def moved(self, before: LayerBox, after: LayerBox) -> bool:
        """Go along with a layer that is dragged; False if there is nothing to show, or it has changed."""
        if self._stencil is None or before.radius != after.radius or before.kind != after.kind:
            return False
        if before.centers.shape != after.centers.shape or not len(after.centers):
            return False
        steps = after.centers - before.centers
        if np.abs(steps - steps[0]).max() > _STILL:
            return False
        self._shift += QPointF(*steps[0])
        self.moveBy(*steps[0])
        return True

    def prepare(self, shapes: Shapes, zoom: float, ratio: float) -> None:
        """Work out what these shapes cover; zoom: pixels per scene unit; ratio: device pixels per pixel."""
        if self._made_of != (shapes, zoom, ratio):
            self._made_of = shapes, zoom, ratio
            self._stencil = _Stencil(shapes, zoom * ratio, ratio)

    def show_values(self, values: Array, table: ColorTable, limit: float) -> None:
        """Fill the shapes in the colors of values (n,) on the scale ±limit."""
        assert self._stencil is not None
        self._stencil.paint(values, table, limit)
        self.show_image(self._stencil.image, self._stencil.region)
        self.moveBy(self._shift.x(), self._shift.y())


class _Stencil:
    """What shapes cover of a region's pixels."""

    def __init__(self, shapes: Shapes, zoom: float, ratio: float) -> None:
        rects = [
            QRectF(r.x() * zoom, r.y() * zoom, r.width() * zoom, r.height() * zoom) for r in shapes.rects()
        ]
        around = QRectF()
        for rect in rects:
            around = around.united(rect)
        left, top = math.floor(around.left()), math.floor(around.top())
        width, height = math.ceil(around.right()) - left, math.ceil(around.bottom()) - top
        self.region = Region(left, top, max(width, 1), max(height, 1), zoom, ratio)
        self._picture = np.zeros((self.region.height, self.region.width), np.uint32)
        self.image = image_over(self._picture)
        places = [rect.translated(-left, -top) for rect in rects]
        cover = _draw(places, shapes.bars, self.image)
        units = np.zeros(cover.shape, np.intp)
        for k, place in enumerate(places):
            low, right = math.ceil(place.bottom()), math.ceil(place.right())
            part = math.floor(place.top()), math.floor(place.left())
            units[part[0] : low, part[1] : right] = k
        self._pixels = np.flatnonzero(cover)
        self._units = units.reshape(-1)[self._pixels]
        level = np.clip(np.rint(cover.reshape(-1)[self._pixels] * (FADE_LEVELS / 255)), 1, FADE_LEVELS) - 1
        self._base = level.astype(np.intp) * TABLE_SIZE
        self._index = np.zeros_like(self._base)

    def paint(self, values: Array, table: ColorTable, limit: float) -> None:
        np.take(table_index(values, limit), self._units, out=self._index, mode="clip")
        np.add(self._index, self._base, out=self._index)
        colors = table.rim[self._index]
        bad = ~np.isfinite(values)
        if bad.any():
            colors[bad[self._units]] = table.broken
        self._picture.reshape(-1)[self._pixels] = colors


def _draw(places: list[QRectF], bars: int, image: QImage) -> NDArray[np.uint8]:
    """Draw the shapes, and return how much of each pixel is covered, (rows, columns) in 0 … 255."""
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(Qt.GlobalColor.white)
    for k, place in enumerate(places):
        (painter.drawRect if k < bars else painter.drawEllipse)(place)
    painter.end()
    pixels: Array = image.ndarray  # type: ignore[attr-defined]
    cover = (pixels >> 24).astype(np.uint8)
    pixels.fill(0)
    return cover
