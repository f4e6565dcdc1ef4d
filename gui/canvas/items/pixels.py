"""Values as pixels: the picture that an input layer is, and feature maps, one below the other."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

from gui.canvas.color import ColorTable
from gui.canvas.items.inscription import NUMBER_FROM, write_value
from gui.canvas.look import Look
from gui.canvas.surface import image_over

Array = NDArray[Any]


class Pixels:
    """Values and their colors on the scale ±limit, both (rows, columns).

    Attributes:
        colors: as painted, packed.
    """

    def __init__(self, values: Array, columns: int, table: ColorTable, limit: float) -> None:
        self._values = values.reshape(-1, columns)
        self.colors = np.ascontiguousarray(table.look_up(values, limit).reshape(-1, columns))
        self._image = image_over(self.colors)

    def paint(self, painter: QPainter, look: Look, place: QRectF, exposed: QRectF, rows: slice) -> None:
        """Paint some rows at a place; what is exposed gets its numbers, where a pixel has room for one."""
        values, colors = self._values[rows], self.colors[rows]
        high, wide = values.shape
        zoom = painter.worldTransform().m11()
        smooth = zoom * place.width() < wide
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(place, self._image, QRectF(0, rows.start, wide, high))
        across, down = place.width() / wide, place.height() / high
        if min(across, down) / 2 * zoom < NUMBER_FROM * look.theme.scale:
            return
        painter.setFont(look.small())
        seen = exposed.intersected(place).translated(-place.topLeft())
        for row in range(int(seen.top() / down), min(math.ceil(seen.bottom() / down), high)):
            for column in range(int(seen.left() / across), min(math.ceil(seen.right() / across), wide)):
                center = place.topLeft() + QPointF((column + 0.5) * across, (row + 0.5) * down)
                ink = look.ink_on(QColor.fromRgb(int(colors[row, column])))
                write_value(painter, center, min(across, down) / 2, float(values[row, column]), ink)
