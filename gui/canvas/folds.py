"""Folds: which large layers show every neuron, and which only their first and last ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from gui.canvas.transition import FOLD_MS

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView

MOST_SYNAPSES = 150_000  # of an unfolded layer


class Folds(QObject):
    """Folds layers and unfolds them, as long as their synapses can be drawn."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view

    def fold(self, layer: str, folded: bool) -> None:
        """Show every neuron of a large layer, or its first and last ones."""
        unfolded = self._view.planner.unfolded
        if folded:
            unfolded.discard(layer)
        elif refusal := self.why_folded(layer):
            self._view.byhand.cannot.emit(refusal)
            return
        else:
            unfolded.add(layer)
        self._view.camera.fitted = False
        seen = self._view.transition.capture()
        self._view.planner.replan()
        self._view.transition.glide(seen, FOLD_MS)

    def toggle(self) -> None:
        """Fold the selected layers, or unfold them if none is unfolded."""
        layers = {picked.layer for picked in self._view.document.selection.picked}
        folded = bool(layers & self._view.planner.unfolded)
        for layer in layers:
            self.fold(layer, folded)

    def why_folded(self, layer: str) -> str:
        """Why a layer cannot show every neuron, "" if it can."""
        if not self._too_many(layer):
            return ""
        return self.tr("There are too many synapses to draw them all; it stays folded.")

    def _too_many(self, layer: str) -> bool:
        canvas = self._view.canvas
        counts = {key: len(item.box.units) for key, item in canvas.layers.items()}
        box = canvas.layers[layer].box
        counts[layer] = len(box.units) + box.hidden
        wires = [(b.bundle.source, b.bundle.target) for b in canvas.bundles.values()]
        return any(counts[a] * counts[b] > MOST_SYNAPSES for a, b in wires if layer in (a, b))
