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

from engine.layers.base import NEGATED, Shape, name_of
from engine.layers.weighted import IDENTITY_ABOVE_ZERO, Weighted

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
