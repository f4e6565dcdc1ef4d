"""The palette: layers, ready architectures and data sets, to drag onto the canvas or to press."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from engine.activations import ACTIVATIONS
from engine.datasets import DATASETS
from engine.edits.architectures import ARCHITECTURES
from engine.edits.names import title
from engine.layers import LAYERS
from engine.layers.activation import Activation
from gui.document.document import Document
from gui.widgets.card import Card
from gui.widgets.chrome import Disclosure
from gui.widgets.dragging import ARCHITECTURE, DATA, LAYER
from gui.widgets.naming import name_control
from gui.widgets.searching import SYNONYMS, activation_meant, rank, squeezed
from gui.widgets.words import translated

FIRST = ("dense", "conv2d", "max_pool2d", "flatten", "dropout")
ICONS = {
    "input": "layer-input",
    "dense": "layer-dense",
    "conv2d": "layer-conv",
    "flatten": "layer-flatten",
    "reshape": "layer-reshape",
    "dropout": "layer-dropout",
    "activation": "layer-activation",
    "prelu": "layer-activation",
}
ICON_OF_ENDING = {"pool2d": "layer-pool", "norm": "layer-norm"}
"""By how a kind's name ends; what merges several wires is known by its fan."""


def icon_of(kind: str) -> str:
    """The icon of a kind of layer."""
    if kind in ICONS:
        return ICONS[kind]
    if LAYERS[kind].fan[1] > 1:
        return "layer-merge"
    return next((name for ending, name in ICON_OF_ENDING.items() if kind.endswith(ending)), "layers")


class LayersPanel(QWidget):
    """One card per thing that can be put onto the canvas.

    Signals:
        chosen(str): the kind of layer to add; “activation/relu” for one with that activation.
        opened(str, str): “architecture” or “data”, and its name.

    Attributes:
        search: what is typed here is looked for in titles, synonyms and sentences.
        cards, architectures, data: the cards by name; more, ready, sets: what is folded away at first.
    """

    chosen = Signal(str)
    opened = Signal(str, str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.cards: dict[str, Card] = {}
        self.architectures: dict[str, Card] = {}
        self.data: dict[str, Card] = {}
        self.search = QLineEdit(placeholderText=self.tr("Search"), clearButtonEnabled=True)
        self.search.setAccessibleName(self.tr("Search layers, networks and data"))
        self.search.setToolTip(self.tr("Show only what its name or its sentence fits; Enter takes the best"))
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(lambda: self._first(Card.click))
        down = QShortcut(Qt.Key.Key_Down, self.search, context=Qt.ShortcutContext.WidgetShortcut)
        down.activated.connect(lambda: self._first(Card.setFocus))
        clear = self.search.findChild(QToolButton)
        if clear is not None:
            clear.setFocusProxy(self.search)  # Delete and Backspace do the same
            name_control(clear, self.tr("Clear the search"))
        self.where = QLabel(wordWrap=True)
        self.nothing = QLabel(self.tr("Nothing is called so. Try another word."), wordWrap=True)
        self.more = Disclosure(self.tr("More"))
        self.ready = Disclosure(self.tr("Ready networks"))
        self.sets = Disclosure(self.tr("Data sets"))
        for part, tip in (
            (self.more, self.tr("Every other kind of layer")),
            (self.ready, self.tr("Whole networks, fitted to the data")),
            (self.sets, self.tr("What it learns from; the first and the last layer are fitted to it")),
        ):
            part.button.setToolTip(tip)
        self._ranks: dict[Card, int] = {}
        self._fill()
        self._lay_out()
        document.selection.changed.connect(self._describe)
        document.project_changed.connect(self._describe)
        document.replaced.connect(self._describe)
        self._describe()
        self._filter()

    def _fill(self) -> None:
        for kind in (*FIRST, *(name for name in LAYERS if name not in FIRST)):
            spec = LAYERS[kind]
            card = self._card(LAYER, kind, spec.label, spec.summary, icon_of(kind))
            card.clicked.connect(
                lambda _on=False, card=card: self.chosen.emit(card.payload.partition("/")[2])
            )
            self.cards[kind] = card
        for name, entry in ARCHITECTURES.items():
            self.architectures[name] = self._card(
                ARCHITECTURE, name, entry.title, entry.about, "architecture"
            )
        for name, data in DATASETS.items():
            if not data.from_file:
                self.data[name] = self._card(DATA, name, data.label, data.summary, "data")
        for what, cards in ((ARCHITECTURE, self.architectures), (DATA, self.data)):
            for name, card in cards.items():
                card.clicked.connect(lambda _on=False, what=what, name=name: self.opened.emit(what, name))
                card.setToolTip(self.tr("Drag it onto the canvas, or press Enter"))

    def _card(self, what: str, name: str, label: str, about: str, icon_name: str) -> Card:
        return Card(translated(label), translated(about), icon_name=icon_name, payload=f"{what}/{name}")

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 8)
        layout.setSpacing(2)
        layout.addWidget(self.search)
        for kind in FIRST:
            layout.addWidget(self.cards[kind])
        for part, cards in self._parts():
            for card in cards:
                part.add(card)
            layout.addWidget(part)
        for label in (self.nothing, self.where):
            label.setProperty("role", "secondary")
            label.setContentsMargins(8, 4, 8, 0)
            layout.addWidget(label)
        layout.addStretch(1)

    def _parts(self) -> Iterator[tuple[Disclosure, list[Card]]]:
        yield self.more, [card for kind, card in self.cards.items() if kind not in FIRST]
        yield self.ready, list(self.architectures.values())
        yield self.sets, list(self.data.values())

    def _filter(self) -> None:
        """Show what fits the words searched for; without any, everything where it belongs."""
        query = self.search.text().strip()
        words = bool(squeezed(query))
        self._mean(activation_meant(query))
        ranks = {card: rank(query, self._names(card), card.about) if words else 0 for card in self._all()}
        self._ranks = {card: fit for card, fit in ranks.items() if fit is not None}
        for card in ranks:
            card.setVisible(card in self._ranks)
        for part, cards in self._parts():
            part.setVisible(any(not card.isHidden() for card in cards))
            if words:
                part.button.setChecked(True)
            elif self._searched:
                part.button.setChecked(False)
        self._searched = words
        self.nothing.setVisible(not self._ranks)

    _searched = False

    def _all(self) -> Iterator[Card]:
        for cards in (self.cards, self.architectures, self.data):
            yield from cards.values()

    def _names(self, card: Card) -> tuple[str, ...]:
        """What a card is found by: its title, its name, and what else people call it."""
        name = card.payload.split("/")[1]
        return card.text(), name, *SYNONYMS.get(name, ()), *map(translated, SYNONYMS.get(name, ()))

    def _mean(self, activation: str) -> None:
        """Let the card of activation layers bring the one that is searched for, and say so."""
        card, spec = self.cards[Activation.kind], LAYERS[Activation.kind]
        title, payload = translated(spec.label), f"{LAYER}/{spec.kind}"
        if activation:
            title, payload = f"{title}: {ACTIVATIONS[activation].label}", f"{payload}/{activation}"
        card.setText(title)
        card.setAccessibleName(title)
        card.payload = payload

    def _first(self, do: Callable[[Card], object]) -> None:
        """Press what fits the search best, or go there; nothing where nothing was searched for."""
        if self._searched and self._ranks:
            do(min(self._ranks, key=lambda card: self._ranks[card]))  # of equals the one that is shown first

    def _describe(self) -> None:
        """Say where a new layer goes."""
        current = self.document.selection.current
        design = self.document.project.design
        if not design.layers:
            where = self.tr("Drag a layer onto the canvas, or press Enter on it.")
        elif current is None:
            where = self.tr(
                "A new layer goes in front of the output. Select a layer to put it behind that one."
            )
        else:
            name = title(design, current.layer)
            where = self.tr("A new layer goes behind {layer}, which is selected.").format(layer=name)
        more = self.tr("Training goes on, and the function stays as it is where mathematics allows it.")
        self.where.setText(f"{where}\n\n{more}")
        for card in self.cards.values():
            card.setToolTip(where)
