"""The graph: whether ids are distinct, wires lead somewhere, and an order of computation exists."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping

from engine.design import NetworkDesign, units_of
from engine.layers.base import LayerSpec, Shape, name_of, plural
from engine.layers.dense import Input
from engine.validation.fault import Asked, Fault
from engine.validation.loose import dead_end_fault, output_of


def identity_faults(design: NetworkDesign) -> list[Fault]:
    """Ids that two things share, and wires to nowhere."""
    counts = Counter(spec.id for spec in design.layers)
    return [
        *(_same_id_fault(layer, n) for layer, n in counts.items() if n > 1),
        *_unit_faults(design),
        *_loose_wire_faults(design),
    ]


def _same_id_fault(layer: str, count: int) -> Fault:
    message = f"{count} layers have the id {layer!r}; give each its own."
    hint = "Give each of these layers an id of its own."
    return Fault(layer, message, "id", "an id of its own", f"{count} layers with {layer!r}", hint=hint)


def _loose_wire_faults(design: NetworkDesign) -> list[Fault]:
    """Wires to and from layers that do not exist; to blame is the layer at the other end, if it exists."""
    known = {spec.id: spec for spec in design.layers}
    faults = []
    for wire in design.wires:
        for end, other, way in (
            (wire.source, wire.target, "comes from"),
            (wire.target, wire.source, "leads to"),
        ):
            if end in known:
                continue
            of = f" of {name_of(known[other])}" if other in known else ""
            message = f"A wire{of} {way} {end!r}, but there is no such layer; remove it."
            blamed = other if other in known else ""
            faults.append(
                Fault(blamed, message, "wires", "a layer that exists", repr(end), repair="remove_wire")
            )
    return faults


def _unit_faults(design: NetworkDesign) -> list[Fault]:
    """Units that two layers share, or that one has twice; by whole sets, since there may be millions."""
    faults: list[Fault] = []
    found: list[tuple[LayerSpec, set[int]]] = []
    for spec in design.layers:
        listed = _countable(units_of(spec))
        units = set(listed)
        for other, theirs in found:
            if units.isdisjoint(theirs):
                continue
            shared = next(unit for unit in listed if unit in theirs)
            message = f"{name_of(spec)} and {name_of(other)} share the unit {shared}."
            wanted, has = "units that no other layer has", f"unit {shared}, which {name_of(other)} has too"
            faults.append(Fault(spec.id, message, "unit_ids", wanted, has, repair="fresh_units"))
            break
        if len(units) != len(listed):
            message = f"{name_of(spec)} has a unit twice."
            has = f"{len(units)} different units among {len(listed)}"
            faults.append(Fault(spec.id, message, "unit_ids", "every unit once", has, repair="fresh_units"))
        found.append((spec, units))
    return faults


def _countable(units: object) -> list[int]:
    return [unit for unit in units if type(unit) is int] if isinstance(units, tuple) else []


def topological(design: NetworkDesign) -> tuple[list[LayerSpec], list[str]]:
    """Layers in an order of computation (Kahn 1962), and the ids of those in or behind a circle."""
    known = {spec.id: spec for spec in design.layers}
    targets: dict[str, list[str]] = {name: [] for name in known}
    waiting = dict.fromkeys(known, 0)
    for wire in design.wires:
        if wire.source in known and wire.target in known:
            targets[wire.source].append(wire.target)
            waiting[wire.target] += 1
    ready = deque(name for name, count in waiting.items() if count == 0)
    order = []
    while ready:
        name = ready.popleft()
        order.append(known[name])
        for target in targets[name]:
            waiting[target] -= 1
            if waiting[target] == 0:
                ready.append(target)
    done = {spec.id for spec in order}
    return order, [name for name in known if name not in done]


def circle_faults(design: NetworkDesign, circle: list[str]) -> list[Fault]:
    """The layers, given by id, that no order of computation reaches."""
    return [_circle_fault(design, design.layer(layer), set(circle)) for layer in circle]


def _circle_fault(design: NetworkDesign, spec: LayerSpec, circle: set[str]) -> Fault:
    message = f"{name_of(spec)} is part of a cycle, or behind one; remove one of the cycle's wires."
    before = next(source for source in design.sources(spec.id) if source in circle)
    found = f"one from {name_of(design.layer(before))}"
    return Fault(spec.id, message, "wires", "wires from layers before it", found, repair="remove_wire")


def end_faults(design: NetworkDesign, shapes: Mapping[str, Shape], asked: Asked | None = None) -> list[Fault]:
    """One input, one end, and something between them; a layer without any wire has its fault already.

    shapes: after the layers, where known; asked: what the data asks, where known.
    """
    inputs = [spec for spec in design.layers if isinstance(spec, Input)]
    feeding, fed = ({getattr(wire, end) for wire in design.wires} for end in ("source", "target"))
    ends = [spec for spec in design.layers if spec.id not in feeding]
    output = output_of(design) or next((spec.id for spec in reversed(ends)), "")
    if not inputs:
        message = "The network has no input layer; choose a data set."
        return [Fault("", message, "layers", "an input layer", "none", repair="add_input")]
    message, has = "A network has one input layer; remove this one.", plural(len(inputs), "input layer")
    faults = [
        Fault(spec.id, message, "layers", "1 input layer", has, repair="remove_layer") for spec in inputs[1:]
    ]
    faults += [
        dead_end_fault(spec, design, shapes, asked)
        for spec in ends
        if spec.id != output and (spec.id in fed or spec in inputs[:1])
    ]
    if all(isinstance(spec, Input) or spec.is_identity(False) for spec in design.layers):
        message = "Nothing is computed between input and output; add a layer."
        has = ", ".join(dict.fromkeys(spec.label for spec in design.layers))
        wanted = "a layer that computes something"
        faults.append(Fault(inputs[0].id, message, "layers", wanted, f"{has} only", repair="add_layer"))
    return faults
