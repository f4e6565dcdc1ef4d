"""An address names one value, in words for the screen and as the notes write it."""

from __future__ import annotations

import pytest

from engine.address import Address, layer_numbers
from engine.design import NetworkDesign, Wire, chain
from engine.layers.base import BIAS
from engine.layers.dense import Dense, Input
from engine.layers.dropout import Dropout
from engine.layers.merge import Add

PLACE = "[layer 2][batch 1,200][example 5]"
LATEX = "^{[2][1200][5]}"


@pytest.mark.parametrize(
    ("symbol", "unit", "source", "tensor", "text", "latex"),
    [
        ("a", 2, None, "weight", "a₃", "a_{3}"),
        ("z", 0, None, "weight", "z₁", "z_{1}"),
        ("delta", 11, None, "weight", "δ₁₂", r"\delta_{12}"),
        ("prediction", 0, None, "weight", "ŷ₁", r"\hat{y}_{1}"),
        ("loss", None, None, "weight", "L", "L"),
        ("weight", 0, 1, "weight", "w₁₂", "w_{12}"),
        ("weight", 0, BIAS, "weight", "w₁₀", "w_{10}"),
        ("weight", 0, 11, "weight", "w₁,₁₂", "w_{1,12}"),
        ("gradient", 10, 0, "weight", "∂L/∂w₁₁,₁", r"\partial L / \partial w_{11,1}"),
        ("gradient", 1, None, "scale", "∂L/∂γ₂", r"\partial L / \partial \gamma_{2}"),
        ("gradient", 1, None, "slope", "∂L/∂slope₂", r"\partial L / \partial \mathrm{slope}_{2}"),
    ],
)
def test_it_is_written_as_in_the_notes(
    symbol: str, unit: int | None, source: int | None, tensor: str, text: str, latex: str
) -> None:
    address = Address(symbol, "dense-2", 2, 1200, 5, unit, source, tensor)
    assert address.value == text
    assert str(address) == f"{text} {PLACE}"
    assert address.latex == latex + LATEX


def test_an_activation_of_layer_0_is_an_input() -> None:
    assert str(Address("a", "input", 0, 12, 1, 2)) == "x₃ [layer 0][batch 12][example 1]"


def test_layers_are_numbered_from_the_input_and_those_at_rest_are_not_counted() -> None:
    assert layer_numbers(chain((2,), (3, {}), (1, {}))) == {"input": 0, "dense-1": 1, "dense-2": 2}
    layers = (
        Dense(id="last", unit_ids=(9,)),
        Add(id="sum"),
        Dense(id="left", unit_ids=(2, 3)),
        Dense(id="right", unit_ids=(4, 5)),
        Dropout(id="dropout"),
        Input(id="input", shape=(2,), unit_ids=(0, 1)),
    )
    ends = ("input", "left"), ("input", "right"), ("left", "dropout"), ("dropout", "sum"), ("right", "sum")
    design = NetworkDesign(layers=layers, wires=tuple(Wire(*pair) for pair in (*ends, ("sum", "last"))))
    numbers = layer_numbers(design)
    assert numbers["input"] == 0
    assert {numbers["left"], numbers["right"]} == {1, 2}
    assert numbers["dropout"] == numbers["left"]
    assert (numbers["sum"], numbers["last"]) == (3, 4)


def test_every_layer_of_a_broken_design_has_a_number() -> None:
    layers = tuple(Dense(id=name, unit_ids=(unit,)) for unit, name in enumerate("abc"))
    design = NetworkDesign(layers=layers, wires=(Wire("a", "b"), Wire("b", "a")))
    assert sorted(layer_numbers(design).values()) == [1, 2, 3]
