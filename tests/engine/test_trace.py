"""The trace of one example: the numbers a person would compute by hand."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from engine.datasets import load_data
from engine.design import NetworkDesign, Wire, chain
from engine.examples import example_project
from engine.layers.activation import Activation
from engine.layers.base import LAYERS, LayerSpec
from engine.layers.conv import Conv2D
from engine.layers.dense import Dense, Input
from engine.layers.dropout import Dropout
from engine.layers.norm import BatchNorm, LayerNorm
from engine.layers.pooling import MaxPool2D
from engine.layers.reshape import Flatten
from engine.layers.weighted import Weighted
from engine.losses import Quadratic, SoftmaxCrossEntropy
from engine.network import compile_network
from engine.trace import Probe


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def test_a_chain_of_sigmoids_by_the_chain_rule() -> None:
    fields = [{"activation": "sigmoid", "initial": weights} for weights in ((0.1, 0.5), (-0.3, 0.8))]
    design = chain((1,), (1, fields[0]), (1, fields[1]))
    probe = Probe(compile_network(design, Quadratic(), dtype="float64"))
    trace = probe.trace(np.array([2.0]), np.array([1.0]))

    z1 = 0.1 + 0.5 * 2.0
    a1 = sigmoid(z1)
    z2 = -0.3 + 0.8 * a1
    a2 = sigmoid(z2)
    delta2 = (a2 - 1.0) * a2 * (1 - a2)
    delta1 = 0.8 * delta2 * a1 * (1 - a1)
    first, second = trace.layers["dense-1"], trace.layers["dense-2"]
    assert first.z[0] == pytest.approx(z1, rel=1e-12)
    assert first.a[0] == pytest.approx(a1, rel=1e-12)
    assert second.z[0] == pytest.approx(z2, rel=1e-12)
    assert second.delta[0] == pytest.approx(delta2, rel=1e-12)
    assert first.delta[0] == pytest.approx(delta1, rel=1e-12)
    assert trace.loss == pytest.approx((a2 - 1) ** 2 / 2, rel=1e-12)
    assert trace.prediction[0] == pytest.approx(a2, rel=1e-12)
    gradient = [delta1, delta1 * 2.0, delta2, delta2 * a1]
    np.testing.assert_allclose(trace.gradients, gradient, rtol=1e-12)


@pytest.mark.parametrize("name", ["mnist-16-16", "nielsen-30", "circle", "by-hand", "go-200"])
def test_the_trace_agrees_with_the_network(name: str) -> None:
    project = example_project(name)
    data = load_data(project.data)
    config = project.training
    network = compile_network(project.design, config.loss, seed=3, dtype="float64")
    x, y = data.test.inputs[0], data.test.targets[0]
    trace = Probe(network).trace(x, y)
    np.testing.assert_allclose(trace.prediction, network.predict(x[None])[0], rtol=1e-10)
    np.testing.assert_allclose(trace.gradients, network.gradient_of(x[None], y[None]), rtol=1e-10, atol=1e-15)
    assert trace.loss == pytest.approx(network.loss_of(x[None], y[None]), rel=1e-10)
    for place in network.places:
        layer = trace.layers[place.layer]
        source = trace.layers[project.design.sources(place.layer)[0]].a
        weight = place.of(network.parameters)
        z = weight[:, 1:] @ source + weight[:, 0] if place.spec.bias_column else weight @ source
        np.testing.assert_allclose(layer.z, z, rtol=1e-9, atol=1e-12)
        ones = np.concatenate([[1.0], source]) if place.spec.bias_column else source
        np.testing.assert_allclose(
            place.of(trace.gradients), np.outer(layer.delta, ones), rtol=1e-9, atol=1e-15
        )


def test_values_come_in_order_of_computation() -> None:
    design = chain((2,), (3, {"activation": "relu"}), (2, {"activation": "identity"}))
    network = compile_network(design, SoftmaxCrossEntropy(), dtype="float64")
    trace = Probe(network).trace(np.array([0.3, -1.0]), np.array([1.0, 0.0]))
    values = list(trace.values(network))
    symbols = [(value.address.symbol, value.address.layer) for value in values]
    order = list(dict.fromkeys(symbols))
    assert order == [
        ("a", "input"),
        ("z", "dense-1"),
        ("a", "dense-1"),
        ("z", "dense-2"),
        ("a", "dense-2"),
        ("prediction", "dense-2"),
        ("loss", "dense-2"),
        ("delta", "dense-2"),
        ("gradient", "dense-2"),
        ("delta", "dense-1"),
        ("gradient", "dense-1"),
    ]
    assert len(values) == 2 + 3 + 3 + 2 + 2 + 2 + 1 + 2 + 8 + 3 + 9
    gradients = [value.value for value in values if value.address.symbol == "gradient"]
    wanted = [network.place(layer).of(trace.gradients).ravel() for layer in ("dense-2", "dense-1")]
    np.testing.assert_array_equal(gradients, np.concatenate(wanted))
    prediction = [value.value for value in values if value.address.symbol == "prediction"]
    np.testing.assert_array_equal(prediction, trace.prediction)
    assert sum(prediction) == pytest.approx(1.0, rel=1e-12)
    assert [value.value for value in values if value.address.symbol == "loss"] == [trace.loss]


def every_family() -> NetworkDesign:
    """A network with a layer of every way to compute, or not to: 4×4 pictures, 2 outputs."""
    layers = (
        Input(id="input", shape=(1, 4, 4), unit_ids=tuple(range(16))),
        Conv2D(id="conv", unit_ids=(16, 17), kernel=3, activation="relu"),
        MaxPool2D(id="pool", kernel=2, stride=1),
        BatchNorm(id="norm"),
        Flatten(id="flatten"),
        Dropout(id="dropout", rate=0.5),
        Activation(id="activation", activation="tanh"),
        Dense(id="output", unit_ids=(18, 19), activation="identity"),
    )
    wires = tuple(Wire(a.id, b.id) for a, b in pairwise(layers))
    return NetworkDesign(layers=layers, wires=wires)


def test_every_value_has_an_address_of_its_own() -> None:
    network = compile_network(every_family(), SoftmaxCrossEntropy(), dtype="float64")
    x = np.random.default_rng(0).random(16)
    trace = Probe(network).trace(x, np.array([1.0, 0.0]), step=12, example=7)
    values = list(trace.values(network))
    addresses = [value.address for value in values]
    assert len(set(addresses)) == len(addresses)
    assert len({str(address) for address in addresses}) == len(addresses)
    assert len({address.latex for address in addresses}) == len(addresses)
    assert {(address.step, address.example) for address in addresses} == {(12, 7)}
    # what only passes numbers on computes none, and bears the number of what it passes on
    assert not {"flatten", "dropout"} & {address.layer for address in addresses}
    assert trace.numbers == dict(
        zip([spec.id for spec in network.order], (0, 1, 2, 3, 3, 3, 4, 5), strict=True)
    )


def test_every_number_of_the_pass_is_in_the_trace() -> None:
    network = compile_network(every_family(), SoftmaxCrossEntropy(), dtype="float64")
    trace = Probe(network).trace(np.random.default_rng(0).random(16), np.array([1.0, 0.0]))
    found: dict[tuple[str, str], list[float]] = {}
    for value in trace.values(network):
        found.setdefault((value.address.symbol, value.address.layer), []).append(value.value)
    for layer in ("conv", "pool", "norm", "activation", "output"):
        np.testing.assert_array_equal(found["a", layer], trace.layers[layer].a)
        np.testing.assert_array_equal(found["delta", layer], trace.layers[layer].delta)
    gradients = np.concatenate([found["gradient", layer] for layer in ("conv", "norm", "output")])
    assert sorted(gradients) == sorted(trace.gradients)


def test_every_gradient_of_a_normalization_comes_too() -> None:
    layers = (
        Input(id="input", shape=(3,), unit_ids=(0, 1, 2)),
        LayerNorm(id="norm"),
        Dense(id="output", unit_ids=(3, 4), activation="identity"),
    )
    wires = (Wire("input", "norm"), Wire("norm", "output"))
    design = NetworkDesign(layers=layers, wires=wires)
    network = compile_network(design, SoftmaxCrossEntropy(), dtype="float64")
    trace = Probe(network).trace(np.array([0.3, -1.0, 2.0]), np.array([1.0, 0.0]))
    found = [value.value for value in trace.values(network) if value.address.symbol == "gradient"]
    assert sorted(found) == sorted(trace.gradients)


@pytest.mark.parametrize("kind", [name for name in LAYERS.names() if name != "input"])
def test_what_travels_back_to_a_layer_is_what_the_next_one_sends(kind: str) -> None:
    """Behind every kind of layer stands a linear one, which sends back its weights times its δ."""
    spec_type = LAYERS[kind]
    fields: dict[str, Any] = {"unit_ids": (90, 91)} if issubclass(spec_type, Weighted) else {}
    if hasattr(spec_type, "activation"):
        fields["activation"] = "identity"  # so that ∂L/∂z is ∂L/∂a
    if kind == "reshape":
        fields["shape"] = (2, 4, 4)
    shape = (32,) if kind == "reshape" else (2, 4, 4) if spec_type.category == "Pictures" else (5,)
    layers: list[LayerSpec] = [
        Input(id="input", shape=shape, unit_ids=tuple(range(math.prod(shape)))),
        Activation(id="beside", activation="identity"),
        spec_type(id="layer", **fields),
        Flatten(id="flatten"),
        Dense(id="output", unit_ids=(95, 96), activation="identity"),
    ]
    pairs = [("input", "layer"), ("layer", "flatten"), ("flatten", "output"), ("input", "beside")]
    if spec_type.category == "Merge":
        pairs.append(("beside", "layer"))
    else:
        layers, pairs = [layer for layer in layers if layer.id != "beside"], pairs[:-1]
    design = NetworkDesign(layers=tuple(layers), wires=tuple(Wire(*pair) for pair in pairs))
    network = compile_network(design, Quadratic(), dtype="float64")
    rng = np.random.default_rng(1)
    network.parameters[...] = rng.normal(2.0, 1.0, network.parameters.size)
    trace = Probe(network).trace(rng.normal(size=network.features), np.zeros(2))
    sent = network.parameter("output")[:, 1:].T @ trace.layers["output"].delta
    assert np.abs(sent).min() > 1e-3
    np.testing.assert_allclose(trace.layers["layer"].delta.ravel(), sent, rtol=1e-12)
