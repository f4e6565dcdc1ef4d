"""Holds every kind of fault that there is: each says where, what was expected and found, and what to do."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
from engine import fields as engine_fields
from engine.design import NetworkDesign, Wire
from engine.fields import Setting
from engine.layers.base import ShapeError
from engine.layers.conv import Conv2D
from engine.layers.dense import Input
from engine.layers.dropout import Dropout
from engine.layers.merge import Add, Concatenate
from engine.layers.pooling import MaxPool2D
from engine.layers.reshape import Flatten, Reshape
from engine.losses import LOSSES
from engine.validation import Asked, Fault, infer, reading
from tests.engine.small_designs import PLAIN, assert_complete, dense, ids, in_a_row, start
from tests.engine.test_validation_hostile import Odd


@dataclass(frozen=True)
class Case:
    """A design, and the layer and the field that its faults must blame; `asks` goes to `infer` with it."""

    design: Any
    layer: str
    field: str
    asks: dict[str, Any] = field(default_factory=dict)

    def faults(self) -> tuple[Fault, ...]:
        return infer(self.design, **self.asks).faults


def wired(
    *ways: str, layers: tuple[Any, ...] = (start(4), dense("a", 3, 10), dense("b", 3, 20))
) -> NetworkDesign:
    """Layers wired as told: "input a" leads from input to a."""
    return NetworkDesign(layers=layers, wires=tuple(Wire(*way.split(" ")) for way in ways))


def with_layer(**more: Any) -> NetworkDesign:
    return in_a_row(start(4), dense(**more))


def convolved(**more: Any) -> NetworkDesign:
    return in_a_row(start(1, 4, 4), Conv2D(id="conv", unit_ids=(99,), **more))


def head(loss: str, task: str, low: float, high: float, outputs: int = 3, **more: Any) -> dict[str, Any]:
    return {"loss": LOSSES[loss](), "asked": Asked(outputs, task, low, high), **more}


OTHER = Input(id="more", shape=(1,), unit_ids=(77,))
MERGED = (start(4), dense("a", 3, 10), dense("b", 2, 20))
CASES: dict[str, Case] = {
    # what cannot be read
    "no design": Case(None, "", "layers"),
    "layers that are no list": Case(NetworkDesign(layers=None), "", "layers"),  # type: ignore[arg-type]
    "wires that are no list": Case(NetworkDesign(wires=None), "", "wires"),  # type: ignore[arg-type]
    "a layer that is none": Case(NetworkDesign(layers=(3,)), "", "layers"),  # type: ignore[arg-type]
    "a layer without an id": Case(in_a_row(start(4), dense("")), "", "layers"),
    "a wire that is none": Case(NetworkDesign(layers=PLAIN.layers, wires=(3,)), "", "wires"),  # type: ignore[arg-type]
    "a wire to what is no id": Case(
        NetworkDesign(layers=PLAIN.layers, wires=(*PLAIN.wires, Wire("dense", None))),  # type: ignore[arg-type]
        "dense",
        "wires",
    ),
    "a name that is no text": Case(
        in_a_row(start(4), Dropout(id="drop", name=np.zeros(3)), dense()),  # type: ignore[arg-type]
        "drop",
        "name",
    ),
    "units that are no numbers": Case(in_a_row(start(4), Conv2D(id="c", unit_ids=None)), "c", "unit_ids"),  # type: ignore[arg-type]
    "a shape of nothing": Case(in_a_row(Input(id="input", shape=(), unit_ids=())), "input", "shape"),
    "initial weights that are no numbers": Case(with_layer(initial=("a",)), "dense", "initial"),
    "a mask that is no bytes": Case(with_layer(mask=None), "dense", "mask"),
    "frozen synapses that are no bytes": Case(with_layer(frozen=None), "dense", "frozen"),
    # settings
    "a number that is none": Case(with_layer(init_scale="a"), "dense", "init_scale"),
    "a number without end": Case(with_layer(init_scale=10**400), "dense", "init_scale"),
    "an infinite number": Case(with_layer(init_scale=float("inf")), "dense", "init_scale"),
    "a number too small": Case(convolved(kernel=0), "conv", "kernel"),
    "a number too large": Case(with_layer(init_scale=1e9), "dense", "init_scale"),
    "a number at its open limit": Case(
        in_a_row(start(4), Dropout(id="drop", rate=1.0), dense()), "drop", "rate"
    ),
    "no whole number": Case(convolved(kernel=1.5), "conv", "kernel"),
    "a switch that is none": Case(with_layer(bias=3), "dense", "bias"),
    "an unknown choice": Case(with_layer(activation="magic"), "dense", "activation"),
    "a shape that is no list": Case(in_a_row(start(4), Reshape(id="r", shape=3)), "r", "shape"),  # type: ignore[arg-type]
    "a value that cannot be written": Case(with_layer(bias=Odd()), "dense", "bias"),
    # the graph
    "one id twice": Case(in_a_row(start(4), dense(), dense(first=50)), "dense", "id"),
    "a unit in two layers": Case(with_layer(first=2), "dense", "unit_ids"),
    "a unit twice": Case(in_a_row(start(4), Conv2D(id="c", unit_ids=(9, 9))), "c", "unit_ids"),
    "a wire to nowhere": Case(wired("input a", "a b", "b x"), "b", "wires"),
    "a wire from nowhere": Case(wired("input a", "x b", "a b"), "b", "wires"),
    "a wire from nowhere to nowhere": Case(wired("input a", "a b", "x y"), "", "wires"),
    "a cycle": Case(wired("input a", "a b", "b a"), "a", "wires"),
    "a layer fed by itself": Case(wired("input a", "a b", "b b"), "b", "wires"),
    "no input": Case(NetworkDesign(), "", "layers"),
    "two inputs": Case(
        wired("input dense", layers=(*PLAIN.layers, OTHER)),
        "more",
        "layers",
    ),
    "nothing computed": Case(in_a_row(start(4), Dropout(id="drop")), "input", "layers"),
    "an input alone": Case(in_a_row(start(4)), "input", "layers"),
    "a dead end": Case(wired("input a", "input b"), "a", "wires"),
    "an input that leads nowhere": Case(wired("a b"), "input", "wires"),
    "an input that leads nowhere, and nothing to lead to": Case(
        wired("more a", layers=(start(4), OTHER, dense("a"))), "input", "wires"
    ),
    # shapes
    "a wire into the input": Case(wired("a input"), "input", "wires"),
    "nothing feeds a layer": Case(wired(), "a", "wires"),
    "too many wires": Case(wired("input a", "input b", "a b"), "b", "wires"),
    "an input of another size": Case(
        in_a_row(Input(id="input", shape=(2, 3), unit_ids=ids(0, 4)), dense()), "input", "shape"
    ),
    "a picture into a dense layer": Case(in_a_row(start(1, 2, 2), dense()), "dense", "inputs"),
    "a list into a convolution": Case(in_a_row(start(4), Conv2D(id="conv", unit_ids=(9,))), "conv", "inputs"),
    "a list into a pooling": Case(in_a_row(start(4), MaxPool2D(id="pool")), "pool", "inputs"),
    "different lists added": Case(
        wired("input a", "input b", "a add", "b add", layers=(*MERGED, Add(id="add"))), "add", "inputs"
    ),
    "a list and a picture put together": Case(
        wired(
            "input flat",
            "input all",
            "flat all",
            layers=(start(1, 2, 2), Flatten(id="flat"), Concatenate(id="all")),
        ),
        "all",
        "inputs",
    ),
    "no units": Case(with_layer(units=0), "dense", "unit_ids"),
    "initial weights of another number": Case(with_layer(initial=(1.0, 2.0)), "dense", "initial"),
    "a mask of another size": Case(with_layer(mask=b"123"), "dense", "mask"),
    "frozen synapses of another size": Case(with_layer(frozen=b"123"), "dense", "frozen"),
    "a shape that does not fit": Case(
        in_a_row(start(4), Reshape(id="r", shape=(3, -1)), dense()), "r", "shape"
    ),
    "a window larger than its picture": Case(convolved(kernel=9), "conv", "kernel"),
    # capacity, head, learning
    "too little memory": Case(with_layer(units=90), "dense", "unit_ids", {"memory": 1000}),
    "too little memory beside another network": Case(
        with_layer(units=90), "dense", "unit_ids", {"memory": 1000, "beside": 9000}
    ),
    "too little memory, for what cannot be made smaller": Case(
        in_a_row(start(1, 40, 40), MaxPool2D(id="pool"), Flatten(id="flat"), dense(first=2000)),
        "input",
        "outputs",
        {"memory": 1000, "batch": 1000},
    ),
    "outputs of another number": Case(PLAIN, "dense", "unit_ids", {"outputs": 9}),
    "outputs of another number, without units": Case(
        in_a_row(start(4), dense(), Dropout(id="drop")), "drop", "outputs", {"outputs": 9}
    ),
    "a link applied twice": Case(
        with_layer(), "dense", "activation", {"loss": LOSSES["softmax_cross_entropy"]()}
    ),
    "a loss for another task": Case(PLAIN, "dense", "loss", head("huber", "classes", 0, 1)),
    "targets that a hinge cannot read": Case(PLAIN, "dense", "targets", head("hinge", "classes", 0, 1)),
    "targets that are no shares": Case(
        PLAIN, "dense", "targets", head("softmax_cross_entropy", "classes", 0.1, 0.9)
    ),
    "targets outside 0 and 1": Case(
        PLAIN, "dense", "targets", head("binary_cross_entropy", "classes", -1, 1)
    ),
    "an output that does not reach the targets": Case(
        with_layer(), "dense", "activation", head("quadratic", "regression", -5, 5)
    ),
    "an activation without a slope": Case(
        in_a_row(start(4), dense(activation="step"), dense("last", 2, 2000)), "dense", "activation"
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_every_kind_of_fault_is_complete_and_blames_what_it_should(name: str) -> None:
    case = CASES[name]
    faults = case.faults()
    assert (case.layer, case.field) in {(fault.layer, fault.field) for fault in faults}
    for fault in faults:
        assert_complete(fault, case.design)


Place = tuple[str, int]
"""A file of the engine, and a line."""


def places_that_make_faults() -> dict[Place, int]:
    """Where in the engine a fault is made, with the last line of the call."""
    root = Path(engine.__file__).parent
    found: dict[Place, int] = {}
    for path in (*root.glob("validation/*.py"), *root.glob("layers/*.py"), root / "fields.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in ("Fault", "ShapeError", "Misfit"):
                found[str(path), node.lineno] = node.end_lineno or node.lineno
    return found


def watched(make: Callable[..., Any], seen: set[Place]) -> Callable[..., Any]:
    """The constructor, noting from which place it is called."""

    def noting(*values: Any, **more: Any) -> Any:
        caller = sys._getframe(1)
        seen.add((caller.f_code.co_filename, caller.f_lineno))
        return make(*values, **more)

    return noting


def test_no_kind_of_fault_is_missing_here(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[Place] = set()
    monkeypatch.setattr(Fault, "__init__", watched(Fault.__init__, seen))
    monkeypatch.setattr(ShapeError, "__init__", watched(ShapeError.__init__, seen))
    monkeypatch.setattr(engine_fields, "Misfit", watched(engine_fields.Misfit, seen))
    monkeypatch.setattr(reading, "Misfit", watched(reading.Misfit, seen))
    monkeypatch.setattr("engine.validation.inference._remembered", [])
    named = {fault.field for case in CASES.values() for fault in case.faults()}
    assert Setting(name="note", kind="text", label="Note").misfit_of(3)  # no layer has a text yet
    places = places_that_make_faults()
    assert len(places) > 30
    missing = [
        f"{Path(path).name}:{first}"
        for (path, first), last in places.items()
        if not any((path, line) in seen for line in range(first, last + 1))
    ]
    assert missing == []
    assert set(reading._PLAIN) <= named
