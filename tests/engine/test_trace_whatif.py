"""What if a neuron were 0, or 1: what is behind it is computed with that, as by hand; training is not."""

import math

import numpy as np
import pytest

from engine.design import NetworkDesign, Wire, chain, units_of
from engine.edits.parameters import WhatIf
from engine.layers.conv import Conv2D
from engine.layers.dense import Dense, Input
from engine.layers.reshape import Flatten
from engine.losses import Quadratic, SoftmaxCrossEntropy
from engine.network import Network, compile_network
from engine.trace import Probe


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def network_of() -> Network:
    """2 inputs, 2 sigmoid neurons, 1 sigmoid neuron: all weights written down."""
    first = {"activation": "sigmoid", "initial": (0.1, 0.5, -0.4, -0.2, 0.3, 0.7)}
    last = {"activation": "sigmoid", "initial": (-0.3, 0.8, 1.2)}
    return compile_network(chain((2,), (2, first), (1, last)), Quadratic(), dtype="float64")


X, Y = np.array([2.0, -1.0]), np.array([1.0])


def held(network: Network, layer: str, index: int, value: float) -> WhatIf:
    return WhatIf().held(layer, units_of(network.design.layer(layer))[index], value)


@pytest.mark.parametrize("value", [0.0, 1.0, -2.5])
def test_a_held_neuron_by_hand(value: float) -> None:
    network = network_of()
    trace = Probe(network).trace(X, Y, held(network, "dense-1", 1, value))
    z1, z2 = 0.1 + 0.5 * 2.0 + 0.4 * 1.0, -0.2 + 0.3 * 2.0 - 0.7 * 1.0
    a1 = sigmoid(z1)
    out = sigmoid(-0.3 + 0.8 * a1 + 1.2 * value)
    delta = (out - 1.0) * out * (1 - out)
    delta1 = 0.8 * delta * a1 * (1 - a1)
    first = trace.layers["dense-1"]
    np.testing.assert_allclose(first.a, [a1, value], rtol=1e-12)
    np.testing.assert_allclose(first.z, [z1, z2], rtol=1e-12)
    np.testing.assert_allclose(trace.prediction, [out], rtol=1e-12)
    assert trace.loss == pytest.approx((out - 1) ** 2 / 2, rel=1e-12)
    np.testing.assert_allclose(first.delta, [delta1, 0.0], rtol=1e-12)
    expected = [delta1, 2.0 * delta1, -delta1, 0, 0, 0, delta, delta * a1, delta * value]
    np.testing.assert_allclose(trace.gradients, expected, rtol=1e-12, atol=1e-16)


def test_a_changed_input_by_hand() -> None:
    network = network_of()
    trace = Probe(network).trace(X, Y, held(network, "input", 0, 0.5))
    np.testing.assert_array_equal(trace.layers["input"].a, [0.5, -1.0])
    np.testing.assert_allclose(trace.layers["dense-1"].z, [0.1 + 0.25 + 0.4, -0.2 + 0.15 - 0.7], rtol=1e-12)
    plain = Probe(network_of()).trace(np.array([0.5, -1.0]), Y)
    np.testing.assert_array_equal(trace.gradients, plain.gradients)
    np.testing.assert_array_equal(trace.prediction, plain.prediction)


def test_a_released_neuron_gives_the_pass_that_was() -> None:
    network = network_of()
    probe = Probe(network)
    before = probe.trace(X, Y)
    question = held(network, "dense-1", 0, 9.0)
    assert probe.trace(X, Y, question).loss != before.loss
    (clamp,) = question.clamps
    after = probe.trace(X, Y, question.freed(clamp.layer, clamp.unit))
    np.testing.assert_array_equal(after.gradients, before.gradients)
    np.testing.assert_array_equal(after.prediction, before.prediction)


def test_gradients_under_a_clamp_are_the_slopes_of_the_clamped_loss() -> None:
    layers = ((6, {"activation": "tanh"}), (5, {"activation": "relu"}), (3, {"activation": "identity"}))
    network = compile_network(chain((4,), *layers), SoftmaxCrossEntropy(), seed=2, dtype="float64")
    x, y = np.array([0.3, -0.2, 0.8, 0.1]), np.array([0.0, 1.0, 0.0])
    question = held(network, "dense-1", 2, 0.7)
    question = WhatIf((*question.clamps, *held(network, "dense-2", 0, 1.0).clamps))
    probe = Probe(network)
    gradients, parameters = probe.trace(x, y, question).gradients, network.parameters
    for index in range(parameters.size):
        kept, losses = parameters[index], []
        for value in (kept + 1e-6, kept - 1e-6):
            parameters[index] = value
            losses.append(probe.trace(x, y, question).loss)
        parameters[index] = kept
        assert gradients[index] == pytest.approx((losses[0] - losses[1]) / 2e-6, abs=1e-8)


def test_a_held_filter_holds_its_whole_map() -> None:
    design = NetworkDesign(
        layers=(
            Input(id="input", shape=(1, 5, 5), unit_ids=tuple(range(25))),
            Conv2D(id="conv", unit_ids=(30, 31, 32), kernel=3),
            Flatten(id="flat"),
            Dense(id="out", unit_ids=(40, 41), activation="identity"),
        ),
        wires=(Wire("input", "conv"), Wire("conv", "flat"), Wire("flat", "out")),
    )
    network = compile_network(design, SoftmaxCrossEntropy(), dtype="float64")
    rng = np.random.default_rng(1)
    trace = Probe(network).trace(rng.random(25), np.array([1.0, 0.0]), WhatIf().held("conv", 31, 0.5))
    maps = trace.layers["conv"].a.reshape(3, -1)
    assert (maps[1] == 0.5).all()
    assert not (maps[0] == 0.5).any()
    weight = network.parameter("out")
    np.testing.assert_allclose(trace.layers["out"].z, weight[:, 1:] @ maps.ravel() + weight[:, 0], rtol=1e-10)
