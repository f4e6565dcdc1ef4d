"""Values that are no part of a design: one learned weight set by hand, one neuron held for a question.

A weight is learned, so setting it edits the parameters, not the design: the session applies a
`ParameterEdit` at a batch boundary, and undo sets the value that was there.

A clamp asks what the shown example would give “if this neuron were 0, or 1”. It is a question to the picture,
as a changed input value is: it must not change what training does, what a file says or what a headless run
gives. So it lives beside the shown example, in the view, as a `WhatIf`; units are named by id, so that it
survives edits, and `kept` drops those that an edit removed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.design import NetworkDesign, units_of
from engine.edits.names import title
from engine.edits.outcome import Refusal
from engine.edits.synapses import pruned
from engine.layers.weighted import Weighted


@dataclass(frozen=True, slots=True)
class ParameterEdit:
    """One parameter set by hand: its layer, its tensor, and where in it (column 0 is the bias, if any)."""

    layer: str
    tensor: str
    row: int
    column: int
    value: float

    def text(self, design: NetworkDesign) -> str:
        """What the undo menu says."""
        spec = design.layer(self.layer)
        number = self.column + (isinstance(spec, Weighted) and not spec.bias)
        what = "the bias" if number == 0 else f"weight {number}"
        return f"set {what} of neuron {self.row + 1} of {title(design, self.layer)} to {self.value:.4g}"

    def opposite(self, before: float) -> ParameterEdit:
        """What undoes it, given the value that was there."""
        return replace(self, value=before)


def parameter_edit(
    design: NetworkDesign, layer: str, row: int, column: int, value: object
) -> ParameterEdit | Refusal:
    """The edit that sets one weight, or why it cannot be set."""
    marks = pruned(design, layer)
    if marks is None:
        return Refusal("This layer has no weights yet; wire a layer to it first.")
    if not (0 <= row < marks.shape[0] and 0 <= column < marks.shape[1]):
        return Refusal("This synapse is not there any more; choose another one.")
    if marks[row, column]:
        return Refusal("This synapse is pruned, so its weight is 0; restore it first.")
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        return Refusal(f"A weight must be a number between −{LARGEST:g} and {LARGEST:g}.")
    return ParameterEdit(layer, "weight", row, column, float(value))


LARGEST = 1e6
"""No weight of a network that can still learn is larger."""


@dataclass(frozen=True, slots=True)
class Clamp:
    """A unit held at a value: a neuron's activation, or an input of the shown example."""

    layer: str
    unit: int
    value: float


@dataclass(frozen=True, slots=True)
class WhatIf:
    """All that is held for the picture; compares equal if the questions are the same."""

    clamps: tuple[Clamp, ...] = ()

    def held(self, layer: str, unit: int, value: float) -> WhatIf:
        """With one unit held at a finite value (ValueError)."""
        if not math.isfinite(value):
            raise ValueError("a neuron can only be held at a finite number")
        return WhatIf((*self.freed(layer, unit).clamps, Clamp(layer, unit, float(value))))

    def freed(self, layer: str, unit: int) -> WhatIf:
        """Without one."""
        return WhatIf(tuple(clamp for clamp in self.clamps if (clamp.layer, clamp.unit) != (layer, unit)))

    def kept(self, design: NetworkDesign) -> WhatIf:
        """Without those whose unit is not in the design."""
        if not self.clamps:
            return self
        units = {spec.id: set(units_of(spec)) for spec in design.layers}
        return WhatIf(tuple(clamp for clamp in self.clamps if clamp.unit in units.get(clamp.layer, ())))

    def of(self, design: NetworkDesign, layer: str) -> Iterable[tuple[int, float]]:
        """(index, value) of every unit held in a layer, to be written over its activations."""
        places = {unit: index for index, unit in enumerate(units_of(design.layer(layer)))}
        return [(places[c.unit], c.value) for c in self.clamps if c.layer == layer and c.unit in places]
