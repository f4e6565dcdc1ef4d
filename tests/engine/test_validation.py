"""Holds validation: it names every fault with place and repair and refuses what does not fit."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.activations import ACTIVATIONS
from engine.design import NetworkDesign, TrainingConfig, Wire, chain
from engine.layers import LAYERS, LayerSpec
from engine.layers.activation import Activation
from engine.layers.base import size_of
from engine.layers.conv import Conv2D
from engine.layers.dense import Input
from engine.layers.dropout import Dropout
from engine.layers.merge import Add, Concatenate
from engine.layers.pooling import MaxPool2D
from engine.layers.reshape import Flatten, Reshape
from engine.losses import LOSSES, SoftmaxCrossEntropy
from engine.memory import bytes_needed, examples_at_once, said, vectors_in
from engine.network import compile_network
from engine.optimizers.adaptive import Adam
from engine.optimizers.descent import SGD
from engine.regularizers import EarlyStopping, Regularization
from engine.validation import DesignError, Fault, Inference, infer
from tests.engine.small_designs import PLAIN, dense, ids, in_a_row, start

GIGABYTE = 10**9


def the_fault(inference: Inference) -> Fault:
    assert len(inference.faults) == 1, inference.faults
    return inference.faults[0]


def test_a_sound_design_has_shapes_and_no_faults() -> None:
    conv = Conv2D(id="conv", unit_ids=ids(100, 5), kernel=3)
    inference = infer(in_a_row(start(1, 8, 6), conv, MaxPool2D(id="pool"), Flatten(id="flat"), dense()))
    assert inference.faults == ()
    assert inference.shapes == {
        "input": (1, 8, 6),
        "conv": (5, 6, 4),
        "pool": (5, 3, 2),
        "flat": (30,),
        "dense": (3,),
    }
    assert inference.output.id == "dense"
    assert inference.memory > 0


CASES: dict[str, tuple[NetworkDesign, tuple[str, str, str, str, str]]] = {
    # what is wrong: the design, (layer, field, expected, found, repair)
    "a picture into a dense layer": (
        in_a_row(start(1, 2, 2), dense()),
        ("dense", "inputs", "a flat list", "1 × 2 × 2", "insert_flatten"),
    ),
    "a list into a convolution": (
        in_a_row(start(4), Conv2D(id="conv", unit_ids=(9,))),
        ("conv", "inputs", "channels × height × width", "4", "insert_reshape"),
    ),
    "a window larger than its picture": (
        in_a_row(start(1, 2, 2), Conv2D(id="conv", unit_ids=(9,), kernel=3)),
        ("conv", "kernel", "at most 2", "3", "shrink_window"),
    ),
    "a shape that does not fit": (
        in_a_row(start(4), Reshape(id="shape", shape=(3, -1)), dense()),
        ("shape", "shape", "4 values", "3 × -1", "flatten_shape"),
    ),
    "different lists to be added": (
        NetworkDesign(
            layers=(start(4), dense("a", 3, 10), dense("b", 2, 20), Add(id="add")),
            wires=(Wire("input", "a"), Wire("input", "b"), Wire("a", "add"), Wire("b", "add")),
        ),
        ("add", "inputs", "3", "2", "match_units"),
    ),
    "no units": (in_a_row(start(4), dense(units=0)), ("dense", "unit_ids", "at least 1", "0", "")),
    "a mask of another size": (
        in_a_row(start(4), dense(mask=b"123")),
        ("dense", "mask", "2 bytes", "3 bytes", "clear_mask"),
    ),
    "initial weights of another number": (
        in_a_row(start(4), dense(initial=(1.0, 2.0))),
        ("dense", "initial", "15", "2", "clear_initial"),
    ),
    "too many wires": (
        NetworkDesign(
            layers=(start(4), dense("a", 3, 10), dense("b", 2, 20)),
            wires=(Wire("input", "a"), Wire("input", "b"), Wire("a", "b")),
        ),
        ("b", "wires", "at most 1", "2", "remove_wire"),
    ),
    "a wire into the input": (
        NetworkDesign(layers=(start(4), dense()), wires=(Wire("input", "dense"), Wire("dense", "input"))),
        ("input", "wires", "wires from layers before it", "one from “dense”", "remove_wire"),
    ),
    "nothing feeds a layer": (
        NetworkDesign(layers=(start(4), dense()), wires=()),
        ("dense", "wires", "at least 1", "0", "add_wire"),
    ),
    "a loose end": (
        NetworkDesign(
            layers=(start(4), dense("a", 3, 10), dense("b", 2, 20)),
            wires=(Wire("input", "a"), Wire("input", "b")),
        ),
        ("a", "wires", "at least 1 out of it", "0", "wire_on"),
    ),
    "no input": (NetworkDesign(), ("", "layers", "an input layer", "none", "add_input")),
    "nothing between input and output": (
        in_a_row(start(4), Dropout(id="drop")),
        ("input", "layers", "a layer that computes something", "Input, Dropout only", "add_layer"),
    ),
    "a wire to nowhere": (
        NetworkDesign(layers=PLAIN.layers, wires=(*PLAIN.wires, Wire("dense", "gone"))),
        ("dense", "wires", "a layer that exists", "'gone'", "remove_wire"),
    ),
    "one unit in two layers": (
        in_a_row(start(4), dense(first=2)),
        (
            "dense",
            "unit_ids",
            "units that no other layer has",
            "unit 2, which “input” has too",
            "fresh_units",
        ),
    ),
    "a field outside its limits": (
        in_a_row(start(1, 4, 4), Conv2D(id="conv", unit_ids=(99,), kernel=0)),
        ("conv", "kernel", "at least 1", "0", "use_default"),
    ),
    "an unknown activation": (
        in_a_row(start(4), dense(activation="magic")),
        (
            "dense",
            "activation",
            f"one of {', '.join(ACTIVATIONS.names())}",
            "'magic'",
            "use_default",
        ),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_faults_name_their_place_and_a_repair(name: str) -> None:
    design, (layer, field, expected, found, repair) = CASES[name]
    faults = infer(design).errors
    assert faults
    fault = faults[0]
    assert (fault.layer, fault.field, fault.expected, fault.found, fault.repair) == (
        layer,
        field,
        expected,
        found,
        repair,
    )
    assert fault.message.endswith((".", "?"))
    with pytest.raises(DesignError) as refused:
        compile_network(design, SoftmaxCrossEntropy())
    assert str(refused.value) == fault.message


def test_every_fault_is_named_not_only_the_first() -> None:
    design = in_a_row(start(1, 2, 2), dense("a", 3, 10, activation="magic"), dense("b", 3, 20, bias=3))
    assert [(f.layer, f.field) for f in infer(design).errors] == [("a", "activation"), ("b", "bias")]


def test_a_cycle_is_named() -> None:
    a, b = (Concatenate(id=name) for name in "ab")
    wires = [Wire("input", "a"), Wire("b", "a"), Wire("input", "b"), Wire("a", "b"), Wire("b", "dense")]
    inference = infer(NetworkDesign(layers=(start(4), a, b, dense()), wires=tuple(wires)))
    assert {fault.layer for fault in inference.errors} == {"a", "b", "dense"}
    assert all("cycle" in fault.message for fault in inference.errors)


def test_two_inputs_and_two_layers_of_one_name() -> None:
    twice = NetworkDesign(layers=(*PLAIN.layers, dense(first=2000)), wires=PLAIN.wires)
    assert "2 layers have the id 'dense'" in infer(twice).errors[0].message
    more = Input(id="more", shape=(2,), unit_ids=(77, 78))
    two = NetworkDesign(layers=(*PLAIN.layers, more), wires=PLAIN.wires)
    assert [fault.layer for fault in infer(two).errors] == ["more"]


def test_the_number_of_targets_must_fit() -> None:
    fault = the_fault(infer(PLAIN, SoftmaxCrossEntropy(), 10))
    assert (fault.layer, fault.expected, fault.found, fault.repair) == ("dense", "10", "3", "match_units")


def test_a_loss_with_a_link_wants_a_linear_last_layer() -> None:
    fault = the_fault(infer(in_a_row(start(4), dense()), SoftmaxCrossEntropy(), 3))
    assert (fault.severity, fault.field, fault.expected, fault.repair) == (
        "warning",
        "activation",
        "identity",
        "match_link",
    )


@pytest.mark.parametrize("spec", [dense(activation="step"), Activation(id="it", activation="step")])
def test_the_step_function_is_said_not_to_learn(spec: LayerSpec) -> None:
    fault = the_fault(infer(in_a_row(start(4), spec)))
    assert (fault.severity, fault.layer, fault.field) == ("warning", spec.id, "activation")
    assert "cannot learn by gradient descent" in fault.message
    compile_network(in_a_row(start(4), spec), LOSSES["quadratic"]())


def test_what_does_not_fit_into_memory_is_refused_before_anything_is_allocated() -> None:
    wide = in_a_row(start(30_000), dense(units=30_000, first=100_000))
    inference = infer(wide, memory=8 * GIGABYTE)
    fault = the_fault(inference)
    assert fault.layer == "dense"
    assert fault.repair == "fewer_units"
    assert "21.6 GB" in fault.message
    assert infer(wide, memory=100 * GIGABYTE).errors == ()


def test_large_batches_count_too() -> None:
    conv = Conv2D(id="conv", unit_ids=ids(1000, 64), kernel=5, padding="same")
    design = in_a_row(start(1, 28, 28), conv, Flatten(id="flat"), dense(first=2000))
    assert infer(design, batch=32, memory=GIGABYTE).errors == ()
    assert infer(design, batch=10_000, memory=GIGABYTE).errors[0].layer == "conv"


def test_the_estimate_is_about_what_training_allocates() -> None:
    import tracemalloc

    conv = Conv2D(id="conv", unit_ids=ids(1000, 8), kernel=5)
    design = in_a_row(start(1, 20, 20), conv, Flatten(id="flat"), dense(units=50, first=2000))
    inference = infer(design, batch=64)
    tracemalloc.start()
    network = compile_network(design, LOSSES["quadratic"]())
    network.workspace(64, training=True)
    fed = {spec.id: network.source_shapes(spec.id) for spec in network.order}
    network.workspace(examples_at_once(network.order, fed, network.shapes, 4))  # in which it is measured
    allocated = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    vectors = 4 * network.parameters.nbytes  # those of optimizer and picture are not there
    assert 0.7 * (inference.memory - vectors) < allocated < 1.5 * inference.memory


def test_the_estimate_knows_what_optimizer_and_regularization_keep() -> None:
    plain = TrainingConfig(optimizer=SGD())
    assert vectors_in(replace(plain, optimizer=Adam())) == vectors_in(plain) + 2
    decaying = replace(plain, regularization=Regularization(l1=0.1, l2=0.1))
    assert vectors_in(decaying) > vectors_in(plain)
    assert vectors_in(replace(plain, early_stopping=EarlyStopping())) == vectors_in(plain) + 1
    assert vectors_in(replace(plain, early_stopping=EarlyStopping(restore_best=False))) == vectors_in(plain)
    design = in_a_row(start(100), dense(units=100))
    more = infer(design, vectors=9).memory - infer(design, vectors=5).memory
    assert more == 4 * 100 * 101 * 4, "four vectors in float32"


def test_another_network_that_is_still_there_takes_its_part() -> None:
    wide = in_a_row(start(10_000), dense(units=10_000, first=100_000))
    assert infer(wide, memory=8 * GIGABYTE).errors == ()
    fault = the_fault(infer(wide, memory=8 * GIGABYTE, beside=5 * GIGABYTE))
    assert "the network that is trained now takes 5 GB until it has handed over" in fault.message


def test_bytes_are_said_in_words() -> None:
    assert [said(n) for n in (12, 34_500, 21.6e9, 3e16)] == ["12 bytes", "34.5 kB", "21.6 GB", "30,000 TB"]
    assert bytes_needed([], {}, {}, 1, 4) == {}


# -- random graphs


@st.composite
def graphs(draw: st.DrawFn) -> NetworkDesign:
    """Layers of all kinds, each fed by earlier ones: sound more often than not."""
    shape = draw(st.sampled_from([(3,), (6,), (2, 4, 4), (1, 5, 3)]))
    specs: list[LayerSpec] = [start(*shape)]
    wires: list[Wire] = []
    count = 1000
    for number in range(draw(st.integers(1, 7))):
        kind = LAYERS[draw(st.sampled_from([name for name in LAYERS if name != "input"]))]
        values: dict[str, Any] = {"id": f"layer-{number}"}
        if any(field.name == "unit_ids" for field in fields(kind)):
            units = draw(st.integers(1, 4))
            values |= {
                "unit_ids": ids(count, units),
                "activation": draw(st.sampled_from(ACTIVATIONS.names())),
            }
            count += units
        specs.append(kind(**values))
        earlier = st.sampled_from([spec.id for spec in specs[:-1]])
        wires += [Wire(draw(earlier), values["id"]) for _ in range(kind.fan[0])]
    feeding = {wire.source for wire in wires}
    ends = [spec.id for spec in specs if spec.id not in feeding]
    if len(ends) > 1:
        flats = [Flatten(id=f"flat-{end}") for end in ends]
        specs += [*flats, Concatenate(id="all")]
        wires += [Wire(end, flat.id) for end, flat in zip(ends, flats, strict=True)]
        wires += [Wire(flat.id, "all") for flat in flats]
    return NetworkDesign(layers=tuple(specs), wires=tuple(wires))


@given(graphs())
@settings(max_examples=200)
def test_random_graphs_compile_and_run_or_are_refused_with_a_reason(design: NetworkDesign) -> None:
    inference = infer(design)
    if inference.errors:
        assert all(fault.message and fault.layer for fault in inference.errors)
        return
    network = compile_network(design, LOSSES["quadratic"](), dtype="float64")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(3, network.features)), rng.normal(size=(3, network.outputs))
    whole = network.gradient_of(x, y)
    single = [network.gradient_of(x[i : i + 1], y[i : i + 1]) for i in range(3)]
    np.testing.assert_allclose(whole, np.mean(single, axis=0), rtol=1e-7, atol=1e-9)
    assert network.predict(x).shape == (3, size_of(inference.shapes[inference.output.id]))


def test_the_designs_helper_makes_sound_networks() -> None:
    design = chain((4,), (3, {}), (2, {"activation": "identity"}))
    assert infer(design, SoftmaxCrossEntropy(), 2).faults == ()
    spec: Any = design.layer("dense-1")
    assert infer(design.with_layer(replace(spec, unit_ids=(0, 1, 2)))).errors[0].field == "unit_ids"
