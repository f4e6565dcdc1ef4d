"""The stepper in a layer's header: a click adds or removes a neuron, holding goes on as one undo step.

While the mouse is there, the stepper stays below it, however the picture changes, for the next click.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent

from engine.design import units_of
from engine.edits.units import set_units
from gui.canvas.items.header import HeaderItem
from gui.canvas.look import tr
from gui.canvas.tools.base import Tool
from gui.widgets.gestures import new_gesture

_FIRST_MS, _NEXT_MS = 400, 90
MOST_UNITS = 4096


class StepperTool(Tool):
    """[− 16 +] above every hidden layer."""

    cursor = Qt.CursorShape.PointingHandCursor

    def __init__(self, view) -> None:  # type: ignore[no-untyped-def]
        super().__init__(view)
        self._timer = QTimer(view)
        self._timer.timeout.connect(self._repeat)
        self._layer, self._by, self._gesture = "", 0, ""

    def hint(self, point: QPointF) -> str:
        header, part = self._at(point)
        for item in self.view.canvas.headers.values():
            item.set_hot(part if item is header else "")
        if header is None:
            if not self._over(point):
                self.view.camera.let_go()
            return ""
        return (
            tr("click: one neuron more · hold: go on")
            if part == "+"
            else tr("click: one neuron less · hold: go on")
        )

    def press(self, event: QMouseEvent, point: QPointF) -> bool:
        header, part = self._at(point)
        if header is None or event.button() != Qt.MouseButton.LeftButton:
            return False
        self._layer, self._by = header.box.id, 1 if part == "+" else -1
        self._gesture = new_gesture()
        self.view.camera.hold(self._place)
        self._step()
        self._timer.start(_FIRST_MS)
        return True

    def release(self, event: QMouseEvent, point: QPointF) -> None:
        self.cancel()

    def cancel(self) -> None:
        self._timer.stop()

    def leave(self) -> None:
        for item in self.view.canvas.headers.values():
            item.set_hot("")
        self.view.camera.let_go()

    def _repeat(self) -> None:
        self._timer.setInterval(_NEXT_MS)
        self._step()

    def _step(self) -> None:
        document = self.view.document
        design = document.project.design
        if all(spec.id != self._layer for spec in design.layers):
            self.cancel()
            return
        spec = design.layer(self._layer)
        units = min(max(len(units_of(spec)) + self._by, 1), MOST_UNITS)
        document.apply(set_units(document.project, self._layer, units), self._gesture)

    def _place(self) -> QPointF | None:
        """The middle of the stepper that was clicked."""
        header = self.view.canvas.headers.get(self._layer)
        return None if header is None else header.stepper_rect().center()

    def _over(self, point: QPointF) -> bool:
        """Whether a point is on the stepper that was clicked, its number included."""
        header = self.view.canvas.headers.get(self._layer)
        return header is not None and header.part_at(point.x(), point.y()) in ("−", "units", "+")

    def _at(self, point: QPointF) -> tuple[HeaderItem | None, str]:
        if self.view.canvas.far >= 0.5:
            return None, ""
        for item in self.view.canvas.headers.values():
            part = item.part_at(point.x(), point.y())
            if part in ("−", "+"):
                return item, part
        return None, ""
