"""Work by hand on the picture: the pill of the selected synapse, input or neuron, its keys and its marks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent

from engine.design import NetworkDesign
from engine.edits.parameters import LARGEST
from engine.edits.synapses import frozen, pruned
from gui.canvas import values
from gui.canvas.handles import lock_places, middle_of, neighbor_of, pruned_lines, unit_place
from gui.canvas.items.handmarks import HandMarksItem, Marks
from gui.canvas.kernelcells import cell_beside, kernel_side
from gui.canvas.look import tr
from gui.canvas.pill import Pill
from gui.canvas.words import symbol
from gui.document.facts import layer_number
from gui.document.marking import Marking, cell_of
from gui.document.selection import Picked
from gui.widgets.complaint import Complaint
from gui.widgets.gestures import new_gesture
from gui.widgets.numbers import subscript

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView

_DIGITS = "0123456789-"


class ByHand(QObject):
    """Keeps the pill with the selection, and does what it says.

    Signals:
        cannot(str): a sentence that says why not.
        possible_changed(): other commands are possible.

    Attributes:
        pill, marks: what is drawn; marking: prunes and freezes; complaint: why a typed number was not taken.
    """

    cannot = Signal(str)
    possible_changed = Signal()

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self._document, self._question = view.document, view.clock.question
        self.marking = Marking(view.document, self)
        self.pill = Pill(view.look, view.viewport())
        self.complaint = Complaint(self.pill)
        self.marks = HandMarksItem(view.look)
        view.canvas.addItem(self.marks)
        self._gesture = ""
        self._before: float | None = None
        self._subject: Picked | None = None
        self._frozen = False
        self._connect()

    def _connect(self) -> None:
        view, pill = self._view, self.pill
        self._document.selection.changed.connect(self._on_selection)
        self._document.project_changed.connect(self._on_project)
        view.planner.dragged.connect(self._follow)
        self._question.changed.connect(self.update)
        view.controller.opened.connect(self.update)
        view.clock.frame_ready.connect(self._on_frame)
        view.maps.settling.connect(self.update)
        for bar in (view.horizontalScrollBar(), view.verticalScrollBar()):
            bar.valueChanged.connect(self._place)
        pill.dragged.connect(self._on_dragged)
        pill.dropped.connect(self._on_dropped)
        pill.typed.connect(self._on_typed)
        pill.refused.connect(self.complaint.say)
        pill.closed.connect(view.setFocus)
        pill.closed.connect(lambda: self.complaint.say(""))
        pill.entered.connect(self._on_entered)

    # -- commands

    def type_value(self) -> None:
        """Type the number on the pill."""
        if self._subject is not None and self.pill.isVisible():
            self.pill.open_field()

    def clamp(self, value: float) -> None:
        """What if the selected neurons and inputs were this?"""
        for picked in self._units():
            assert picked.unit is not None
            self._question.hold(picked.layer, picked.unit, value)

    def unclamp(self) -> None:
        """Let the selected neurons be what the network makes of them; all, if none of them is held."""
        held = [p for p in self._units() if self._question.value_of(p.layer, p.unit or 0) is not None]
        for picked in held:
            assert picked.unit is not None
            self._question.release(picked.layer, picked.unit)
        if not held:
            self._question.clear()

    def possible(self) -> dict[str, bool]:
        """Which commands can be done now, by the last part of their name."""
        marking, units = self.marking, bool(self._units())
        return {
            "set_value": self._subject is not None and not self.pill.fixed,
            "prune": marking.can_prune(),
            "restore": marking.can_restore(),
            "freeze": marking.can_mark() and not marking.is_frozen(),
            "unfreeze": marking.any_frozen(),
            "clamp.0": units,
            "clamp.1": units,
            "unclamp": bool(self._question.held.clamps),
        }

    def hint(self) -> str:
        """What can be done with the pill."""
        picked = self._subject
        if picked is None:
            return ""
        if picked.source is None:
            if self._is_input(picked):
                return tr("drag: what if it were … · Shift: finer · Enter: type · Esc: restore")
            return tr("drag: what if it were … · Enter: type · Shift+←: its synapses · Delete: remove")
        if self.pill.fixed:
            return tr("this synapse is pruned; right click: restore it")
        lock = tr("L: let it learn") if self._frozen else tr("L: freeze")
        return (
            tr("drag: change it · Shift: finer · Enter: type · Esc: restore · Delete: prune") + " · " + lock
        )

    # -- keys

    def key(self, event: QKeyEvent) -> bool:
        """Whether a key on the canvas was for the hand."""
        key, shift = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key == Qt.Key.Key_Escape and self.pill.cancel_drag():
            self._take_back()
            return True
        if self._subject is None:
            return False
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.type_value()
            return True
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and event.text() and event.text() in _DIGITS:
            self.pill.open_field(event.text())
            return True
        card, layer = self._view.card.text, self._subject.layer
        kernels = card.kernels if card is not None and kernel_side(self._design, layer) else None
        source = next(iter(self._design.sources(layer)), "")
        found = cell_beside(self._subject, source, Qt.Key(key), kernels, shift) or neighbor_of(
            self._view.canvas, self._subject, Qt.Key(key), shift
        )
        if found is not None:
            self._document.selection.hover(None)
            self._document.selection.select(found)
            self._view.status_text.emit(self.hint())
        return found is not None

    # -- what is shown

    def set_look(self) -> None:
        """Another theme."""
        self.pill.set_look(self._view.look)
        self.update()

    def update(self) -> None:
        """The selection, the design, the layout or what is held has changed."""
        self._follow()
        self.possible_changed.emit()

    def _follow(self) -> None:
        """The picture has moved."""
        self._show_marks()
        self._show_pill()

    def _on_project(self, before: object, after: object) -> None:
        self.update()

    def _on_frame(self, frame: object) -> None:
        if self._subject is not None or self._document.selection.current is not None:
            self._show_pill()

    def _on_entered(self, over: bool) -> None:
        self._view.status_text.emit(self.hint() if over else "")

    def _on_selection(self) -> None:
        self.pill.close_field()
        if self.pill.cancel_drag():
            self._on_dropped()
        self.update()

    def _show_marks(self) -> None:
        plan = self._view.canvas.plan
        if plan is None:
            return
        boxes = plan.layout.boxes
        current = self._document.selection.current
        held = [
            place
            for layer, box in boxes.items()
            for unit in self._question.indices(layer)
            if (place := unit_place(box, unit)) is not None
        ]
        locks = lock_places(plan.layout, self._design, current)
        marks = Marks(pruned_lines(plan.absent, current), locks, tuple(held))
        self.marks.show_marks(marks, list(boxes.values()))

    def _show_pill(self) -> None:
        current = self._document.selection.current
        self._subject = current if self._describe(current) else None
        if self._subject is None:
            self.pill.close_field()
            self.pill.hide()
            return
        self._place()

    def _describe(self, picked: Picked | None) -> bool:
        """Write the pill; whether there is anything to show."""
        frame = self._view.frame
        if picked is None or picked.unit is None or frame is None or frame.network.design != self._design:
            return False
        number = layer_number(self._design, picked.layer)
        self.pill.largest = math.inf if picked.source is None else LARGEST
        if picked.source is None:
            if picked.unit < 0 or picked.layer not in frame.trace.layers:
                return False
            a = frame.trace.layers[picked.layer].a
            shape = frame.network.shapes.get(picked.layer, ())
            is_map = len(shape) == 3 and not self._is_input(picked)
            a = a.reshape(shape[0], -1).mean(axis=1) if is_map else a
            if picked.unit >= a.size:
                return False
            held = self._question.value_of(picked.layer, picked.unit) is not None
            letter = tr("mean a") if is_map else symbol("a", number, picked.unit)
            letter = f"x{subscript(picked.unit + 1)}" if self._is_input(picked) else letter
            self.pill.show_number(letter, float(a[picked.unit]), tr("what if") if held else "")
            return True
        cell, place = cell_of(self._design, picked), values.place_of(frame, picked.layer)
        if cell is None or place is None or cell[0] >= place.shape[0] or cell[1] >= place.shape[1]:
            return False
        gone, kept = pruned(self._design, picked.layer), frozen(self._design, picked.layer)
        absent = gone is not None and bool(gone[cell])
        self._frozen = kept is not None and bool(kept[cell])
        note = tr("pruned") if absent else ""
        letter = "b" if picked.source < 0 else "w"
        self.pill.show_number(letter, float(place.of(frame.trace.parameters)[cell]), note, fixed=absent)
        return True

    def _place(self) -> None:
        picked = self._subject
        scene = None if picked is None else middle_of(self._view.canvas, picked)
        at = self._view.mapFromScene(*scene) if scene is not None else self._cell_place()
        if at is None or self._view.canvas.far >= 0.5:
            self.pill.hide()
            return
        room = self._view.room
        if picked is not None and picked.source is None:
            at += self._beside(picked)
        if not room.contains(at):
            self.pill.hide()
            return
        if not self.pill.dragging:
            self.pill.center_at(at, room)
        self.pill.show()
        self.pill.raise_()
        if not self._view.card.isHidden() and scene is not None:
            self._view.focus.place_card()

    def _beside(self, picked: Picked) -> QPoint:
        """From the edge of a neuron to the middle of its pill."""
        if self._view.canvas.layers[picked.layer].box.side is not None:
            return QPoint(-self.pill.width() // 2 - 8, 0)
        return QPoint(0, self.pill.height() // 2 + 4)

    def _cell_place(self) -> QPoint | None:
        """Below the chosen cell of a filter's kernels, in the viewport; None where there is none."""
        card, picked = self._view.card, self._subject
        if picked is None or picked.source is None or card.text is None or card.text.kernels is None:
            return None
        if card.text.chosen != picked.source or not card.isVisible():
            return None
        cell = card.text.kernels.grid.rect(max(picked.source, 0))
        foot = card.picture.mapTo(self._view.viewport(), cell.center())
        return foot + QPoint(0, cell.height() // 2 + self.pill.height() // 2 + 3)

    # -- the pill

    def _on_dragged(self, value: float) -> None:
        picked = self._subject
        if picked is None or picked.unit is None:
            return
        if not self._gesture:
            self._gesture = new_gesture()
            self._before = self._question.value_of(picked.layer, picked.unit)
        if picked.source is not None:
            self._set_weight(picked, value, hold=True)
        else:
            self._question.hold(picked.layer, picked.unit, value)
        self._show_pill()

    def _on_dropped(self) -> None:
        if self._gesture and self._subject is not None and self._subject.source is not None:
            self._view.controller.let_go()
        self._gesture = ""
        self._show_pill()

    def _take_back(self) -> None:
        """Esc while dragging: as it was."""
        picked, gesture, self._gesture = self._subject, self._gesture, ""
        if picked is None or not gesture or picked.unit is None:
            return
        if picked.source is not None:
            self._document.take_back(gesture)
        elif self._before is None:
            self._question.release(picked.layer, picked.unit)
        else:
            self._question.hold(picked.layer, picked.unit, self._before)
        self._show_pill()

    def _on_typed(self, value: float) -> None:
        picked = self._subject
        if picked is None or picked.unit is None:
            return
        if picked.source is not None:
            self._set_weight(picked, value)
        else:
            self._question.hold(picked.layer, picked.unit, value)

    def _set_weight(self, picked: Picked, value: float, hold: bool = False) -> None:
        sentence = self.marking.set_weight(picked, value, self._gesture if hold else "", hold)
        if sentence:
            self.cannot.emit(sentence)

    # -- helpers

    @property
    def _design(self) -> NetworkDesign:
        return self._document.project.design

    def _is_input(self, picked: Picked) -> bool:
        source = self._design.input
        return source is not None and picked.layer == source.id

    def _units(self) -> list[Picked]:
        sizes = {spec.id: len(getattr(spec, "unit_ids", ())) for spec in self._design.layers}
        return [
            p
            for p in self._document.selection.picked
            if p.source is None and p.unit is not None and 0 <= p.unit < sizes.get(p.layer, 0)
        ]
