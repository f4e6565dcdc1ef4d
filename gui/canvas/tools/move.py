"""Moving layers: their headers drag them, all selected ones together, as one undo step."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent

from engine.edits.arrangement import move
from engine.edits.outcome import Edit
from gui.canvas.items.header import HeaderItem
from gui.canvas.look import tr
from gui.canvas.tools.base import Tool
from gui.document.selection import Picked

_CLICK = 3  # pixels within which a press is a click
ADDING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class MoveTool(Tool):
    """Headers: a click selects the layer (Shift or Ctrl: one more), a drag moves it."""

    cursor = Qt.CursorShape.OpenHandCursor

    def __init__(self, view) -> None:  # type: ignore[no-untyped-def]
        super().__init__(view)
        self._pressed = QPoint()
        self._start = QPointF()
        self._places: dict[str, tuple[float, float]] = {}  # where they were
        self._to: dict[str, tuple[float, float]] = {}  # and where they are dragged
        self._dragging = self._alone = False

    def hint(self, point: QPointF) -> str:
        header = self._at(point)
        if header is None:
            return ""
        self.view.document.selection.hover(Picked(header.box.id))
        return tr("click: select this layer · drag: move it")

    def press(self, event: QMouseEvent, point: QPointF) -> bool:
        header = self._at(point)
        if header is None or event.button() != Qt.MouseButton.LeftButton:
            return False
        selection, picked = self.view.document.selection, Picked(header.box.id)
        layers = tuple(p for p in selection.picked if p.unit is None)
        self._alone = False
        if event.modifiers() & ADDING:
            rest = tuple(p for p in layers if p != picked)
            selection.select(*rest, *(() if picked in layers else (picked,)))
        elif picked in layers:
            self._alone = True  # a click without a drag selects this one only
        else:
            selection.select(picked)
        self._pressed, self._start, self._dragging = event.position().toPoint(), point, False
        known = self.view.planner.places()
        self._places = {p.layer: known[p.layer] for p in selection.picked if p.layer in known}
        return True

    def move(self, event: QMouseEvent, point: QPointF) -> None:
        if not self._dragging:
            if (event.position().toPoint() - self._pressed).manhattanLength() <= _CLICK or not self._places:
                return
            self._dragging = True
            self.view.camera.fitted = False  # the picture stays where it is under the mouse
            self.view.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        step = point - self._start
        self._put({key: (x + step.x(), y + step.y()) for key, (x, y) in self._places.items()})

    def release(self, event: QMouseEvent, point: QPointF) -> None:
        if not self._dragging and self._alone:
            header = self._at(point)
            if header is not None:
                self.view.document.selection.select(Picked(header.box.id))
        document, places = self.view.document, self._to
        self._end()
        outcome = move(document.project, places) if places else None
        if isinstance(outcome, Edit):
            document.edit(outcome.text, outcome.project)

    def cancel(self) -> None:
        dragging = self._dragging
        self._end()
        if dragging:
            self.view.planner.replan()

    def leave(self) -> None:
        hovered = self.view.document.selection.hovered
        if hovered is not None and hovered.unit is None:
            self.view.document.selection.hover(None)

    def _end(self) -> None:
        self._dragging, self._places, self._to = False, {}, {}
        self.view.planner.drop()
        self.view.viewport().unsetCursor()

    def _put(self, places: dict[str, tuple[float, float]]) -> None:
        if isinstance(move(self.view.document.project, places), Edit):
            self._to = places
            self.view.planner.drag(places)

    def _at(self, point: QPointF) -> HeaderItem | None:
        canvas, x, y = self.view.canvas, point.x(), point.y()
        if canvas.far >= 0.5:
            return next(
                (canvas.headers[k] for k, b in canvas.blocks.items() if b.block().contains(point)), None
            )
        return next((h for h in canvas.headers.values() if h.grip_at(x, y)), None)
