"""The editing commands that need no mouse: add a layer, delete what is selected."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.layers.dense import Input
from gui.document.document import Document
from gui.document.edits import inserted, label_of, without_layer, without_units
from gui.document.selection import Picked


class Editing(QObject):
    """What the actions of the Edit menu do.

    Signals:
        cannot(str): it cannot be done: a sentence that says why.
    """

    cannot = Signal(str)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document

    def add_layer(self, kind: str = "dense") -> None:
        """Add a layer behind the selected one (before the output if none, or the output, is selected)."""
        project, picked = self.document.project, self.document.selection.current
        source = picked.layer if picked is not None and project.design.targets(picked.layer) else ""
        edited, spec = inserted(project, source)
        before = edited.design.sources(spec.id)
        after = label_of(edited.design.layer(before[0])) if before else ""
        text = self.tr("add {layer} after {other}").format(layer=label_of(spec), other=after)
        self.document.edit(text if after else self.tr("add {layer}").format(layer=label_of(spec)), edited)
        self.document.selection.select(Picked(spec.id))

    def delete_selected(self) -> None:
        """Delete the selected layers or neurons."""
        picked = self.document.selection.picked
        project, names = self.document.project, []
        for layer in dict.fromkeys(p.layer for p in picked if p.source is None):
            spec = project.design.layer(layer)
            if isinstance(spec, Input):
                self.cannot.emit(self.tr("The input layer belongs to the data; choose other data instead."))
                continue
            units = {p.unit for p in picked if p.layer == layer and p.unit is not None and p.source is None}
            if not units:
                names.append(label_of(spec))
                project = without_layer(project, layer)
            elif len(units) == len(getattr(spec, "unit_ids", ())):
                self.cannot.emit(self.tr("A layer needs at least one neuron; delete the layer instead."))
            else:
                shown = ", ".join(str(unit + 1) for unit in sorted(units))
                names.append(self.tr("neuron {units} of {layer}").format(units=shown, layer=label_of(spec)))
                project = without_units(project, layer, units)
        if names:
            self.document.edit(self.tr("delete {names}").format(names=", ".join(names)), project)
