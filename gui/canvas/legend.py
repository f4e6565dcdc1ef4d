"""The strip below the picture: the caption, and the legend that says which color is which number."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.canvas.color import TABLE_SIZE, ZERO
from gui.canvas.look import Look
from gui.canvas.surface import image_over
from gui.canvas.words import Caption

_BAR = 132


class Legend(QWidget):
    """− max, gray 0, + max; in the backward wave the green scale of gradients."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self.green = False
        self.single = False
        self.limit = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._tell()

    def set_look(self, look: Look) -> None:
        """Another theme."""
        self.look = look
        self.updateGeometry()
        self.update()

    def show_scale(self, green: bool, limit: str, single: bool) -> None:
        """The green or the signed scale; limit: the number at its end, "" where every bundle has its own.

        single: all synapses are drawn one by one.
        """
        if (green, limit, single) != (self.green, self.limit, self.single):
            self.green, self.limit, self.single = green, limit, single
            self._tell()
            self.update()

    def ends(self) -> tuple[str, str, str]:
        """What stands at the left, in the middle and at the right of the bar."""
        high = self.limit or self.tr("max")
        return ("0", "", high) if self.green else (f"−{high}", "0", f"+{high}")

    def note(self) -> str:
        """What the colors mean."""
        if self.green:
            return self.tr("size of the gradient, ▲ up ▼ down")
        if self.single:
            return self.tr("weight of each synapse")
        return self.tr("mean of the synapses crossing each pixel")

    def _tell(self) -> None:
        self.setAccessibleName(f"{self.tr('Legend')}: {' … '.join(self.ends())}, {self.note()}")

    def sizeHint(self) -> QSize:
        return QSize(420, self.look.theme.px(24))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.look.theme.px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setFont(self.look.small())
        painter.setPen(self.look.pen("secondary"))
        measure = painter.fontMetrics()
        low, middle, high = self.ends()
        y = self.height() / 2
        x = 0.0
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        wide = measure.horizontalAdvance(low) + 6
        painter.drawText(QRectF(x, 0, wide, self.height()), flags, low)
        x += wide
        bar = QRectF(x, y - 5, self.look.theme.px(_BAR), 10)
        colors = (self.look.green.over(self.look.theme.canvas) if self.green else self.look.solid).colors
        colors = np.ascontiguousarray((colors[ZERO:] if self.green else colors[:TABLE_SIZE])[None, :])
        image: QImage = image_over(colors)
        painter.drawImage(bar, image)
        if middle:
            painter.drawLine(
                QPointF(bar.center().x(), bar.bottom()), QPointF(bar.center().x(), bar.bottom() + 3)
            )
        x = bar.right() + 6
        wide = measure.horizontalAdvance(high) + 14
        painter.drawText(QRectF(x, 0, wide, self.height()), flags, high)
        x += wide
        note = measure.elidedText(self.note(), Qt.TextElideMode.ElideRight, int(self.width() - x))
        painter.drawText(QRectF(x, 0, self.width() - x, self.height()), flags, note)


class CaptionLabel(QWidget):
    """The sentence: what the network says and what is true, with a check or a cross, not by color alone."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self.caption = Caption("", None)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_look(self, look: Look) -> None:
        """Another theme."""
        self.look = look
        self.updateGeometry()
        self.update()

    def show_caption(self, caption: Caption) -> None:
        """Say something else."""
        if caption != self.caption:
            self.caption = caption
            self.setAccessibleName(caption.text)
            self.update()

    def sizeHint(self) -> QSize:
        measure = QFontMetrics(self.look.large())
        mark = 0 if self.caption.right is None else self.look.theme.px(24)
        return QSize(measure.horizontalAdvance(self.caption.text) + mark + 6, self.look.theme.px(30))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.look.theme.px(30))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setFont(self.look.large())
        painter.setPen(self.look.pen("text"))
        mark = 0.0 if self.caption.right is None else self.look.theme.px(24)
        width = self.width() - mark
        text = painter.fontMetrics().elidedText(self.caption.text, Qt.TextElideMode.ElideRight, int(width))
        used = painter.fontMetrics().horizontalAdvance(text)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        left = max(self.width() - used - mark - 2, 0)
        if mark:
            self._paint_mark(painter, QRectF(left, 0, mark, self.height()))
        painter.setPen(self.look.pen("text"))
        painter.drawText(QRectF(left + mark, 0, used + 4, self.height()), flags, text)

    def _paint_mark(self, painter: QPainter, room: QRectF) -> None:
        size = self.look.theme.px(5)
        c = QPointF(room.left() + self.look.theme.px(9), room.center().y())
        painter.setPen(self.look.pen("text", 2.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.caption.right:
            points = [
                c + QPointF(-size, 0),
                c + QPointF(-size * 0.3, size * 0.8),
                c + QPointF(size, -size * 0.8),
            ]
            painter.drawPolyline(QPolygonF(points))
        else:
            d = QPointF(size * 0.8, size * 0.8)
            e = QPointF(size * 0.8, -size * 0.8)
            painter.drawLine(c - d, c + d)
            painter.drawLine(c - e, c + e)
