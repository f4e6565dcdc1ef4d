"""What every mouse tool of the canvas is: it may take a press, follows the drag, says what it would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView


class Tool:
    """Base of the tools. Points are in scene units."""

    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, view: CanvasView) -> None:
        self.view = view

    def hint(self, point: QPointF) -> str:
        """What a press here would do, "" if it is not this tool's; may highlight what it is about."""
        return ""

    def press(self, event: QMouseEvent, point: QPointF) -> bool:
        """Whether the tool takes this press."""
        return False

    def move(self, event: QMouseEvent, point: QPointF) -> None:
        """The mouse moved while the tool holds the press."""

    def release(self, event: QMouseEvent, point: QPointF) -> None:
        """The press has ended."""

    def cancel(self) -> None:
        """Forget the press; undo nothing that is already done."""

    def leave(self) -> None:
        """The mouse is elsewhere: take back highlights."""
