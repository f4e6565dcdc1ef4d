"""Holds every loss: its value by the book, its gradient, and that it stays exact where logits are extreme."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.gradcheck import check_loss
from engine.losses import LOSSES, Columns, Huber, Loss

EVERY = pytest.mark.parametrize("loss", [cls() for _, cls in LOSSES.items()], ids=lambda loss: loss.kind)
TASKS = {"regression", "binary", "classes"}
CODINGS = {"", "zero_one", "shares", "signs"}


def targets_for(loss: Loss, shape: tuple[int, int], seed: int = 0) -> Any:
    """Targets in the coding that the loss expects, columns."""
    rng = np.random.default_rng(seed)
    if loss.targets == "shares":
        return np.eye(shape[0])[:, rng.integers(0, shape[0], shape[1])]
    if loss.targets == "signs":
        return rng.choice([-1.0, 1.0], shape)
    if loss.targets == "zero_one":
        return rng.choice([0.0, 1.0], shape)
    return rng.normal(size=shape)


def logits(loss: Loss, targets: Any, seed: int = 1, scale: float = 1.5) -> Any:
    """Columns at a distance of at least 0.05 from the kinks |z − y| = 0 and y z = 1."""
    z = np.random.default_rng(seed).normal(scale=scale, size=targets.shape)
    for kink in (targets, 1 / targets) if loss.targets in ("", "signs") else ():
        z = np.where(np.abs(z - kink) < 0.05, kink + 0.3, z)
    return z


def softmax(z: Any) -> Any:
    return np.exp(z) / np.exp(z).sum(axis=0)


def by_the_book(kind: str, z: Any, y: Any) -> Any:
    """The loss of each example, from the formula as it stands in books."""
    p, s = softmax(z), 1 / (1 + np.exp(-z))
    r = np.abs(z - y)
    return {
        "quadratic": lambda: 0.5 * ((z - y) ** 2).sum(axis=0),
        "mean_squared": lambda: ((z - y) ** 2).mean(axis=0),
        "mean_absolute": lambda: r.mean(axis=0),
        "huber": lambda: np.where(r <= 1, r**2 / 2, r - 0.5).mean(axis=0),
        "binary_cross_entropy": lambda: -(y * np.log(s) + (1 - y) * np.log(1 - s)).sum(axis=0),
        "softmax_cross_entropy": lambda: -(y * np.log(p)).sum(axis=0),
        "hinge": lambda: np.maximum(0, 1 - y * z).sum(axis=0),
        "kullback_leibler": lambda: (y * np.log(np.where(y > 0, y, 1) / p)).sum(axis=0),
    }[kind]()


@EVERY
@pytest.mark.parametrize("shape", [(1, 1), (3, 7), (10, 10), (40, 20)])
def test_the_value_is_that_of_the_book(loss: Loss, shape: tuple[int, int]) -> None:
    y = targets_for(loss, shape)
    z = logits(loss, y)
    assert loss.value(z, y) == pytest.approx(by_the_book(loss.kind, z, y).mean(), rel=1e-11, abs=1e-13)


@EVERY
@pytest.mark.parametrize("shape", [(1, 6), (4, 1), (5, 8)])
@pytest.mark.parametrize("scale", [0.01, 1.5, 8.0])
def test_the_gradient_is_the_derivative(loss: Loss, shape: tuple[int, int], scale: float) -> None:
    if loss.targets == "shares" and shape[0] == 1:
        return  # a share of one class is always 1: the gradient is 0 and so is every difference
    y = targets_for(loss, shape)
    z = logits(loss, y, scale=scale)
    assert check_loss(loss, z, y) < 1e-6


@EVERY
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(2, 2), (8, 64)])
def test_extreme_logits_give_finite_losses_and_slopes(loss: Loss, dtype: str, shape: tuple[int, int]) -> None:
    y = targets_for(loss, shape).astype(dtype)
    signs = np.where(np.random.default_rng(3).random(shape) < 0.5, -1, 1)
    z = (1e4 * signs).astype(dtype)
    value, slope = loss.value(z, y), loss.gradient(z, y)  # a warning would be an error
    assert np.isfinite(value)
    assert value >= 0
    assert np.isfinite(slope).all()
    assert slope.dtype == dtype


@EVERY
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_being_right_by_far_costs_nothing(loss: Loss, dtype: str) -> None:
    y = targets_for(loss, (4, 9)).astype(dtype)
    certain = {"zero_one": 2e4 * (y - 0.5), "shares": 1e4 * y, "signs": 1e4 * y, "": y}[loss.targets]
    assert loss.value(certain, y) == 0
    np.testing.assert_allclose(loss.gradient(certain, y), 0, atol=1e-12)


@EVERY
def test_the_loss_is_a_mean_over_examples_and_its_slopes_are_each_example_s_own(loss: Loss) -> None:
    y = targets_for(loss, (3, 5))
    z = logits(loss, y)
    alone = [loss.value(z[:, [i]], y[:, [i]]) for i in range(5)]
    assert loss.value(z, y) == pytest.approx(np.mean(alone), rel=1e-13)
    slopes = np.hstack([loss.gradient(z[:, [i]], y[:, [i]]) for i in range(5)])
    np.testing.assert_allclose(loss.gradient(z, y), slopes, rtol=1e-12, atol=1e-15)


@EVERY
def test_it_writes_the_prediction_and_reads_the_current_targets(loss: Loss) -> None:
    y = targets_for(loss, (3, 4))
    z = logits(loss, y)
    prediction, target = np.empty_like(z), Columns(np.zeros_like(y))
    bound = loss.bind(z, target, np.empty_like(z), prediction)
    target.value = y
    assert bound.forward() == loss.value(z, y)
    np.testing.assert_allclose(prediction, loss.predict(z), rtol=1e-14)


@EVERY
def test_it_leaves_z_and_the_targets_alone(loss: Loss) -> None:
    y = targets_for(loss, (3, 4))
    z = logits(loss, y)
    kept_z, kept_y = z.copy(), y.copy()
    bound = loss.bind(z, Columns(y), np.empty_like(z), np.empty_like(z))
    bound.forward()
    bound.backward()
    np.testing.assert_array_equal(z, kept_z)
    np.testing.assert_array_equal(y, kept_y)


@EVERY
def test_the_layout_of_the_arrays_does_not_matter(loss: Loss) -> None:
    y = targets_for(loss, (3, 4))
    z = logits(loss, y)
    assert loss.value(np.asfortranarray(z), np.asfortranarray(y)) == pytest.approx(
        loss.value(z, y), rel=1e-14
    )


@EVERY
def test_what_is_not_a_number_shows(loss: Loss) -> None:
    y = targets_for(loss, (3, 4))
    z = logits(loss, y)
    z[1, 2] = np.nan
    assert np.isnan(loss.value(z, y))


@EVERY
def test_it_says_what_it_is_for(loss: Loss) -> None:
    assert loss.tasks
    assert set(loss.tasks) <= TASKS
    assert loss.targets in CODINGS


@pytest.mark.parametrize("kind", ["softmax_cross_entropy", "kullback_leibler"])
@given(
    z=arrays(np.float64, (4, 3), elements=st.floats(-30, 30)),
    shift=st.sampled_from([-1e4, -80.0, 0.0, 300.0, 1e4]),
)
def test_a_common_shift_of_logits_changes_nothing(kind: str, z: Any, shift: float) -> None:
    """It also leads from the short way for small logits to the one that is safe for all."""
    loss, y = LOSSES[kind](), np.eye(4)[:, [0, 2, 3]]
    assert loss.value(z + shift, y) == pytest.approx(loss.value(z, y), rel=1e-9, abs=1e-9)
    np.testing.assert_allclose(loss.gradient(z + shift, y), loss.gradient(z, y), atol=1e-9)


def test_the_short_way_for_small_logits_agrees_with_the_safe_one_at_its_border() -> None:
    loss, y = LOSSES["softmax_cross_entropy"](), np.eye(2)
    for dtype, bound in (("float32", 1e-5), ("float64", 1e-13)):
        wide, beyond = (np.array([[top, 0.0], [-top, 0.0]], dtype) for top in (38.9, 39.1))  # 78 apart
        high, above = (np.array([[top, top], [2.5, top]], dtype) for top in (79.9, 80.1))
        for at in (wide, beyond, high, above, -high, -above):
            expected = by_the_book(loss.kind, at.astype(float), y[::-1]).mean()
            assert loss.value(at, y[::-1].astype(dtype)) == pytest.approx(expected, rel=bound)


def test_kullback_leibler_is_the_cross_entropy_without_the_targets_own_entropy() -> None:
    y = np.array([[0.2, 1.0], [0.3, 0.0], [0.5, 0.0]])
    z = np.array([[0.3, -1.0], [1.0, 0.0], [-2.0, 1.0]])
    entropy = -(0.2 * np.log(0.2) + 0.3 * np.log(0.3) + 0.5 * np.log(0.5)) / 2
    cross = LOSSES["softmax_cross_entropy"]()
    divergence = LOSSES["kullback_leibler"]()
    assert divergence.value(z, y) == pytest.approx(cross.value(z, y) - entropy, rel=1e-13)
    np.testing.assert_allclose(divergence.gradient(z, y), cross.gradient(z, y), rtol=1e-13)
    assert divergence.value(np.log(y[:, :1]), y[:, :1]) == pytest.approx(0, abs=1e-15)


@given(delta=st.floats(0.1, 10), r=st.floats(-100, 100))
def test_huber_is_smooth_where_its_pieces_meet(delta: float, r: float) -> None:
    loss = Huber(delta=delta)
    z, y = np.array([[r]]), np.zeros((1, 1))
    book = r**2 / 2 if abs(r) <= delta else delta * (abs(r) - delta / 2)
    assert loss.value(z, y) == pytest.approx(book, rel=1e-12, abs=1e-300)
    assert loss.gradient(z, y)[0, 0] == pytest.approx(np.clip(r, -delta, delta))
