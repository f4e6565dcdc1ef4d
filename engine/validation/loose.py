"""Loose ends: what a layer that nothing feeds, or one that leads nowhere, is best joined with.

Where the network ends is told by the list of layers: what is put unconnected beside a network is listed
before its output. So an unfed layer listed behind the end of what is fed has lost its wire: it goes on there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.design import NetworkDesign, units_of
from engine.layers.base import LayerSpec, Shape, ShapeError, name_of, size_of
from engine.layers.dense import Input
from engine.validation.fault import Asked, Fault

BETWEEN = ("insert_flatten", "insert_reshape")
"""The repairs that put a layer in between, so that two that do not fit each other can be joined."""


def output_of(design: NetworkDesign) -> str:
    """The layer where the network ends: of several that lead nowhere the last one fed; "" where none is."""
    feeding, fed = ({getattr(wire, end) for wire in design.wires} for end in ("source", "target"))
    return next((s.id for s in reversed(design.layers) if s.id in fed and s.id not in feeding), "")


def sources_for(
    design: NetworkDesign, layer_id: str, shapes: Mapping[str, Shape], outputs: int | None = None
) -> list[str]:
    """What leads nowhere and could feed a layer, the nearest before it first.

    shapes: after the layers, where known; outputs: how many values the data asks for, where known: an end of
    another size is no output yet.
    """
    names = [spec.id for spec in design.layers]
    at, behind = names.index(layer_id), _behind(design, layer_id)
    nearest = [*reversed(names[:at]), *names[at + 1 :]]
    feeding = {wire.source for wire in design.wires}
    ends = [name for name in nearest if name not in feeding and name not in behind]
    end = output_of(design)
    size = _size(design.layer(end), shapes) if end else None
    is_done = end and at < names.index(end) and (outputs is None or size is None or size == outputs)
    return [name for name in ends if name != end or not is_done]


def targets_for(
    design: NetworkDesign, layer_id: str, shapes: Mapping[str, Shape], outputs: int | None = None
) -> list[str]:
    """What nothing feeds and a layer could lead to, the nearest behind it first."""
    names = [spec.id for spec in design.layers]
    at = names.index(layer_id)
    fed = {wire.target for wire in design.wires}
    taken = fed | {spec.id for spec in design.layers if isinstance(spec, Input)}
    unfed = [name for name in (*names[at + 1 :], *reversed(names[:at])) if name not in taken]
    return [name for name in unfed if layer_id in sources_for(design, name, shapes, outputs)]


def joint(spec: LayerSpec, shape: Shape | None) -> str | None:
    """How a layer takes a shape: "" as it is, the name of a repair by a layer in between, None not at all.

    What is not known yet may fit.
    """
    try:
        if shape is not None and spec.fan[0] == 1:
            spec.output_shape((shape,))
    except ShapeError as fault:
        fits = fault.repair.startswith("clear_")  # marks of single weights go with the wire they were for
        return fault.repair if fault.repair in BETWEEN else "" if fits else None
    return ""


def with_repairs(
    fault: Fault, design: NetworkDesign, shapes: Mapping[str, Shape], asked: Asked | None = None
) -> Fault:
    """The fault of a layer that nothing feeds with its repairs, the one that is most likely meant first."""
    if fault.repair != "add_wire" or design.sources(fault.layer):
        return fault
    spec, outputs = design.layer(fault.layer), None if asked is None else asked.outputs
    ways = (joint(spec, shapes.get(name)) for name in sources_for(design, spec.id, shapes, outputs))
    first = next((way for way in ways if way is not None), "") or "add_wire"
    others = () if design.targets(spec.id) else ("remove_layer",)
    return replace(fault, repair=first, others=others, asked=asked)


def dead_end_fault(
    spec: LayerSpec, design: NetworkDesign, shapes: Mapping[str, Shape], asked: Asked | None = None
) -> Fault:
    """The fault of a layer that leads nowhere."""
    outputs = None if asked is None else asked.outputs
    wanted = "at least 1 out of it"
    if isinstance(spec, Input):
        repair = "wire_on" if targets_for(design, spec.id, shapes, outputs) else ""
        hint = "" if repair else "Draw a wire from it to another layer."
        message = f"{name_of(spec)} leads nowhere; wire it on."
        return Fault(spec.id, message, "wires", wanted, "0", repair, asked=asked, hint=hint)
    message = f"{name_of(spec)} leads nowhere; wire it on, or remove it."
    others = ("remove_layer",)
    return Fault(spec.id, message, "wires", wanted, "0", repair="wire_on", asked=asked, others=others)


def _behind(design: NetworkDesign, layer_id: str) -> set[str]:
    """The layer, and all that it leads to."""
    found, waiting = set[str](), [layer_id]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += design.targets(name)
    return found


def _size(spec: LayerSpec, shapes: Mapping[str, Shape]) -> int | None:
    if spec.id in shapes:
        return size_of(shapes[spec.id])
    units: object = units_of(spec)  # a file may hold anything
    return len(units) or None if isinstance(units, tuple) else None
