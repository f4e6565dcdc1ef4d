"""What is written below a bundle: what flows along it, and the limit of its colors."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QGraphicsItem, QGraphicsSimpleTextItem

from gui.canvas.boxes import Bundle
from gui.canvas.look import Look
from gui.widgets.numbers import number_text


class FlowLabel:
    """A quiet line, kept apart from the bundle's picture, so that a frame need not write it.

    Attributes:
        item: what is drawn; shape, short: what flows, and how it is written where there is little room.
    """

    def __init__(self, parent: QGraphicsItem, look: Look) -> None:
        self.item = QGraphicsSimpleTextItem(parent)
        self.item.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.item.hide()
        self.shape = self.short = ""
        self._made_of: tuple[Any, ...] = ()
        self.set_look(look)

    def set_look(self, look: Look) -> None:
        """Another theme."""
        self._look = look
        self.item.setFont(look.small())
        self.item.setBrush(look.theme.color("secondary"))

    def rect(self) -> QRectF:
        """Where it is written, in scene units; nowhere if nothing is."""
        return self.item.sceneBoundingRect() if self.item.text() else QRectF()

    def show(self, bundle: Bundle, extent: QRectF, limit: float | None, near: bool) -> None:
        """Write it below a bundle; the limit is None where no weight is known."""
        least = self.item.scale()
        made_of = bundle, extent, limit, near, least, self.shape, self.short, self._look
        if made_of == self._made_of:
            return
        self._made_of = made_of
        left, right = _between_neurons(bundle, extent)
        text = self._fitting(limit, (right - left - 16) / least)
        if text != self.item.text():
            self.item.setText(text)
            self.item.setVisible(bool(text) and bool(len(bundle)))
        width = self.item.boundingRect().width()
        gap = 20 if near else 5  # from near, numbers hang over the edge
        self.item.setPos((left + right) / 2 - width * least / 2, extent.bottom() + gap * least)

    def _fitting(self, limit: float | None, room: float) -> str:
        """As much as there is room for beside the neurons; rather the limit of the colors than the shape."""
        scale = "" if limit is None else f"±{number_text(limit, 2)}"
        short = self.short or self.shape
        wordings = [(self.shape, scale), (short, scale), (scale,) if scale else (short,)]
        texts = ["   ".join(filter(None, words)) for words in wordings]
        width = QFontMetricsF(self.item.font()).horizontalAdvance
        return next((text for text in texts if width(text) <= room), texts[-1])


def _between_neurons(bundle: Bundle, extent: QRectF) -> tuple[float, float]:
    """The left and right ends of the gap that synapses cross; those of a bias begin above the neurons."""
    if not len(bundle):
        return extent.left(), extent.right()
    return float(bundle.starts[:, 0].max()), float(bundle.ends[:, 0].min())
