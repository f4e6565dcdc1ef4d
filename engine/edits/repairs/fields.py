"""Repairs of single fields: back to a value that is allowed, fits the loss, or can learn."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from typing import Any

from engine.design import Project, units_of
from engine.edits.change import changed
from engine.edits.creation import with_fields
from engine.edits.names import layer_of, title
from engine.edits.outcome import Edit, Refused
from engine.edits.repairs.base import Act, named
from engine.edits.settings import label
from engine.edits.units import weighted, with_units
from engine.layers.base import plural
from engine.validation import Fault, infer


@named("match_link", "Set to identity")
def _match_link(project: Project, fault: Fault) -> Edit:
    return with_setting(project, fault.layer, "set activation of {} to identity", activation="identity")


@named("use_sigmoid", "Use sigmoid")
def _use_sigmoid(project: Project, fault: Fault) -> Edit:
    return with_setting(project, fault.layer, "set activation of {} to sigmoid", activation="sigmoid")


@named("use_default", "Use the default")
def _use_default(project: Project, fault: Fault) -> Edit:
    spec = layer_of(project.design, fault.layer)
    usual = {field.name: field.default for field in dataclasses.fields(spec)}
    value = usual.get(fault.field, dataclasses.MISSING)
    if value is dataclasses.MISSING:
        raise Refused("There is no default for this; remove the layer, or undo.")
    text = f"set {label(spec, fault.field)} of {{}} to its default"
    return with_setting(project, fault.layer, text, **{fault.field: value})


@named("fresh_units", "Tell the neurons apart")
def _fresh_units(project: Project, fault: Fault) -> Edit:
    """Units whose ids stand earlier in the design get fresh ones."""
    design, used = project.design, set[int]()
    for other in design.layers:
        if other.id == fault.layer:
            break
        used |= set(units_of(other))
    spec: Any = layer_of(design, fault.layer)
    ids: list[int] = []
    for unit, fresh in zip(spec.unit_ids, design.fresh_units(len(spec.unit_ids)), strict=True):
        ids.append(fresh if unit in used or unit in ids else unit)
    text = f"tell the neurons of {title(design, fault.layer)} apart"
    return changed(project, design.with_layer(replace(spec, unit_ids=tuple(ids))), text)


@named("fewer_units", "Fewer neurons")
def _fewer_units(project: Project, fault: Fault) -> Edit:
    """Half of them, and half again, until the machine's memory is enough."""
    design, spec = project.design, weighted(project.design, fault.layer)
    units = spec.units
    while units > 1 and any(f.repair == fault.repair for f in infer(design).faults):
        units //= 2
        design = with_units(project.design, spec, units)
    text = f"set {title(design, fault.layer)} to {plural(units, spec.noun)}"
    return changed(project, design, text)


def _clearing(field: str, words: str) -> Act:
    def act(project: Project, fault: Fault) -> Edit:
        spec = weighted(project.design, fault.layer)
        empty: dict[str, Any] = {field: () if field == "initial" else b""}
        design = project.design.with_layer(replace(spec, **empty))
        return changed(project, design, f"clear {words} of {title(project.design, fault.layer)}")

    return act


named("clear_initial", "Clear the initial weights")(_clearing("initial", "the initial weights"))
named("clear_mask", "Restore all synapses")(_clearing("mask", "the pruned synapses"))
named("clear_frozen", "Unfreeze all synapses")(_clearing("frozen", "the frozen synapses"))


def with_setting(project: Project, layer_id: str, text: str, **fields: object) -> Edit:
    """The edit that sets some fields of a layer; `text` has {} for its title."""
    design = project.design
    spec = with_fields(layer_of(design, layer_id), dict(fields))
    return changed(project, design.with_layer(spec), text.format(title(design, layer_id)))
