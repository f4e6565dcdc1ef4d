"""Coloring: gives the items of a scene the numbers of a frame, and paints anew what has waited longest."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from gui.canvas import values, words
from gui.canvas.color import ScaleLimit
from gui.canvas.items.bundle import BundleItem
from gui.canvas.items.layer import Faces, LayerItem
from gui.canvas.near import NUMBERS, numbers_of
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
        """Note that bundles have new weights; `repaint_stale` looks them up and paints them."""
        self._weights = frame
        for bundle in self._scene.bundles.values():
            bundle.stale = True

    def longest_wait(self, now: float, share: float) -> float:
        """Seconds since the painting of the bundle that waits longest; 0 if none may be painted yet."""
        return max((now - bundle.painted_at for bundle in self._stale(now, 0.0, share)), default=0.0)

    def _stale(self, now: float, interval: float, share: float) -> list[BundleItem]:
        """The bundles with new weights that have waited long enough."""
        stale = (bundle for bundle in self._scene.bundles.values() if bundle.stale)
        return [b for b in stale if now - b.painted_at >= max(interval, b.cost / share)]

    def repaint_stale(self, now: float, interval: float, share: float = 0.1) -> bool:
        """Repaint the bundle that has waited longest, if it waited for at least `interval`; 0: all.

        What takes long to paint waits longer, so that no bundle takes more than `share` of the time.
        """
        stale = self._stale(now, interval, share if interval > 0 else math.inf)
        for bundle in sorted(stale, key=lambda b: b.painted_at)[: None if interval == 0 else 1]:
            begun = time.perf_counter()
            known = bundle.bundle.target not in self.blank
            if known and self._weights is not None and values.fits(self._weights, bundle.bundle):
                bundle.values = values.weights(self._weights, bundle.bundle)
                bundle.gradients = values.marks(self._weights, bundle.bundle) if bundle.near else None
            bundle.repaint_values()
            bundle.painted_at, bundle.cost = now, time.perf_counter() - begun
        return bool(stale)
