"""Units of a layer: more, fewer, or without this one; the others keep their ids and so what they learned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.design import NetworkDesign, Project
from engine.edits.change import changed
from engine.edits.creation import UNITS, check_value
from engine.edits.names import layer_of, listed, title
from engine.edits.outcome import Edit, Refused, edit
from engine.layers.base import plural
from engine.layers.dense import Input
from engine.layers.weighted import Weighted


@edit
def set_units(project: Project, layer_id: str, units: int) -> Edit:
    """The layer with so many units: fresh ones come in at its end, or the last ones go."""
    design = project.design
    spec = weighted(design, layer_id)
    check_value(replace(UNITS, label=f"{spec.noun}s".capitalize()), units)
    text = f"set {title(design, layer_id)} to {plural(units, spec.noun)}"
    return changed(project, with_units(design, spec, units), text)


@edit
def remove_units(project: Project, layer_id: str, indices: Iterable[int]) -> Edit:
    """The layer without the units at these indices (from 0)."""
    design = project.design
    spec, gone = weighted(design, layer_id), sorted(set(indices))
    if not gone or not 0 <= gone[0] <= gone[-1] < spec.units:
        raise Refused(f"This {spec.noun} is not there any more; choose another one.")
    if len(gone) == spec.units:
        raise Refused(f"A layer needs at least one {spec.noun}; remove the layer itself instead.")
    ids = tuple(unit for index, unit in enumerate(spec.unit_ids) if index not in set(gone))
    what = f"{spec.noun}{'s' if len(gone) > 1 else ''} {listed(str(index + 1) for index in gone)}"
    what = what if len(gone) <= 5 else plural(len(gone), spec.noun)
    text = f"remove {what} of {title(design, layer_id)}"
    return changed(project, design.with_layer(replace(spec, unit_ids=ids)), text)


def with_units(design: NetworkDesign, spec: Weighted, units: int) -> NetworkDesign:
    """The design with so many units in a layer."""
    kept = spec.unit_ids[:units]
    return design.with_layer(replace(spec, unit_ids=kept + design.fresh_units(units - len(kept))))


def weighted(design: NetworkDesign, layer_id: str) -> Weighted:
    """The layer with this id, if it has units of its own (Refused)."""
    spec = layer_of(design, layer_id)
    if isinstance(spec, Weighted):
        return spec
    if isinstance(spec, Input):
        raise Refused("The neurons of the input layer belong to the data; choose other data.")
    raise Refused(f"{title(design, layer_id)} has no neurons of its own; choose the layer that feeds it.")
