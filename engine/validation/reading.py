"""What of a design can be read at all: a file may have put anything into it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

from engine.design import NetworkDesign, Wire
from engine.fields import faults_of
from engine.layers.base import LayerSpec, name_of
from engine.validation.fault import Fault

MAX_UNIT = 2**31


def readable(design: Any) -> tuple[list[Fault], NetworkDesign]:
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
    return isinstance(spec, LayerSpec) and _is_text(spec.id) and spec.id != ""


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


def _all_whole(values: object, low: int, high: int) -> bool:
    """Whether it is a tuple of whole numbers in [low, high); without a call for each of maybe millions."""
    if not isinstance(values, tuple) or set(map(type, values)) - {int}:
        return False
    return not values or (low <= min(values) and max(values) < high)


def _all_in(value: object, is_right: Callable[[Any], bool]) -> bool:
    return isinstance(value, tuple) and all(map(is_right, value))


_PLAIN: dict[str, tuple[Callable[[Any], bool], str]] = {
    "name": (lambda value: isinstance(value, str), "a text"),
    "unit_ids": (
        lambda value: _all_whole(value, 0, MAX_UNIT),
        "a list of whole numbers",
    ),
    "shape": (
        lambda value: _all_whole(value, 1, MAX_UNIT) and 1 <= len(value) <= 3,
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
