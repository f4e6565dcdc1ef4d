"""Thinning a curve to columns of pixels loses no extreme and no average."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.charts.thinning import Samples, thin


def test_a_short_curve_is_shown_as_it_is() -> None:
    samples = Samples.of([0, 1, 2], [3.0, 1.0, 2.0])
    seen = thin(samples, 0, 2, 100)
    assert seen.x.tolist() == [0, 1, 2]
    assert seen.low is seen.high is None


def test_what_leaves_the_picture_goes_on_to_the_next_point() -> None:
    samples = Samples.of(np.arange(10.0), np.arange(10.0))
    assert thin(samples, 3.5, 5.5, 100).x.tolist() == [3, 4, 5, 6]
    assert len(thin(samples, 20, 30, 100)) == 1


@given(st.integers(200, 3000), st.integers(1, 50), st.integers(0, 2**31))
def test_a_long_curve_keeps_its_extremes_and_its_mean(count: int, columns: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = np.cumsum(rng.integers(1, 5, count)).astype(float)
    y = rng.standard_normal(count)
    seen = thin(Samples.of(x, y), x[0], x[-1], columns)
    assert len(seen) <= columns
    assert seen.low is not None
    assert seen.high is not None
    assert seen.low.min() == y.min()
    assert seen.high.max() == y.max()
    assert (seen.low <= seen.y + 1e-12).all()
    assert (seen.y <= seen.high + 1e-12).all()
    assert (np.diff(seen.x) > 0).all()


def test_each_column_is_the_mean_of_its_own_points() -> None:
    x = np.arange(1000.0)
    seen = thin(Samples.of(x, x), 0, 999, 10)
    np.testing.assert_allclose(seen.x, np.arange(49.5, 1000, 100))
    np.testing.assert_allclose(seen.y, seen.x)
    assert seen.low is not None
    assert seen.low.tolist() == list(range(0, 1000, 100))


def test_given_ranges_are_kept() -> None:
    x = np.arange(1000.0)
    seen = thin(Samples.of(x, x, x - 5, x + 7), 0, 999, 10)
    assert seen.low is not None
    assert seen.high is not None
    assert (seen.low[0], seen.high[-1]) == (-5, 1006)


def test_points_that_are_not_finite_are_left_out() -> None:
    samples = Samples.of([0, 1, 2, 3], [1.0, np.nan, np.inf, 4.0])
    assert samples.x.tolist() == [0, 3]


def test_arrays_of_unequal_length_are_an_error() -> None:
    with pytest.raises(ValueError, match="equally long"):
        Samples.of([0, 1], [1.0])


@pytest.mark.parametrize(("x", "index"), [(-5, 0), (0.4, 0), (0.6, 1), (99, 2), (np.inf, 2)])
def test_the_nearest_point(x: float, index: int) -> None:
    assert Samples.of([0, 1, 2], [0, 0, 0]).nearest(x) == index
