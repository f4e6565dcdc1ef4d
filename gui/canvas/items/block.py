"""From far away a layer is a block that says what it is: its title, its shape, its number of parameters."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gui.canvas.boxes import LayerBox
from gui.canvas.items.item import Item
from gui.canvas.look import Look

_ROOM = 8.0  # pixels within the block that stay free
_GAP = 10.0  # pixels between what stands in one row
_LEAST = 2.0  # pixels of thickness beside a line of text, without which it is left out


class BlockItem(Item):
    """A layer from afar.

    Attributes:
        lines: the title first; the others are left out where there is no room. share: how visible, 0 … 1.
    """

    def __init__(self, box: LayerBox, look: Look) -> None:
        super().__init__(look)
        self.box = box
        self.lines: tuple[str, ...] = ()
        self.selected = False
        self.share = 0.0
        self.setZValue(5)
        self.setVisible(False)
        self.measure()

    def set_box(self, box: LayerBox) -> None:
        """The same layer elsewhere."""
        self.box = box
        self.measure()

    def set_lines(self, lines: tuple[str, ...]) -> None:
        """Say something else."""
        if lines != self.lines:
            self.lines = lines
            self.update()

    def set_share(self, share: float) -> None:
        """How far away it is, from near (0) to far (1)."""
        self.share = share
        self.setVisible(share > 0)
        self.setOpacity(share)

    def block(self) -> QRectF:
        """Where the block is, in scene units."""
        h, b = self.box.header, self.box.body
        return QRectF(h.x, h.y, max(h.right, b.right) - h.x, b.bottom - h.y).adjusted(-6, 0, 6, 6)

    def reach(self) -> QRectF:
        return self.block().adjusted(-4, -4, 4, 4)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        world = painter.worldTransform()
        rect = world.mapRect(self.block())
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setBrush(self.look.theme.color("field"))
        painter.setPen(self.look.pen("accent" if self.selected else "control", 2.0 if self.selected else 1.2))
        painter.drawRoundedRect(rect, 6, 6)
        self._write(painter, rect)
        painter.restore()

    def _write(self, painter: QPainter, rect: QRectF) -> None:
        """Level where the widest line fits so, else upright, as large as text always is."""
        bold, small = self.look.text(bold=True), self.look.small()
        level = QFontMetricsF(bold).horizontalAdvance(self.lines[0] if self.lines else "") + _ROOM
        painter.translate(rect.center())
        along, across = rect.width(), rect.height()
        if level > along and across > along:
            painter.rotate(-90)
            along, across = across, along
        fonts = [bold, *[small] * (len(self.lines) - 1)]
        heights = [QFontMetricsF(font).height() for font in fonts]
        if across < heights[0] + _LEAST:
            return
        painter.setClipRect(QRectF(-along / 2, -across / 2, along, across))
        while len(heights) > 1 and sum(heights) > across - _ROOM:
            heights.pop()
        y = -sum(heights) / 2
        if len(heights) == 1:
            self._row(painter, along - _ROOM, y, heights[0])
            return
        for line, font, height in zip(self.lines, fonts, heights, strict=False):
            self._line(painter, line, font, QPointF(-along / 2 + _ROOM / 2, y), along - _ROOM, height)
            y += height

    def said_in_a_row(self, width: float) -> tuple[str, ...]:
        """What is written one behind the other where the block is too thin for two lines."""
        bold, small = QFontMetricsF(self.look.text(bold=True)), QFontMetricsF(self.look.small())
        said, room = self.lines[:1], width
        room -= bold.horizontalAdvance(self.lines[0]) if self.lines else 0.0
        for line in self.lines[1:]:
            room -= small.horizontalAdvance(line) + _GAP
            if room < 0:
                break
            said = (*said, line)
        return said

    def _row(self, painter: QPainter, width: float, y: float, height: float) -> None:
        bold, small = self.look.text(bold=True), self.look.small()
        said = self.said_in_a_row(width)
        if len(said) < 2:
            self._line(painter, "".join(said), bold, QPointF(-width / 2, y), width, height)
            return
        fonts = [bold, *[small] * (len(said) - 1)]
        widths = [QFontMetricsF(f).horizontalAdvance(text) + 1 for f, text in zip(fonts, said, strict=True)]
        x = -(sum(widths) + _GAP * (len(said) - 1)) / 2
        for text, font, wide in zip(said, fonts, widths, strict=True):
            self._line(painter, text, font, QPointF(x, y), wide, height)
            x += wide + _GAP

    def _line(
        self, painter: QPainter, text: str, font: QFont, at: QPointF, width: float, height: float
    ) -> None:
        painter.setFont(font)
        painter.setPen(self.look.pen("text" if font.bold() else "secondary"))
        text = whole_words(text, font, width)
        painter.drawText(QRectF(at.x(), at.y(), width, height), Qt.AlignmentFlag.AlignCenter, text)


def whole_words(text: str, font: QFont, width: float) -> str:
    """What of a text can be read in a width: all of it, else its first word, else nothing, but never “M…”."""
    measure = QFontMetricsF(font)
    for part in (text, text.partition(" ")[0]):
        if measure.horizontalAdvance(part) <= width and (part == text or part.isalpha()):
            return part
    return ""
