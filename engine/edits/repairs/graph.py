"""Repairs of the graph: a wire or a layer too many, or one that is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.design import NetworkDesign, Project, Wire
from engine.edits.change import changed
from engine.edits.creation import fresh_layer
from engine.edits.layers import append
from engine.edits.names import layer_of, title
from engine.edits.outcome import Edit, Refused, granted
from engine.edits.removal import delete
from engine.edits.repairs.base import named
from engine.edits.wires import can_connect, connect, leads_to, merge_options
from engine.validation import Fault


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
    target = layer_of(project.design, fault.layer).id
    for source in _candidates(project.design, target):
        fits = can_connect(project.design, source, target) is None
        if fits and not merge_options(project.design, source, target):
            return granted(connect(project, source, target))
    raise Refused(f"No other layer fits {title(project.design, target)}; add one, or remove this one.")


def _candidates(design: NetworkDesign, target: str) -> Iterator[str]:
    names = [spec.id for spec in design.layers]
    at = names.index(target)
    nearest = [*reversed(names[:at]), *names[at + 1 :]]
    yield from (name for name in nearest if not design.targets(name))
    yield from (name for name in nearest if design.targets(name))


@named("remove_wire", "Remove the wire")
def _remove_wire(project: Project, fault: Fault) -> Edit:
    """Those that lead to nothing or are too many; else the last one that closes a circle."""
    design, names = project.design, {spec.id for spec in project.design.layers}
    wires = design.wires
    if fault.layer in names:
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
