"""All mouse tools of the canvas in their order: the first that wants a press has it until the release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QCursor, QMouseEvent

from gui.canvas.tools.base import Tool
from gui.canvas.tools.counting import CountTool
from gui.canvas.tools.fault import FaultTool
from gui.canvas.tools.fold import FoldTool
from gui.canvas.tools.marquee import MarqueeTool
from gui.canvas.tools.move import MoveTool
from gui.canvas.tools.pan import PanTool
from gui.canvas.tools.plus import PlusTool
from gui.canvas.tools.select import SelectTool
from gui.canvas.tools.stepper import StepperTool
from gui.canvas.tools.wire import WirePickTool, WireTool
from gui.document.selection import Picked

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView


class Toolbox:
    """Hands events to tools; `wire` is wanted by the keyboard too."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self._pan, self._select, self._wires = PanTool(view), SelectTool(view), WirePickTool(view)
        self.wire, self._stepper = WireTool(view), StepperTool(view)
        self._tools: tuple[Tool, ...] = (
            FaultTool(view),
            self.wire,
            self._stepper,
            CountTool(view),
            PlusTool(view),
            MoveTool(view),
            FoldTool(view),
            self._select,
            self._wires,
            MarqueeTool(view),
            self._pan,
        )
        self._active: Tool | None = None

    def press(self, event: QMouseEvent, point: QPointF) -> None:
        """A button went down."""
        if event.button() == Qt.MouseButton.MiddleButton:
            self._active = self._pan if self._pan.press(event, point) else None
            return
        self._active = next((tool for tool in self._tools if tool.press(event, point)), None)
        self.hover(self._view.mapToScene(self._view.mouse))  # the press may have moved the picture

    def press_again(self, event: QMouseEvent, point: QPointF) -> None:
        """A button went down soon after the last time: only where every click counts is it one more press."""
        if self._stepper.press(event, point):
            self._active = self._stepper

    def move(self, event: QMouseEvent, point: QPointF) -> None:
        """The mouse moved."""
        if self._active is not None and event.buttons():
            self._active.move(event, point)
        else:
            self.hover(point)

    def release(self, event: QMouseEvent, point: QPointF) -> None:
        """A button came up."""
        if self._active is not None:
            self._active.release(event, point)
            self._active = None
            if self._view.viewport().rect().contains(self._view.mouse):
                self.hover(self._view.mapToScene(self._view.mouse))  # what was said of the drag is over
            else:
                self.leave()

    def cancel(self) -> None:
        """Forget a press."""
        if self._active is not None:
            self._active.cancel()
            self._active = None

    def pick(self, point: QPointF) -> Picked | None:
        """What lies at a point, whole wires left out: they are what lies behind."""
        return self._select.pick(point)

    def pick_wire(self, point: QPointF) -> Picked | None:
        """The whole wire at a point."""
        return self._wires.pick(point)

    @property
    def busy(self) -> bool:
        """Whether a tool holds a press."""
        return self._active is not None

    def hover(self, point: QPointF) -> None:
        """Say, and show, what a press here would do."""
        chosen, text = None, ""
        for tool in self._tools:
            if chosen is None:
                text = tool.hint(point)
                chosen = tool if text else None
            else:
                tool.leave()
        if chosen is not None:
            self._view.viewport().setCursor(chosen.cursor)
        self._view.status_text.emit(text)

    def look_again(self) -> None:
        """Something else may lie under the mouse, which has not moved."""
        view = self._view
        at = view.viewport().mapFromGlobal(QCursor.pos())
        if not self.busy and view.viewport().underMouse() and not view.drops.ghost.isVisible():
            self.hover(view.mapToScene(at))

    def leave(self) -> None:
        """The mouse has left the canvas."""
        for tool in self._tools:
            tool.leave()
        self._view.status_text.emit("")
