"""What every item of the picture is: a thing whose place Qt knows by itself.

Qt asks each item for its place several times a painting. Were it Python that answers, each question would
take the interpreter from the training and give it back; so a place is said when it changes, never asked for.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QGraphicsItem, QGraphicsRectItem

from gui.canvas.look import Look


class Item(QGraphicsRectItem):
    """A thing in the picture; `rect()` is where it paints at most.

    A subclass says in `reach` where it would paint, and calls `measure` after whatever changes that.
    """

    def __init__(self, look: Look, parent: QGraphicsItem | None = None) -> None:
        super().__init__(parent)
        self.setPen(Qt.PenStyle.NoPen)  # its width would count as a part of the place
        self.look = look

    def reach(self) -> QRectF:
        """Where it paints at most, in its own coordinates."""
        raise NotImplementedError

    def measure(self) -> None:
        """Tell Qt where it paints, and have it painted."""
        self.setRect(self.reach())
        self.update()

    def set_look(self, look: Look) -> None:
        """Another theme, or another size of what is written."""
        self.look = look
        self.measure()
