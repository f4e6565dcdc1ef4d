"""Small designs for tests of validation, and what must hold of every fault that they have."""

from __future__ import annotations

from typing import Any

from engine.design import NetworkDesign, Wire
from engine.edits.repairs import REPAIRS
from engine.layers import LayerSpec
from engine.layers.base import size_of
from engine.layers.dense import Dense, Input
from engine.validation import Fault


def ids(first: int, count: int) -> tuple[int, ...]:
    return tuple(range(first, first + count))


def in_a_row(*specs: LayerSpec) -> NetworkDesign:
    wires = tuple(Wire(a.id, b.id) for a, b in zip(specs, specs[1:], strict=False))  # noqa: RUF007
    return NetworkDesign(layers=specs, wires=wires)


def start(*shape: int) -> Input:
    return Input(id="input", shape=shape, unit_ids=ids(0, size_of(shape)))


def dense(name: str = "dense", units: int = 3, first: int = 1000, **more: Any) -> Dense:
    return Dense(id=name, unit_ids=ids(first, units), **more)


PLAIN = in_a_row(start(4), dense(activation="identity"))


def assert_complete(fault: Fault, design: Any) -> None:
    """A fault says where, what was expected, what was found, and what to do; its layer exists."""
    assert fault.message.strip().endswith((".", "?")), fault
    assert fault.field, fault
    assert fault.expected, fault
    assert fault.found, fault
    assert fault.repair in REPAIRS if fault.repair else fault.hint.endswith("."), fault
    if fault.layer != "":
        known = [getattr(spec, "id", None) for spec in design.layers]
        assert any(isinstance(name, str) and name == fault.layer for name in known), fault
    else:
        assert fault.field in ("layers", "wires"), fault
