"""Writes in the scene: letters keep their size on the screen from near, and shrink only from further away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

_FURTHEST = 1.2  # enlarged by so much in the scene when the picture shrinks; layers leave so much room


def least_scale(zoom: float) -> float:
    """The scale of what is written, in scene units per pixel: it keeps its size on the screen, or nearly."""
    return min(1.0 / zoom, _FURTHEST)


@contextmanager
def unmagnified(painter: QPainter, origin: QPointF) -> Iterator[float]:
    """Paint around a point of the scene in (nearly) pixels of the screen; gives how many a scene unit has."""
    least = least_scale(painter.worldTransform().m11())
    painter.save()
    painter.translate(origin)
    painter.scale(least, least)
    try:
        yield 1.0 / least
    finally:
        painter.restore()


def write(painter: QPainter, rect: QRectF, flags: Qt.AlignmentFlag, text: str) -> None:
    """Write into a rectangle of the scene, aligned in it, in letters that are not enlarged."""
    with unmagnified(painter, rect.topLeft()) as zoom:
        painter.drawText(QRectF(0, 0, rect.width() * zoom, rect.height() * zoom), flags, text)
