"""Putting layers in: at the end, into a wire, beside a layer, or unconnected on the empty canvas."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from engine.design import NetworkDesign, Project, Wire
from engine.edits.arrangement import Position, with_positions
from engine.edits.change import changed
from engine.edits.creation import fresh_layer, has_model, like_neighbor
from engine.edits.growth import wide_enough
from engine.edits.names import describe, layer_of, title
from engine.edits.outcome import Edit, Refused, edit, granted
from engine.edits.wires import can_connect, connect, merge_options
from engine.layers.base import LayerSpec
from engine.layers.dense import Dense, Input
from engine.validation.loose import output_of


@edit
def append(project: Project, kind: str = "", after: str = "", **fields: Any) -> Edit:
    """One more layer behind `after`, into all its wires; by default behind the end of the network.

    Without a kind it is like its neighbor. `fields` are its settings, and `units`; a dense layer into a wire
    is by default wide enough to change nothing at first.
    """
    design = project.design
    after = layer_of(design, after).id if after else end_of(design)
    spec = _new(design, kind, (after,), fields, in_wire=bool(design.targets(after)))
    if isinstance(spec, Input) or not after:
        return changed(project, _with(design, spec), f"add {describe(spec)}", added=(spec.id,))
    targets = design.targets(after)
    wires = _spliced(design.wires, {Wire(after, target) for target in targets}, spec.id)
    wires = (*wires, Wire(after, spec.id)) if not targets else wires
    text = f"add {describe(spec)} after {describe(design.layer(after))}"
    return changed(project, _with(design, spec, wires, behind=after), text, added=(spec.id,))


@edit
def insert(project: Project, source: str, target: str, kind: str = "", **fields: Any) -> Edit:
    """A layer between two others: into their wire, or wired to both.

    Without a kind it is like its neighbor; a dense one in a wire is by default wide enough to change nothing
    at first.
    """
    design = project.design
    before, behind = layer_of(design, source), layer_of(design, target)
    spec = _new(design, kind, (source, target), fields, in_wire=Wire(source, target) in design.wires)
    if isinstance(spec, Input):
        raise Refused("Nothing can come before the input layer.")
    text = f"add {describe(spec)} between {describe(before)} and {describe(behind)}"
    wires = _spliced(design.wires, {Wire(source, target)}, spec.id)
    if Wire(source, target) not in design.wires:
        if sentence := _unjoinable(design, source, target):
            raise Refused(sentence)
        wires = (*wires, Wire(source, spec.id), Wire(spec.id, target))
    return changed(project, _with(design, spec, wires, behind=source), text, added=(spec.id,))


@edit
def branch(project: Project, beside: str, kind: str = "", merge: str = "concatenate", **fields: Any) -> Edit:
    """A layer beside another: fed by the same, and merged with it where it leads to.

    With `merge=""`, or where nothing fits, what the new layer gives leads nowhere yet.
    """
    design = project.design
    model, sources = layer_of(design, beside), design.sources(beside)
    if not sources:
        raise Refused(f"Nothing feeds {title(design, beside)}, so nothing can branch there; append instead.")
    spec = fresh_layer(design, kind, **fields) if kind else like_neighbor(design, beside)
    if isinstance(spec, Input):
        raise Refused("Nothing can come before the input layer.")
    wires = (*design.wires, *(Wire(source, spec.id) for source in sources[: spec.fan[1]]))
    text = f"add {describe(spec)} beside {describe(model)}"
    made = changed(project, _with(design, spec, wires, behind=beside), text, added=(spec.id,))
    return _joined(made, spec.id, design.targets(beside), merge) if merge else made


@edit
def place(project: Project, kind: str, at: Position, **fields: Any) -> Edit:
    """A layer, unconnected, at a place on the canvas."""
    spec = fresh_layer(project.design, kind, **fields)
    positions = with_positions(project, {spec.id: at})
    design = _with(project.design, spec)
    return changed(project, design, f"add {describe(spec)}", positions=positions, added=(spec.id,))


def end_of(design: NetworkDesign) -> str:
    """The layer where the network ends: of several the last one that is fed; "" in an empty design."""
    ends = [spec.id for spec in design.layers if not design.targets(spec.id)]
    inputs = [spec.id for spec in design.layers if isinstance(spec, Input)]
    return output_of(design) or next(iter([*inputs, *reversed(ends)]), "")


def _new(
    design: NetworkDesign, kind: str, beside: tuple[str, ...], fields: dict[str, Any], *, in_wire: bool
) -> LayerSpec:
    """A layer of a kind, else like its neighbor, behind the first of `beside`.

    A dense one in a wire, unless it is like another, is wide enough to copy what it is fed, if it can be.
    """
    wide = wide_enough(design, beside[0], kind or Dense.kind, fields) if in_wire else fields
    if kind:
        return fresh_layer(design, kind, **wide)
    spec = like_neighbor(design, *beside)
    if has_model(design, *beside) or not isinstance(spec, Dense) or wide.get("units", 0) <= spec.units:
        return spec
    return fresh_layer(design, Dense.kind, **wide)


def beside_output(design: NetworkDesign) -> int:
    """Where in the list of layers one goes that is not wired: before the output, which stays the output."""
    output = output_of(design)
    return next((at for at, spec in enumerate(design.layers) if spec.id == output), len(design.layers))


def _with(
    design: NetworkDesign, spec: LayerSpec, wires: tuple[Wire, ...] | None = None, *, behind: str = ""
) -> NetworkDesign:
    """The design with one more layer, listed behind another one, else before the output (the input first)."""
    layers = list(design.layers)
    at = beside_output(design) if not behind else 1 + [layer.id for layer in layers].index(behind)
    layers.insert(0 if isinstance(spec, Input) else at, spec)
    return replace(design, layers=tuple(layers), wires=design.wires if wires is None else wires)


def _spliced(wires: Iterable[Wire], cut: set[Wire], layer_id: str) -> tuple[Wire, ...]:
    """The wires with a layer put into those that are cut, all of which have one source."""
    found: list[Wire] = []
    for wire in wires:
        into = Wire(wire.source, layer_id)
        if wire not in cut:
            found.append(wire)
        else:
            found += [Wire(layer_id, wire.target)] if into in found else [into, Wire(layer_id, wire.target)]
    return tuple(found)


def _unjoinable(design: NetworkDesign, source: str, target: str) -> str | None:
    """Why nothing can be put between two unconnected layers, or None; shapes do not matter yet."""
    if len(design.sources(target)) >= design.layer(target).fan[1]:
        return f"{title(design, target)} has its wire already; drop the layer onto that wire."
    return can_connect(design, source, target, shapes=False)


def _joined(made: Edit, layer_id: str, targets: Iterable[str], merge: str) -> Edit:
    """The edit with the new layer wired to the targets as far as it fits."""
    project, added = made.project, made.added
    for target in dict.fromkeys(targets):
        options = merge_options(project.design, layer_id, target)
        if can_connect(project.design, layer_id, target) is None and (not options or merge in options):
            joined = granted(connect(project, layer_id, target, merge=merge if options else ""))
            project, added = joined.project, (*added, *joined.added)
    return replace(made, project=project, added=added)
