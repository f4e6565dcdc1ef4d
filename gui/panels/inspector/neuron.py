"""A neuron's page: its numbers for the example on show, where they come from, its weights as a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from engine.activations import ACTIVATIONS
from engine.layers.base import BIAS
from gui.document.document import Document
from gui.document.selection import Picked
from gui.panels.inspector.live import LivePage
from gui.panels.inspector.weight_list import WeightList, WeightRows, marks_at
from gui.panels.inspector.weights import WeightBars, WeightPicture, WeightRow
from gui.session.frame_clock import Frame, FrameClock
from gui.widgets.chrome import SectionHeading
from gui.widgets.numbers import count_text, subscript
from gui.widgets.words import address_text, input_text

MOST_ROWS = 10


@dataclass(frozen=True, slots=True)
class Incoming:
    """What feeds a neuron: names, weights (the bias first, if it has one), and what they multiply."""

    names: tuple[str, ...]
    weights: np.ndarray
    inputs: np.ndarray
    gradients: np.ndarray
    has_bias: bool


class NeuronPage(LivePage):
    """Shows one neuron, live."""

    def __init__(self, document: Document, clock: FrameClock, parent: QWidget | None = None) -> None:
        rows = (
            ("z", self.tr("z = Σ w·a"), self.tr("The weighted sum of what comes in, the bias included")),
            ("a", self.tr("a = φ(z)"), self.tr("Its activation: what it sends on")),
            ("b", self.tr("b, its bias"), self.tr("The weight from the neuron that is always 1")),
            ("delta", self.tr("δ = ∂L/∂z"), self.tr("How the loss of this example changes with z")),
        )
        super().__init__(document, clock, rows, parent)
        self.bars_heading = SectionHeading(self.tr("What it adds up"))
        self.bars = WeightBars()
        self.list_heading = SectionHeading(self.tr("Its weights"))
        self.list = WeightList(document, self.tr("from"))
        self.picture_heading = SectionHeading(self.tr("Its weights as a picture"))
        self.picture = WeightPicture()
        self.parts += [self.bars_heading, self.bars, self.list_heading, self.list]
        for widget in self.parts[1:]:
            self.place.addWidget(widget)
        self.parts += [self.picture_heading, self.picture]
        self.place.addWidget(self.picture_heading)
        self.place.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignLeft)
        self.place.addStretch(1)

    def _title(self) -> str:
        first, frame = self.document.project.design.input, self.clock.frame
        if first is not None and first.id == self.layer and frame is not None and self._fits(frame):
            return input_text(frame.data, self.unit)
        return self.tr("Neuron {unit}").format(unit=count_text(self.unit + 1))

    def _is_there(self, frame: Frame) -> bool:
        return 0 <= self.unit < frame.trace.layers[self.layer].a.size

    def _show(self, frame: Frame) -> None:
        trace = frame.trace.layers[self.layer]
        self.address.setText(address_text(frame.trace.address("a", self.layer, self.unit)))
        incoming = incoming_of(frame, self.layer, self.unit)
        self.numbers.show_number("a", float(trace.a[self.unit]))
        for name, row in (("z", trace.z), ("delta", trace.delta)):
            self.numbers.show_number(name, float(row[self.unit]) if incoming is not None else None)
        bias = float(incoming.weights[0]) if incoming is not None and incoming.has_bias else None
        self.numbers.show_number("b", bias)
        self._show_formula(frame)
        self._show_weights(frame, incoming)

    def _show_formula(self, frame: Frame) -> None:
        spec: Any = frame.project.design.layer(self.layer)
        activation = ACTIVATIONS[spec.activation].label if hasattr(spec, "activation") else ""
        self.numbers.names["a"].setText(f"a = {activation}(z)" if activation else self.tr("a = its input"))

    def _show_weights(self, frame: Frame, incoming: Incoming | None) -> None:
        shown = incoming is not None
        self.bars_heading.setVisible(shown)
        self.bars.setVisible(shown)
        listed = incoming is not None and self._list(frame, incoming)
        self.list_heading.setVisible(listed)
        self.list.setVisible(listed)
        picture = shown and self._fed_by_picture(frame)
        self.picture_heading.setVisible(picture)
        self.picture.setVisible(picture)
        if incoming is None:
            return
        strongest = np.argsort(-np.abs(incoming.weights * incoming.inputs), kind="stable")[:MOST_ROWS]
        limit = float(np.abs(incoming.weights).max(initial=0.0)) or 1.0
        self.bars.show_rows(
            [
                WeightRow(
                    incoming.names[i],
                    float(incoming.weights[i]),
                    float(incoming.inputs[i]),
                    float(incoming.gradients[i]),
                )
                for i in strongest
            ],
            limit,
        )
        self.bars_heading.set_remark(
            self.tr("{shown} of {count}").format(
                shown=len(strongest), count=count_text(len(incoming.weights))
            )
            if len(incoming.weights) > len(strongest)
            else ""
        )
        if picture:
            shape = frame.data.image_shape or (1, 1)
            self.picture.show_weights(incoming.weights[int(incoming.has_bias) :], shape)

    def _fed_by_picture(self, frame: Frame) -> bool:
        design = frame.project.design
        sources = design.sources(self.layer)
        first = design.input
        return frame.data.image_shape is not None and first is not None and sources == (first.id,)

    def _list(self, frame: Frame, incoming: Incoming) -> bool:
        """List its weights; whether there are few enough."""
        design, unit = self.document.project.design, self.unit
        picked = Picked(self.layer, unit)

        def rows() -> WeightRows:
            source, first = design.sources(self.layer)[0], -1 if incoming.has_bias else 0
            count = len(incoming.weights)
            picks = tuple(Picked(self.layer, unit, row + first, source) for row in range(count))
            marks = marks_at(design, self.layer, np.s_[unit, :], count)
            return WeightRows(incoming.names, incoming.weights.copy(), marks, picks)

        return self.list.show_rows(frame, picked, len(incoming.weights), rows)


def incoming_of(frame: Frame, layer: str, unit: int) -> Incoming | None:
    """What feeds a neuron of a layer with a weight matrix fed by a flat list; None for others."""
    place = next((p for p in frame.network.places if p.layer == layer and len(p.shape) == 2), None)
    sources = frame.project.design.sources(layer)
    if place is None or len(sources) != 1:
        return None
    source = frame.trace.layers[sources[0]].a
    has_bias = place.shape[1] == source.size + 1
    if not has_bias and place.shape[1] != source.size:
        return None
    inputs = np.concatenate([np.ones(1, source.dtype), source]) if has_bias else source
    names = tuple(_name(frame, sources[0], index) for index in range(BIAS if has_bias else 0, source.size))
    return Incoming(
        names, place.of(frame.trace.parameters)[unit], inputs, place.of(frame.trace.gradients)[unit], has_bias
    )


def _name(frame: Frame, layer: str, index: int) -> str:
    if index == BIAS:
        return "1"
    first = frame.project.design.input
    if first is not None and layer == first.id and index < len(frame.data.feature_names):
        return frame.data.feature_names[index]
    return f"a{subscript(index + 1)}"
