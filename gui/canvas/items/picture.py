"""Pictures that Qt paints alone: numbers of the engine, already colored, lie in an image; no Python is asked.

While Qt paints such a picture the training goes on; a `paint` in Python would hold the interpreter.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QGraphicsPixmapItem

from gui.canvas.surface import Region

_MOST = 3  # images that take turns: the window's own and two painted aside
_AS_IT_IS = Qt.ImageConversionFlag.NoOpaqueDetection


class PictureItem(QGraphicsPixmapItem):
    """A picture of a region of device pixels: pixel by pixel at the region's zoom, stretched at another.

    Attributes:
        image: what is shown, None before the first.
    """

    def __init__(self, parent: QGraphicsItem) -> None:
        super().__init__(parent)
        self.setShapeMode(QGraphicsPixmapItem.ShapeMode.BoundingRectShape)
        self.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        self.image: QImage | None = None
        self._place: tuple[Region, int] | None = None
        self._sharing: list[tuple[QImage, QPixmap]] = []  # for this place, in one memory each
        self.hide()

    def show_image(self, image: QImage, region: Region, resolution: int = 1) -> None:
        """Show what the image holds now; resolution: pixels of the region that one of the image covers."""
        if self._place != (region, resolution):
            self._place = region, resolution
            self._sharing.clear()
            self.setPos(region.left / region.zoom, region.top / region.zoom)
            self.setScale(resolution / region.zoom)
        pixmap = next((shared for known, shared in self._sharing if known is image), None)
        if pixmap is not None and image is self.image:
            self.update()
            return
        self.image = image
        self.setPixmap(self._pixmap(image) if pixmap is None else pixmap)

    def _pixmap(self, image: QImage) -> QPixmap:
        made = QPixmap.fromImage(image, _AS_IT_IS)
        if _address(made.toImage()) == _address(image):
            self._sharing = [*self._sharing[1 - _MOST :], (image, made)]
        return made


def _address(image: QImage) -> int:
    """Return where the pixels of an image are."""
    return int(np.frombuffer(image.constBits(), np.uint8).ctypes.data) if image.sizeInBytes() else 0
