"""The editing commands that need no mouse: add a layer, delete what is selected."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.design import NetworkDesign, Project, Wire
from engine.edits import Edit, Outcome
from engine.edits.activations import absorb_activation, part_activation
from engine.edits.architectures import insert_residual_block, use_architecture
from engine.edits.flow import known_shapes
from engine.edits.layers import append, end_of, insert
from engine.edits.names import listed
from engine.edits.removal import delete
from engine.edits.units import remove_units
from engine.edits.wires import disconnect
from engine.layers.activation import Activation
from engine.layers.base import size_of
from engine.layers.weighted import Weighted
from gui.document.document import Document
from gui.document.marking import prune_steps
from gui.document.selection import Picked

Step = Callable[[Project], Outcome]


class Editing(QObject):
    """What the actions of the Edit menu do.

    Signals:
        cannot(str): it cannot be done: a sentence that says why.
        told(str): what else has come of it: a sentence.

    Attributes:
        outputs, features: give the numbers of the data's targets and features, None where not known.
    """

    cannot = Signal(str)
    told = Signal(str)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.outputs: Callable[[], int | None] = lambda: None
        self.features: Callable[[], int | None] = lambda: None

    def add_layer(self, kind: str = "") -> None:
        """Add a layer behind the selected one, or before the output; like its neighbor by default.

        “activation/relu” is an activation layer with that activation.
        """
        kind, _, activation = kind.partition("/")
        fields = {"activation": activation} if activation else {}
        picked = self.document.selection.current
        selected = "" if picked is None else picked.layer
        made = self.document.apply(added(self.document.project, kind, selected, self.outputs(), **fields))
        if made is not None:
            self.document.selection.select(Picked(made.added[0]))

    def add_residual_block(self) -> None:
        """Put a residual block into the selected wire, behind the selected layer, or before the output."""
        project = self.document.project
        wire = _wire_of(project.design, self.document.selection.current)
        if wire is None:
            self.cannot.emit(self.tr("A residual block goes into a wire; connect two layers first."))
            return
        made = self.document.apply(insert_residual_block(project, wire.source, wire.target))
        if made is not None:
            self.document.selection.select(*(Picked(layer) for layer in made.added))

    def part_activation(self) -> None:
        """Make the selected layer's activation a layer of its own, behind it."""
        made = self._apply_to_selected(part_activation)
        if made is not None:
            self.document.selection.select(Picked(made.added[0]))

    def absorb_activation(self) -> None:
        """Take the selected activation layer into the neurons that feed it."""
        self._apply_to_selected(absorb_activation)

    def possible(self) -> dict[str, bool]:
        """Which of the commands on single layers can be done now, by the last part of their name."""
        design, current = self.document.project.design, self.document.selection.current
        spec = None if current is None else next((s for s in design.layers if s.id == current.layer), None)
        return {
            "part_activation": isinstance(spec, Weighted) and spec.activation != "identity",
            "absorb_activation": isinstance(spec, Activation),
            "residual": bool(design.wires),
        }

    def build(self, name: str) -> None:
        """Put a ready architecture in the network's place, for the project's data."""
        project, features = self.document.project, self.features()
        shape = (features,) if project.design.input is None and features else None
        self.document.apply(use_architecture(project, name, shape=shape, outputs=self.outputs()))

    def delete_selected(self) -> None:
        """Delete the selected neurons, wires and layers, and prune the selected synapses, as one step."""
        picked = [p for p in self.document.selection.picked if p.source is None]
        layers = [p.layer for p in picked if p.is_layer]
        steps: list[Step] = prune_steps(self.document.project.design, self.document.selection.picked)
        units: dict[str, set[int]] = {}
        for p in picked:
            if p.is_wire:
                steps.append(partial(disconnect, source=p.source_layer, target=p.layer))
            elif p.unit is not None and p.unit >= 0 and p.layer not in layers:
                units.setdefault(p.layer, set()).add(p.unit)
        steps += [partial(remove_units, layer_id=layer, indices=gone) for layer, gone in units.items()]
        if layers:
            steps.append(partial(delete, layer_ids=layers))
        self._do(steps)

    def _apply_to_selected(self, edit: Callable[[Project, str], Outcome]) -> Edit | None:
        current = self.document.selection.current
        return None if current is None else self.document.apply(edit(self.document.project, current.layer))

    def _do(self, steps: list[Step]) -> None:
        """Several edits, one after the other, as one step; nothing at all where one is refused."""
        project, texts, notes = self.document.project, [], []
        for step in steps:
            outcome = step(project)
            if not isinstance(outcome, Edit):
                self.cannot.emit(outcome.sentence)
                return
            project = outcome.project
            texts.append(outcome.text)
            notes += [outcome.note] if outcome.note else []
        if texts:
            self.document.edit(listed(texts), project)
        if notes:
            self.told.emit(" ".join(notes))


def _wire_of(design: NetworkDesign, picked: Picked | None) -> Wire | None:
    """The wire that a selection means: itself, the one behind a layer, else the last before the output."""
    if picked is not None and picked.is_wire:
        return Wire(picked.source_layer, picked.layer)
    layer = end_of(design) if picked is None else picked.layer
    behind = [wire for wire in design.wires if wire.source == layer]
    before = [wire for wire in design.wires if wire.target == layer]
    return next(iter([*behind, *reversed(before)]), None)


def added(
    project: Project, kind: str, selected: str = "", outputs: int | None = None, **fields: Any
) -> Outcome:
    """The project with one more layer: behind the selected one if that leads on, else in front of the output.

    In a network that has no output yet (a layer with as many values as the data has targets) it goes behind
    the end.
    """
    design = project.design
    end = end_of(design)
    if selected and selected != end:
        return append(project, kind, selected, **fields)
    if design.sources(end) and size_of(known_shapes(design).get(end, ())) == outputs:
        return insert(project, design.sources(end)[0], end, kind, **fields)
    return append(project, kind or "dense", end, **fields)
