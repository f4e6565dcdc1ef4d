"""Draws the stages of a wave on the scene, from the numbers of one captured frame.

Forward a soft band shows w·a; backward chevrons show w·δ, rings |δ|, and ∂L/∂w stays behind as marks. No
pulse enters the input layer: its synapses only receive marks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gui.canvas import values
from gui.canvas import waves as w
from gui.canvas.color import ScaleLimit
from gui.canvas.items.bundle import BundleItem
from gui.canvas.items.passing import FLOW, MARKS
from gui.canvas.look import tr
from gui.canvas.plan import Plan
from gui.canvas.pulse import BACKWARD, BAND, FADED, FORWARD, TRAIN, band, front, passed, train
from gui.canvas.scene import CanvasScene
from gui.session.frame_clock import Frame

Envelope = Callable[[Any], Any]

_DIMMED = 0.22  # of the weights while w·a travels, so that the band stands out


class Sweep:
    """One wave on the scene.

    Attributes:
        frame: the captured pass; batch_mean: whether marks are the batch's mean gradient.
        calm: highlights instead of sweeps; fills: whether neurons light up only as the band passes.
    """

    def __init__(self, scene: CanvasScene) -> None:
        self.scene = scene
        self.frame: Frame | None = None
        self.batch_mean = False
        self.calm = False
        self.fills = False
        self._scales: dict[tuple[str, str], ScaleLimit] = {}
        self._prepared: set[str] = set()
        self._kind = ""
        self._judged: tuple[Frame | None, Plan | None, bool] = (None, None, False)

    def can_show(self, frame: Frame | None) -> bool:
        """Whether a frame is of what is drawn: nothing of another may travel here."""
        plan = self.scene.plan
        if self._judged[0] is not frame or self._judged[1] is not plan:
            fits = frame is not None and plan is not None and values.agrees(frame, plan)
            self._judged = frame, plan, fits
        return self._judged[2]

    def begin(self, kind: str, frame: Frame) -> None:
        """A stage begins, of this frame's pass."""
        if kind in (w.FORWARD, w.BACKWARD) or self.frame is None:
            self.frame = frame
        if kind in (w.FORWARD, w.BACKWARD):
            self._forget()
        self._kind = kind

    def label(self) -> str:
        """What travels now, and of which pass."""
        signs = {w.FORWARD: "→ w·a", w.LOSS: tr("loss"), w.BACKWARD: "← w·δ", w.DISSOLVE: tr("update")}
        if self.frame is None or self._kind not in signs:
            return ""
        if self.batch_mean:
            return tr("∂L/∂w   step {step}, mean of the batch").format(step=f"{self.frame.snapshot.step:,}")
        return tr("{sign}   step {step}, example {example}").format(
            sign=signs[self._kind], step=f"{self.frame.snapshot.step:,}", example=f"{self.frame.index + 1:,}"
        )

    def move(self, phase: float) -> None:
        """Show the stage at a phase 0 … 1."""
        if not self.can_show(self.frame):
            return
        if self._kind == w.FORWARD:
            self._forward(phase)
        elif self._kind == w.LOSS:
            self._loss(phase)
        elif self._kind == w.BACKWARD:
            self._backward(phase)
        elif self._kind == w.DISSOLVE:
            self._dissolve(phase)

    def show_marks(self, batch_mean: bool) -> None:
        """Show all marks: of the example, or the batch's mean."""
        self.batch_mean = batch_mean
        for item in self.scene.bundles.values():
            self._begin_marks(item)
            item.move(MARKS, np.ones_like)
        self.scene.dim(FADED)

    def clear(self) -> None:
        """Back to the picture at rest."""
        self._forget()
        self.frame, self._kind, self.batch_mean = None, "", False
        self.scene.dim(1.0)
        for layer in self.scene.layers.values():
            layer.show_rings(None)

    # -- stages

    def _forward(self, phase: float) -> None:
        left, right = self._bounds()
        middle = front(phase, left, right, FORWARD, BAND)
        for item in self._ready(FORWARD, middle):
            if self.calm:
                item.move(FLOW, np.ones_like, _swell(phase))
            else:
                item.move(FLOW, lambda x: band(x, middle))
        self.scene.dim(1.0 - (1.0 - _DIMMED) * _swell(phase))
        if self.fills:
            assert self.frame is not None
            shares = {
                key: float(passed([item.box.body.center[0]], middle, FORWARD)[0])
                for key, item in self.scene.layers.items()
            }
            self.scene.show_neurons(self.frame, shares)
            self.scene.show_answers(self.frame, shares)

    def _loss(self, phase: float) -> None:
        self._rings(lambda key: phase if self.scene.plan and key == self.scene.plan.output else 0.0)

    def _backward(self, phase: float) -> None:
        left, right = self._bounds()
        middle = front(phase, left, right, BACKWARD, TRAIN)
        behind: Envelope = np.ones_like if self.calm else lambda x: passed(x, middle, BACKWARD, TRAIN)
        opacity = phase if self.calm else 1.0
        for item in self._ready(BACKWARD, middle):
            if FLOW in item.wave.known:
                if self.calm:
                    item.move(FLOW, np.ones_like, _swell(phase), 0.0)
                else:
                    item.move(FLOW, lambda x: train(x, middle), 1.0, middle)
            item.move(MARKS, behind, opacity)
        fade = min(phase / 0.15, 1.0)
        self.scene.dim(1.0 - (1.0 - FADED) * fade)
        self._rings(
            lambda key: float(passed([self.scene.layers[key].box.body.center[0]], middle, BACKWARD, TRAIN)[0])
        )

    def _dissolve(self, phase: float) -> None:
        for item in self.scene.bundles.values():
            item.move(MARKS, np.ones_like, 1.0 - phase)
        self.scene.dim(FADED + (1.0 - FADED) * phase)
        self._rings(lambda key: 1.0 - phase)

    def _rings(self, share_of: Callable[[str], float]) -> None:
        assert self.frame is not None
        assert self.scene.plan is not None
        for key, item in self.scene.layers.items():
            trace = self.frame.trace.layers.get(key)
            if trace is None or not self.scene.plan.inference.shapes or not _has_weights(self.frame, key):
                continue
            item.show_rings(trace.delta, _strongest(trace.delta), share_of(key))

    # -- preparation

    def _ready(self, direction: int, middle: float) -> list[BundleItem]:
        """The bundles that the front has reached; what it reaches for the first time is painted now."""
        assert self.frame is not None
        found = []
        for item in self.scene.bundles.values():
            if not values.fits(self.frame, item.bundle):
                continue
            if item.key not in self._prepared:
                rect = item.extent()
                if direction == FORWARD and rect.left() - BAND > middle and not self.calm:
                    continue
                if direction == BACKWARD and rect.right() + TRAIN < middle and not self.calm:
                    continue
                self._prepare(item, direction)
            found.append(item)
        return found

    def _prepare(self, item: BundleItem, direction: int) -> None:
        assert self.frame is not None
        self._prepared.add(item.key)
        if direction == FORWARD:
            flow = values.forward_flow(self.frame, item.bundle)
            item.begin_wave(FLOW, flow, item.table, self._scale(item, "forward"))
            return
        source = self.frame.network.design.input
        if source is None or item.bundle.source != source.id:
            flow = values.backward_flow(self.frame, item.bundle)
            item.begin_wave(FLOW, flow, self.scene.look.green, self._scale(item, "backward"))
        self._begin_marks(item)

    def _begin_marks(self, item: BundleItem) -> None:
        assert self.frame is not None
        if values.fits(self.frame, item.bundle):
            mean = self.batch_mean and self.frame.snapshot.gradients is not None
            marks = values.marks(self.frame, item.bundle, mean)
            item.begin_wave(MARKS, marks, self.scene.look.green, self._scale(item, "marks"))

    def _scale(self, item: BundleItem, what: str) -> ScaleLimit:
        return self._scales.setdefault((item.key, what), ScaleLimit())

    def _forget(self) -> None:
        self._prepared.clear()
        for item in self.scene.bundles.values():
            item.clear_wave()

    def _bounds(self) -> tuple[float, float]:
        assert self.scene.plan is not None
        boxes = self.scene.plan.layout.boxes.values()
        return min((b.body.x for b in boxes), default=0.0), max((b.body.right for b in boxes), default=0.0)


def _swell(phase: float) -> float:
    """Up and down again, softly."""
    return min(phase / 0.15, (1.0 - phase) / 0.15, 1.0)


def _has_weights(frame: Frame, layer: str) -> bool:
    return values.place_of(frame, layer) is not None


def _strongest(delta: np.ndarray) -> float:
    """The largest |δ|, for rings; 1 where all are zero."""
    return (float(np.abs(delta).max()) if delta.size else 0.0) or 1.0
