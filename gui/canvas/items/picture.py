"""Pictures that Qt paints alone: numbers of the engine, already colored, lie in an image; no Python is asked.

While Qt paints such a picture the training goes on; a `paint` in Python would hold the interpreter.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QGraphicsPixmapItem

from gui.canvas.surface import Region

_AS_IT_IS = Qt.ImageConversionFlag.NoOpaqueDetection


class PictureItem(QGraphicsPixmapItem):
    """A picture of a region of device pixels: pixel by pixel at the region's zoom, stretched at another."""

    def __init__(self, parent: QGraphicsItem) -> None:
        super().__init__(parent)
        self.setShapeMode(QGraphicsPixmapItem.ShapeMode.BoundingRectShape)
        self.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        self._image = QImage()  # the pixmap may share its memory
        self.hide()

    def show_image(self, image: QImage, region: Region, resolution: int = 1) -> None:
        """Show what the image holds now; resolution: pixels of the region that one of the image covers."""
        self._image = image
        self.setPixmap(QPixmap.fromImage(image, _AS_IT_IS))
        self.setPos(region.left / region.zoom, region.top / region.zoom)
        self.setScale(resolution / region.zoom)
