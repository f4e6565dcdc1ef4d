"""Weights set by hand: at a batch boundary, with the optimizer's memory of them, and held while a hand drags.

A weight that is set starts at rest: the optimizer forgets which way it was going, and only remembers how
large its gradients have been, since an optimizer that divides by nothing at all would fling it away. What was
there before, value and memory, is given back as another change, so that undo restores both exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.edits.parameters import ParameterEdit
from engine.layers.weighted import Weighted
from engine.network import Network
from engine.optimizers import Slots

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class ParameterChange:
    """Some parameters set together.

    Attributes:
        edits: each parameter, by its place, with its new value.
        vectors: per slot of the optimizer its values, one for each edit; of the slots not named, those that
            measure past gradients stay and the others start at 0.
        hold: whether the optimizer is kept from moving these, and these alone, until the next change.
    """

    edits: tuple[ParameterEdit, ...] = ()
    vectors: tuple[tuple[str, tuple[float, ...]], ...] = ()
    hold: bool = False

    @property
    def cells(self) -> tuple[tuple[str, str, int, int], ...]:
        """Which parameters it sets."""
        return tuple((edit.layer, edit.tensor, edit.row, edit.column) for edit in self.edits)


LET_GO = ParameterChange()
"""Sets nothing, and holds nothing any more."""


def indices_of(network: Network, edits: tuple[ParameterEdit, ...]) -> Array:
    """Where the parameters lie in the flat vector, intp (n,); ValueError where one is pruned or missing."""
    found = np.empty(len(edits), np.intp)
    for number, edit in enumerate(edits):
        try:
            place = network.place(edit.layer, edit.tensor)
        except KeyError:
            raise ValueError("This weight is not there any more; choose another one.") from None
        if len(place.shape) != 2 or not (
            0 <= edit.row < place.shape[0] and 0 <= edit.column < place.shape[1]
        ):
            raise ValueError("This weight is not there any more; choose another one.")
        if _is_pruned(network, edit):
            raise ValueError("This synapse is pruned, so its weight is 0; restore it first.")
        found[number] = place.offset + edit.row * place.shape[1] + edit.column
    return found


def put(
    network: Network, slots: Slots, change: ParameterChange, indices: Array, sizes: tuple[str, ...]
) -> ParameterChange:
    """Set parameters and slots in place; returns the change that undoes it.

    `sizes` are the optimizer's slots that measure how large gradients have been.
    """
    parameters, vectors = network.parameters, slots.vectors
    before = tuple(
        edit.opposite(float(parameters[index])) for edit, index in zip(change.edits, indices, strict=True)
    )
    memory = tuple((name, tuple(map(float, vector[indices]))) for name, vector in vectors.items())
    parameters[indices] = [edit.value for edit in change.edits]
    given = dict(change.vectors)
    for name, vector in vectors.items():
        if name in given or name not in sizes:
            vector[indices] = given.get(name, 0.0)
    return ParameterChange(before, memory)


def _is_pruned(network: Network, edit: ParameterEdit) -> bool:
    spec = network.design.layer(edit.layer)
    if edit.tensor != "weight" or not isinstance(spec, Weighted):
        return False
    marks = spec.pruned(network.source_shapes(edit.layer)[0])
    return marks is not None and bool(marks[edit.row, edit.column])
