"""Places a network on the canvas: layers as columns from left to right, neurons in them, synapses between.

Pure arithmetic in scene units (one unit is one pixel at 100% zoom); y points down. Large layers fold: an
image is drawn as an image, a long layer as its first and last units with a count between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gui.canvas.ranks import order_columns

Points = NDArray[np.float64]
Index = NDArray[np.intp]

IMAGE, UNITS, FOLDED = "image", "units", "folded"
FOLD_LIMIT = 24
BIAS = 0  # the column of the bias in a weight matrix; source unit i is column i + 1


@dataclass(frozen=True)
class Rect:
    """A rectangle; right and bottom are its far edges."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The x of the right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The y of the lower edge."""
        return self.y + self.height

    @property
    def center(self) -> tuple[float, float]:
        """The middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    def contains(self, x: float, y: float) -> bool:
        """Return whether a point lies within or on the edge."""
        return self.x <= x <= self.right and self.y <= y <= self.bottom

    def overlaps(self, other: Rect) -> bool:
        """Return whether two rectangles share an area."""
        across = min(self.right, other.right) - max(self.x, other.x)
        down = min(self.bottom, other.bottom) - max(self.y, other.y)
        return across > 1e-9 and down > 1e-9

    def united(self, other: Rect) -> Rect:
        """Return the smallest rectangle around both."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Rect(x, y, max(self.right, other.right) - x, max(self.bottom, other.bottom) - y)

    def moved(self, dx: float, dy: float) -> Rect:
        """Return the rectangle shifted."""
        return Rect(self.x + dx, self.y + dy, self.width, self.height)


@dataclass(frozen=True)
class LayerSpec:
    """What is to be placed: `image` is (rows, columns) if the units are the pixels of one picture.

    `labels` asks for room at the right (class names, bars); `unfolded` shows every unit of a long layer.
    """

    id: str
    units: int
    title: str = ""
    image: tuple[int, int] | None = None
    labels: bool = False
    unfolded: bool = False


@dataclass(frozen=True)
class WireSpec:
    """A bundle of synapses from every unit of a layer, and from its bias, to every unit of another.

    `first_column`: where the source's units begin in the target's weight matrix (1, after the bias, unless
    several sources are concatenated).
    """

    source: str
    target: str
    bias: bool = True
    first_column: int = 1


@dataclass(frozen=True)
class Metrics:
    """Sizes in scene units; scale them for a projector."""

    margin: float = 20.0
    header: float = 44.0  # title and [− 16 +]
    bias: float = 28.0  # the strip above a layer that feeds a bias
    footer: float = 36.0  # under an input: the example navigator; elsewhere: breathing space
    widest_pitch: float = 40.0  # between neighboring units
    narrowest_pitch: float = 14.0
    fill: float = 0.36  # radius of a unit ÷ pitch
    image: float = 224.0  # largest side of an image
    labels: float = 116.0
    gap: float = 90.0  # least distance between columns
    widest_gap: float = 420.0
    dense: float = 1.6  # the gap after an image is so much wider
    stack: float = 16.0  # between layers in one column


@dataclass(frozen=True, eq=False)
class LayerBox:
    """A layer in its place.

    rect: the whole layer, with header, bias strip and label room; boxes never overlap. body: where its units
    are. units (visible,): the indices of the units shown; centers (visible, 2) and radius: where; for an
    image, the centers and half the size of its pixels. cell: (width, height) of an image's pixels.
    hidden: how many units are folded away; ellipsis: where their count is written. bias: the center of the
    small "1" if the layer feeds a bias. side: the room for labels, or None.
    """

    id: str
    title: str
    kind: str
    rect: Rect
    header: Rect
    body: Rect
    units: Index
    centers: Points
    radius: float
    cell: tuple[float, float]
    hidden: int
    ellipsis: tuple[float, float] | None
    bias: tuple[float, float] | None
    bias_radius: float
    side: Rect | None
    shape: tuple[int, int] | None

    def exits(self) -> Points:
        """Return where synapses leave the visible units, (visible, 2).

        A pixel's leave the right edge of the image at height row + column ÷ columns, all distinct.
        """
        if self.shape is None:
            return self.centers + np.array([self.radius, 0.0])
        columns = self.shape[1]
        row, column = np.divmod(self.units, columns)
        y = self.body.y + (row + (column + 0.5) / columns) * self.cell[1]
        return np.stack([np.full(y.shape, self.body.right), y], axis=1)

    def entries(self) -> Points:
        """Return where synapses reach the visible units, (visible, 2)."""
        return self.centers - np.array([self.radius, 0.0])

    def moved(self, dx: float, dy: float) -> LayerBox:
        """Return the layer shifted."""

        def point(p: tuple[float, float] | None) -> tuple[float, float] | None:
            return None if p is None else (p[0] + dx, p[1] + dy)

        return replace(
            self,
            rect=self.rect.moved(dx, dy),
            header=self.header.moved(dx, dy),
            body=self.body.moved(dx, dy),
            centers=self.centers + np.array([dx, dy]),
            ellipsis=point(self.ellipsis),
            bias=point(self.bias),
            side=None if self.side is None else self.side.moved(dx, dy),
        )


@dataclass(frozen=True, eq=False)
class Bundle:
    """The visible synapses of a wire, sorted by target unit, then by source with the bias first.

    starts, ends: (n, 2). unit (n,): target unit. column (n,): column of the target's weight matrix, whose
    column 0 is the bias. source_unit (n,): source unit, −1 for the bias.
    """

    source: str
    target: str
    starts: Points
    ends: Points
    unit: Index
    column: Index
    source_unit: Index

    def __len__(self) -> int:
        return len(self.unit)

    def values(self, weights: ArrayLike) -> NDArray[np.floating]:
        """Return each synapse's entry of a matrix (units, 1 + fan_in), bias first: (n,)."""
        return np.asarray(weights)[self.unit, self.column]

    def into(self, unit: int) -> Index:
        """Return the synapses into a unit of the target."""
        return np.flatnonzero(self.unit == unit)

    def out_of(self, source_unit: int) -> Index:
        """Return the synapses out of a unit of the source (−1: the bias)."""
        return np.flatnonzero(self.source_unit == source_unit)


@dataclass(frozen=True, eq=False)
class Layout:
    """The whole picture: boxes by layer id, in drawing order; one bundle per wire; bounds around all."""

    boxes: Mapping[str, LayerBox]
    bundles: tuple[Bundle, ...]
    bounds: Rect

    def layer_at(self, x: float, y: float) -> LayerBox | None:
        """Return the layer under a point."""
        return next((box for box in self.boxes.values() if box.rect.contains(x, y)), None)


def arrange(
    layers: Sequence[LayerSpec],
    wires: Sequence[WireSpec],
    width: float,
    height: float,
    *,
    fold_limit: int = FOLD_LIMIT,
    moved: Mapping[str, tuple[float, float]] | None = None,
    metrics: Metrics | None = None,
) -> Layout:
    """Place layers and wires in about width × height; what needs more extends to the right and down.

    moved: offsets of layers that a person dragged from their place. Wires with an unknown end are left out.
    """
    m = metrics or Metrics()
    specs = {layer.id: layer for layer in layers}
    known = [w for w in wires if w.source in specs and w.target in specs]
    columns = order_columns(list(specs), [(w.source, w.target) for w in known])
    feeding = {w.source for w in known if w.bias}
    stacks = [_stack([specs[i] for i in ids], feeding, height, fold_limit, m) for ids in columns]
    boxes = {box.id: box for box in _spread(stacks, width, m)}
    for layer, (dx, dy) in (moved or {}).items():
        if layer in boxes:
            boxes[layer] = boxes[layer].moved(dx, dy)
    bounds = Rect(0.0, 0.0, width, height)
    for box in boxes.values():
        bounds = bounds.united(box.rect)
    return Layout(boxes, tuple(connect(boxes[w.source], boxes[w.target], w) for w in known), bounds)


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
        [m.image if _is_image(s) else max(_slots(s, fold_limit), 1) * m.widest_pitch for s in specs]
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
    slots = float(max(_slots(spec, fold_limit), 1))
    pitch = float(np.clip(height / slots, m.narrowest_pitch, m.widest_pitch))
    radius = pitch * m.fill
    top = m.header + m.bias
    if kind == IMAGE:
        body, centers, radius, cell = _image(spec, min(height, m.image), top)
    else:
        wide = max(2 * radius, 72.0)  # room for the header
        body = Rect((wide - 2 * radius) / 2, top, 2 * radius, slots * pitch)
        centers = np.stack([np.full(rows.shape, body.center[0]), top + (rows + 0.5) * pitch], axis=1)
        cell = (2 * radius, pitch)
    hidden = spec.units - units.size
    middle = body.center[0]
    side = Rect(body.right + 8.0, body.y, m.labels, body.height) if spec.labels else None
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
        (middle, top + (_heads(int(slots)) + 0.5) * pitch) if hidden else None,
        (bias_x, top - m.bias / 2) if feeds else None,
        small,
        side,
        spec.image if kind == IMAGE else None,
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


def _image(spec: LayerSpec, side: float, top: float) -> tuple[Rect, Points, float, tuple[float, float]]:
    """Return the body of an image, its pixels' centers, half their size, and their width and height."""
    rows, columns = spec.image or (1, 1)
    size = side / max(rows, columns)
    body = Rect(0.0, top, size * columns, size * rows)
    row, column = np.divmod(np.arange(spec.units), columns)
    centers = np.stack([(column + 0.5) * size, top + (row + 0.5) * size], axis=1)
    return body, centers, size / 2, (size, size)


def _spread(stacks: list[list[LayerBox]], width: float, m: Metrics) -> list[LayerBox]:
    """Move columns to the right so that they fill the width, the gap after an image being wider."""
    if not stacks:
        return []
    widths = [max(b.rect.width for b in stack) for stack in stacks]
    free = width - 2 * m.margin - sum(widths)
    parts = np.array([m.dense if any(b.kind == IMAGE for b in stack) else 1.0 for stack in stacks[:-1]])
    gaps = parts * float(np.clip(free / max(parts.sum(), 1.0), m.gap, m.widest_gap))
    used = sum(widths) + float(gaps.sum())
    x = max((width - used) / 2, m.margin)
    placed = []
    for stack, step in zip(stacks, np.array(widths) + np.append(gaps, 0.0), strict=True):
        placed += [b.moved(x, 0.0) for b in stack]
        x += float(step)
    return placed


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


def unit_at(box: LayerBox, x: float, y: float, slack: float = 2.0) -> int | None:
    """Return the unit of a layer at a point, or None; slack: how far beside a neuron still counts."""
    if box.shape is not None:
        if not box.body.contains(x, y):
            return None
        row = min(int((y - box.body.y) / box.cell[1]), box.shape[0] - 1)
        column = min(int((x - box.body.x) / box.cell[0]), box.shape[1] - 1)
        return row * box.shape[1] + column
    if not len(box.centers):
        return None
    distance = np.hypot(*(box.centers - (x, y)).T)
    nearest = int(np.argmin(distance))
    return int(box.units[nearest]) if distance[nearest] <= box.radius + slack else None


def bias_at(box: LayerBox, x: float, y: float, slack: float = 2.0) -> bool:
    """Return whether a point lies on the layer's bias."""
    if box.bias is None:
        return False
    return bool(np.hypot(box.bias[0] - x, box.bias[1] - y) <= box.bias_radius + slack)


def synapse_at(
    bundle: Bundle, x: float, y: float, tolerance: float = 6.0, among: Index | None = None
) -> int | None:
    """Return the synapse (an index into the bundle) nearest to a point, within tolerance, or None.

    among: the synapses to choose from, such as a selected neuron's fan. Divide the tolerance by the zoom.
    """
    ids = np.arange(len(bundle)) if among is None else among
    if not ids.size:
        return None
    start, along = bundle.starts[ids], bundle.ends[ids] - bundle.starts[ids]
    point = np.array([x, y])
    length = np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip(((point - start) * along).sum(axis=1) / length, 0.0, 1.0)
    distance = np.hypot(*(start + share[:, None] * along - point).T)
    nearest = int(np.argmin(distance))
    return int(ids[nearest]) if distance[nearest] <= tolerance else None
