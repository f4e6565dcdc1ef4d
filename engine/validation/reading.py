"""What of a design can be read at all: a file may have put anything into it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

from engine.design import NetworkDesign, Wire
from engine.fields import Misfit, Setting, settings_of
from engine.layers.base import LayerSpec, name_of
from engine.validation.fault import Fault

MAX_UNIT = 2**31


def readable(design: Any) -> tuple[list[Fault], NetworkDesign]:
    """Faults of what cannot even be read, and the design without it."""
    layers, wires = getattr(design, "layers", None), getattr(design, "wires", None)
    if not isinstance(layers, tuple) or not isinstance(wires, tuple):
        return [_design_fault(layers, wires)], NetworkDesign()
    faults: list[Fault] = []
    kept: list[LayerSpec] = []
    for number, spec in enumerate(layers, 1):
        if not _has_id(spec):
            faults.append(_layer_fault(number, spec))
        else:
            kept.append(spec)
            faults += _own_faults(spec)
    good = [wire for wire in wires if _is_wire(wire)]
    known = {spec.id for spec in kept}
    faults += [_wire_fault(wire, known) for wire in wires if not _is_wire(wire)]
    return faults, NetworkDesign(layers=tuple(kept), wires=tuple(good))


def _design_fault(layers: object, wires: object) -> Fault:
    field, value = ("wires", wires) if isinstance(layers, tuple) else ("layers", layers)
    message = "The design cannot be read: its layers and wires must be lists; open another, or start anew."
    return Fault("", message, field, "a list", _shown(value), hint="Open another design, or start anew.")


def _layer_fault(number: int, spec: object) -> Fault:
    if isinstance(spec, LayerSpec):
        wanted, found = "a layer whose id is a text", f"the id {_shown(spec.id)}"
    else:
        wanted, found = "a layer", _shown(spec)
    message = f"Layer {number} of the design cannot be read; remove it."
    return Fault("", message, "layers", wanted, found, hint=f"Remove layer {number} from the design.")


def _wire_fault(wire: object, known: set[str]) -> Fault:
    """Of what is no wire; to blame is the first layer that it names."""
    ends = (getattr(wire, "source", None), getattr(wire, "target", None)) if isinstance(wire, Wire) else ()
    layer = next((end for end in ends if isinstance(end, str) and end in known), "")
    message = "A wire of the design cannot be read; remove it."
    wanted, hint = "a wire between the ids of two layers", "Remove this wire from the design."
    return Fault(layer, message, "wires", wanted, _shown(wire), hint=hint)


def _has_id(spec: object) -> bool:
    return isinstance(spec, LayerSpec) and _is_text(spec.id) and spec.id != ""


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_wire(wire: object) -> bool:
    return isinstance(wire, Wire) and _is_text(wire.source) and _is_text(wire.target)


def _own_faults(spec: LayerSpec) -> Iterator[Fault]:
    """What is wrong with a layer by itself: fields of the wrong type or outside their limits."""
    present = {field.name for field in fields(spec) if "setting" not in field.metadata}
    for field, (is_right, expected, way) in _PLAIN.items():
        value = getattr(spec, field, None)
        if field in present and not _holds(is_right, value):
            problem = f"{name_of(spec)}: {field.replace('_', ' ')} must be {expected}, not {_shown(value)}"
            is_repair = way.startswith("clear_")
            message = f"{problem}." if is_repair else f"{problem}; {way[0].lower()}{way[1:]}"
            repair, hint = (way, "") if is_repair else ("", way)
            yield Fault(spec.id, message, field, expected, _shown(value), repair, hint=hint)
    for info in settings_of(spec):
        misfit = _misfit(info, getattr(spec, info.name))
        if misfit is not None:
            message = f"{info.label} {misfit}."
            yield Fault(spec.id, message, info.name, misfit.expected, misfit.found, repair="use_default")


def _misfit(info: Setting, value: object) -> Misfit | None:
    try:
        return info.misfit_of(value)
    except Exception:  # a value so strange that comparing or writing it fails
        return Misfit("a value that can be read", _shown(value))


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


_PLAIN: dict[str, tuple[Callable[[Any], bool], str, str]] = {
    # field: what it must be, the same in words, and the repair, or a sentence where there is none
    "name": (lambda value: isinstance(value, str), "a text", "Give the layer another name."),
    "unit_ids": (
        lambda value: _all_whole(value, 0, MAX_UNIT),
        "a list of whole numbers",
        "Remove the layer, and add it again.",
    ),
    "shape": (
        lambda value: _all_whole(value, 1, MAX_UNIT) and 1 <= len(value) <= 3,
        "one to three whole numbers",
        "Choose the data again.",
    ),
    "initial": (
        lambda value: _all_in(value, lambda w: isinstance(w, int | float) and math.isfinite(w)),
        "a list of finite numbers",
        "clear_initial",
    ),
    "mask": (lambda value: isinstance(value, bytes), "bytes", "clear_mask"),
    "frozen": (lambda value: isinstance(value, bytes), "bytes", "clear_frozen"),
}


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except Exception:  # the repr of a stranger
        text = type(value).__name__
    return text if len(text) <= 40 else text[:39] + "…"
