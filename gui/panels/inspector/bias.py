"""A bias's page: what the neuron that is always 1 is for, and the weights that leave it, which are biases."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from engine.design import NetworkDesign
from engine.edits.names import listed, title
from engine.edits.outcome import Refusal
from engine.edits.settings import set_layer_field
from engine.layers.weighted import Weighted
from gui.canvas.words import symbol
from gui.document.document import Document
from gui.document.facts import layer_number
from gui.document.selection import Picked
from gui.panels.inspector.live import LivePage
from gui.panels.inspector.weight_list import MOST, WeightList, WeightRows, marks_at
from gui.session.frame_clock import Frame, FrameClock
from gui.widgets import labels
from gui.widgets.chrome import SectionHeading
from gui.widgets.numbers import count_text
from gui.widgets.words import place_text


class BiasPage(LivePage):
    """Shows the bias of a layer, live."""

    def __init__(self, document: Document, clock: FrameClock, parent: QWidget | None = None) -> None:
        rows = (("a", self.tr("x₀, its value"), self.tr("The same for every example; nothing feeds it")),)
        super().__init__(document, clock, rows, parent)
        self.about = labels.secondary()
        self.list_heading = SectionHeading(self.tr("The weights that leave it"))
        self.list = WeightList(document, self.tr("bias"))
        self.many = labels.secondary()
        self.without = QPushButton(self.tr("Learn without biases"))
        self.without.setToolTip(self.tr("Take this neuron away: its switch “Bias” is in the layer it feeds"))
        self.without.setAccessibleName(self.without.text())
        self.without.clicked.connect(self._on_without)
        self.parts += [self.about, self.list_heading, self.list, self.many]
        for widget in self.parts[1:]:
            self.place.addWidget(widget)
        self.place.addSpacing(8)
        self.place.addWidget(self.without, 0, Qt.AlignmentFlag.AlignLeft)
        self.place.addStretch(1)
        document.project_changed.connect(self._on_project)

    def refresh(self) -> None:
        """Show it as it is now."""
        design = self.document.project.design
        fed = fed_by_bias(design, self.layer)
        self.without.setVisible(bool(fed))
        names = listed(title(design, layer) for layer in fed)
        self.about.setText(
            self.tr(
                "A bias is an additional neuron, which is always 1. The weight from it to a neuron of "
                "{layers} is that neuron's bias b: it moves the weighted sum z up or down, whatever comes in."
            ).format(layers=names)
            if fed
            else self.tr("Nothing has a bias from here any more.")
        )
        super().refresh()

    def _title(self) -> str:
        return self.tr("Bias")

    def _is_there(self, frame: Frame) -> bool:
        return self.unit < 0

    def _show(self, frame: Frame) -> None:
        self.address.setText(place_text(frame.trace.address("a", self.layer)))
        self.numbers.show_number("a", 1)
        design = frame.network.design
        fed = fed_by_bias(design, self.layer)
        weights = [frame.network.place(layer).of(frame.trace.parameters)[:, 0] for layer in fed]
        count = sum(map(len, weights))
        shown = bool(count) and self.list.show_rows(
            frame,
            self.picked,
            count,
            lambda: rows_of(design, self.layer, dict(zip(fed, weights, strict=True))),
        )
        self.list_heading.setVisible(bool(count))
        self.list_heading.set_remark(count_text(count))
        self.list.setVisible(shown)
        self.many.setVisible(count > MOST)
        self.many.setText(self.tr("Too many to list; each is on the page of the neuron that it goes to."))

    def _on_project(self) -> None:
        if self.isVisible() and any(spec.id == self.layer for spec in self.document.project.design.layers):
            self.refresh()

    def _on_without(self) -> None:
        """Switch off the bias of every layer that has one from here, as one step."""
        project, texts = self.document.project, []
        fed = fed_by_bias(project.design, self.layer)
        for layer in fed:
            edit = set_layer_field(project, layer, "bias", False)
            if isinstance(edit, Refusal):
                self.document.refused.emit(edit.sentence)
                return
            project = edit.project
            texts.append(edit.text)
        if fed:
            self.document.edit(listed(texts), project)
            self.document.selection.select(Picked(fed[0]))


def fed_by_bias(design: NetworkDesign, layer: str) -> tuple[str, ...]:
    """The layers whose neurons have a bias beside what this layer sends them, in wire order."""
    specs = ((target, design.layer(target)) for target in design.targets(layer))
    return tuple(target for target, spec in specs if isinstance(spec, Weighted) and spec.bias)


def rows_of(design: NetworkDesign, layer: str, weights: dict[str, np.ndarray]) -> WeightRows:
    """The weights that leave a layer's bias, by the layers that they go to."""
    names, tips, picks, marks = [], [], [], []
    for target, biases in weights.items():
        spec, number, count = design.layer(target), layer_number(design, target), len(biases)
        noun = spec.noun if isinstance(spec, Weighted) else ""
        names += [symbol("b", number, unit) for unit in range(count)]
        tips += [f"{noun} {unit + 1}, {title(design, target)}" for unit in range(count)]
        picks += [Picked(target, unit, -1, layer) for unit in range(count)]
        marks.append(marks_at(design, target, np.s_[:, 0], count))
    values = np.concatenate(list(weights.values()))
    return WeightRows(tuple(names), values, np.concatenate(marks, axis=1), tuple(picks), tuple(tips))
