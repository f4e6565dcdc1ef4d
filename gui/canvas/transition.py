"""Transitions: after a change, layers glide on screen from where they were; those that are gone fade.

Only what is drawn moves. Items know their new places at once, so a click in between meets what is there, and
the engine waits for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEasingCurve, QObject, QPointF, QRectF, QVariantAnimation
from PySide6.QtGui import QTransform
from PySide6.QtWidgets import QGraphicsItem

from gui.canvas.boxes import FOLDED, UNITS, Index, LayerBox, Points

if TYPE_CHECKING:
    from gui.canvas.items.layer import LayerItem
    from gui.canvas.view import CanvasView

FOLD_MS, TIDY_MS = 200, 250
_SEED = 0.06  # of its size, from which a new layer grows
_STILL = 0.5  # pixels within which nothing has moved


@dataclass(frozen=True, eq=False)
class Seen:
    """How a layer is seen: where its neurons are all together, which there are, each one's place and size."""

    body: QRectF
    units: Index
    centers: Points
    radius: float

    def through(self, transform: QTransform) -> Seen:
        """The same in other coordinates."""
        moved = [transform.map(QPointF(*center)).toTuple() for center in self.centers]
        centers = np.array(moved, float).reshape(-1, 2)
        return Seen(transform.mapRect(self.body), self.units, centers, self.radius * transform.m22())


class Transition(QObject):
    """Glides from the last picture to the present one."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self._from: dict[str, Seen] = {}
        self._now: dict[str, QRectF] = {}
        self._gone: list[tuple[QGraphicsItem, float]] = []  # what fades, and how opaque it was
        self._animation = QVariantAnimation(self, startValue=0.0, endValue=1.0)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.valueChanged.connect(self._show)
        self._animation.finished.connect(self.stop)

    @property
    def running(self) -> bool:
        """Whether something is gliding."""
        return bool(self._from)

    @property
    def possible(self) -> bool:
        """Whether anything may glide now."""
        view = self._view
        return not view.camera.calm and not view.planner.moving and view.isVisible()

    def capture(self) -> dict[str, Seen]:
        """How every layer is seen now, in pixels of the viewport, gliding or not."""
        look, found = self._view.viewportTransform(), {}
        for key, item in self._view.canvas.layers.items():
            drawn = Seen(_body(item.box), item.box.units, item.drawn.centers, item.drawn.radius)
            seen = drawn.through(item.transform() * look)
            found[key] = replace(seen, body=look.mapRect(self._now[key])) if key in self._now else seen
        return found

    def glide(self, before: dict[str, Seen], duration: int = TIDY_MS) -> None:
        """Go from there to where everything has been put meanwhile."""
        self.stop()
        view = self._view
        layers = view.canvas.layers
        self._gone = [(item, item.opacity()) for item in view.canvas.take_gone()]
        if not self.possible or not before or not layers:
            self._forget()
            return
        if not self._gone and before.keys() == layers.keys() and not self._moved(before):
            return
        back, _ = view.viewportTransform().inverted()
        self._from = {
            key: before[key].through(back) if key in before else _seed(item.box)
            for key, item in layers.items()
        }
        self._animation.setDuration(duration)
        self._animation.start()
        self._show(0.0)

    def stop(self) -> None:
        """Show everything where it is."""
        if not self._from:
            return
        self._from, self._now = {}, {}
        self._animation.stop()
        for item in self._view.canvas.layers.values():
            item.draw_as(None)
            item.setTransform(QTransform())
        self._carry({})
        self._fade(1.0)
        self._forget()
        self._view.viewport().update()  # the caches of items that were carried leave traces
        self._view.maps.settle_soon()

    def _moved(self, before: dict[str, Seen]) -> bool:
        now = self.capture()
        return any(
            _apart(before[key].body, seen.body) > _STILL or len(before[key].units) != len(seen.units)
            for key, seen in now.items()
        )

    def _show(self, share: float) -> None:
        if not self._from:
            return
        carried: dict[str, QTransform] = {}
        for key, start in self._from.items():
            item = self._view.canvas.layers.get(key)
            if item is not None:
                body = _body(item.box)
                self._now[key] = _between(start.body, body, share)
                carried[key] = _onto(body, self._now[key])
                _draw(item, start, carried[key], share)
        self._carry(carried)
        self._fade(share**3)

    def _fade(self, share: float) -> None:
        """What is drawn over the picture comes back as it comes to rest; what is gone fades away."""
        for item, strength in self._gone:
            item.setOpacity(strength * (1.0 - share))
        self._view.canvas.fan.setOpacity(share)
        self._view.byhand.marks.setOpacity(share)

    def _forget(self) -> None:
        """Take away what has faded."""
        for item, _ in self._gone:
            self._view.canvas.removeItem(item)
        self._gone = []

    def _carry(self, transforms: dict[str, QTransform]) -> None:
        """Take along what goes with the layers; none: all is in its place."""
        canvas, still = self._view.canvas, QTransform()
        for key, layer in canvas.layers.items():
            moved = transforms.get(key, still)
            canvas.blocks[key].setTransform(moved)
            if canvas.output is not None and canvas.output.box.id == key:
                canvas.output.setTransform(moved)
            _carry_top(canvas.headers[key], layer.box, moved)
        for (source, target), bundle in canvas.bundles.items():
            ends = transforms.get(source, still), transforms.get(target, still)
            bundle.carry(*ends if transforms else (None, None))
            plus = canvas.pluses[source, target]
            plus.setTransform(_mean(*ends, canvas.layers[source].box, canvas.layers[target].box))
        for (source, target), band in canvas.plain.items():
            band.carry(transforms.get(source, still), transforms.get(target, still))


def _draw(item: LayerItem, start: Seen, moved: QTransform, share: float) -> None:
    """A layer on its way: as a whole, or where it shows other neurons than before, each on its own way."""
    box = item.box
    if np.array_equal(start.units, box.units) or box.kind not in (UNITS, FOLDED) or not len(start.units):
        item.setTransform(moved)
        return
    rows = np.clip(np.searchsorted(start.units, box.units), 0, len(start.units) - 1)
    centers = start.centers[rows] + (box.centers - start.centers[rows]) * share
    radius = start.radius + (box.radius - start.radius) * share
    item.draw_as(replace(box, centers=centers, radius=radius))


def _body(box: LayerBox) -> QRectF:
    b = box.body
    return QRectF(b.x, b.y, max(b.width, 1.0), max(b.height, 1.0))


def _seed(box: LayerBox) -> Seen:
    """A small beginning in the middle of a layer's place."""
    body = _body(box)
    rect = QRectF(0, 0, body.width() * _SEED, body.height() * _SEED)
    rect.moveCenter(body.center())
    return Seen(rect, box.units, box.centers, box.radius)


def _between(a: QRectF, b: QRectF, share: float) -> QRectF:
    return QRectF(
        a.topLeft() + (b.topLeft() - a.topLeft()) * share,
        a.bottomRight() + (b.bottomRight() - a.bottomRight()) * share,
    )


def _onto(body: QRectF, shown: QRectF) -> QTransform:
    """What draws the one rectangle over the other."""
    across, down = shown.width() / body.width(), shown.height() / body.height()
    return QTransform(
        across, 0.0, 0.0, down, shown.left() - body.left() * across, shown.top() - body.top() * down
    )


def _apart(a: QRectF, b: QRectF) -> float:
    near, far = a.topLeft() - b.topLeft(), a.bottomRight() - b.bottomRight()
    return max(abs(near.x()), abs(near.y()), abs(far.x()), abs(far.y()))


def _carry_top(item: QGraphicsItem, box: LayerBox, moved: QTransform) -> None:
    """Take along what stands above a layer, without stretching its text."""
    body, shown = _body(box), moved.mapRect(_body(box))
    item.setTransform(
        QTransform.fromTranslate(shown.center().x() - body.center().x(), shown.top() - body.top())
    )


def _mean(a: QTransform, b: QTransform, source: LayerBox, target: LayerBox) -> QTransform:
    """Halfway between the moves of two layers."""
    one = a.mapRect(_body(source)).center() - _body(source).center()
    other = b.mapRect(_body(target)).center() - _body(target).center()
    return QTransform.fromTranslate((one.x() + other.x()) / 2, (one.y() + other.y()) / 2)
