"""Validation: what is wrong with a design, found by inferring every shape. It never raises.

`infer` walks the graph in topological order and returns the shape after every layer together with all faults
it met; a design without faults can be compiled.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

from engine.design import NetworkDesign, units_of
from engine.fields import faults_of
from engine.layers.base import LayerSpec, Shape, ShapeError, size_of
from engine.layers.dense import Input
from engine.losses import Loss

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at one place: the layer, the field, a sentence, and the name of a repair, if any."""

    layer: str
    message: str
    field: str = ""
    expected: str = ""
    found: str = ""
    repair: str = ""
    severity: Severity = "error"


@dataclass(frozen=True, slots=True)
class Inference:
    """What a design means: layers in an order of computation, the shape after each, and what is wrong."""

    order: tuple[LayerSpec, ...]
    shapes: dict[str, Shape]
    faults: tuple[Fault, ...]

    @property
    def errors(self) -> tuple[Fault, ...]:
        """The faults that forbid to run it."""
        return tuple(fault for fault in self.faults if fault.severity == "error")

    @property
    def output(self) -> LayerSpec:
        """The last layer (of a design without errors)."""
        return self.order[-1]


class DesignError(ValueError):
    """A design that cannot run; `faults` says why, its text is the first fault's sentence."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(faults[0].message)
        self.faults = faults


def infer(design: NetworkDesign, loss: Loss | None = None, outputs: int | None = None) -> Inference:
    """Shapes and faults of a design; with a loss and the number of targets, also whether they fit it."""
    faults = [*_identity_faults(design), *_field_faults(design)]
    order, circle = _topological(design)
    faults += [Fault(layer, "This layer is part of a circle; remove one of its wires.") for layer in circle]
    shapes: dict[str, Shape] = {}
    for spec in order:
        faults += _infer_layer(design, spec, shapes)
    faults += _end_faults(design)
    if not any(fault.severity == "error" for fault in faults):
        last = next(spec for spec in order if not design.targets(spec.id))
        order = [spec for spec in order if spec is not last] + [last]
        faults += _head_faults(last, shapes[last.id], loss, outputs)
    return Inference(tuple(order), shapes, tuple(faults))


def _identity_faults(design: NetworkDesign) -> list[Fault]:
    faults, seen = [], set()
    units: set[int] = set()
    for spec in design.layers:
        if spec.id in seen:
            faults.append(Fault(spec.id, f"Two layers have the id {spec.id!r}.", "id"))
        seen.add(spec.id)
        own = units_of(spec)
        if len(set(own)) != len(own) or units & set(own):
            faults.append(Fault(spec.id, "A unit id is used twice.", "unit_ids"))
        units |= set(own)
    for wire in design.wires:
        faults += [
            Fault(end, f"A wire leads to {end!r}, but there is no such layer.")
            for end in (wire.source, wire.target)
            if end not in seen
        ]
    return faults


def _field_faults(design: NetworkDesign) -> list[Fault]:
    return [
        Fault(spec.id, message, field=name)
        for spec in design.layers
        for name, message in faults_of(spec).items()
    ]


def _topological(design: NetworkDesign) -> tuple[list[LayerSpec], list[str]]:
    """Layers in an order of computation (Kahn 1962), and the ids of those in or behind a circle."""
    known = {spec.id: spec for spec in design.layers}
    waiting = {name: sum(source in known for source in design.sources(name)) for name in known}
    ready = deque(name for name, count in waiting.items() if count == 0)
    order = []
    while ready:
        name = ready.popleft()
        order.append(known[name])
        for target in design.targets(name):
            if target in waiting:
                waiting[target] -= 1
                if waiting[target] == 0:
                    ready.append(target)
    done = {spec.id for spec in order}
    return order, [name for name in known if name not in done]


def _infer_layer(design: NetworkDesign, spec: LayerSpec, shapes: dict[str, Shape]) -> list[Fault]:
    sources = design.sources(spec.id)
    fewest, most = spec.fan
    if not fewest <= len(sources) <= most:
        return [_wire_fault(spec, len(sources))]
    if any(source not in shapes for source in sources):
        return []  # the cause is named at the source
    try:
        shapes[spec.id] = spec.output_shape(tuple(shapes[source] for source in sources))
    except ShapeError as fault:
        return [Fault(spec.id, str(fault), fault.field, fault.expected, fault.found, fault.repair)]
    return []


def _wire_fault(spec: LayerSpec, count: int) -> Fault:
    fewest, most = spec.fan
    if count == 0:
        return Fault(spec.id, f"Nothing feeds this {spec.label} layer; wire another layer to it.")
    if most == 0:
        return Fault(spec.id, "The input layer takes its values from the data; remove the wire into it.")
    wanted = f"at least {fewest}" if count < fewest else f"at most {most}"
    return Fault(spec.id, f"A {spec.label} layer takes {wanted} wires, not {count}.", "", wanted, str(count))


def _end_faults(design: NetworkDesign) -> list[Fault]:
    inputs = [spec for spec in design.layers if isinstance(spec, Input)]
    ends = [spec for spec in design.layers if not design.targets(spec.id)]
    if not inputs:
        return [Fault("", "The network has no input layer; choose a data set.")]
    faults = [Fault(spec.id, "A network has one input layer; remove this one.") for spec in inputs[1:]]
    faults += [
        Fault(spec.id, "More than one layer leads nowhere; wire this one on, or remove it.")
        for spec in ends[:-1]
    ]
    if not faults and ends == inputs:
        faults.append(Fault(inputs[0].id, "There is nothing behind the input layer; add a layer."))
    return faults


def _head_faults(last: LayerSpec, shape: Shape, loss: Loss | None, outputs: int | None) -> list[Fault]:
    faults = []
    if outputs is not None and size_of(shape) != outputs:
        message = f"The last layer gives {size_of(shape)} values, but the data has {outputs} targets."
        faults.append(Fault(last.id, message, "unit_ids", str(outputs), str(size_of(shape)), "match_units"))
    activation = getattr(last, "activation", "identity")
    if loss is not None and loss.link != "identity" and activation != "identity":
        message = (
            f"{loss.label} already applies {loss.link} to the last layer; set its activation to identity."
        )
        faults.append(Fault(last.id, message, "activation", "identity", activation, "match_link", "warning"))
    return faults
