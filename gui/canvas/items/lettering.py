"""Writes in the scene: letters keep their size on the screen from near, and shrink only from further away.

A frame writes the same words and numbers as others before it: how their letters stand is worked out once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QStaticText, QTransform

_FURTHEST = 1.2  # enlarged by so much in the scene when the picture shrinks; layers leave so much room


def least_scale(zoom: float) -> float:
    """The scale of what is written, in scene units per pixel: it keeps its size on the screen, or nearly."""
    return min(1.0 / zoom, _FURTHEST)


def thin(painter: QPainter) -> float:
    """What a line's width is multiplied by, so that it does not grow from near."""
    return min(1.0 / painter.worldTransform().m11(), 1.0)


@contextmanager
def unmagnified(painter: QPainter, origin: QPointF) -> Iterator[float]:
    """Paint around a point of the scene in (nearly) pixels of the screen; gives how many a scene unit has."""
    world = painter.worldTransform()
    least = least_scale(world.m11())
    if abs(least * world.m11() - 1.0) < 1e-9:
        # Nothing but moved, or Qt would draw all letters anew for every zoom, as if it enlarged them.
        place = world.map(origin)
        painter.setWorldTransform(QTransform.fromTranslate(place.x(), place.y()))
    else:
        painter.translate(origin)
        painter.scale(least, least)
    try:
        yield 1.0 / least
    finally:
        painter.setWorldTransform(world)


def write(painter: QPainter, rect: QRectF, flags: Qt.AlignmentFlag, text: str) -> None:
    """Write into a rectangle of the scene, aligned in it, in letters that are not enlarged."""
    with unmagnified(painter, rect.topLeft()) as zoom:
        write_line(painter, QRectF(0, 0, rect.width() * zoom, rect.height() * zoom), flags, text)


def write_line(painter: QPainter, rect: QRectF, flags: Qt.AlignmentFlag, text: str) -> None:
    """Write one line into a rectangle, aligned in it; what is too wide is cut off."""
    laid, width, height = _lay_out(text, painter.font())
    across, down = rect.width() - width, rect.height() - height
    if across < 0:
        painter.drawText(rect, flags, text)
        return
    right, low = _shares(flags)
    painter.drawStaticText(QPointF(rect.x() + right * across, rect.y() + low * down), laid)


@lru_cache(maxsize=1024)
def shortened(text: str, font: QFont, width: float) -> str:
    """Return a text with … at its end if it would be wider."""
    return QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, width)


@lru_cache(maxsize=1024)
def width_of(text: str, font: QFont) -> float:
    """Return how wide a text is."""
    return QFontMetricsF(font).horizontalAdvance(text)


@lru_cache(maxsize=4096)
def _lay_out(text: str, font: QFont) -> tuple[QStaticText, float, float]:
    """Text as it will be drawn, and its width and height."""
    laid = QStaticText(text)
    laid.setTextFormat(Qt.TextFormat.PlainText)
    laid.prepare(QTransform(), font)
    return laid, laid.size().width(), laid.size().height()


@lru_cache
def _shares(flags: Qt.AlignmentFlag) -> tuple[float, float]:
    """How much of the room that is left lies left of a text, and above it."""
    across = (
        1.0 if flags & Qt.AlignmentFlag.AlignRight else 0.5 if flags & Qt.AlignmentFlag.AlignHCenter else 0.0
    )
    down = (
        1.0 if flags & Qt.AlignmentFlag.AlignBottom else 0.5 if flags & Qt.AlignmentFlag.AlignVCenter else 0.0
    )
    return across, down
