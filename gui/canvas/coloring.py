"""Coloring: gives the items of a scene the numbers of a frame, and paints anew what has waited longest."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gui.canvas import values, words
from gui.canvas.aside.painter import Painter
from gui.canvas.color import ScaleLimit
from gui.canvas.items.bundle import BundleItem
from gui.canvas.items.layer import Faces, LayerItem
from gui.canvas.near import NUMBERS, numbers_of
from gui.canvas.scatter import COMBS
from gui.session.frame_clock import Frame

if TYPE_CHECKING:
    from gui.canvas.scene import CanvasScene


class Coloring:
    """Colors layers and bundles.

    Attributes:
        face: what a neuron shows, one of the scene's FACES; blank: the layers of which nothing is known.
    """

    def __init__(self, scene: CanvasScene) -> None:
        self._scene = scene
        self.face = "weights"
        self.blank: frozenset[str] = frozenset()
        self._weights: Frame | None = None
        self._face_scales: dict[str, ScaleLimit] = {}

    def show_neurons(self, frame: Frame, shares: dict[str, float] | None = None) -> None:
        """Color the neurons by the frame's activations; shares: how far a wave has brought each layer."""
        for key, item in self._scene.layers.items():
            trace = frame.trace.layers.get(key)
            if trace is None or key in self.blank:
                continue
            if self._show_face(frame, key, item):
                continue
            is_input = key == frame.network.order[0].id  # known before anything travels
            share = 1.0 if shares is None or is_input else shares.get(key, 1.0)
            limit = values.bounded_limit(frame, key)
            near = item.box.radius * self._scene.zoom * 2 >= NUMBERS
            item.show_numbers(numbers_of(frame, key) if near else None)
            item.silence(share < 1.0)
            item.show_values(trace.a if share >= 1.0 else trace.a * share, limit)
        self._show_names(frame)

    def show_answers(self, frame: Frame, shares: dict[str, float] | None) -> None:
        """Write the answers beside the outputs, as soon as a wave has brought them."""
        output = self._scene.output
        if output is None or output.box.id in self.blank:
            return
        spoken = shares is None or shares.get(output.box.id, 1.0) > 0.5
        fits = len(frame.trace.prediction) == len(output.box.units) + output.box.hidden
        output.show_rows(words.rows(frame) if spoken and fits else ())

    def _show_face(self, frame: Frame, key: str, item: LayerItem) -> bool:
        """Color a layer by its biases or its δ, if that is wanted and it has them."""
        numbers = numbers_of(frame, key) if self.face in ("bias", "gradient") else None
        shown = None if numbers is None else numbers.bias if self.face == "bias" else numbers.delta
        item.green = shown is not None and self.face == "gradient"
        if shown is not None:
            item.show_values(shown, None)
        return shown is not None

    def _show_names(self, frame: Frame) -> None:
        spec = frame.network.design.input
        if spec is None or spec.id not in self._scene.layers:
            return
        item = self._scene.layers[spec.id]
        names = frame.data.feature_names
        shown = tuple(names[u] for u in item.box.units if u < len(names)) if item.box.shape is None else ()
        item.set_names(shown)

    def show_faces(self, frame: Frame, wanted: bool) -> None:
        """Show the weights of neurons that see the picture as pictures."""
        for (source, target), bundle in self._scene.bundles.items():
            item, box = self._scene.layers[target], self._scene.layers[source].box
            blank = target in self.blank
            if not wanted or blank or box.shape is None or not values.fits(frame, bundle.bundle):
                if box.shape is not None and item.faces is not None:
                    item.show_faces(None)
                continue
            place = values.place_of(frame, target)
            assert place is not None
            matrix = place.of(frame.snapshot.parameters)
            columns = matrix[item.box.units, matrix.shape[1] - box.shape[0] * box.shape[1] :]
            scale = self._face_scales.setdefault(target, ScaleLimit())
            scale.update(columns)
            item.show_faces(Faces(columns.reshape(-1, *box.shape), scale.limit))

    def take_weights(self, frame: Frame) -> None:
        """Note that bundles have new weights; `renew` and `repaint_stale` look them up and paint them."""
        self._weights = frame
        for bundle in self._scene.bundles.values():
            bundle.stale = COMBS

    def paint_aside(self, painter: Painter, now: float) -> bool:
        """Have all bundles painted aside from the newest weights; False where that cannot be (yet)."""
        bundles = self._scene.bundles.values()
        shown = [b for b in bundles if b.surface is not None and b.far < 1]
        if not all(b.resting for b in shown) or not painter.prepare(shown, now):
            return False
        if not painter.busy:
            stale = [b for b in shown if b.stale]
            for bundle in stale:
                self._hand_over(bundle)
                bundle.stale = 0
            if stale:
                painter.paint(stale)
        for bundle in bundles:
            if bundle.stale and (bundle.surface is None or bundle.far >= 1):
                self._hand_over(bundle)
                bundle.repaint_comb()
        return True

    def renew(self, now: float, share: float) -> bool:
        """Paint one comb of every bundle from the newest weights; True if a scale moved.

        What takes long to paint waits longer, so that no bundle takes more than `share` of the time.
        """
        moved = False
        for bundle in self._scene.bundles.values():
            if bundle.stale and now - bundle.painted_at >= bundle.cost / share:
                begun = time.perf_counter()
                self._hand_over(bundle)
                moved |= bundle.repaint_comb()
                bundle.painted_at, bundle.cost = now, time.perf_counter() - begun
        return moved

    def repaint_stale(self) -> None:
        """Paint every bundle that has new weights."""
        for bundle in self._scene.bundles.values():
            if bundle.stale:
                self._hand_over(bundle)
                bundle.repaint_values()

    def _hand_over(self, bundle: BundleItem) -> None:
        """Give a bundle the newest weights, if they are its own."""
        frame = self._weights
        if frame is None or bundle.bundle.target in self.blank or not values.fits(frame, bundle.bundle):
            return
        bundle.values = values.weights(frame, bundle.bundle)
        bundle.gradients = values.marks(frame, bundle.bundle) if bundle.near else None
