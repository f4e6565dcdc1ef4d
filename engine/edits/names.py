"""How layers are called in menus and sentences: Dense(16) by what they are, Layer 1 by which they are."""

from __future__ import annotations

from collections.abc import Iterable

from engine.address import layer_title
from engine.design import NetworkDesign, units_of
from engine.edits.outcome import Refused
from engine.fields import settings_of
from engine.layers.base import LayerSpec, times
from engine.layers.dense import Input

LONGEST = 40


def describe(spec: LayerSpec) -> str:
    """What a layer is: Dense(16), Input(28 × 28), Dropout(0.5), Flatten."""
    if isinstance(spec, Input):
        return f"{spec.label}({times(spec.shape)})"
    if units_of(spec):
        return f"{spec.label}({len(units_of(spec)):,})"
    first = next((info for info in settings_of(spec) if info.basic), None)
    if first is None or (value := getattr(spec, first.name)) in (None, ""):
        return spec.label
    return f"{spec.label}({times(value) if isinstance(value, tuple) else value})"


def title(design: NetworkDesign, layer_id: str) -> str:
    """Which layer it is, as the screen calls it: its own name, else Input, Output, Layer 3, or Flatten."""
    spec = layer_of(design, layer_id)
    if name := " ".join(spec.name.split()):
        return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
    return layer_title(design, layer_id)


def layer_of(design: NetworkDesign, layer_id: str) -> LayerSpec:
    """The layer with this id, for edits (Refused)."""
    try:
        return design.layer(layer_id)
    except KeyError:
        raise Refused("This layer is not there any more; choose another one.") from None


def listed(items: Iterable[str]) -> str:
    """Several things in words: “3”, “3 and 5”, “3, 5 and 7”."""
    words = list(items)
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def lowered(label: str) -> str:
    """A label within a sentence: its first letter small, unless it is an abbreviation."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label
