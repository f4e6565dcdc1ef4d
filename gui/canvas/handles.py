"""Where what is worked on by hand lies in the picture: synapses, units, locks, and the way between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt

from engine.design import NetworkDesign
from engine.edits.synapses import frozen
from engine.layers.weighted import Weighted
from gui.canvas.boxes import Bundle, LayerBox, Layout
from gui.canvas.items.handmarks import Line
from gui.canvas.pruned import Absent
from gui.canvas.strokes import nearest
from gui.canvas.surface import is_sparse
from gui.document.selection import Picked

if TYPE_CHECKING:
    from gui.canvas.scene import CanvasScene

_SHOWN_ALWAYS = 60  # up to so many marks of a wire are shown without its neuron being selected
_LOCK_AT = 0.86  # of the way along a synapse
Point = tuple[float, float]


def middle_of(scene: CanvasScene, picked: Picked) -> Point | None:
    """Where the pill of something picked stands: the middle of a synapse, the foot of a neuron.

    That of an output stands left of it, or it would hide what the next one says.
    """
    if picked.source is None:
        item = scene.layers.get(picked.layer)
        if item is None or picked.unit is None or (place := unit_place(item.box, picked.unit)) is None:
            return None
        x, y, radius = place
        return (x - radius, y) if item.box.side is not None else (x, y + radius)
    line = synapse_of(scene, picked)
    if line is None:
        return None
    return (line.start[0] + line.end[0]) / 2, (line.start[1] + line.end[1]) / 2


def unit_place(box: LayerBox, unit: int) -> tuple[float, float, float] | None:
    """The center and radius of a visible unit, None if it is folded away."""
    rows = np.flatnonzero(box.units == unit)
    if not rows.size:
        return None
    x, y = box.centers[rows[0]]
    return float(x), float(y), float(box.radius)


def synapse_of(scene: CanvasScene, picked: Picked) -> Line | None:
    """Where a picked synapse runs, there or pruned; None if it is folded away."""
    for bundle, curved in _bundles(scene, picked.source_layer, picked.layer):
        found = np.flatnonzero((bundle.unit == picked.unit) & (bundle.source_unit == picked.source))
        if found.size:
            return _line(bundle, int(found[0]), curved)
    return None


def absent_at(scene: CanvasScene, x: float, y: float, tolerance: float, unit: Picked | None) -> Picked | None:
    """The pruned synapse under a point, among those whose hint is shown."""
    for absent in scene.plan.absent if scene.plan is not None else ():
        ids = _shown(absent, unit)
        bundle = absent.bundle
        k = nearest(bundle.starts[ids], bundle.ends[ids], x, y, absent.curved, tolerance)
        if k is not None:
            i = int(ids[k])
            return Picked(bundle.target, int(bundle.unit[i]), int(bundle.source_unit[i]), bundle.source)
    return None


def pruned_lines(absent: tuple[Absent, ...], current: Picked | None) -> tuple[Line, ...]:
    """The hints of pruned synapses: all where they are few, else those of the selected neuron."""
    return tuple(_line(a.bundle, int(k), a.curved) for a in absent for k in _shown(a, current))


def lock_places(layout: Layout, design: NetworkDesign, current: Picked | None) -> tuple[Point, ...]:
    """Where a small lock is drawn: at a layer or at neurons frozen whole, else on single synapses."""
    places: list[Point] = []
    for key, box in layout.boxes.items():
        spec = next((spec for spec in design.layers if spec.id == key), None)
        if not isinstance(spec, Weighted) or not spec.frozen:
            continue
        marks = frozen(design, key)
        if marks is None:
            continue
        whole = np.asarray(marks.all(axis=1))
        if whole.all():
            places.append((box.header.center[0] - 44.0, box.header.y + 9.0))
            continue
        for row in np.flatnonzero(whole):
            place = unit_place(box, int(row))
            if place is not None:
                places.append((place[0] - 0.8 * place[2], place[1] - 0.8 * place[2]))
        places += _single_locks(layout, key, marks & ~whole[:, None], current)
    return tuple(places)


def neighbor_of(scene: CanvasScene, picked: Picked, key: Qt.Key, shift: bool) -> Picked | None:
    """Where an arrow leads: from a synapse to its neighbors and ends, with Shift from a neuron to its own."""
    if picked.source is not None:
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            return _beside(scene, picked, 1 if key == Qt.Key.Key_Down else -1)
        if key == Qt.Key.Key_Left:
            return Picked(picked.source_layer, picked.source)
        return Picked(picked.layer, picked.unit) if key == Qt.Key.Key_Right else None
    if not shift or picked.unit is None or key not in (Qt.Key.Key_Left, Qt.Key.Key_Right):
        return None
    for source, target in scene.bundles:
        if (target if key == Qt.Key.Key_Left else source) != picked.layer:
            continue
        for bundle, _ in _bundles(scene, source, target):
            ids = bundle.into(picked.unit) if key == Qt.Key.Key_Left else bundle.out_of(picked.unit)
            if ids.size:
                real = ids[bundle.source_unit[ids] >= 0]
                k = int(real[0] if real.size else ids[0])  # the bias last
                return Picked(target, int(bundle.unit[k]), int(bundle.source_unit[k]), source)
    return None


def _beside(scene: CanvasScene, picked: Picked, by: int) -> Picked:
    """The next synapse into the same neuron, pruned ones included, the bias first."""
    sources: set[int] = set()
    for bundle, _ in _bundles(scene, picked.source_layer, picked.layer):
        sources |= {int(s) for s in bundle.source_unit[bundle.into(picked.unit or 0)]}
    order = sorted(sources)
    if picked.source not in order:
        return picked
    row = min(max(order.index(picked.source) + by, 0), len(order) - 1)
    return Picked(picked.layer, picked.unit, order[row], picked.source_layer)


def _bundles(scene: CanvasScene, source: str, target: str) -> list[tuple[Bundle, bool]]:
    """A wire's synapses that are there, and those that are pruned; whether they are drawn as curves."""
    item = scene.bundles.get((source, target))
    found = [] if item is None else [(item.bundle, is_sparse(item.bundle))]
    absent = scene.plan.absent if scene.plan is not None else ()
    mine = [a for a in absent if (a.bundle.source, a.bundle.target) == (source, target)]
    return found + [(a.bundle, a.curved) for a in mine]


def _shown(absent: Absent, current: Picked | None) -> np.ndarray:
    bundle = absent.bundle
    if len(bundle) <= _SHOWN_ALWAYS:
        return np.arange(len(bundle))
    if current is None or current.unit is None:
        return np.empty(0, np.intp)
    shown = np.zeros(len(bundle), bool)
    if current.layer == bundle.target:
        shown |= bundle.unit == current.unit
    if current.layer == bundle.source:
        shown |= bundle.source_unit == current.unit
    return np.flatnonzero(shown)


def _single_locks(layout: Layout, layer: str, marks: np.ndarray, current: Picked | None) -> list[Point]:
    places: list[Point] = []
    for bundle in layout.bundles:
        if bundle.target != layer:
            continue
        ids = np.flatnonzero(marks[bundle.unit, bundle.column])
        if ids.size > _SHOWN_ALWAYS:
            mine = current is not None and current.layer == layer
            ids = ids[bundle.unit[ids] == current.unit] if mine and current is not None else ids[:0]
        for k in ids:
            path = _line(bundle, int(k), is_sparse(bundle)).path()
            point = path.pointAtPercent(_LOCK_AT)
            places.append((point.x(), point.y()))
    return places


def _line(bundle: Bundle, k: int, curved: bool) -> Line:
    (x0, y0), (x1, y1) = bundle.starts[k], bundle.ends[k]
    return Line((float(x0), float(y0)), (float(x1), float(y1)), curved)
