"""Typing how many neurons a layer has: a click on the number between − and + opens a field over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent

from engine.design import units_of
from engine.edits.creation import UNITS
from engine.edits.outcome import Edit
from engine.edits.units import set_units
from gui.canvas.items.header import HeaderItem
from gui.canvas.look import tr
from gui.canvas.tools.base import Tool
from gui.widgets.complaint import Complaint
from gui.widgets.naming import name_control
from gui.widgets.number_field import NumberField

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView

_WIDTH = 76  # unscaled pixels: the largest number fits


class UnitsField(NumberField):
    """Stands over the number in a header while it is typed; Enter takes it, Esc does not."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(UNITS, view.viewport())
        self._view = view
        self.layer = ""
        self.complaint = Complaint(self)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        name_control(self, tr("Neurons"), tr("How many neurons the layer has; Enter takes it, Esc does not"))
        self.changed.connect(self._on_changed)
        self.refused.connect(self.complaint.say)
        self.hide()
        for bar in (view.horizontalScrollBar(), view.verticalScrollBar()):
            bar.valueChanged.connect(self.hide)

    def open(self, header: HeaderItem) -> None:
        """Type over the number of a layer."""
        view, self.layer = self._view, header.box.id
        place = view.mapFromScene(header.stepper_rect()).boundingRect()
        width, height = view.look.theme.px(_WIDTH), self.sizeHint().height()
        box = QRect(0, 0, width, height)
        box.moveCenter(place.center())
        self.setGeometry(box)
        self.show_value(self._units())
        self.show()
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.selectAll()

    def close_field(self) -> None:
        """Type no more; the keyboard goes back to the canvas."""
        self.complaint.say("")
        self._view.setFocus(Qt.FocusReason.OtherFocusReason)
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._rewrite()
            self.close_field()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
            event.accept()  # the canvas would take it too
            if self.complaint.isHidden():
                self.close_field()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self.hide()

    def _on_changed(self, units: Any, gesture: str) -> None:
        document = self._view.document
        outcome = set_units(document.project, self.layer, units)
        if isinstance(outcome, Edit):
            document.apply(outcome, gesture)
        else:
            self.show_value(self._units())
            self.complaint.say(outcome.sentence)

    def _units(self) -> int:
        return len(units_of(self._view.document.project.design.layer(self.layer)))


class CountTool(Tool):
    """A click on the 16 of [− 16 +]."""

    cursor = Qt.CursorShape.IBeamCursor

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self.field = UnitsField(view)

    def hint(self, point: QPointF) -> str:
        return tr("click: type how many neurons") if self._at(point) else ""

    def press(self, event: QMouseEvent, point: QPointF) -> bool:
        header = self._at(point)
        return header is not None and event.button() == Qt.MouseButton.LeftButton

    def release(self, event: QMouseEvent, point: QPointF) -> None:
        header = self._at(point)
        if header is not None:
            self.field.open(header)

    def _at(self, point: QPointF) -> HeaderItem | None:
        canvas, x, y = self.view.canvas, point.x(), point.y()
        headers = canvas.headers.values() if canvas.far < 0.5 else ()
        return next((header for header in headers if header.part_at(x, y) == "units"), None)
