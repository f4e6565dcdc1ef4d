"""New layers, with fresh ids: of a kind from the palette, or like their neighbor."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from typing import Any

from engine.design import NetworkDesign
from engine.edits.outcome import Refused
from engine.fields import Setting, settings_of
from engine.layers import LAYERS
from engine.layers.base import LayerSpec, Shape, size_of
from engine.layers.dense import Input
from engine.layers.weighted import Weighted

DEFAULT_UNITS = 8
MOST_UNITS = 1_000_000
UNITS = Setting(name="units", kind="int", label="Neurons", minimum=1, maximum=MOST_UNITS)
SHAPE = Setting(name="shape", kind="ints", label="Shape", minimum=1, maximum=MOST_UNITS)


def fresh_layer(design: NetworkDesign, kind: str, **fields: Any) -> LayerSpec:
    """A layer of a kind with fresh ids; `units` stands for `unit_ids`, the rest are fields (Refused)."""
    if kind not in LAYERS:
        raise Refused(f"There is no kind of layer named “{kind}”; choose one of the palette.")
    cls: Any = LAYERS[kind]
    if issubclass(cls, Input):
        if design.input is not None:
            raise Refused("A network has one input layer, and it is there already; wire from it.")
        return new_input(design, fields.get("shape", (2,)))
    ids: dict[str, Any] = {"id": design.fresh_id(kind)}
    units = fields.pop("units", DEFAULT_UNITS)
    if any(field.name == "unit_ids" for field in dataclasses.fields(cls)):
        ids["unit_ids"] = design.fresh_units(check_value(UNITS, units))
    spec: LayerSpec = with_fields(cls(**ids), fields)
    return spec


def new_input(design: NetworkDesign, shape: Shape) -> Input:
    """An input layer with fresh ids for examples of a shape (Refused)."""
    check_value(SHAPE, shape)
    if len(shape) > 3:
        raise Refused("An example has at most three dimensions: channels, height and width.")
    if size_of(shape) > MOST_UNITS:
        raise Refused(f"An example can have {MOST_UNITS:,} features, not {size_of(shape):,}.")
    return Input(id=design.fresh_id("input"), shape=shape, unit_ids=design.fresh_units(size_of(shape)))


def like(design: NetworkDesign, model: LayerSpec) -> LayerSpec:
    """A layer with the same fields but fresh ids, and nothing fixed of single weights."""
    fresh: dict[str, Any] = {"id": design.fresh_id(model.kind), "name": ""}
    if isinstance(model, Weighted):
        fresh |= {"unit_ids": design.fresh_units(model.units), "initial": (), "mask": b"", "frozen": b""}
    return replace(model, **fresh)


def like_neighbor(design: NetworkDesign, source: str, target: str = "") -> LayerSpec:
    """One more hidden layer for this place, like a hidden neighbor, else a dense one."""
    nearby = [name for name in (source, target) if has_model(design, name)]
    if nearby:
        return like(design, design.layer(nearby[0]))
    return fresh_layer(design, "dense")


def has_model(design: NetworkDesign, *names: str) -> bool:
    """Whether there is a hidden layer with neurons among these, which another one can be like."""
    return any(name and _is_hidden(design, name) for name in names)


def _is_hidden(design: NetworkDesign, layer_id: str) -> bool:
    """Whether it has weights and leads on: the output is no model for what stands before it."""
    return isinstance(design.layer(layer_id), Weighted) and bool(design.targets(layer_id))


def with_fields(spec: Any, fields: dict[str, Any]) -> Any:
    """The frozen value with some of its settings changed, each checked (Refused)."""
    known = {info.name: info for info in settings_of(spec)}
    for name, value in fields.items():
        if name not in known:
            raise Refused(f"There is no field “{name}” here.")
        fields[name] = check_value(known[name], value)
    try:
        return replace(spec, **fields)
    except (ValueError, TypeError) as error:
        raise Refused(str(error)) from None


def check_value(info: Setting, value: Any) -> Any:
    """The value in its field's own type (Refused, with the field's sentence)."""
    try:
        fault = info.fault_of(value)
    except (OverflowError, TypeError):  # a whole number beyond every float; something that cannot be compared
        fault = f"{info.label} cannot be that."
    if fault is not None:
        raise Refused(fault)
    return float(value) if info.kind == "float" and value is not None else value
