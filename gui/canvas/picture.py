"""The canvas as a picture: what is in view, without cards and buttons, as an image or as SVG."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QBuffer, QIODevice, QRect, QRectF, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsItem

from gui.canvas.view import CanvasView

_SHARP = 2.0  # device pixels per pixel of the view, at least


def image_of(view: CanvasView) -> QImage:
    """What the canvas shows, at least twice as sharp as on screen, on its background."""
    size = view.viewport().size()
    ratio = max(_SHARP, view.viewport().devicePixelRatioF())
    image = QImage(size * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(view.look.theme.color("canvas"))
    painter = QPainter(image)
    _draw(view, painter, size)
    painter.end()
    return image


def svg_of(view: CanvasView, title: str) -> bytes:
    """What the canvas shows as SVG: neurons and texts stay lines, dense bundles are pictures in it."""
    size = view.viewport().size()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setViewBox(QRect(0, 0, size.width(), size.height()))
    generator.setTitle(title)
    painter = QPainter(generator)
    painter.fillRect(QRect(0, 0, size.width(), size.height()), view.look.theme.color("canvas"))
    _draw(view, painter, size)
    painter.end()
    return bytes(buffer.data().data())


def _draw(view: CanvasView, painter: QPainter, size: QSize) -> None:
    painter.setRenderHints(view.renderHints())
    room = QRect(0, 0, size.width(), size.height())
    with _uncached(view), _as_shapes(view):
        view.canvas.render(painter, QRectF(room), view.mapToScene(room).boundingRect())


@contextmanager
def _as_shapes(view: CanvasView) -> Iterator[None]:
    """Neurons as shapes: their picture for the screen would be blurred at another resolution."""
    layers = list(view.canvas.layers.values())
    for layer in layers:
        layer.draw_as_shapes(True)
    try:
        yield
    finally:
        for layer in layers:
            layer.draw_as_shapes(False)


@contextmanager
def _uncached(view: CanvasView) -> Iterator[None]:
    """Items paint themselves instead of showing what they had painted for the screen."""
    modes = [(item, item.cacheMode()) for item in view.canvas.items()]
    for item, _ in modes:
        item.setCacheMode(QGraphicsItem.CacheMode.NoCache)
    try:
        yield
    finally:
        for item, mode in modes:
            item.setCacheMode(mode)
