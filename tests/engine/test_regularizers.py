"""Holds regularization: what is added to loss and gradient, what is clipped, when training stops early."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.design import chain
from engine.fields import faults_of
from engine.losses import LOSSES
from engine.network import Network, compile_network
from engine.regularizers import EarlyStopping, Patience, Regularization, decay_mask


@pytest.fixture
def network() -> Network:
    design = chain((3,), (4, {}), (2, {"activation": "identity", "bias": False}))
    net = compile_network(design, LOSSES["quadratic"](), seed=1, dtype="float64")
    rng = np.random.default_rng(0)
    net.parameters[...] = rng.normal(size=net.parameters.shape)
    net.gradients[...] = rng.normal(size=net.gradients.shape)
    return net


def test_by_default_there_is_nothing_to_do(network: Network) -> None:
    assert Regularization().bind(network) == (None, None, None)
    assert faults_of(Regularization()) == {}


def test_the_mask_spares_exactly_the_biases(network: Network) -> None:
    mask = decay_mask(network)
    first, second = network.places
    np.testing.assert_array_equal(first.of(mask), [[0, 1, 1, 1]] * 4)
    np.testing.assert_array_equal(second.of(mask), 1)


def test_l2_is_weight_decay(network: Network) -> None:
    w, g = network.parameters.copy(), network.gradients.copy()
    penalty, before, after = Regularization(l2=0.2, spare_biases=False).bind(network)
    assert penalty is not None
    assert before is not None
    assert after is None
    assert penalty() == pytest.approx(0.1 * (w**2).sum())
    before()
    np.testing.assert_allclose(network.gradients, g + 0.2 * w, rtol=1e-14)
    np.testing.assert_array_equal(network.parameters, w)


def test_l1_pulls_by_the_same_amount(network: Network) -> None:
    mask, g = decay_mask(network), network.gradients.copy()
    penalty, before, _ = Regularization(l1=0.2).bind(network)
    assert penalty is not None
    assert before is not None
    assert penalty() == pytest.approx(0.2 * (mask * np.abs(network.parameters)).sum())
    before()
    np.testing.assert_allclose(network.gradients, g + 0.2 * mask * np.sign(network.parameters), rtol=1e-14)


def test_nielsens_lambda_is_the_penalty_times_the_examples(network: Network) -> None:
    """His chapter 3, eq. (85) and (93): λ/2n Σ w², w ← (1 − η λ/n) w − η ∂C₀/∂w; biases are left alone."""
    lam, n, eta = 0.1, 1000, 0.5
    w, g, mask = network.parameters.copy(), network.gradients.copy(), decay_mask(network)
    _, before, _ = Regularization(l2=lam / n).bind(network)
    assert before is not None
    before()
    network.parameters -= eta * network.gradients
    np.testing.assert_allclose(network.parameters, w * (1 - eta * lam / n * mask) - eta * g, rtol=1e-13)


def test_clipping_by_value(network: Network) -> None:
    g = network.gradients.copy()
    _, before, _ = Regularization(clip_value=0.3).bind(network)
    assert before is not None
    before()
    np.testing.assert_array_equal(network.gradients, np.clip(g, -0.3, 0.3))


@pytest.mark.parametrize("limit", [0.5, 1e6])
def test_clipping_by_norm_keeps_the_direction(network: Network, limit: float) -> None:
    g = network.gradients.copy()
    _, before, _ = Regularization(clip_norm=limit).bind(network)
    assert before is not None
    before()
    length = np.linalg.norm(g)
    np.testing.assert_allclose(network.gradients, g * min(1, limit / length), rtol=1e-14)


def test_clipping_by_norm_leaves_out_what_is_held(network: Network) -> None:
    network.held = np.array([0, 3])
    network.gradients[network.held] = 1e3
    g = network.gradients.copy()
    _, before, _ = Regularization(clip_norm=0.5).bind(network)
    assert before is not None
    before()
    assert np.linalg.norm(np.delete(network.gradients, network.held)) == pytest.approx(0.5)
    np.testing.assert_allclose(network.gradients / g, network.gradients[0] / g[0])  # one factor for all


def test_the_penalty_is_clipped_together_with_the_gradient(network: Network) -> None:
    _, before, _ = Regularization(l2=100.0, clip_norm=1.0).bind(network)
    assert before is not None
    before()
    assert np.linalg.norm(network.gradients) == pytest.approx(1)


def test_max_norm_shortens_only_what_is_too_long_and_no_bias(network: Network) -> None:
    old = [place.of(network.parameters).copy() for place in network.places]
    _, _, after = Regularization(max_norm=1.2).bind(network)
    assert after is not None
    after()
    first, second = (place.of(network.parameters) for place in network.places)
    np.testing.assert_array_equal(first[:, 0], old[0][:, 0])
    for new, was in ((first[:, 1:], old[0][:, 1:]), (second, old[1])):
        lengths = np.linalg.norm(was, axis=1)
        assert (lengths > 1.2).any()
        expected = was * np.minimum(1, 1.2 / lengths)[:, None]
        np.testing.assert_allclose(new, expected, rtol=1e-14)


def test_everything_at_once_allocates_nothing_that_grows_with_the_network() -> None:
    net = compile_network(chain((500,), (500, {}), (500, {})), LOSSES["quadratic"](), seed=1)
    everything = Regularization(l1=0.1, l2=0.1, max_norm=0.5, clip_value=0.2, clip_norm=0.4)
    steps: Any = everything.bind(net)
    for step in steps:
        step()
    tracemalloc.start()
    try:
        for step in steps:
            step()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 110_000 < net.parameters.nbytes / 15  # NumPy's own buffers: 3 × 8,192 numbers


def watch(rule: EarlyStopping, losses: list[float]) -> tuple[Patience, int | None]:
    """The state in the end, and the epoch after which it stopped."""
    state = Patience()
    for epoch, loss in enumerate(losses, 1):
        state = rule.observe(state, epoch, loss)
        if rule.stops(state):
            return state, epoch
    return state, None


def test_early_stopping_waits_for_its_patience_and_knows_the_best() -> None:
    state, stopped = watch(EarlyStopping(patience=3), [5, 4, 3, 3.5, 3.2, 3.0, 9])
    assert stopped == 6
    assert (state.best, state.best_epoch) == (3, 3)
    assert not state.improved


def test_an_improvement_that_is_too_small_does_not_count() -> None:
    assert watch(EarlyStopping(patience=2, min_delta=0.5), [5, 4.8, 4.6])[1] == 3
    assert watch(EarlyStopping(patience=2, min_delta=0.1), [5, 4.8, 4.6])[1] is None


def test_a_loss_that_is_not_a_number_is_never_better() -> None:
    state, stopped = watch(EarlyStopping(patience=2), [float("nan"), float("nan")])
    assert stopped == 2
    assert state.best is None


@given(losses=st.lists(st.floats(0, 10), min_size=1, max_size=30), patience=st.integers(1, 5))
def test_the_best_epoch_is_the_first_lowest_loss_seen(losses: list[float], patience: int) -> None:
    state, stopped = watch(EarlyStopping(patience=patience), losses)
    seen = losses[:stopped]
    assert state.best == min(seen)
    assert state.best_epoch == seen.index(min(seen)) + 1
    assert stopped is None or stopped == state.best_epoch + patience
