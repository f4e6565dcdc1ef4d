"""Stretching: the picture of a bundle, drawn between layers that have moved or grown since it was made."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPolygonF, QTransform

from gui.canvas.boxes import Bundle

_ROOM = 6.0  # scene units above and below, so that a single neuron has an extent
_EXACT = 1e-3  # scene units within which two corners are one


def corners(bundle: Bundle) -> QPolygonF:
    """The four corners of a bundle: source above, target above, target below, source below."""
    if not len(bundle):
        return QPolygonF()
    left, right = bundle.starts, bundle.ends
    x0, x1 = float(left[:, 0].mean()), float(right[:, 0].mean())
    top, bottom = float(left[:, 1].min()) - _ROOM, float(left[:, 1].max()) + _ROOM
    up, down = float(right[:, 1].min()) - _ROOM, float(right[:, 1].max()) + _ROOM
    return QPolygonF([QPointF(x0, top), QPointF(x1, up), QPointF(x1, down), QPointF(x0, bottom)])


def carried(quad: QPolygonF, source: QTransform, target: QTransform) -> QPolygonF:
    """Corners whose left ones go with the source layer, the right ones with the target."""
    if quad.size() != 4:
        return quad
    a, b, c, d = (quad.at(k) for k in range(4))
    return QPolygonF([source.map(a), target.map(b), target.map(c), source.map(d)])


def stretch(before: QPolygonF, after: QPolygonF) -> QTransform | None:
    """What carries one place into the other; None where there is no such thing, as between crossed layers.

    It is affine where an end was moved only, which is drawn faster.
    """
    if before.size() != 4 or after.size() != 4:
        return None
    affine = _affine(before, after)
    if affine is not None:
        off = affine.map(before.at(2)) - after.at(2)
        if abs(off.x()) + abs(off.y()) < _EXACT:
            return affine
    made = QTransform.quadToQuad(before, after)
    return made if isinstance(made, QTransform) else None


def _affine(before: QPolygonF, after: QPolygonF) -> QTransform | None:
    """What carries three of the corners into their places."""

    def frame(quad: QPolygonF) -> QTransform:
        a, along, down = quad.at(0), quad.at(1) - quad.at(0), quad.at(3) - quad.at(0)
        return QTransform(along.x(), along.y(), down.x(), down.y(), a.x(), a.y())

    inverse, possible = frame(before).inverted()
    return inverse * frame(after) if possible else None
