"""Holds validation against hostile designs: it never raises, and what it says is complete all the same."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.design import NetworkDesign, Wire
from engine.layers import LAYERS, LayerSpec
from engine.layers.activation import Activation
from engine.layers.dense import Dense, Input
from engine.losses import LOSSES
from engine.network import compile_network
from engine.validation import infer
from tests.engine.small_designs import assert_complete, ids, start


class Odd:
    """Nothing at all can be asked of it."""

    def _refuse(self, *_given: object) -> Any:
        raise ValueError

    __bool__ = __eq__ = __len__ = __iter__ = __str__ = __repr__ = __lt__ = __hash__ = _refuse  # type: ignore[assignment]


class OddText(str):
    """A text of which it cannot be told whether it is empty."""

    __slots__ = ()

    def __bool__(self) -> bool:
        raise ValueError


HOSTILE: dict[str, Any] = {
    "none": None,
    "yes": True,
    "a whole number": -1,
    "an endless number": 10**400,
    "no number": float("nan"),
    "a text": "x",
    "an empty text": "",
    "an odd text": OddText("x"),
    "bytes": b"abc",
    "an empty tuple": (),
    "a tuple of an endless number": (10**400,),
    "a tuple of none": (None,),
    "a tuple of something odd": (Odd(),),
    "a list": [1, 2],
    "an array": np.zeros(3),
    "an array in a tuple": (np.zeros(3),),
    "something odd": Odd(),
}
FIELDS = [(kind, field.name) for kind in LAYERS for field in fields(LAYERS[kind])]


def layer_of(kind: str, **values: Any) -> LayerSpec:
    """A layer of a kind with some fields given and units where it has any; an input takes 16 values."""
    has = {field.name for field in fields(LAYERS[kind])}
    usual: dict[str, Any] = {"id": "a"}
    if "unit_ids" in has:
        usual["unit_ids"] = ids(100, 16)
    if kind == "input":
        usual["shape"] = (1, 4, 4)
    return LAYERS[kind](**(usual | values))


@pytest.mark.parametrize(("kind", "field"), FIELDS)
def test_every_field_may_hold_anything(kind: str, field: str) -> None:
    once = Wire("input", "a")
    for value in HOSTILE.values():
        spec = layer_of(kind, **{field: value})
        for wires in ((), (once,), (once, once), (once, Wire("a", "a"))):
            for layers in ((spec,), (start(1, 4, 4), spec)):
                design = NetworkDesign(layers=layers, wires=wires)
                for fault in infer(design, LOSSES["quadratic"](), 1).faults:
                    assert_complete(fault, design)


def test_a_layer_whose_name_has_no_truth_value_goes_by_its_id() -> None:
    named: Any = np.zeros(3)
    faults = infer(NetworkDesign(layers=(Dense(id="a", name=named, unit_ids=(1,)),))).faults
    assert [(fault.layer, fault.field) for fault in faults] == [("a", "name"), ("", "layers")]
    assert faults[0].message.startswith("“a”: name must be a text")


writable = [name for name in HOSTILE if not name.endswith("something odd")]  # or a failure could not be shown
anything = st.one_of(
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.binary(max_size=5),
    st.tuples(st.integers(-2, 9), st.integers(-2, 9)),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=1),
)
hostile = st.sampled_from(writable).map(HOSTILE.__getitem__)
strange = st.booleans().flatmap(lambda known: hostile if known else anything)
names = st.sampled_from(["input", "a", "b", "c", "d"])


def mostly(usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The usual seven times of eight; a plain `|` would draw every branch of `strange` as often."""
    return st.integers(0, 7).flatmap(lambda number: usual if number else strange)


@st.composite
def spec_like(draw: st.DrawFn) -> LayerSpec:
    """A layer of any kind, some of whose fields are replaced by anything."""
    kind = LAYERS[draw(st.sampled_from(LAYERS.names()))]
    values: dict[str, Any] = {"id": draw(names)}
    known = {field.name for field in fields(kind)}
    if "unit_ids" in known:
        values["unit_ids"] = ids(draw(st.integers(0, 50)), draw(st.integers(0, 6)))
    if kind is Input:
        values["shape"] = draw(st.sampled_from([(4,), (1, 2, 3), (0,), (6,)]))
    for name in draw(st.sets(st.sampled_from(sorted(known)), max_size=2)):
        values[name] = draw(strange)
    return kind(**values)


wires_like = mostly(mostly(st.builds(Wire, names, names)) | st.builds(Wire, strange, names))


@given(
    mostly(st.lists(mostly(spec_like()), max_size=6).map(tuple)),
    mostly(st.lists(wires_like, max_size=8).map(tuple)),
    st.integers(1, 10),
)
@settings(max_examples=150)
def test_it_never_raises_and_what_it_accepts_compiles(layers: Any, wires: Any, outputs: int) -> None:
    design = NetworkDesign(layers=layers, wires=wires)
    inference = infer(design, LOSSES["quadratic"](), outputs)
    for fault in inference.faults:
        assert_complete(fault, design)
    if not inference.errors:
        network = compile_network(design, LOSSES["quadratic"](), outputs=outputs)
        network.predict(np.zeros((2, network.features)))


def test_a_layer_whose_id_is_an_array_cannot_be_read() -> None:
    design = NetworkDesign(layers=(Activation(id=np.zeros(3), activation="relu"),))  # type: ignore[arg-type]
    assert infer(design).errors[0].message == "Layer 1 of the design cannot be read; remove it."


@pytest.mark.parametrize("design", [None, 3, "design", NetworkDesign(layers=None)])  # type: ignore[arg-type]
def test_what_is_no_design_is_said_to_be_none(design: Any) -> None:
    fault = infer(design).errors[0]
    assert fault.message.startswith("The design cannot be read")
    assert_complete(fault, NetworkDesign())
