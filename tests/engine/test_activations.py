"""Holds every activation: its value, its slope, its range, at ordinary points and where formulas overflow."""

from __future__ import annotations

from collections.abc import Callable
from math import erf, exp, log, log1p, pi, sqrt, tanh
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.activations import ACTIVATIONS, Activation
from engine.gradcheck import check_activation

EVERY = pytest.mark.parametrize(
    "activation", [entry for _, entry in ACTIVATIONS.items()], ids=lambda a: a.name
)
ELEMENTWISE = [entry for _, entry in ACTIVATIONS.items() if entry.elementwise]
SELU = 1.0507009873554805, 1.6732632423543772

# The formulas as they stand in books, one number at a time.
BY_THE_BOOK: dict[str, Callable[[float], float]] = {
    "identity": lambda z: z,
    "step": lambda z: 1.0 if z > 0 else 0.0,
    "sigmoid": lambda z: 1 / (1 + exp(-z)),
    "hard_sigmoid": lambda z: min(1.0, max(0.0, z / 6 + 0.5)),
    "tanh": tanh,
    "softsign": lambda z: z / (1 + abs(z)),
    "relu": lambda z: max(0.0, z),
    "leaky_relu": lambda z: z if z > 0 else 0.01 * z,
    "elu": lambda z: z if z > 0 else exp(z) - 1,
    "selu": lambda z: SELU[0] * (z if z > 0 else SELU[1] * (exp(z) - 1)),
    "gelu": lambda z: z / 2 * (1 + tanh(sqrt(2 / pi) * (z + 0.044715 * z**3))),
    "silu": lambda z: z / (1 + exp(-z)),
    "softplus": lambda z: log(1 + exp(z)),
}


def points(activation: Activation, spread: float = 6.0) -> Any:
    """Columns (4, 50) over ±spread, 0 among them, none closer to a kink than 0.05."""
    z = np.linspace(-spread, spread, 199)
    for kink in activation.kinks:
        z = z[np.abs(z - kink) > 0.05]
    return np.append(z, [0.5] * (200 - len(z))).reshape(4, 50)


@pytest.mark.parametrize("name", BY_THE_BOOK)
def test_values_are_those_of_the_book(name: str) -> None:
    z = np.linspace(-9, 9, 145).reshape(5, 29)
    expected = np.vectorize(BY_THE_BOOK[name], otypes=[float])(z)
    np.testing.assert_allclose(ACTIVATIONS[name](z), expected, rtol=1e-12, atol=1e-12)


def test_softmax_gives_shares() -> None:
    z = np.array([[1.0, 0.0], [2.0, 0.0], [3.0, 0.0]])
    expected = np.exp(z) / np.exp(z).sum(axis=0)
    np.testing.assert_allclose(ACTIVATIONS["softmax"](z), expected, rtol=1e-14)


def test_the_tanh_form_of_gelu_is_close_to_the_exact_one() -> None:
    z = np.linspace(-5, 5, 101)[None]
    exact = np.vectorize(lambda x: x / 2 * (1 + erf(x / sqrt(2))))(z)
    assert np.abs(ACTIVATIONS["gelu"](z) - exact).max() < 1e-3


@EVERY
@pytest.mark.parametrize("spread", [0.2, 6.0, 20.0])
def test_the_slope_is_the_derivative(activation: Activation, spread: float) -> None:
    if not activation.differentiable:
        np.testing.assert_array_equal(activation.derivative(points(activation)), 0)
    else:
        assert check_activation(activation, points(activation, spread)) < 1e-6


@EVERY
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_extreme_inputs_stay_finite_and_in_range(activation: Activation, dtype: str) -> None:
    z = np.array([[-1e4, 1e4, 0.0, -100.0], [1e4, 1e4, 0.0, 100.0]], dtype)  # a warning would be an error
    a, slope = activation(z), activation.derivative(z)
    assert a.dtype == slope.dtype == dtype
    assert np.isfinite(a).all()
    assert np.isfinite(slope).all()
    assert activation.low <= a.min()
    assert a.max() <= activation.high


@EVERY
def test_at_a_distance_the_slope_settles(activation: Activation) -> None:
    if activation.elementwise:
        limits = activation.derivative(np.array([[-1e4, 1e4]]))
        tails = activation.derivative(np.array([[-1e3, 1e3]]))
        np.testing.assert_allclose(limits, tails, atol=1e-5)


@EVERY
def test_the_output_may_overwrite_the_input_unless_the_slope_needs_it(activation: Activation) -> None:
    if activation.uses_z:
        return
    z = points(activation)
    grad = np.sin(np.arange(z.size)).reshape(z.shape)
    shared, delta = z.copy(), grad.copy()
    forward, pull_back = activation.bind(shared, shared, delta, np.empty_like(z))
    forward()
    pull_back()
    np.testing.assert_array_equal(shared, activation(z))
    if activation.elementwise:
        np.testing.assert_allclose(delta, grad * activation.derivative(z), rtol=1e-13)


@EVERY
def test_what_is_not_a_number_stays_so(activation: Activation) -> None:
    assert np.isnan(activation(np.full((2, 1), np.nan))).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(4, 1), (4, 1500), (2500, 4)])
def test_relu_pulls_back_the_same_for_few_and_for_many(shape: tuple[int, int], dtype: str) -> None:
    z = np.resize(np.array([-2.0, 0.0, -0.0, 3.0, 1e-38], dtype), shape)
    a, delta = np.empty_like(z), np.resize(np.array([1.5, -0.7, 1e-30], dtype), shape)
    before = delta.copy()
    forward, pull_back = ACTIVATIONS["relu"].bind(z, a, delta, np.empty_like(z))
    forward()
    pull_back()
    np.testing.assert_array_equal(a, np.where(z > 0, z, 0))
    np.testing.assert_array_equal(delta, np.where(z > 0, before, 0))


def test_relu_hides_no_gradient_that_is_not_a_number() -> None:
    z = np.array([[np.nan], [-np.nan]])
    a, delta = np.empty_like(z), np.array([[np.nan], [-np.nan]])
    forward, pull_back = ACTIVATIONS["relu"].bind(z, a, delta, np.empty_like(z))
    forward()
    pull_back()
    assert np.isnan(delta).all()


@given(z=arrays(np.float64, (3, 2), elements=st.floats(-1e4, 1e4)))
def test_units_do_not_see_each_other(z: Any) -> None:
    for activation in ELEMENTWISE:  # all of them see the same numbers: to make these up takes the time
        whole = activation(z)
        alone = [[activation(z[i : i + 1, j : j + 1])[0, 0] for j in range(2)] for i in range(3)]
        np.testing.assert_allclose(whole, alone, rtol=1e-14, atol=1e-300, err_msg=activation.name)


@given(z=arrays(np.float64, (4, 3), elements=st.floats(-1e4, 1e4)), shift=st.floats(-1e4, 1e4))
def test_softmax_does_not_see_a_common_shift(z: Any, shift: float) -> None:
    a = ACTIVATIONS["softmax"](z)
    np.testing.assert_allclose(a.sum(axis=0), 1, rtol=1e-12)
    np.testing.assert_allclose(ACTIVATIONS["softmax"](z + shift), a, atol=1e-10)


def test_what_can_die_and_what_can_saturate() -> None:
    assert [a.name for _, a in ACTIVATIONS.items() if a.dies] == ["relu"]
    saturating = {a.name for _, a in ACTIVATIONS.items() if a.saturates}
    assert saturating == {"sigmoid", "tanh", "softsign", "hard_sigmoid"}


def test_the_range_is_tight() -> None:
    z = np.linspace(-1e4, 1e4, 400_001)[None]
    for activation in ELEMENTWISE:
        a = activation(z)
        if activation.low > -np.inf:
            assert a.min() == pytest.approx(activation.low, abs=2e-4), activation.name
        if activation.high < np.inf:
            assert a.max() == pytest.approx(activation.high, abs=2e-4), activation.name


def test_softplus_keeps_its_small_values() -> None:
    a = ACTIVATIONS["softplus"](np.array([[-30.0]]))
    assert a[0, 0] == pytest.approx(log1p(exp(-30.0)), rel=1e-14)
