"""Validation: what is wrong with a design, found by inferring every shape. It never raises.

`infer` first looks at every layer by itself, whatever a file may have put there, then walks the graph in an
order of computation and returns the shape after every layer together with all faults it met. A design without
errors can be compiled; one that would not fit into memory is refused here, before anything is allocated.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any, Literal

from engine.activations import ACTIVATIONS
from engine.design import NetworkDesign, Wire, units_of
from engine.fields import faults_of
from engine.layers.base import LayerSpec, Shape, ShapeError, name_of, size_of
from engine.layers.dense import Input
from engine.losses import Loss
from engine.memory import SHARE, bytes_needed, memory_of_machine, said

Severity = Literal["error", "warning"]

MAX_UNIT = 2**31


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
    """What a design means: layers in an order of computation, the shape after each, and what is wrong.

    `memory` is about how many bytes training needs, 0 where the design has errors.
    """

    order: tuple[LayerSpec, ...]
    shapes: dict[str, Shape]
    faults: tuple[Fault, ...]
    memory: int = 0

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


def infer(
    design: NetworkDesign,
    loss: Loss | None = None,
    outputs: int | None = None,
    *,
    batch: int = 1,
    itemsize: int = 4,
    memory: int | None = None,
) -> Inference:
    """Shapes and faults of a design; it never raises, whatever the design holds.

    Args:
        design: what is examined.
        loss: the loss, to see whether it fits the last layer.
        outputs: the number of targets, likewise.
        batch: examples per batch, for the estimate of memory.
        itemsize: bytes per number, likewise.
        memory: how many bytes there are; the machine's memory by default.
    """
    faults, sound = _readable(design)
    faults += _identity_faults(sound)
    broken = {fault.layer for fault in faults}
    order, circle = _topological(sound)
    faults += [_circle_fault(sound.layer(layer)) for layer in circle]
    shapes: dict[str, Shape] = {}
    for spec in order:
        if spec.id not in broken:
            faults += _infer_layer(sound, spec, shapes)
    faults += _end_faults(sound)
    if any(fault.severity == "error" for fault in faults):
        return Inference(tuple(order), shapes, tuple(faults))
    last = next(spec for spec in order if not sound.targets(spec.id))
    order = [spec for spec in order if spec is not last] + [last]
    fed = {spec.id: tuple(shapes[source] for source in sound.sources(spec.id)) for spec in order}
    needed = bytes_needed(order, fed, shapes, batch, itemsize)
    faults += _memory_faults(needed, memory_of_machine() if memory is None else memory)
    faults += _head_faults(last, shapes[last.id], loss, outputs)
    faults += _learning_faults(order)
    return Inference(tuple(order), shapes, tuple(faults), sum(needed.values()))


# -- what is there at all: a design from a file may hold anything


def _readable(design: Any) -> tuple[list[Fault], NetworkDesign]:
    """Faults of what cannot even be read, and the design without it."""
    layers, wires = getattr(design, "layers", None), getattr(design, "wires", None)
    if not isinstance(layers, tuple) or not isinstance(wires, tuple):
        return [Fault("", "The design cannot be read: its layers and wires must be lists.")], NetworkDesign()
    faults: list[Fault] = []
    kept: list[LayerSpec] = []
    for number, spec in enumerate(layers, 1):
        if not _has_id(spec):
            faults.append(Fault("", f"Layer {number} of the design cannot be read.", found=_shown(spec)))
        else:
            kept.append(spec)
            faults += _own_faults(spec)
    good = [wire for wire in wires if _is_wire(wire)]
    faults += [
        Fault("", "A wire of the design cannot be read.", "wires", found=_shown(wire))
        for wire in wires
        if not _is_wire(wire)
    ]
    return faults, NetworkDesign(layers=tuple(kept), wires=tuple(good))


def _has_id(spec: object) -> bool:
    return isinstance(spec, LayerSpec) and spec.id != "" and _is_text(spec.id)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_wire(wire: object) -> bool:
    return isinstance(wire, Wire) and _is_text(wire.source) and _is_text(wire.target)


def _own_faults(spec: LayerSpec) -> Iterator[Fault]:
    """What is wrong with a layer by itself: fields of the wrong type or outside their limits."""
    present = {field.name for field in fields(spec) if "setting" not in field.metadata}
    for field, (is_right, expected) in _PLAIN.items():
        value = getattr(spec, field, None)
        if field in present and not _holds(is_right, value):
            message = f"{name_of(spec)}: {field.replace('_', ' ')} must be {expected}, not {_shown(value)}."
            yield Fault(spec.id, message, field, expected, _shown(value))
    try:
        found = faults_of(spec)
    except Exception as error:  # a value so strange that comparing it fails
        found = {"": f"{name_of(spec)} cannot be read ({type(error).__name__})."}
    for field, message in found.items():
        value = getattr(spec, field, None)
        yield Fault(spec.id, message, field, found=_shown(value), repair="use_default")


def _holds(is_right: Callable[[Any], bool], value: object) -> bool:
    try:
        return bool(is_right(value))
    except Exception:  # as above
        return False


def _whole(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value < high


def _all_in(value: object, is_right: Callable[[Any], bool]) -> bool:
    return isinstance(value, tuple) and all(map(is_right, value))


_PLAIN: dict[str, tuple[Callable[[Any], bool], str]] = {
    "name": (lambda value: isinstance(value, str), "a text"),
    "unit_ids": (
        lambda value: _all_in(value, lambda unit: _whole(unit, 0, MAX_UNIT)),
        "a list of whole numbers",
    ),
    "shape": (
        lambda value: _all_in(value, lambda size: _whole(size, 1, MAX_UNIT)) and 1 <= len(value) <= 3,
        "one to three whole numbers",
    ),
    "initial": (
        lambda value: _all_in(value, lambda w: isinstance(w, int | float) and math.isfinite(w)),
        "a list of finite numbers",
    ),
    "mask": (lambda value: isinstance(value, bytes), "bytes"),
    "frozen": (lambda value: isinstance(value, bytes), "bytes"),
}


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except Exception:  # the repr of a stranger
        text = type(value).__name__
    return text if len(text) <= 40 else text[:39] + "…"


# -- the graph


def _identity_faults(design: NetworkDesign) -> list[Fault]:
    faults = []
    counts = Counter(spec.id for spec in design.layers)
    faults += [
        Fault(layer, f"{n} layers have the id {layer!r}.", "id") for layer, n in counts.items() if n > 1
    ]
    owners: dict[int, LayerSpec] = {}
    for spec in design.layers:
        for unit in _countable(units_of(spec)):
            other = owners.setdefault(unit, spec)
            if other is not spec:
                message = f"{name_of(spec)} and {name_of(other)} share the unit {unit}."
                faults.append(Fault(spec.id, message, "unit_ids", repair="fresh_units"))
                break
        if len(set(_countable(units_of(spec)))) != len(_countable(units_of(spec))):
            faults.append(
                Fault(spec.id, f"{name_of(spec)} has a unit twice.", "unit_ids", repair="fresh_units")
            )
    faults += [
        Fault(end, f"A wire leads to {end!r}, but there is no such layer.", "wires", repair="remove_wire")
        for wire in design.wires
        for end in (wire.source, wire.target)
        if end not in counts
    ]
    return faults


def _countable(units: object) -> list[int]:
    return [unit for unit in units if type(unit) is int] if isinstance(units, tuple) else []


def _topological(design: NetworkDesign) -> tuple[list[LayerSpec], list[str]]:
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


def _circle_fault(spec: LayerSpec) -> Fault:
    message = f"{name_of(spec)} is part of a circle, or behind one; remove one of the circle's wires."
    return Fault(spec.id, message, "wires", repair="remove_wire")


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
    wanted = "none" if most == 0 else f"at least {fewest}" if count < fewest else f"at most {most}"
    if most == 0:
        message = "The input layer takes its values from the data; remove the wire into it."
    elif count == 0:
        message = f"Nothing feeds {name_of(spec)}; wire another layer to it."
    else:
        message = f"{name_of(spec)}, a layer “{spec.label}”, takes {wanted} wires, not {count}."
    repair = "add_wire" if count < fewest else "remove_wire"
    return Fault(spec.id, message, "wires", wanted, str(count), repair)


def _end_faults(design: NetworkDesign) -> list[Fault]:
    inputs = [spec for spec in design.layers if isinstance(spec, Input)]
    feeding = {wire.source for wire in design.wires}
    ends = [spec for spec in design.layers if spec.id not in feeding]
    if not inputs:
        return [Fault("", "The network has no input layer; choose a data set.", repair="add_input")]
    faults = [
        Fault(spec.id, "A network has one input layer; remove this one.", repair="remove_layer")
        for spec in inputs[1:]
    ]
    faults += [
        Fault(
            spec.id,
            f"{name_of(spec)} leads nowhere; wire it on, or remove it.",
            "wires",
            repair="remove_layer",
        )
        for spec in ends[:-1]
    ]
    if all(isinstance(spec, Input) or spec.is_identity(False) for spec in design.layers):
        message = "Nothing is computed between input and output; add a layer."
        faults.append(Fault(inputs[0].id, message, repair="add_layer"))
    return faults


# -- whether it fits: memory, the data, learning


def _memory_faults(needed: dict[str, int], memory: int) -> list[Fault]:
    total, largest = sum(needed.values()), max(needed, key=lambda layer: needed[layer])
    if total <= SHARE * memory:
        return []
    message = (
        f"Training this network would take about {said(total)} of memory, {said(needed[largest])} of it "
        f"for “{largest}”, but this machine has {said(memory)}. Make it, or the batch, smaller."
    )
    return [
        Fault(largest, message, "unit_ids", f"at most {said(SHARE * memory)}", said(total), "fewer_units")
    ]


def _head_faults(last: LayerSpec, shape: Shape, loss: Loss | None, outputs: int | None) -> list[Fault]:
    faults = []
    if outputs is not None and size_of(shape) != outputs:
        message = f"{name_of(last)} gives {size_of(shape)} values, but the data has {outputs} targets."
        field = "unit_ids" if units_of(last) else ""
        faults.append(Fault(last.id, message, field, str(outputs), str(size_of(shape)), "match_units"))
    activation = getattr(last, "activation", "identity")
    if isinstance(loss, Loss) and loss.link != "identity" and activation != "identity":
        message = (
            f"{loss.label} already applies {loss.link} to the last layer; set its activation to identity."
        )
        faults.append(Fault(last.id, message, "activation", "identity", activation, "match_link", "warning"))
    return faults


def _learning_faults(order: list[LayerSpec]) -> list[Fault]:
    """Warnings at layers through which gradient descent cannot learn."""
    return [
        Fault(
            spec.id,
            f"{name_of(spec)} cannot learn by gradient descent, nor can the layers before it: the slope "
            f"of its activation, {ACTIVATIONS[name].label}, is 0 everywhere. Sigmoid is alike, but has one.",
            "activation",
            "an activation with a slope",
            name,
            "use_sigmoid",
            "warning",
        )
        for spec in order
        if (name := getattr(spec, "activation", "")) in ACTIVATIONS and not ACTIVATIONS[name].differentiable
    ]
