"""Holds the backward pass against differences: every activation with every loss, and every penalty."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from engine.activations import ACTIVATIONS, Activation
from engine.design import NetworkDesign, Wire, chain
from engine.fields import settings_of
from engine.gradcheck import check_gradients, check_regularization, numeric_gradient, relative_error
from engine.layers.activation import Activation as ActivationLayer
from engine.layers.conv import Conv2D
from engine.layers.dense import Dense, Input
from engine.layers.reshape import Flatten
from engine.losses import LOSSES, Loss
from engine.network import Network, compile_network
from engine.regularizers import Regularization

LEARNABLE = [entry for _, entry in ACTIVATIONS.items() if entry.differentiable]
KINKED_LOSSES = {"mean_absolute": lambda y: y, "hinge": lambda y: 1 / y}
MARGIN = 1e-3  # two steps of 3e-5 on one parameter move no pre-activation that far


def build(activation: Activation, loss: Loss, seed: int) -> tuple[Network, Any, Any]:
    """A network 3-5-4-2 with that activation inside, and outside too where the loss allows it."""
    last = activation.name if loss.link == "identity" else "identity"
    hidden = {"activation": activation.name, "weight_init": "xavier_normal", "bias_init": "normal"}
    design = chain((3,), (5, hidden), (4, hidden), (2, {**hidden, "activation": last}))
    network = compile_network(design, loss, seed=seed, dtype="float64")
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(6, 3))
    targets = {
        "shares": lambda: np.eye(2)[rng.integers(0, 2, 6)],
        "signs": lambda: rng.choice([-1.0, 1.0], (6, 2)),
        "zero_one": lambda: rng.choice([0.0, 1.0], (6, 2)),
        "": lambda: rng.normal(size=(6, 2)),
    }[loss.targets]()
    return network, inputs, targets


def is_clear_of_kinks(network: Network, activation: Activation, inputs: Any, targets: Any) -> bool:
    work = network.workspace(len(inputs), record=True)
    work.load(inputs, targets)
    work.forward()
    for spec in network.order[1:]:
        kinks = ACTIVATIONS[spec.activation].kinks
        if any(np.abs(work.signals[spec.id].z - kink).min() < MARGIN for kink in kinks):
            return False
    kink_of = KINKED_LOSSES.get(network.loss.kind)
    return kink_of is None or np.abs(work.output.features - kink_of(targets.T)).min() >= MARGIN


def clear_of_kinks(activation: Activation, loss: Loss, scale: float) -> tuple[Network, Any, Any]:
    """The first seed whose network is alive and far from every kink, its parameters times `scale`."""
    for seed in range(50):
        network, inputs, targets = build(activation, loss, seed)
        network.parameters *= scale
        alive = network.gradient_of(inputs, targets)
        if all(place.of(alive).any() for place in network.places) and is_clear_of_kinks(
            network, activation, inputs, targets
        ):
            return network, inputs, targets
    raise AssertionError("no seed keeps away from the kinks")


@pytest.mark.parametrize("scale", [1.0, 0.3, 3.0], ids=["ordinary", "almost-linear", "saturated"])
@pytest.mark.parametrize("loss", [cls() for _, cls in LOSSES.items()], ids=lambda loss: loss.kind)
@pytest.mark.parametrize("activation", LEARNABLE, ids=lambda a: a.name)
def test_every_activation_with_every_loss(activation: Activation, loss: Loss, scale: float) -> None:
    network, inputs, targets = clear_of_kinks(activation, loss, scale)
    errors = check_gradients(network, inputs, targets)
    assert set(errors) == {"dense-1.weight", "dense-2.weight", "dense-3.weight"}
    assert max(errors.values()) < 1e-6, errors


@pytest.mark.parametrize("activation", LEARNABLE, ids=lambda a: a.name)
def test_without_biases_and_with_a_single_example(activation: Activation) -> None:
    fields = {"activation": activation.name, "bias": False, "weight_init": "xavier_uniform"}
    design = chain((4,), (3, fields), (2, {**fields, "activation": "identity"}))
    network = compile_network(design, LOSSES["mean_squared"](), seed=2, dtype="float64")
    inputs, targets = np.array([[0.7, -1.2, 0.4, 2.0]]), np.array([[1.0, -1.0]])
    errors = check_gradients(network, inputs, targets)
    assert max(errors.values()) < 1e-6, errors


def test_the_check_finds_a_wrong_slope() -> None:
    network, inputs, targets = build(ACTIVATIONS["tanh"], LOSSES["quadratic"](), 0)
    right = network.gradient_of
    network.gradient_of = lambda x, y: right(x, y) * 1.001  # type: ignore[method-assign]
    assert min(check_gradients(network, inputs, targets).values()) > 1e-4


def test_float32_is_refused() -> None:
    network = compile_network(chain((2,), (1, {})), LOSSES["quadratic"]())
    with pytest.raises(ValueError, match="float64"):
        check_gradients(network, np.zeros((1, 2)), np.zeros((1, 1)))


def test_the_numeric_gradient_is_that_of_a_known_function_and_leaves_its_point_alone() -> None:
    point = np.array([[1.0, -2.0], [0.5, 3.0]])
    kept = point.copy()
    slope = numeric_gradient(lambda: float((point**3).sum()), point)
    np.testing.assert_allclose(slope, 3 * kept**2, rtol=1e-8)
    np.testing.assert_array_equal(point, kept)


def test_the_relative_error_is_0_for_equals_and_1_for_opposites() -> None:
    a = np.array([1.0, 2.0])
    assert relative_error(a, a) == 0
    assert relative_error(0 * a, 0 * a) == 0
    assert relative_error(a, -a) == pytest.approx(1)
    assert relative_error(a, 0 * a) == pytest.approx(1)


@pytest.mark.parametrize("spare_biases", [True, False])
@pytest.mark.parametrize("strengths", [{"l1": 0.3}, {"l2": 0.7}, {"l1": 0.01, "l2": 2.0}, {}], ids=str)
def test_every_penalty(strengths: dict[str, float], spare_biases: bool) -> None:
    network, _, _ = build(ACTIVATIONS["tanh"], LOSSES["quadratic"](), 3)
    assert np.abs(network.parameters).min() > 1e-4  # |w| has its kink at 0
    regularization = Regularization(spare_biases=spare_biases, clip_norm=1e-3, **strengths)
    assert check_regularization(regularization, network) < 1e-6


def test_every_part_of_regularization_is_checked_or_is_no_gradient() -> None:
    checked = {"l1", "l2", "spare_biases"}  # above
    changes = {
        "max_norm",
        "clip_value",
        "clip_norm",
    }  # limits, which change a gradient or weight and have none
    assert {info.name for info in settings_of(Regularization)} == checked | changes
    network, _, _ = build(ACTIVATIONS["tanh"], LOSSES["quadratic"](), 3)
    for name in changes:
        assert Regularization(**{name: 0.1}).bind(network).penalty is None


@pytest.mark.parametrize("activation", LEARNABLE, ids=lambda a: a.name)
def test_every_activation_in_a_convolution_and_as_a_layer(activation: Activation) -> None:
    layers = (
        Input(id="input", shape=(2, 4, 3), unit_ids=tuple(range(24))),
        Conv2D(id="conv", unit_ids=(30, 31, 32), kernel=2, activation=activation.name, bias_init="normal"),
        ActivationLayer(id="layer", activation=activation.name),
        Flatten(id="flat"),
        Dense(id="out", unit_ids=(40, 41), activation="identity"),
    )
    wires = tuple(Wire(a.id, b.id) for a, b in pairwise(layers))
    design = NetworkDesign(layers=layers, wires=wires)
    for seed in range(200):
        network = compile_network(design, LOSSES["quadratic"](), dtype="float64", seed=seed)
        rng = np.random.default_rng(seed)
        x, y = rng.normal(size=(2, 24)), rng.normal(size=(2, 2))
        work = network.workspace(2, record=True)
        work.load(x, y)
        work.forward()
        z = np.concatenate([work.signals["conv"].z.ravel(), work.signals["conv"].features.ravel()])
        # behind ReLU all that was below 0 lies on the kink, where the slope does not matter: it stays there
        away = [np.abs(z[z != kink] - kink).min() for kink in activation.kinks]
        if all(distance >= MARGIN for distance in away) and network.gradient_of(x, y).any():
            errors = check_gradients(network, x, y)
            assert max(errors.values()) < 1e-6, errors
            return
    raise AssertionError("no seed keeps away from the kinks")


def test_descent_brings_a_single_linear_neuron_to_least_squares() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(30, 3))
    y = x @ np.array([[1.0], [-2.0], [0.5]]) + 4 + 0.3 * rng.normal(size=(30, 1))
    network = compile_network(
        chain((3,), (1, {"activation": "identity"})), LOSSES["quadratic"](), dtype="float64"
    )
    for _ in range(1000):
        network.parameters -= 0.3 * network.gradient_of(x, y)
    best, *_ = np.linalg.lstsq(np.hstack([np.ones((30, 1)), x]), y, rcond=None)
    np.testing.assert_allclose(network.parameters, best[:, 0], rtol=1e-12)


def test_a_single_linear_neuron_finds_least_squares_gradient_zero() -> None:
    rng = np.random.default_rng(1)
    x, noise = rng.normal(size=(40, 3)), rng.normal(size=(40, 1))
    y = x @ np.array([[1.0], [-2.0], [0.5]]) + 4 + 0.1 * noise
    network = compile_network(
        chain((3,), (1, {"activation": "identity"})), LOSSES["quadratic"](), dtype="float64"
    )
    best, *_ = np.linalg.lstsq(np.hstack([np.ones((40, 1)), x]), y, rcond=None)
    network.parameters[...] = best[:, 0]
    np.testing.assert_allclose(network.gradient_of(x, y), 0, atol=1e-13)
