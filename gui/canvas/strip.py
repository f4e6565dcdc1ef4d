"""The strip below the viewport: the legend at the left, the caption at the right, or below each other."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.canvas.legend import CaptionLabel, Legend
from gui.canvas.look import Look
from gui.canvas.words import Caption

_WIDE = 860  # unscaled pixels from which both stand in one row


class Ground(QWidget):
    """What legend and caption stand on: painted, since a style sheet may give a palette's color back."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.look = look
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), self.look.theme.color("canvas"))


class Strip:
    """Places legend and caption."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        self.ground = Ground(look, parent)  # first, and so below the others
        self.legend, self.caption = Legend(look, parent), CaptionLabel(look, parent)
        self._room, self._covered = QRect(), 0

    def set_look(self, look: Look) -> None:
        """Another theme."""
        self.ground.look = look
        self.ground.update()
        self.legend.set_look(look)
        self.caption.set_look(look)

    def say(self, caption: Caption) -> None:
        """Show a caption; the legend has the room that it leaves."""
        if caption != self.caption.caption:
            self.caption.show_caption(caption)
            self.place(self._room, self._covered)

    def height(self, width: int) -> int:
        """How high it is at this width of the canvas."""
        px = self.legend.look.theme.px
        return px(34) + 4 if width >= px(_WIDE) else px(34) + px(26) + 4

    def place(self, room: QRect, covered: int = 0) -> None:
        """Put both into their place, beside the pixels at the left that something covers."""
        px = self.legend.look.theme.px
        self.ground.setGeometry(room)
        pad, caption, legend = px(16), px(34), px(26)
        left, top, width = room.left() + covered + pad, room.top(), room.width() - covered - 2 * pad
        self._room, self._covered = room, covered
        if room.width() >= px(_WIDE):
            said = min(self.caption.sizeHint().width(), width - px(220))
            self.legend.setGeometry(left, top + (room.height() - legend) // 2, width - said - pad, legend)
            self.caption.setGeometry(left + width - said, top, said, caption)
        else:
            self.caption.setGeometry(left, top, width, caption)
            self.legend.setGeometry(left, top + caption, width, legend)
