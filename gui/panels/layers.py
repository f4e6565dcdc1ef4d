"""The layer palette: which layers there are, and how to put one into the network."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from engine.edits.names import title
from engine.layers import LAYERS
from gui.document.document import Document
from gui.widgets.card import Card
from gui.widgets.words import translated

OFFERED = ("dense",)
"""The kinds that can be added by a click; the others need more than one decision."""


class LayersPanel(QWidget):
    """One card per kind of layer.

    Signals:
        chosen(str): the kind of layer to add.
    """

    chosen = Signal(str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.cards: dict[str, Card] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 8)
        layout.setSpacing(4)
        for kind in OFFERED:
            spec = LAYERS[kind]
            card = Card(translated(spec.label), translated(spec.summary), icon_name="plus")
            card.clicked.connect(lambda _on=False, chosen=kind: self.chosen.emit(chosen))
            self.cards[kind] = card
            layout.addWidget(card)
        self.where = QLabel(wordWrap=True)
        self.where.setProperty("role", "secondary")
        self.where.setContentsMargins(8, 4, 8, 0)
        layout.addWidget(self.where)
        layout.addStretch(1)
        document.selection.changed.connect(self._describe)
        document.project_changed.connect(self._describe)
        document.replaced.connect(self._describe)
        self._describe()

    def _describe(self) -> None:
        """Say where a new layer goes."""
        current = self.document.selection.current
        if current is None:
            where = self.tr("It goes in front of the output. Select a layer to put it behind that one.")
        else:
            name = title(self.document.project.design, current.layer)
            where = self.tr("It goes behind {layer}, which is selected.").format(layer=name)
        more = self.tr("Training goes on, and the function stays as it is where mathematics allows it.")
        self.where.setText(f"{where}\n\n{more}")
        for card in self.cards.values():
            card.setToolTip(where)
