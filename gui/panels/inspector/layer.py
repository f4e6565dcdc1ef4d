"""A layer's page: its form, its parameters, and what is wrong with it."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from engine.activations import ACTIVATIONS
from engine.edits.names import describe
from engine.edits.settings import set_layer_field
from engine.layers.base import LayerSpec, size_of, times
from engine.layers.dense import Input
from engine.layers.weighted import Weighted
from gui.document.building import asks_for_more
from gui.document.document import Document
from gui.document.facts import (
    count_of,
    faults_at,
    is_output,
    layer_number,
    link_in_loss,
    parameter_counts,
    said_of_pruned,
)
from gui.panels.inspector.linking import say_link
from gui.panels.inspector.stack import UNITS, resize
from gui.session.controller import SessionController
from gui.widgets import labels
from gui.widgets.chrome import SectionHeading
from gui.widgets.complaint import Complaint
from gui.widgets.editors import Stepper
from gui.widgets.forms import Form
from gui.widgets.naming import name_control
from gui.widgets.numbers import count_text
from gui.widgets.words import translated


class LayerPage(QWidget):
    """Shows one layer."""

    def __init__(
        self, document: Document, controller: SessionController, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.controller = controller
        self.layer = ""
        self.heading = SectionHeading("")
        self.about = labels.secondary()
        self.units_label = QLabel(self.tr("Neurons"))
        self.units = Stepper(UNITS)
        name_control(self.units.field, self.tr("Neurons"), self.tr("How many neurons the layer has"))
        self.refusal = Complaint(self.units)
        self.form: Form | None = None
        self.formula = labels.secondary()
        self.faults = labels.fault()
        self.learned = SectionHeading("")
        self.parameters = labels.secondary()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(16, 0, 16, 16)
        self._layout.setSpacing(4)
        self._form_place = QVBoxLayout()
        self._lay_out()
        self.units.changed.connect(self._on_units)
        self.units.refused.connect(self.refusal.say)
        document.project_changed.connect(self.refresh)
        controller.opened.connect(self.refresh)
        controller.found.connect(self.refresh)

    def show_layer(self, layer: str) -> None:
        """Show another layer."""
        self.layer = layer
        self.refusal.say("")
        self.refresh()

    def refresh(self) -> None:
        """Show the layer's values, if it is still there."""
        spec = next((s for s in self.document.project.design.layers if s.id == self.layer), None)
        if spec is None:
            return
        self._show_title(spec)
        self._show_form(spec)
        self._show_parameters(spec)
        data = self.controller.data_of(self.document.project)
        faults = faults_at(self.document.project, self.layer, data)
        calm = asks_for_more(self.document.project, data)
        labels.say_faults(self.faults, tuple(fault.message for fault in faults), calm=calm)

    def _lay_out(self) -> None:
        for widget in (self.heading, self.about, self.faults):
            self._layout.addWidget(widget)
        self._layout.addSpacing(4)
        self._layout.addWidget(self.units_label)
        self._layout.addWidget(self.units)
        self._layout.addLayout(self._form_place)
        for widget in (self.formula, self.learned, self.parameters):
            self._layout.addWidget(widget)
        self._layout.addStretch(1)

    def _show_title(self, spec: LayerSpec) -> None:
        design = self.document.project.design
        number = layer_number(design, spec.id)
        if isinstance(spec, Input):
            title = self.tr("Input, layer 0")
        elif is_output(design, spec):
            title = self.tr("Output, layer {number}").format(number=number)
        else:
            title = self.tr("Layer {number}").format(number=number)
        self.heading.set_text(title)
        self.heading.set_remark(spec.name or describe(spec))
        self.about.setText(translated(spec.summary))

    def _show_form(self, spec: LayerSpec) -> None:
        has_units = isinstance(spec, Weighted)
        self.units.setVisible(has_units)
        self.units_label.setVisible(has_units)
        if isinstance(spec, Weighted):
            self.units.show_value(spec.units)
        if self.form is None:
            self.form = Form(spec)
            self.form.edited.connect(self._on_edited)
            self.form.editing.connect(self._on_edited)
            self._form_place.addWidget(self.form)
        else:
            self.form.show_spec(spec)
        if "activation" in self.form.rows:
            say_link(self.form.editor("activation"), link_in_loss(self.document.project, spec))
        activation = ACTIVATIONS[spec.activation] if isinstance(spec, Weighted) else None
        self.formula.setText(activation.text.replace(" = ", " = φ(z) = ", 1) if activation else "")
        self.formula.setVisible(activation is not None)

    def _show_parameters(self, spec: LayerSpec) -> None:
        count = parameter_counts(self.document.project.design).get(spec.id)
        if count is None and isinstance(spec, Weighted):
            self.learned.set_text(self.tr("Learned: not known yet"))
            self.parameters.setText(self.tr("It gets its weights when it is wired and everything fits."))
            return
        if count is None:
            self.learned.set_text(self.tr("Nothing is learned here"))
            shape = times(spec.shape) if isinstance(spec, Input) else ""
            size = count_text(size_of(spec.shape)) if isinstance(spec, Input) else ""
            self.parameters.setText(
                self.tr("{size} values of the example, one per neuron ({shape}).").format(
                    size=size, shape=shape
                )
                if isinstance(spec, Input)
                else ""
            )
            return
        self.learned.set_text(self.tr("Learned: {count} parameters").format(count=count_text(count.total)))
        parameters = self.tr("{weights}, one per synapse, and {biases}.").format(
            weights=count_of(count.weights, self.tr("weight"), self.tr("weights")),
            biases=count_of(count.biases, self.tr("bias"), self.tr("biases")),
        )
        self.parameters.setText(" ".join(filter(None, (parameters, said_of_pruned(count)))))

    def _on_edited(self, name: str, value: Any, gesture: str = "") -> None:
        self.document.apply(set_layer_field(self.document.project, self.layer, name, value), gesture)

    def _on_units(self, units: Any, gesture: str) -> None:
        resize(self.document, self.layer, units, gesture, self.units, self.refusal)
