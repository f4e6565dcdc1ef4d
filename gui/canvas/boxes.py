"""The placed network as frozen values: layers in their boxes, synapses in their bundles, all in scene units.

One scene unit is one pixel at 100% zoom; y points down. `geometry.arrange` makes these values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Points = NDArray[np.float64]
Index = NDArray[np.intp]

IMAGE, UNITS, FOLDED, MAPS = "image", "units", "folded", "maps"
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

    `maps` is (channels, rows, columns) if it gives feature maps; its units are then the channels.
    `labels` asks for room at the right (class names, bars); `unfolded` shows every unit of a long layer.
    """

    id: str
    units: int
    title: str = ""
    image: tuple[int, int] | None = None
    maps: tuple[int, int, int] | None = None
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
    bare: float = 0.7  # and beside feature maps, which have no synapses there, so much narrower
    maps: float = 300.0  # largest width of a layer of feature maps
    stack: float = 16.0  # between layers in one column


@dataclass(frozen=True, eq=False)
class LayerBox:
    """A layer in its place.

    rect: the whole layer, with header, bias strip and label room; boxes never overlap. body: where its units
    are. units (visible,): the indices of the units shown; centers (visible, 2) and radius: where; for an
    image, the centers and half the size of its pixels. cell: (width, height) of an image's pixels. maps: for
    feature maps, (channels, rows, columns); a unit is then a channel, and cell the size of one map's picture.
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
    maps: tuple[int, int, int] | None = None

    @property
    def anchor(self) -> tuple[float, float]:
        """The middle of the upper edge of its header: what `Project.positions` holds."""
        return self.header.center[0], self.header.y

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

    def looks_like(self, other: Bundle) -> bool:
        """Whether another one has the same synapses in the same places, so that the pictures are the same."""
        if self is other:
            return True
        return len(self) == len(other) and all(
            np.array_equal(getattr(self, name), getattr(other, name))
            for name in ("starts", "ends", "unit", "column")
        )

    @cached_property
    def highest(self) -> tuple[int, int, int]:
        """The highest target unit, column and source unit that it names, −1 where it has none."""
        low = -1
        return (
            int(self.unit.max(initial=low)),
            int(self.column.max(initial=low)),
            int(self.source_unit.max(initial=low)),
        )

    def values(self, weights: ArrayLike) -> NDArray[np.floating]:
        """Return each synapse's entry of a matrix (units, 1 + fan_in), bias first: (n,)."""
        matrix = np.asarray(weights)
        width = matrix.shape[1]
        if width not in self._places:
            self._places[width] = self.unit * width + self.column
        return matrix.reshape(-1)[self._places[width]]  # several times faster than by rows and columns

    @cached_property
    def _places(self) -> dict[int, Index]:
        """Where its synapses are in a flat matrix, by the matrix's width."""
        return {}

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
