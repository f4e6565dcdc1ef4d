"""The strip below the viewport: the legend at the left, the caption at the right, or below each other."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from gui.canvas.legend import CaptionLabel, Legend
from gui.canvas.look import Look

_WIDE = 860  # unscaled pixels from which both stand in one row


class Strip:
    """Places legend and caption."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        self.legend, self.caption = Legend(look, parent), CaptionLabel(look, parent)

    def set_look(self, look: Look) -> None:
        """Another theme."""
        self.legend.set_look(look)
        self.caption.set_look(look)

    def height(self, width: int) -> int:
        """How high it is at this width of the canvas."""
        px = self.legend.look.theme.px
        return px(34) + 4 if width >= px(_WIDE) else px(34) + px(26) + 4

    def place(self, room: QRect) -> None:
        """Put both into their place."""
        px = self.legend.look.theme.px
        pad, caption, legend = px(16), px(34), px(26)
        left, top, width = room.left() + pad, room.top(), room.width() - 2 * pad
        if room.width() >= px(_WIDE):
            half = width // 2
            self.legend.setGeometry(left, top + (room.height() - legend) // 2, half - pad, legend)
            self.caption.setGeometry(left + half, top, width - half, caption)
        else:
            self.caption.setGeometry(left, top, width, caption)
            self.legend.setGeometry(left, top + caption, width, legend)
