"""Places a network on the canvas: layers as columns from left to right, neurons in them, synapses between.

Large layers fold: an image is drawn as an image, a long layer as its first and last units and a count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from gui.canvas.boxes import (
    BIAS,
    FOLDED,
    IMAGE,
    MAPS,
    UNITS,
    Bundle,
    Index,
    LayerBox,
    LayerSpec,
    Layout,
    Metrics,
    Points,
    Rect,
    WireSpec,
)
from gui.canvas.picking import bias_at, synapse_at, unit_at
from gui.canvas.ranks import between, order_columns, parts_of

__all__ = [
    "BIAS",
    "FOLDED",
    "FOLD_LIMIT",
    "IMAGE",
    "MAPS",
    "UNITS",
    "Bundle",
    "LayerBox",
    "LayerSpec",
    "Layout",
    "Metrics",
    "Rect",
    "WireSpec",
    "arrange",
    "bias_at",
    "connect",
    "synapse_at",
    "unit_at",
]

_LEAST_MAP, _LARGEST_MAP, _FOLDED_FOOT = 40.0, 150.0, 18.0  # scene units, of feature maps
_ANSWERS = 24.0  # right of the last layer, behind its port
DETOUR = 56.0  # below layers, what is written below them, and what is written on the wire itself
FOLD_LIMIT = 24  # a layer of more units is folded


def arrange(
    layers: Sequence[LayerSpec],
    wires: Sequence[WireSpec],
    width: float,
    height: float,
    *,
    fold_limit: int = FOLD_LIMIT,
    moved: Mapping[str, tuple[float, float]] | None = None,
    placed: Mapping[str, tuple[float, float]] | None = None,
    plain: Sequence[tuple[str, str]] = (),
    metrics: Metrics | None = None,
) -> Layout:
    """Place layers and wires in about width × height; what needs more extends to the right and down.

    moved: offsets added to layers' places; placed: where a person has put layers: the `anchor` of each.
    plain: wires without synapses, (source, target), which order the columns too. Wires with an unknown end
    are left out.
    """
    m = metrics or Metrics()
    specs = {layer.id: layer for layer in layers}
    known = [w for w in wires if w.source in specs and w.target in specs]
    edges = [(w.source, w.target) for w in known]
    edges += [(a, b) for a, b in plain if a in specs and b in specs]
    feeding = {w.source for w in known if w.bias}
    boxes: dict[str, LayerBox] = {}
    for parts in _rows(parts_of(list(specs), edges), placed or {}):
        ids = [i for part in parts for i in part]
        inner = [edge for edge in edges if edge[0] in ids]
        columns = order_columns(ids, [*inner, *between(parts, inner)])
        stacks = [_stack([specs[i] for i in column], feeding, height, fold_limit, m) for column in columns]
        boxes |= {box.id: box for box in _spread(stacks, width, m)}
    for layer, (dx, dy) in (moved or {}).items():
        if layer in boxes:
            boxes[layer] = boxes[layer].moved(dx, dy)
    for layer, (x, y) in (placed or {}).items():
        if layer in boxes:
            anchor = boxes[layer].anchor
            boxes[layer] = boxes[layer].moved(x - anchor[0], y - anchor[1])
    bounds = Rect(0.0, 0.0, width, height)
    for box in boxes.values():
        r, edge = box.rect, m.margin if placed and box.id in placed else 0.0  # what is laid out has its own
        bounds = bounds.united(Rect(r.x - edge, r.y - edge, r.width + 2 * edge, r.height + 2 * edge))
    return Layout(boxes, tuple(connect(boxes[w.source], boxes[w.target], w) for w in known), bounds)


def _rows(parts: list[list[str]], placed: Mapping[str, object]) -> list[list[list[str]]]:
    """The parts that are laid out together: one that a person has put somewhere takes no room of others."""
    free = [part for part in parts if not all(i in placed for i in part)]
    return [free, *([part] for part in parts if part not in free)]


def _slots(spec: LayerSpec, fold_limit: int) -> int:
    """Return how many units a layer shows, the ellipsis of a folded one included."""
    fits = spec.unfolded or spec.units <= fold_limit
    return spec.units if fits else max(min(fold_limit, 16), 3)


def _is_image(spec: LayerSpec) -> bool:
    return spec.image is not None and spec.image[0] * spec.image[1] == spec.units and not spec.unfolded


def _stack(
    specs: list[LayerSpec], feeding: set[str], height: float, fold_limit: int, m: Metrics
) -> list[LayerBox]:
    """Place the layers of one column below each other, its left edge at 0, centered in the height."""
    fixed = m.header + m.bias + m.footer
    free = max(height - 2 * m.margin - len(specs) * fixed - (len(specs) - 1) * m.stack, 40.0 * len(specs))
    wants = np.array(
        [
            min(_LARGEST_MAP, 0.7 * m.image)
            if s.maps and s.units == 1
            else m.image
            if _is_image(s)
            else max(_slots(s, fold_limit), 1) * m.widest_pitch
            for s in specs
        ]
    )
    shares = wants * min(1.0, free / wants.sum())
    boxes, y = [], 0.0
    for spec, share in zip(specs, shares, strict=True):
        box = _place(spec, float(share), spec.id in feeding, fold_limit, m).moved(0.0, y)
        boxes.append(box)
        y = box.rect.bottom + m.stack
    widest = max(b.rect.width for b in boxes)
    top = max((height - (y - m.stack)) / 2, m.margin)
    return [b.moved((widest - b.rect.width) / 2, top) for b in boxes]


def _place(spec: LayerSpec, height: float, feeds: bool, fold_limit: int, m: Metrics) -> LayerBox:
    """Return a layer at the origin whose units take about the given height."""
    if _is_image(spec):
        units, rows, kind = np.arange(spec.units), np.zeros(0), IMAGE
    else:
        units, rows, kind = _visible(spec, fold_limit)
        kind = MAPS if spec.maps is not None else kind
    slots = float(max(_slots(spec, fold_limit), 1))
    pitch = float(np.clip(height / slots, m.narrowest_pitch, m.widest_pitch))
    radius = pitch * m.fill
    top = m.header + m.bias
    if kind == IMAGE:
        body, centers, radius, cell = _image(spec, min(height, m.image), top)
    elif kind == MAPS:
        body, centers, radius, cell = _maps(spec, rows, int(slots), height, top, m)
    else:
        wide = max(2 * radius, 72.0)  # room for the header
        body = Rect((wide - 2 * radius) / 2, top, 2 * radius, slots * pitch)
        centers = np.stack([np.full(rows.shape, body.center[0]), top + (rows + 0.5) * pitch], axis=1)
        cell = (2 * radius, pitch)
    hidden = spec.units - units.size
    ellipsis = (body.center[0], top + (_heads(int(slots)) + 0.5) * pitch) if hidden else None
    if hidden and kind == MAPS:
        ellipsis = (body.center[0], body.bottom - 8.0)
    middle = body.center[0]
    side = Rect(body.right + _ANSWERS, body.y, m.labels, body.height) if spec.labels else None
    left, right = min(body.x, middle - 36.0), max(body.right, middle + 36.0)
    whole = Rect(left, 0.0, (side.right if side else right) - left, body.bottom + m.footer)
    # Above an image it stands at the right, so that its synapses do not cross the picture.
    bias_x = body.right - 6.0 if kind == IMAGE else middle
    small = float(np.clip(radius, 6.0, 10.0))
    return LayerBox(
        spec.id,
        spec.title,
        kind,
        whole,
        Rect(left, 0.0, right - left, m.header),
        body,
        units,
        centers,
        radius,
        cell,
        hidden,
        ellipsis,
        (bias_x, top - m.bias / 2) if feeds else None,
        small,
        side,
        spec.image if kind == IMAGE else None,
        spec.maps,
    ).moved(-left, 0.0)


def _heads(slots: int) -> int:
    """Return how many of a folded layer's slots lie above the ellipsis."""
    return slots // 2


def _visible(spec: LayerSpec, fold_limit: int) -> tuple[Index, Points, str]:
    """Return the units a layer shows, the rows they stand in, and its kind."""
    slots = _slots(spec, fold_limit)
    if slots >= spec.units:
        return np.arange(spec.units), np.arange(spec.units, dtype=np.float64), UNITS
    head = _heads(slots)
    tail = slots - 1 - head
    units = np.concatenate([np.arange(head), np.arange(spec.units - tail, spec.units)])
    rows = np.concatenate([np.arange(head), np.arange(head + 1, slots)]).astype(np.float64)
    return units, rows, FOLDED


def _maps(
    spec: LayerSpec, order: Points, slots: int, height: float, top: float, m: Metrics
) -> tuple[Rect, Points, float, tuple[float, float]]:
    """Return the body of a grid of feature maps, their centers, half their size, their pictures' sizes."""
    _, rows, columns = spec.maps or (1, 1, 1)
    foot = _FOLDED_FOOT if spec.units > len(order) else 0.0
    across = next(
        n for n in range(1, slots + 1) if (height - foot) / -(-slots // n) >= _LEAST_MAP or n == slots
    )
    down = -(-len(order) // across)
    largest = min(_LARGEST_MAP, max(m.maps / across, 0.7 * m.image if across == 1 else 0.0))
    cell = float(np.clip((height - foot) / max(down, 1), m.narrowest_pitch, largest))
    size = cell - 3.0
    scale = size / max(rows, columns)
    wide = max(across * cell, 72.0)
    place = np.arange(len(order))
    x = (wide - across * cell) / 2 + (place % across + 0.5) * cell
    centers = np.stack([x, top + (place // across + 0.5) * cell], axis=1)
    body = Rect((wide - across * cell) / 2, top, across * cell, down * cell + foot)
    return body, centers, size / 2, (columns * scale, rows * scale)


def _image(spec: LayerSpec, side: float, top: float) -> tuple[Rect, Points, float, tuple[float, float]]:
    """Return the body of an image, its pixels' centers, half their size, and their width and height."""
    rows, columns = spec.image or (1, 1)
    size = side / max(rows, columns)
    body = Rect(0.0, top, size * columns, size * rows)
    row, column = np.divmod(np.arange(spec.units), columns)
    centers = np.stack([(column + 0.5) * size, top + (row + 0.5) * size], axis=1)
    return body, centers, size / 2, (size, size)


def _part(left: list[LayerBox], right: list[LayerBox], m: Metrics) -> float:
    """How wide the gap between two columns is beside others: synapses need room, a plain wire does not."""
    if any(box.kind == MAPS for box in (*left, *right)):
        return m.bare
    return m.dense if any(box.kind == IMAGE for box in left) else 1.0


def _spread(stacks: list[list[LayerBox]], width: float, m: Metrics) -> list[LayerBox]:
    """Move columns to the right so that they fill the width, the gap after an image being wider."""
    if not stacks:
        return []
    widths = [max(b.rect.width for b in stack) for stack in stacks]
    free = width - 2 * m.margin - sum(widths)
    parts = np.array([_part(a, b, m) for a, b in pairwise(stacks)])
    gaps = parts * float(np.clip(free / max(parts.sum(), 1.0), m.gap, m.widest_gap))
    used = sum(widths) + float(gaps.sum())
    x = max((width - used) / 2, m.margin)
    placed = []
    for stack, step in zip(stacks, np.array(widths) + np.append(gaps, 0.0), strict=True):
        placed += [b.moved(x, 0.0) for b in stack]
        x += float(step)
    return placed


def detour(boxes: Mapping[str, LayerBox], source: str, target: str) -> float | None:
    """The height at which a plain wire passes below layers in its way; None if it runs straight."""
    a, b = boxes[source].body, boxes[target].body
    high, low = min(a.center[1], b.center[1]) - 8, max(a.center[1], b.center[1]) + 8
    between = [
        box.body
        for key, box in boxes.items()
        if key not in (source, target) and a.right < box.body.center[0] < b.x
    ]
    if not any(body.y < low and body.bottom > high for body in between):
        return None
    return max(body.bottom for body in (a, b, *between)) + DETOUR


def connect(source: LayerBox, target: LayerBox, wire: WireSpec) -> Bundle:
    """Return the synapses of a wire between two placed layers."""
    starts = source.exits()
    units = source.units
    columns = units + wire.first_column
    if wire.bias and source.bias is not None:
        at = (source.bias[0] + source.bias_radius, source.bias[1])
        starts = np.concatenate([np.array([at]), starts])
        units = np.concatenate([[-1], units])
        columns = np.concatenate([[BIAS], columns])
    fan_in, fan_out = len(units), len(target.units)
    return Bundle(
        wire.source,
        wire.target,
        np.tile(starts, (fan_out, 1)),
        np.repeat(target.entries(), fan_in, axis=0),
        np.repeat(target.units, fan_in),
        np.tile(columns, fan_out),
        np.tile(units, fan_out),
    )
