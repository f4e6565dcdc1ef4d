"""The page of several selected things: which they are, and what can be done with all of them at once."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.design import NetworkDesign
from engine.edits.names import describe, listed, title
from gui.actions import Actions
from gui.document.document import Document
from gui.document.facts import count_of, parameter_counts
from gui.document.selection import Picked
from gui.panels.inspector.map import is_map
from gui.panels.inspector.stack import NAME_STYLE
from gui.widgets import labels
from gui.widgets.chrome import SectionHeading
from gui.widgets.numbers import count_text

COMMANDS = (
    ("edit.duplicate", "edit.delete"),
    ("edit.freeze", "edit.unfreeze"),
    ("edit.prune", "edit.restore"),
)
"""Row by row."""
MOST = 24
"""So many are named."""


class ActionButton(QPushButton):
    """Gives a command; it is there while the command can be given."""

    def __init__(self, action: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._action = action
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        self.setText(self._action.text())
        self.setAccessibleName(self._action.text())
        self.setToolTip(self._action.toolTip())
        self.setVisible(self._action.isEnabled())


class SeveralPage(QWidget):
    """Shows what is selected where that is more than one thing.

    Attributes:
        buttons: one for each of the commands, which is hidden where it cannot be given; names: one for each
        selected thing, which selects that alone.
    """

    def __init__(self, document: Document, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.heading = labels.heading()
        self.about = labels.secondary()
        self.buttons: dict[str, ActionButton] = {}
        self.names: list[QPushButton] = []
        self.more = labels.secondary()
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self._lay_out(actions)
        document.project_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Show the selection as it is now."""
        picked, design = self.document.selection.picked, self.document.project.design
        ids = {spec.id for spec in design.layers}
        if len(picked) < 2 or any(p.layer not in ids for p in picked):
            return
        self.heading.setText(self.tr("{things} selected").format(things=self._counted(picked, design)))
        self.about.setText(self._facts(picked, design))
        for button in self.names:
            self._list.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.names = [self._name_button(p, design) for p in picked[:MOST]]
        for button in self.names:
            self._list.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.more.setText(self.tr("and {count} more").format(count=count_text(len(picked) - MOST)))
        self.more.setVisible(len(picked) > MOST)

    def _counted(self, picked: tuple[Picked, ...], design: NetworkDesign) -> str:
        words = {
            "layer": (self.tr("layer"), self.tr("layers")),
            "wire": (self.tr("wire"), self.tr("wires")),
            "neuron": (self.tr("neuron"), self.tr("neurons")),
            "map": (self.tr("map"), self.tr("maps")),
            "bias": (self.tr("bias"), self.tr("biases")),
            "synapse": (self.tr("synapse"), self.tr("synapses")),
        }
        counts = Counter(kind_of(p, design) for p in picked)
        return listed(count_of(counts[kind], *words[kind]) for kind in words if counts[kind])

    def _facts(self, picked: tuple[Picked, ...], design: NetworkDesign) -> str:
        """What is true of all of them."""
        sentence = self.tr("What you do here is done to all of them, as one step of undo.")
        if all(p.is_layer for p in picked):
            counts = parameter_counts(design)
            total = sum(counts[p.layer].total for p in picked if p.layer in counts)
            parameters = count_of(total, self.tr("parameter"), self.tr("parameters"))
            sentence = (
                self.tr("Together they have {parameters}.").format(parameters=parameters) + " " + sentence
            )
        return sentence

    def _name_button(self, picked: Picked, design: NetworkDesign) -> QPushButton:
        button = QPushButton(self._name(picked, design))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolTip(self.tr("Select this alone"))
        button.setAccessibleName(self.tr("Select {thing} alone").format(thing=button.text()))
        button.setStyleSheet(NAME_STYLE)
        button.clicked.connect(lambda: self.document.selection.select(picked))
        return button

    def _name(self, picked: Picked, design: NetworkDesign) -> str:
        layer, unit = title(design, picked.layer), (picked.unit or 0) + 1
        texts = {
            "layer": f"{layer}, {describe(design.layer(picked.layer))}",
            "neuron": self.tr("Neuron {unit} of {layer}").format(unit=unit, layer=layer),
            "map": self.tr("Map {unit} of {layer}").format(unit=unit, layer=layer),
            "bias": self.tr("Bias beside {layer}").format(layer=layer),
        }
        kind = kind_of(picked, design)
        if kind in texts:
            return texts[kind]
        source = title(design, picked.source_layer)
        if kind == "wire":
            return self.tr("Wire from {source} to {layer}").format(source=source, layer=layer)
        if picked.source is not None and picked.source < 0:
            return self.tr("Bias of neuron {unit} of {layer}").format(unit=unit, layer=layer)
        number = (picked.source or 0) + 1
        synapse = self.tr("Synapse {number} of neuron {unit} of {layer}")
        return synapse.format(number=number, unit=unit, layer=layer)

    def _lay_out(self, actions: Actions) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 16)
        layout.setSpacing(4)
        for widget in (self.heading, self.about):
            layout.addWidget(widget)
        layout.addSpacing(4)
        for names in COMMANDS:
            row = QHBoxLayout()
            for name in names:
                self.buttons[name] = ActionButton(actions[name])
                row.addWidget(self.buttons[name])
            row.addStretch(1)
            layout.addLayout(row)
        layout.addWidget(SectionHeading(self.tr("Which they are")))
        layout.addLayout(self._list)
        layout.addWidget(self.more)
        layout.addStretch(1)


def kind_of(picked: Picked, design: NetworkDesign) -> str:
    """What is picked: “layer”, “wire”, “neuron”, “map”, “bias” or “synapse”."""
    if picked.is_layer:
        return "layer"
    if picked.is_wire:
        return "wire"
    if picked.source is not None:
        return "synapse"
    if picked.unit is not None and picked.unit < 0:
        return "bias"
    return "map" if is_map(design, picked.layer) else "neuron"
