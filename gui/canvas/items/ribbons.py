"""Ribbons: how a bundle is drawn where no picture of its pixels fits, from afar and while its layers move."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPainterPath, QPen

from gui.canvas.boxes import Bundle, Rect
from gui.canvas.color import ColorTable
from gui.canvas.strokes import THICK, THIN

Array = NDArray[Any]

_STOPS = 12  # colors of a ribbon


def outline(bundle: Bundle) -> QPainterPath:
    """The area of a bundle's synapses, in scene units."""
    path = QPainterPath()
    if len(bundle):
        starts, ends = bundle.starts, bundle.ends
        path.moveTo(QPointF(*starts[starts[:, 1].argmin()]))
        for point in (ends[ends[:, 1].argmin()], ends[ends[:, 1].argmax()], starts[starts[:, 1].argmax()]):
            path.lineTo(QPointF(*point))
        path.closeSubpath()
    return path


def paint_between(painter: QPainter, a: Rect, b: Rect, color: QColor) -> None:
    """A ribbon from block to block, in one color."""
    half = (a.right + b.x) / 2
    path = QPainterPath(QPointF(a.right, a.y))
    path.cubicTo(QPointF(half, a.y), QPointF(half, b.y), QPointF(b.x, b.y))
    path.lineTo(QPointF(b.x, b.bottom))
    path.cubicTo(QPointF(half, b.bottom), QPointF(half, a.bottom), QPointF(a.right, a.bottom))
    path.closeSubpath()
    painter.fillPath(path, color)


def paint_means(painter: QPainter, bundle: Bundle, values: Array, table: ColorTable, limit: float) -> None:
    """A ribbon in the colors of the mean value (n,) into each part of the target."""
    order = np.argsort(bundle.ends[:, 1], kind="stable")
    means = np.array([part.mean() for part in np.array_split(values[order], _STOPS)])
    top, bottom = float(bundle.ends[order[0], 1]), float(bundle.ends[order[-1], 1])
    gradient = QLinearGradient(0.0, top, 0.0, max(bottom, top + 1.0))
    for k, color in enumerate(table.look_up(means, limit)):
        gradient.setColorAt((k + 0.5) / _STOPS, QColor.fromRgb(int(color)))
    painter.fillPath(outline(bundle), gradient)


def paint_curves(painter: QPainter, bundle: Bundle, values: Array, table: ColorTable, limit: float) -> None:
    """Synapses one by one, those of small values (n,) first."""
    colors = table.look_up(values, limit)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for k in np.argsort(np.abs(values)):
        (x0, y0), (x1, y1) = bundle.starts[k], bundle.ends[k]
        half = (x0 + x1) / 2
        path = QPainterPath(QPointF(x0, y0))
        path.cubicTo(QPointF(half, y0), QPointF(half, y1), QPointF(x1, y1))
        share = min(abs(float(values[k])) / limit, 1.0)
        painter.setPen(QPen(QColor.fromRgba(int(colors[k])), THIN + (THICK - THIN) * share))
        painter.drawPath(path)
