"""The network as a short list: one row per layer with its neurons and its activation."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from engine.design import units_of
from engine.edits.outcome import Refusal
from engine.edits.settings import set_layer_field
from engine.edits.units import set_units
from engine.fields import Setting, settings_of
from engine.layers.dense import Dense
from engine.layers.weighted import Weighted
from gui import theme
from gui.document.building import asks_for_more
from gui.document.document import Document
from gui.document.facts import faults_at, is_output, layer_number, link_in_loss, weighted_layers
from gui.document.selection import Picked
from gui.panels.inspector.linking import say_link
from gui.session.controller import SessionController
from gui.widgets import labels
from gui.widgets.complaint import Complaint
from gui.widgets.editors import ChoiceEditor, Stepper

MOST_UNITS = 65_536
UNITS = Setting(
    name="units", kind="int", label="Neurons", minimum=1, maximum=MOST_UNITS, help="How many neurons it has."
)
NAME_STYLE = """
QPushButton { border: 1px solid transparent; background: transparent; padding: 2px 0; text-align: left; }
QPushButton:focus, QPushButton:hover { text-decoration: underline; }
"""
ACTIVATION = next(setting for setting in settings_of(Dense) if setting.name == "activation")


class LayerStack(QWidget):
    """Units and activation of every layer, editable."""

    def __init__(
        self, document: Document, controller: SessionController, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.controller = controller
        self.rows: dict[str, LayerRow] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 4, 0, 0)
        self._layout.setSpacing(4)
        document.project_changed.connect(self.refresh)
        document.replaced.connect(self.refresh)
        controller.opened.connect(self.refresh)
        controller.found.connect(self.refresh)
        theme.manager().changed.connect(self._align)
        self.refresh()

    def refresh(self) -> None:
        """Show the design's layers."""
        project = self.document.project
        layers = weighted_layers(project.design)
        if [spec.id for spec in layers] != list(self.rows):
            self._build([spec.id for spec in layers])
        data = self.controller.data_of(project)
        calm = asks_for_more(project, data)  # what is missing is said above
        for spec in layers:
            faults = () if calm else faults_at(project, spec.id, data)
            number = layer_number(project.design, spec.id)
            output = is_output(project.design, spec)
            row = self.rows[spec.id]
            row.show_layer(spec, number, output, " ".join(f.message for f in faults))
            say_link(row.activation, link_in_loss(project, spec), narrow=True)
        self._align()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._align()  # what is hidden does not know how large its letters have become

    def _align(self) -> None:
        """All names, and all numbers of neurons, as wide as the longest one needs."""
        for column, part in enumerate(("name", "units")):
            parts = (getattr(row, part) for row in self.rows.values())
            widest = max((widget.minimumSizeHint().width() for widget in parts), default=0)
            for row in self.rows.values():
                row.grid.setColumnMinimumWidth(column, widest)

    def _build(self, ids: list[str]) -> None:
        """A row for every layer, in this order; rows of layers that stay are kept, with the focus."""
        for layer, row in self.rows.items():
            self._layout.removeWidget(row)
            if layer not in ids:
                row.hide()
                row.deleteLater()
        self.rows = {layer: self.rows.get(layer) or LayerRow(self.document, layer, self) for layer in ids}
        for row in self.rows.values():
            self._layout.addWidget(row)
            row.show()


class LayerRow(QWidget):
    """One layer: its name selects it; its neurons and activation can be changed here."""

    def __init__(self, document: Document, layer: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.layer = layer
        self.name = QPushButton()
        self.name.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.name.setToolTip(self.tr("Select this layer"))
        self.name.setStyleSheet(NAME_STYLE)
        self.units = Stepper(UNITS)
        self.units.be_narrow()
        self.activation = ChoiceEditor(ACTIVATION)
        self.activation.setToolTip(self.tr("What a neuron does with its weighted input"))
        self.fault = labels.fault()
        self.grid = grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2)
        grid.setVerticalSpacing(2)
        grid.addWidget(self.name, 0, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(self.units, 0, 1)
        grid.addWidget(self.activation, 0, 2)
        grid.addWidget(self.fault, 1, 0, 1, 3)
        grid.setColumnStretch(2, 1)
        self.complaint = Complaint(self)
        self.name.clicked.connect(lambda: document.selection.select(Picked(layer)))
        self.units.changed.connect(self._on_units)
        self.activation.changed.connect(self._on_activation)
        for editor in (self.units, self.activation):
            editor.refused.connect(self.complaint.say)

    def show_layer(self, spec: Weighted, number: int, output: bool, sentence: str) -> None:
        """Show a layer's values and what is wrong with it."""
        title = self.tr("Output") if output else self.tr("Layer {number}").format(number=number)
        self.name.setText(title)
        self.name.setAccessibleName(self.tr("Select {layer}").format(layer=title))
        self.units.show_value(spec.units)
        self.activation.show_value(spec.activation)
        for editor, what in (
            (self.units.field, self.tr("neurons")),
            (self.activation, self.tr("activation")),
        ):
            editor.setAccessibleName(f"{title}: {what}")
        self.fault.setText(sentence)
        self.fault.setVisible(bool(sentence))

    def _on_units(self, units: Any, gesture: str) -> None:
        resize(self.document, self.layer, units, gesture, self.units, self.complaint)

    def _on_activation(self, activation: Any, gesture: str) -> None:
        edited = set_layer_field(self.document.project, self.layer, "activation", activation)
        self.document.apply(edited, gesture)


def resize(
    document: Document, layer: str, units: Any, gesture: str, field: Stepper, complaint: Complaint
) -> None:
    """Give a layer as many neurons; where that cannot be, say so at the field, which keeps what was there."""
    outcome = set_units(document.project, layer, units)
    if isinstance(outcome, Refusal):
        field.show_value(len(units_of(document.project.design.layer(layer))))
        complaint.say(outcome.sentence)
    else:
        document.apply(outcome, gesture)
