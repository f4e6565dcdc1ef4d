"""Single weights: pruning and freezing what is selected, and setting a weight by hand."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QObject

from engine.design import NetworkDesign, Project, Wire
from engine.edits import Edit, Outcome
from engine.edits.names import listed
from engine.edits.outcome import Refusal
from engine.edits.parameters import parameter_edit
from engine.edits.synapses import column_of, freeze, frozen, prune, pruned, restore, unfreeze
from engine.layers.dense import Dense
from engine.layers.weighted import Weighted
from gui.document.document import Document
from gui.document.facts import layer_number
from gui.document.selection import Picked
from gui.widgets.numbers import number_text, subscript

Step = Callable[[Project], Outcome]


class Marking(QObject):
    """Commands on the document's selection; each is one step of undo."""

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document

    def prune(self) -> None:
        """Take the selected synapses away."""
        self._do(prune_steps(self._design, self._picked))

    def restore(self) -> None:
        """Bring the selected pruned synapses back, or all of the selected neurons and layers."""
        self._do([partial(restore, **cell) for cell in self._cells(pruned)])

    def freeze(self) -> None:
        """Keep the selected synapses, neurons and layers as they are."""
        self._do([partial(freeze, **place) for place in self._places()])

    def unfreeze(self) -> None:
        """Let them learn again."""
        self._do([partial(unfreeze, **place) for place in self._places()])

    def toggle_frozen(self) -> None:
        """Freeze what is selected, or let it learn again if all of it is frozen."""
        self.unfreeze() if self.is_frozen() else self.freeze()

    def set_weight(self, picked: Picked, value: object, gesture: str = "", hold: bool = False) -> str:
        """Set the weight of a synapse, as one step; returns "", or a sentence that says why it cannot be."""
        cell = cell_of(self._design, picked)
        if cell is None or picked.source is None:
            return self.tr("This synapse is not there any more; choose another one.")
        edit = parameter_edit(self._design, picked.layer, *cell, value)
        if isinstance(edit, Refusal):
            return edit.sentence
        comma = "," if cell[0] + 1 > 9 or picked.source + 1 > 9 else ""
        text = self.tr("set w{index} of layer {layer} to {value}").format(
            index=f"{subscript(cell[0] + 1)}{comma}{subscript(picked.source + 1)}",
            layer=layer_number(self._design, picked.layer),
            value=number_text(edit.value),
        )
        self.document.set_parameters(text, (edit,), gesture, hold)
        return ""

    def mark(self, field: str, on: bool, picked: Picked) -> None:
        """Prune (“mask”) or freeze (“frozen”) one synapse, or take that back."""
        place = place_of(self._design, picked)
        edits = {"mask": (restore, prune), "frozen": (unfreeze, freeze)}
        if place is not None:
            self._do([partial(edits[field][on], **place)])

    def can_mark(self) -> bool:
        """Whether something is selected that has weights."""
        return bool(self._places())

    def is_frozen(self) -> bool:
        """Whether everything selected is frozen."""
        places = self._places()
        return bool(places) and all(self._part(frozen, place) for place in places)

    def any_frozen(self) -> bool:
        """Whether something selected is frozen."""
        return any(self._part(frozen, place, any_of=True) for place in self._places())

    def can_prune(self) -> bool:
        """Whether a synapse is selected that is there."""
        return bool(prune_steps(self._design, self._picked))

    def can_restore(self) -> bool:
        """Whether something selected is pruned."""
        return any(self._part(pruned, place, any_of=True) for place in self._places())

    @property
    def _design(self) -> NetworkDesign:
        return self.document.project.design

    @property
    def _picked(self) -> tuple[Picked, ...]:
        return self.document.selection.picked

    def _places(self) -> list[dict[str, Any]]:
        return [place for picked in self._picked if (place := place_of(self._design, picked)) is not None]

    def _part(self, marks_of: Callable, place: dict[str, Any], any_of: bool = False) -> bool:
        marks = marks_of(self._design, place["layer_id"])
        if marks is None:
            return False
        row, column = place.get("row"), place.get("column")
        part = marks[slice(None) if row is None else row]
        part = part if column is None else part[column]
        return bool(part.any() if any_of else part.all())

    def _cells(self, marks_of: Callable) -> list[dict[str, Any]]:
        """Every marked synapse of what is selected."""
        cells: list[dict[str, Any]] = []
        for place in self._places():
            marks = marks_of(self._design, place["layer_id"])
            if marks is None:
                continue
            cells += [
                {"layer_id": place["layer_id"], "row": row, "column": column}
                for row, column in np.argwhere(marks).tolist()
                if place.get("row") in (None, row) and place.get("column") in (None, column)
            ]
        return cells

    def _do(self, steps: list[Step]) -> None:
        """All as one step; nothing where one is refused."""
        project, texts = self.document.project, []
        for step in steps:
            outcome = step(project)
            if not isinstance(outcome, Edit):
                self.document.refused.emit(outcome.sentence)
                return
            project = outcome.project
            texts.append(outcome.text)
        if texts:
            many = self.tr("{first} and {count} more").format(first=texts[0], count=len(texts) - 1)
            self.document.edit(listed(texts) if len(texts) <= 3 else many, project)


def cell_of(design: NetworkDesign, picked: Picked) -> tuple[int, int] | None:
    """Row and column of a picked synapse in its layer's weight matrix, None if it is none of its own."""
    if picked.source is None or picked.unit is None:
        return None
    column = column_of(design, Wire(picked.source_layer, picked.layer), picked.source)
    if column is None:
        column = _column_of_kernel(design, picked)
    return None if column is None else (picked.unit, column)


def _column_of_kernel(design: NetworkDesign, picked: Picked) -> int | None:
    """The column of a weight in a filter's kernels, where the source counts the filter's weights."""
    spec = next((spec for spec in design.layers if spec.id == picked.layer), None)
    if not isinstance(spec, Weighted) or isinstance(spec, Dense) or picked.source is None:
        return None
    marks, column = pruned(design, picked.layer), picked.source + int(spec.bias)
    return column if marks is not None and 0 <= column < marks.shape[1] else None


def place_of(design: NetworkDesign, picked: Picked) -> dict[str, Any] | None:
    """What `freeze` is told of a picked thing, None where it has no weights."""
    spec = next((spec for spec in design.layers if spec.id == picked.layer), None)
    if not isinstance(spec, Weighted) or picked.is_wire:
        return None
    if picked.source is not None:
        cell = cell_of(design, picked)
        return None if cell is None else {"layer_id": picked.layer, "row": cell[0], "column": cell[1]}
    if picked.unit is None:
        return {"layer_id": picked.layer}
    return {"layer_id": picked.layer, "row": picked.unit} if 0 <= picked.unit < spec.units else None


def prune_steps(design: NetworkDesign, picked: tuple[Picked, ...]) -> list[Step]:
    """What prunes the picked synapses that are there."""
    steps: list[Step] = []
    for p in picked:
        cell, marks = cell_of(design, p), pruned(design, p.layer) if p.source is not None else None
        if cell is not None and marks is not None and not marks[cell]:
            steps.append(partial(prune, layer_id=p.layer, row=cell[0], column=cell[1]))
    return steps
