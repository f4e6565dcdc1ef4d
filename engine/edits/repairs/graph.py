"""Repairs of the graph: a wire or a layer too many, or one that is missing."""

from __future__ import annotations

from dataclasses import replace

from engine.design import NetworkDesign, Project, Wire
from engine.edits.change import changed
from engine.edits.creation import fresh_layer
from engine.edits.flow import known_shapes
from engine.edits.layers import append
from engine.edits.names import layer_of, title
from engine.edits.outcome import Edit, Refused, granted
from engine.edits.removal import delete
from engine.edits.repairs.base import named
from engine.edits.repairs.shapes import joined
from engine.edits.wires import can_connect, connect, leads_to, merge_options
from engine.validation import Fault
from engine.validation.loose import output_of, sources_for, targets_for


@named("remove_layer", "Remove the layer")
def _remove_layer(project: Project, fault: Fault) -> Edit:
    return granted(delete(project, [fault.layer]))


@named("add_layer", "Add a layer")
def _add_layer(project: Project, fault: Fault) -> Edit:
    return granted(append(project, "dense"))


@named("add_input", "Add an input")
def _add_input(project: Project, fault: Fault) -> Edit:
    """An input in front of what is not fed yet; choosing data gives it their features."""
    start = fresh_layer(project.design, "input")
    design = replace(project.design, layers=(start, *project.design.layers))
    unfed = [spec.id for spec in project.design.layers if not design.sources(spec.id)]
    for name in unfed[:1]:
        if can_connect(design, start.id, name) is None:
            design = replace(design, wires=(Wire(start.id, name), *design.wires))
    return changed(project, design, "add an input", added=(start.id,))


@named("add_wire", "Wire it")
def _add_wire(project: Project, fault: Fault) -> Edit:
    """From a layer that leads nowhere, else from the nearest one before it, that fits."""
    design = project.design
    target = layer_of(design, fault.layer).id
    names = [spec.id for spec in design.layers]
    at = names.index(target)
    loose = sources_for(design, target, known_shapes(design), _outputs(fault))
    nearest = [name for name in (*reversed(names[:at]), *names[at + 1 :]) if design.targets(name)]
    for source in (*loose, *nearest):
        if (made := joined(project, source, target)) is not None:
            return made
    raise Refused(f"No other layer fits {title(design, target)}; add one, or remove this one.")


@named("wire_on", "Wire it on")
def _wire_on(project: Project, fault: Fault) -> Edit:
    """To the nearest layer that nothing feeds and that fits, else into the output, merged with its source."""
    design = project.design
    source, end = layer_of(design, fault.layer).id, output_of(design)
    for target in targets_for(design, source, known_shapes(design), _outputs(fault)):
        if (made := joined(project, source, target)) is not None:
            return made
    if end and end != source and can_connect(design, source, end) is None:
        for kind in merge_options(design, source, end)[-1:]:
            return granted(connect(project, source, end, merge=kind))
    raise Refused(f"{title(design, source)} fits no layer that needs a wire; draw one, or remove this layer.")


def _outputs(fault: Fault) -> int | None:
    return None if fault.asked is None else fault.asked.outputs


@named("remove_wire", "Remove the wire")
def _remove_wire(project: Project, fault: Fault) -> Edit:
    """Those that lead to nothing or are too many; else the last one that closes a circle."""
    design, names = project.design, {spec.id for spec in project.design.layers}
    wires = design.wires
    lost = {repr(end) for wire in wires for end in (wire.source, wire.target) if end not in names}
    if fault.layer in names and fault.found not in lost:
        most = design.layer(fault.layer).fan[1]
        into = [at for at, wire in enumerate(wires) if wire.target == fault.layer]
        gone = into[most:] or _closing(design, fault.layer)[-1:]
    else:
        gone = [at for at, wire in enumerate(wires) if not {wire.source, wire.target} <= names]
    if not gone:
        raise Refused("There is no wire to remove; this fault is gone already.")
    kept = tuple(wire for at, wire in enumerate(wires) if at not in gone)
    return changed(project, replace(design, wires=kept), "remove a wire")


def _closing(design: NetworkDesign, layer_id: str) -> list[int]:
    """Where the wires are that close a circle, those into this layer last."""
    closing = [at for at, wire in enumerate(design.wires) if leads_to(design, wire.target, wire.source)]
    return sorted(closing, key=lambda at: design.wires[at].target == layer_id)
