"""Placing: draws the picture of a region of device pixels where it belongs in the scene."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter, QTransform

from gui.canvas.surface import Region


def draw(painter: QPainter, image: QImage, region: Region, resolution: int) -> None:
    """Draw a picture of a region: pixel by pixel where the zoom is its own, transformed otherwise."""
    world = painter.worldTransform()
    ratio = region.ratio
    if abs(world.m11() * ratio - region.zoom) < 1e-6 * region.zoom and resolution == 1:
        # Device pixel (0, 0) of the scene lies here; whole device pixels stay whole.
        x = round(world.dx() * ratio) + region.left
        y = round(world.dy() * ratio) + region.top
        painter.setWorldTransform(QTransform.fromScale(1 / ratio, 1 / ratio))
        painter.drawImage(x, y, image)
        painter.setWorldTransform(world)
        return
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
    size = QRectF(0, 0, image.width(), image.height())
    painter.drawImage(covered_by(image, region, resolution), image, size)


def covered_by(image: QImage, region: Region, resolution: int) -> QRectF:
    """What a picture of a region covers, in scene units: of a coarser one, the last pixels reach beyond."""
    rect = region.scene_rect
    if resolution > 1:
        rect.setSize(QRectF(image.rect()).size() * (resolution / region.zoom))
    return rect
