"""New layers that start as the identity, so that a network may grow deeper without changing its function.

Chen, Goodfellow & Shlens 2015, "Net2Net: accelerating learning via knowledge transfer", section 2.4. A linear
layer can be the identity; so can a ReLU layer behind values ≥ 0. Behind other values a ReLU layer is ±I with
twice the units, since x = max(0, x) − max(0, −x). A layer with another activation cannot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.layers.base import NEGATED, LayerSpec, Shape, name_of
from engine.layers.weighted import IDENTITY_ABOVE_ZERO, Weighted
from engine.layout import Layout
from engine.transfer.equivalence import known_nonnegative
from engine.transfer.source import Source

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Insertion:
    """A layer that can copy its source: unit i the i-th atom (value or channel), by its weight `columns[i]`.

    If `signed`, unit n + i copies the negative of atom i.
    """

    spec: Weighted
    columns: Array
    signed: bool

    @property
    def count(self) -> int:
        """How many units copy something."""
        return len(self.columns) * (2 if self.signed else 1)

    @property
    def sentence(self) -> str:
        """What it does, for the screen."""
        how = "as ±identity, x = max(0, x) − max(0, −x)" if self.signed else "as the identity"
        return f"{name_of(self.spec)} starts {how}."

    def lineage(self, source: Array, own: Array) -> Array:
        """The lineage of its output, in which copies bear their source's ids."""
        values = source.reshape(len(self.columns), -1)
        copies = [values, values ^ NEGATED] if self.signed else [values]
        spare = own.reshape(self.spec.units, -1)[self.count :]
        return np.vstack([*copies, spare]).ravel()

    def fill(self, weight: Array) -> None:
        """Set the rows of the units that copy."""
        units, columns = np.arange(len(self.columns)), int(self.spec.bias) + self.columns
        weight[: self.count] = 0.0
        weight[units, columns] = 1.0
        if self.signed:
            weight[len(units) + units, columns] = -1.0


def plan(spec: Weighted, shape: Shape, *, nonnegative: bool) -> Insertion | str:
    """How a layer fed with `shape` can be the identity, or a sentence saying why it cannot.

    `nonnegative` says whether all that it is fed is known to be ≥ 0.
    """
    columns, phi = spec.identity_columns(shape), spec.activation
    if columns is None:
        return f"{name_of(spec)} cannot start as the identity: it changes the picture's size."
    if phi == "identity" or (phi in IDENTITY_ABOVE_ZERO and nonnegative):
        insertion = Insertion(spec, columns, signed=False)
    elif phi == "relu":
        insertion = Insertion(spec, columns, signed=True)
    else:
        return f"{name_of(spec)} cannot start as the identity, because its activation is {phi}."
    if spec.units < insertion.count:
        needed = f"{insertion.count:,} units to start as the identity"
        return f"{name_of(spec)} would need {needed}, but has {spec.units:,}."
    return insertion


@dataclass(frozen=True, slots=True)
class Insertions:
    """What the new layers of an edited network stand for.

    Attributes:
        lineages: which unit every value of every layer comes from, by layer id, where a layer that copies its
            source bears the source's.
        made: the layers that start as the identity; refused: sentences on those that cannot.
    """

    lineages: dict[str, Array]
    made: tuple[Insertion, ...]
    refused: tuple[str, ...]

    @classmethod
    def into(
        cls, layout: Layout, old: Source, donor: Source | None, *, nonnegative_inputs: bool
    ) -> Insertions:
        """Those of a new layout, in order of computation."""
        nonnegative = known_nonnegative(layout, nonnegative_inputs)
        lineages: dict[str, Array] = {}
        made, refused = [], []
        for spec in layout.order:
            sources, shapes = layout.sources[spec.id], layout.source_shapes(spec.id)
            fed = tuple(lineages[source] for source in sources)
            lineages[spec.id] = spec.lineage(fed, shapes)
            if isinstance(spec, Weighted) and _is_inserted(spec, layout, old, donor):
                insertion = plan(spec, shapes[0], nonnegative=nonnegative[sources[0]])
                if isinstance(insertion, Insertion):
                    made.append(insertion)
                    lineages[spec.id] = insertion.lineage(fed[0], lineages[spec.id])
                else:
                    refused.append(insertion)
        return cls(lineages, tuple(made), tuple(refused))


def _is_inserted(spec: LayerSpec, layout: Layout, old: Source, donor: Source | None) -> bool:
    """Whether a layer is new and lies where the old network had a wire (or its end)."""
    if spec.id in old.specs or (donor is not None and spec.id in donor.specs):
        return False
    anchor = layout.sources[spec.id][0]
    while anchor not in old.specs:
        if len(layout.sources[anchor]) != 1:
            return False
        anchor = layout.sources[anchor][0]
    fed = [layer for layer, sources in old.layout.sources.items() if anchor in sources]
    return not fed or any(layer in layout.sources and anchor not in layout.sources[layer] for layer in fed)
