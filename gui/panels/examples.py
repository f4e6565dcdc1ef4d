"""The examples: ready networks on ready data, each with a sentence about what there is to see."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.examples import EXAMPLES
from gui.document.document import Document
from gui.widgets.card import Card
from gui.widgets.words import translated


class ExamplesPanel(QWidget):
    """One card per example.

    Signals:
        chosen(str): the name of the example to open.
    """

    chosen = Signal(str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.cards: dict[str, Card] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 8)
        layout.setSpacing(2)
        for name, example in EXAMPLES.items():
            card = Card(translated(example.title), translated(example.about), payload=f"example/{name}")
            card.setCheckable(True)
            card.setToolTip(self.tr("Open this example"))
            card.clicked.connect(lambda _on=False, chosen=name: self._on_chosen(chosen))
            self.cards[name] = card
            layout.addWidget(card)
        layout.addStretch(1)
        document.replaced.connect(self._mark)
        self._mark()

    def _on_chosen(self, name: str) -> None:
        self._mark()
        self.chosen.emit(name)

    def _mark(self) -> None:
        """Mark the example that is open."""
        for name, card in self.cards.items():
            card.setChecked(name == self.document.project.name and self.document.path is None)
