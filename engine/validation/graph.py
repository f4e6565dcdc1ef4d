"""The graph: whether ids are distinct, wires lead somewhere, and an order of computation exists."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping

from engine.design import NetworkDesign, units_of
from engine.layers.base import LayerSpec, Shape, name_of
from engine.layers.dense import Input
from engine.validation.fault import Asked, Fault
from engine.validation.loose import dead_end_fault, output_of


def identity_faults(design: NetworkDesign) -> list[Fault]:
    """Ids that two things share, and wires to nowhere."""
    faults = []
    counts = Counter(spec.id for spec in design.layers)
    faults += [
        Fault(layer, f"{n} layers have the id {layer!r}.", "id") for layer, n in counts.items() if n > 1
    ]
    faults += _unit_faults(design)
    faults += [
        Fault(end, f"A wire leads to {end!r}, but there is no such layer.", "wires", repair="remove_wire")
        for wire in design.wires
        for end in (wire.source, wire.target)
        if end not in counts
    ]
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
            faults.append(Fault(spec.id, message, "unit_ids", repair="fresh_units"))
            break
        if len(units) != len(listed):
            message = f"{name_of(spec)} has a unit twice."
            faults.append(Fault(spec.id, message, "unit_ids", repair="fresh_units"))
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


def circle_fault(spec: LayerSpec) -> Fault:
    """A layer that no order of computation reaches."""
    message = f"{name_of(spec)} is part of a cycle, or behind one; remove one of the cycle's wires."
    return Fault(spec.id, message, "wires", repair="remove_wire")


def end_faults(design: NetworkDesign, shapes: Mapping[str, Shape], asked: Asked | None = None) -> list[Fault]:
    """One input, one end, and something between them; a layer without any wire has its fault already.

    shapes: after the layers, where known; asked: what the data asks, where known.
    """
    inputs = [spec for spec in design.layers if isinstance(spec, Input)]
    feeding, fed = ({getattr(wire, end) for wire in design.wires} for end in ("source", "target"))
    ends = [spec for spec in design.layers if spec.id not in feeding]
    output = output_of(design) or next((spec.id for spec in reversed(ends)), "")
    if not inputs:
        return [Fault("", "The network has no input layer; choose a data set.", repair="add_input")]
    faults = [
        Fault(spec.id, "A network has one input layer; remove this one.", repair="remove_layer")
        for spec in inputs[1:]
    ]
    faults += [
        dead_end_fault(spec, design, shapes, asked)
        for spec in ends
        if spec.id != output and (spec.id in fed or spec in inputs[:1])
    ]
    if all(isinstance(spec, Input) or spec.is_identity(False) for spec in design.layers):
        message = "Nothing is computed between input and output; add a layer."
        faults.append(Fault(inputs[0].id, message, repair="add_layer"))
    return faults
