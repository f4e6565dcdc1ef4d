"""The training step: whole or by phases the same numbers, and afterwards the mean gradient and the update."""

from __future__ import annotations

import numpy as np
import pytest

from engine.design import NetworkDesign, Wire
from engine.layers.dense import Dense, Input
from engine.losses import LOSSES
from engine.network import Network, compile_network
from engine.optimizers import OPTIMIZERS, Slots
from engine.regularizers import Regularization
from engine.training.evaluation import feed_of
from engine.training.step import PHASES, TrainingStep

BATCH = 7


def network_of() -> Network:
    layers = (
        Input(id="in", shape=(3,), unit_ids=(0, 1, 2)),
        Dense(id="hidden", unit_ids=(3, 4, 5, 6)),
        Dense(id="out", unit_ids=(7, 8), activation="identity"),
    )
    wires = (Wire("in", "hidden"), Wire("hidden", "out"))
    return compile_network(
        NetworkDesign(layers=layers, wires=wires), LOSSES["softmax_cross_entropy"](), dtype="float64"
    )


def training_of(kind: str = "sgd", l2: float = 0.0) -> TrainingStep:
    network, rule = network_of(), OPTIMIZERS[kind](learning_rate=0.3)
    slots = Slots.fresh(rule.slots, network.parameters, rule.learning_rate)
    return TrainingStep(network, rule, slots, Regularization(l2=l2))


def examples(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(BATCH, 3)), np.eye(2)[rng.integers(0, 2, BATCH)]


def feed(seed: int) -> tuple:
    x, y = examples(seed)
    return feed_of(np.hstack([np.ones((BATCH, 1)), x]), np.ascontiguousarray(y.T))


@pytest.mark.parametrize("kind", OPTIMIZERS.names())
@pytest.mark.parametrize("l2", [0.0, 0.1])
def test_after_a_step_there_are_the_mean_gradient_and_the_update(kind: str, l2: float) -> None:
    training = training_of(kind, l2)
    network = training.network
    for seed in range(4):
        before = network.parameters.copy()
        expected = network_of()
        expected.parameters[...] = before
        gradient = expected.gradient_of(*examples(seed))
        training.slots.rate[...] = 0.1 * seed  # at 0 nothing moves, but the gradient is what it is
        training.run(feed(seed), BATCH)
        training.settle()
        training.settle()
        np.testing.assert_allclose(training.slots.update, before - network.parameters, atol=1e-14)
        if not l2:
            np.testing.assert_allclose(network.gradients, gradient, rtol=1e-12, atol=1e-16)


@pytest.mark.parametrize("kind", OPTIMIZERS.names())
def test_phases_make_the_same_steps_while_the_rate_changes(kind: str) -> None:
    whole, parts = training_of(kind), training_of(kind)
    for seed in range(5):
        for training in (whole, parts):
            training.slots.rate[...] = 0.2 * abs(2 - seed)
        whole.run(feed(seed), BATCH)
        for phase in PHASES:
            parts.run_phase(phase, feed(seed), BATCH)
        np.testing.assert_array_equal(whole.network.parameters, parts.network.parameters)


@pytest.mark.parametrize("kind", [kind for kind, rule in OPTIMIZERS.items() if rule.sizes])
def test_what_was_held_goes_on_in_steps_of_the_usual_length(kind: str) -> None:
    training, indices, moved = training_of(kind), np.arange(5), []
    for step in range(60):
        training.grip(indices if 20 <= step < 40 else indices[:0])
        before = training.network.parameters[indices].copy()
        training.run(feed(step), BATCH)
        moved.append(np.abs(training.network.parameters[indices] - before).max())
    assert max(moved[20:40]) == 0.0
    assert 0.0 < max(moved[40:]) < 4 * max(moved[10:20])


@pytest.mark.parametrize("rate", [0.0, 1e-40, 1e-12])
def test_at_the_smallest_rates_the_gradient_is_still_there(rate: float) -> None:
    training, usual = training_of(), training_of()
    training.slots.rate[...] = rate
    for each in (training, usual):
        each.run(feed(0), BATCH)
        each.settle()
    np.testing.assert_allclose(training.network.gradients, usual.network.gradients, rtol=1e-12)
