"""Shapes: what a layer makes of the shapes that its wires bring, or why it cannot take them."""

from __future__ import annotations

from engine.design import NetworkDesign
from engine.layers.base import LayerSpec, Shape, ShapeError, name_of
from engine.validation.fault import Fault


def infer_layer(design: NetworkDesign, spec: LayerSpec, shapes: dict[str, Shape]) -> list[Fault]:
    """Add the layer's shape to `shapes`, or say why it has none; its sources come before it."""
    sources = design.sources(spec.id)
    fewest, most = spec.fan
    if not fewest <= len(sources) <= most:
        return [_wire_fault(spec, len(sources))]
    if any(source not in shapes for source in sources):
        return []  # the cause is named at the source
    try:
        shapes[spec.id] = spec.output_shape(tuple(shapes[source] for source in sources))
    except ShapeError as fault:
        where = spec.id, str(fault), fault.field, fault.expected, fault.found
        return [Fault(*where, fault.repair, hint=fault.hint)]
    return []


def _wire_fault(spec: LayerSpec, count: int) -> Fault:
    fewest, most = spec.fan
    wanted = "none" if most == 0 else f"at least {fewest}" if count < fewest else f"at most {most}"
    noun = "wire" if wanted.endswith(" 1") else "wires"
    if most == 0:
        message = "The input layer takes its values from the data; remove the wire into it."
    elif count == 0:
        message = f"Nothing feeds {name_of(spec)}; wire another layer to it."
    else:
        message = f"{name_of(spec)}, a layer “{spec.label}”, takes {wanted} {noun}, not {count}."
    repair = "add_wire" if count < fewest else "remove_wire"
    return Fault(spec.id, message, "wires", wanted, str(count), repair)
