"""What if: neurons held at a value, and inputs changed, for the picture of the example on show alone.

It is a question to the picture: training, files and undo know nothing of it.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.design import NetworkDesign, units_of
from engine.edits.parameters import WhatIf
from gui.document.document import Document
from gui.session.example import ShownExample


class Question(QObject):
    """What is held now; units are named by their index, as on the canvas.

    Signals:
        changed(): something else is held.

    Attributes:
        held: all that is held, by unit id.
    """

    changed = Signal()

    def __init__(self, document: Document, example: ShownExample, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.held = WhatIf()
        self._document = document
        self._example = example
        self._shown = self._address()
        document.project_changed.connect(lambda: self._set(self.held.kept(self._design)))
        document.replaced.connect(self.clear)
        example.changed.connect(self._on_example)

    @property
    def _design(self) -> NetworkDesign:
        return self._document.project.design

    def value_of(self, layer: str, index: int) -> float | None:
        """At what a unit is held, None if it is free."""
        return self._by_index(layer).get(index)

    def indices(self, layer: str) -> tuple[int, ...]:
        """Which units of a layer are held."""
        return tuple(self._by_index(layer))

    def hold(self, layer: str, index: int, value: float) -> None:
        """Hold a unit at a finite value (ValueError)."""
        self._set(self.held.held(layer, self._id(layer, index), value))

    def release(self, layer: str, index: int) -> None:
        """Let a unit be what the network makes of it."""
        self._set(self.held.freed(layer, self._id(layer, index)))

    def clear(self) -> None:
        """Hold nothing."""
        self._set(WhatIf())

    def _by_index(self, layer: str) -> dict[int, float]:
        known = bool(self.held.clamps) and any(spec.id == layer for spec in self._design.layers)
        return dict(self.held.of(self._design, layer)) if known else {}

    def _id(self, layer: str, index: int) -> int:
        return units_of(self._design.layer(layer))[index]

    def _set(self, held: WhatIf) -> None:
        if held != self.held:
            self.held = held
            self.changed.emit()

    def _address(self) -> tuple[object, str, int]:
        return self._example.data, self._example.split_name, self._example.index

    def _on_example(self) -> None:
        """Changed inputs belong to one example; a neuron stays held for the next."""
        if self._address() == self._shown:
            return
        self._shown = self._address()
        source = self._design.input
        if source is not None:
            self._set(WhatIf(tuple(clamp for clamp in self.held.clamps if clamp.layer != source.id)))
