"""A curve keeps ranges and means within its budget, however long it grows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.training.history import Curve

finite = st.floats(-1e6, 1e6)


@given(st.lists(st.lists(finite, max_size=40), max_size=12))
def test_nothing_is_lost_but_resolution(parts: list[list[float]]) -> None:
    curve = Curve(budget=8)
    values = np.array([value for part in parts for value in part])
    step = 0
    for part in parts:
        steps = np.arange(step + 1, step + len(part) + 1, dtype=float)
        curve.extend(steps, np.array(part))
        step += len(part)
    assert len(curve) <= 8
    assert curve.count == len(values)
    if not len(values):
        return
    data = curve.data()
    assert data.low.min() == values.min()
    assert data.high.max() == values.max()
    assert (data.low <= data.mean + 1e-6).all()
    assert (data.mean <= data.high + 1e-6).all()
    assert (np.diff(data.step) > 0).all()
    weights = curve.table()[4]
    assert np.average(data.mean, weights=weights) == pytest.approx(values.mean(), abs=1e-6)


def test_stretches_are_the_ranges_of_their_values() -> None:
    curve = Curve(budget=4)
    values = np.random.default_rng(0).random(37)
    for step, value in enumerate(values):
        curve.append(step, value)
    size = curve.per_stretch
    starts = np.arange(0, 37, size)
    data = curve.data()
    np.testing.assert_allclose(data.low, np.minimum.reduceat(values, starts))
    np.testing.assert_allclose(data.high, np.maximum.reduceat(values, starts))
    np.testing.assert_allclose(data.mean, [values[s : s + size].mean() for s in starts])


def test_values_that_are_not_finite_are_left_out() -> None:
    curve = Curve()
    curve.extend(np.arange(4.0), np.array([1.0, np.nan, np.inf, 2.0]))
    assert list(curve.data().mean) == [1.0, 2.0]


def test_a_saved_table_goes_on() -> None:
    values = np.random.default_rng(1).random(100)
    whole, half = Curve(budget=16), Curve(budget=16)
    whole.extend(np.arange(100.0), values)
    half.extend(np.arange(50.0), values[:50])
    again = Curve.from_table(half.table(), half.per_stretch, budget=16)
    again.extend(np.arange(50.0, 100.0), values[50:])
    np.testing.assert_allclose(again.table(), whole.table())


@pytest.mark.parametrize("table", [np.zeros(5), np.zeros((4, 3)), np.zeros((5, 999999))])
def test_an_impossible_table_is_refused(table: np.ndarray) -> None:
    with pytest.raises(ValueError, match="impossible shape"):
        Curve.from_table(table, 1)


def test_cutting_forgets_what_came_later() -> None:
    curve = Curve()
    curve.extend(np.arange(10.0), np.arange(10.0))
    curve.cut(4)
    assert list(curve.data().step) == [0, 1, 2, 3, 4]
