"""A feature map's page: how its values are spread over the picture, and the kernels that make it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from engine.activations import ACTIVATIONS
from engine.design import NetworkDesign
from engine.edits.flow import known_shapes
from engine.layers.base import times
from engine.layers.weighted import Weighted
from gui import theme
from gui.canvas.cards import card_text
from gui.canvas.kernelcells import KernelPicture, kernel_weight
from gui.canvas.look import Look
from gui.canvas.words import weight_symbol
from gui.document.document import Document
from gui.panels.inspector.live import LivePage
from gui.session.frame_clock import Frame, FrameClock
from gui.widgets.chrome import SectionHeading
from gui.widgets.numbers import count_text, number_text
from gui.widgets.words import place_text


class MapPage(LivePage):
    """Shows one map of a layer that gives pictures, live."""

    def __init__(self, document: Document, clock: FrameClock, parent: QWidget | None = None) -> None:
        over = self.tr("Over all places of the map")
        rows = (
            (
                "size",
                self.tr("size"),
                self.tr("Rows × columns; a neuron with the same weights at every place"),
            ),
            ("a mean", self.tr("mean a"), over),
            ("a low", self.tr("smallest a"), over),
            ("a high", self.tr("largest a"), over),
            ("z mean", self.tr("mean z"), over),
            ("z low", self.tr("smallest z"), over),
            ("z high", self.tr("largest z"), over),
            (
                "b",
                self.tr("b, its bias"),
                self.tr("One for all places: the weight from the neuron that is 1"),
            ),
            ("w", "w", self.tr("The chosen weight of its kernels")),
        )
        super().__init__(document, clock, rows, parent)
        self.kernels_heading = SectionHeading(self.tr("Its kernels"))
        self.kernels = KernelPicture(self)
        self.kernels.picked.connect(self._on_weight)
        self.parts += [self.kernels_heading, self.kernels]
        self.place.addWidget(self.kernels_heading)
        self.place.addWidget(self.kernels, 0, Qt.AlignmentFlag.AlignLeft)
        self.place.addStretch(1)

    def _title(self) -> str:
        return self.tr("Map {unit}").format(unit=count_text(self.unit + 1))

    def _is_there(self, frame: Frame) -> bool:
        shape = frame.network.shapes.get(self.layer, ())
        return len(shape) == 3 and 0 <= self.unit < shape[0]

    def _show(self, frame: Frame) -> None:
        shape, trace = frame.network.shapes[self.layer], frame.trace.layers[self.layer]
        spec = frame.network.design.layer(self.layer)
        weighted = isinstance(spec, Weighted)
        self.address.setText(place_text(frame.trace.address("a", self.layer)))
        self.numbers.show_text("size", times(shape[1:]))
        for name, values in (("a", trace.a), ("z", trace.z if weighted else None)):
            found = None if values is None else values.reshape(shape)[self.unit]
            for key, part in (("mean", np.mean), ("low", np.min), ("high", np.max)):
                self.numbers.show_number(f"{name} {key}", None if found is None else float(part(found)))
        phi = ACTIVATIONS[spec.activation].label if isinstance(spec, Weighted) else ""
        tip = self.tr("Over all places of the map")
        self.numbers.names["a mean"].setToolTip(f"a = {phi}(z)\n{tip}" if phi else tip)
        self._show_weights(frame)

    def _show_weights(self, frame: Frame) -> None:
        spec = frame.network.design.layer(self.layer)
        place = next((p for p in frame.network.places if p.layer == self.layer and len(p.shape) == 2), None)
        row = None if place is None else place.of(frame.trace.parameters)[self.unit]
        first = int(getattr(spec, "bias", False))
        self.numbers.show_number("b", float(row[0]) if row is not None and first else None)
        chosen = self.picked.source if row is not None else None
        self.numbers.show_number("w", None)
        if row is not None and chosen is not None and 0 <= chosen < len(row) - first:
            self.numbers.names["w"].setText(weight_symbol(frame.trace.numbers[self.layer], self.unit, chosen))
            self.numbers.show_number("w", float(row[chosen + first]))
        card = card_text(frame, self.picked)
        kernels = None if card is None else card.kernels
        self.kernels.show_kernels(kernels, Look.of(theme.current()))
        self.kernels_heading.setVisible(kernels is not None)
        if kernels is not None:
            self.kernels_heading.set_remark(
                self.tr("{count} of {side}, ±{limit}").format(
                    count=count_text(len(kernels.values)),
                    side=times(kernels.values.shape[1:]),
                    limit=number_text(kernels.limit, 2),
                ),
                self.tr("One for each map that feeds it: orange below zero, blue above, up to the limit"),
            )

    def _on_weight(self, weight: int) -> None:
        self.document.selection.select(kernel_weight(self.document.project.design, self.picked, weight))


def is_map(design: NetworkDesign, layer: str) -> bool:
    """Whether what is picked in a layer is a feature map, not a neuron or a pixel of the input."""
    is_input = design.input is not None and design.input.id == layer
    return not is_input and len(known_shapes(design).get(layer, ())) == 3
