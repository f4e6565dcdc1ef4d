"""A neuron's page: its numbers for the example on show, where they come from, its weights as a picture."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from engine.activations import ACTIVATIONS
from engine.layers.base import BIAS
from gui.document.document import Document
from gui.document.facts import layer_number, truly_known
from gui.panels.inspector.weight_list import WeightList
from gui.panels.inspector.weights import WeightBars, WeightPicture, WeightRow
from gui.session.frame_clock import Frame, FrameClock
from gui.widgets.chrome import SectionHeading
from gui.widgets.numbers import count_text, full_text, number_text, subscript
from gui.widgets.words import address_text

MOST_ROWS = 10
TEXT_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Incoming:
    """What feeds a neuron: names, weights (the bias first, if it has one), and what they multiply."""

    names: tuple[str, ...]
    weights: np.ndarray
    inputs: np.ndarray
    gradients: np.ndarray
    has_bias: bool


class NeuronPage(QWidget):
    """Shows one neuron, live."""

    def __init__(self, document: Document, clock: FrameClock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.clock = clock
        self.layer = ""
        self.unit = 0
        self._shown_at = 0.0
        self.heading = SectionHeading("")
        self.address = QLabel(wordWrap=True)
        self.address.setProperty("role", "secondary")
        self.values: dict[str, QLabel] = {}
        self.empty = QLabel(self.tr("Its numbers appear as soon as the data is loaded."), wordWrap=True)
        self.empty.setProperty("role", "secondary")
        self.numbers = QWidget()
        self.bars_heading = SectionHeading(self.tr("What it adds up"))
        self.bars = WeightBars()
        self.list_heading = SectionHeading(self.tr("Its weights"))
        self.list = WeightList(document)
        self.picture_heading = SectionHeading(self.tr("Its weights as a picture"))
        self.picture = WeightPicture()
        self._lay_out()
        clock.frame_ready.connect(self._on_frame)
        clock.controller.refused.connect(self._on_refused)

    def show_neuron(self, layer: str, unit: int) -> None:
        """Show another neuron."""
        self.layer, self.unit = layer, unit
        self._refresh()

    def _refresh(self) -> None:
        frame = self.clock.frame
        fits = frame is not None and self._fits(frame)
        for widget in (self.numbers, self.bars_heading, self.bars, self.list_heading, self.list,
                       self.picture_heading, self.picture):  # fmt: skip
            widget.setVisible(fits)
        self.empty.setVisible(not fits)
        design = self.document.project.design
        number = layer_number(design, self.layer)
        self.heading.set_text(self.tr("Neuron {unit}").format(unit=count_text(self.unit + 1)))
        where = self.tr("input") if number == 0 else self.tr("layer {number}").format(number=number)
        self.heading.set_remark(where)
        if fits and frame is not None:
            self._show(frame)

    def _on_frame(self, frame: Frame) -> None:
        if not self.isVisible() or not self._fits(frame):
            return
        now = time.perf_counter()
        if frame.snapshot.playing and now - self._shown_at < TEXT_SECONDS:
            return
        if self.numbers.isHidden():
            self._refresh()
            return
        self._show(frame)

    def _on_refused(self, _sentence: str, _was_playing: bool) -> None:
        if any(spec.id == self.layer for spec in self.document.project.design.layers):
            self._refresh()

    def _fits(self, frame: Frame) -> bool:
        """Whether the frame says something of the neuron, even where the design cannot run now."""
        controller, design = self.clock.controller, self.document.project.design
        if controller.run < 0 or self.layer not in frame.trace.layers:  # it may be of the project before
            return False
        if controller.refusal and self.layer not in truly_known(design, frame.project.design):
            return False
        return self.unit < frame.trace.layers[self.layer].a.size

    def _show(self, frame: Frame) -> None:
        self._shown_at = time.perf_counter()
        trace = frame.trace.layers[self.layer]
        self.address.setText(address_text(frame.trace.address("a", self.layer, self.unit)))
        incoming = incoming_of(frame, self.layer, self.unit)
        self._show_number("a", float(trace.a[self.unit]))
        for name, row in (("z", trace.z), ("delta", trace.delta)):
            self._show_number(name, float(row[self.unit]) if incoming is not None else None)
        bias = float(incoming.weights[0]) if incoming is not None and incoming.has_bias else None
        self._show_number("b", bias)
        self._show_formula(frame)
        self._show_weights(frame, incoming)

    def _show_number(self, name: str, value: float | None) -> None:
        label = self.values[name]
        label.setVisible(value is not None)
        self.values[f"{name} name"].setVisible(value is not None)
        if value is not None:
            label.setText(number_text(value, 4))
            label.setToolTip(full_text(value))

    def _show_formula(self, frame: Frame) -> None:
        spec: Any = frame.project.design.layer(self.layer)
        activation = ACTIVATIONS[spec.activation].label if hasattr(spec, "activation") else ""
        self.values["a name"].setText(f"a = {activation}(z)" if activation else self.tr("a = its input"))

    def _show_weights(self, frame: Frame, incoming: Incoming | None) -> None:
        shown = incoming is not None
        self.bars_heading.setVisible(shown)
        self.bars.setVisible(shown)
        listed = incoming is not None and self.list.show_weights(frame, self.layer, self.unit, incoming)
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

    def _lay_out(self) -> None:
        grid = QGridLayout(self.numbers)
        grid.setContentsMargins(0, 4, 0, 0)
        grid.setVerticalSpacing(4)
        rows = (
            ("z", self.tr("z = Σ w·a"), self.tr("The weighted sum of what comes in, the bias included")),
            ("a", self.tr("a = φ(z)"), self.tr("Its activation: what it sends on")),
            ("b", self.tr("b, its bias"), self.tr("The weight from the neuron that is always 1")),
            ("delta", self.tr("δ = ∂L/∂z"), self.tr("How the loss of this example changes with z")),
        )
        for row, (name, text, tip) in enumerate(rows):
            label, value = QLabel(text), QLabel("–")
            label.setToolTip(tip)
            label.setProperty("role", "secondary")
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.values[name], self.values[f"{name} name"] = value, label
            grid.addWidget(label, row, 0)
            grid.addWidget(value, row, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 16)
        layout.setSpacing(4)
        for widget in (self.heading, self.address, self.empty, self.numbers, self.bars_heading, self.bars,
                       self.list_heading, self.list):  # fmt: skip
            layout.addWidget(widget)
        layout.addWidget(self.picture_heading)
        layout.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addStretch(1)


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
