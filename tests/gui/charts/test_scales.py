"""Axes: round, steady while data grow, and labeled without false digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.charts.scales import (
    SteadyRange,
    SteadyTop,
    decades_around,
    linear_ticks,
    logarithmic_labels,
    logarithmic_ticks,
    nice_above,
    nice_step,
    value_labels,
)

POSITIVE = st.floats(1e-200, 1e200)


@given(POSITIVE)
def test_the_round_number_above_is_close_above(value: float) -> None:
    assert value * (1 - 1e-6) <= nice_above(value) <= value * 1.34


@given(POSITIVE, st.integers(1, 20))
def test_a_step_divides_into_at_most_so_many_parts(span: float, most: int) -> None:
    assert span / nice_step(span, most) <= most * (1 + 1e-6)


def test_a_growing_axis_moves_seldom() -> None:
    top = SteadyTop()
    seen = {top.update(last) for last in range(1, 10_001)}
    assert len(seen) < 50
    assert all(top.update(last) >= last for last in (10_000, 10_001, 123_456))


def test_noise_does_not_move_the_range() -> None:
    steady = SteadyRange()
    first = steady.update(0.1, 0.93)
    assert first == (0.0, 1.0)
    assert all(steady.update(0.05, high) == first for high in (0.5, 0.99, 0.7, 1.0, 0.41))
    assert steady.update(0.05, 1.01) == (0.0, 1.2)
    assert steady.update(0.05, 0.2) == (0.0, 0.2), "data lost in the range get a smaller one"


def test_negative_values_have_room() -> None:
    bottom, top = SteadyRange().update(-0.4, 3.0)
    assert (bottom, top) == (-0.4, 3.0)


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_a_range_holds_its_data(low: float, span: float) -> None:
    bottom, top = SteadyRange().update(low, low + span)
    assert bottom < top
    assert bottom <= low + 1e-6 * abs(low)
    assert low + span <= top + 1e-6 * abs(top)


@given(st.floats(1e-12, 1e12), st.floats(1, 1e6))
def test_a_logarithmic_range_holds_its_data(low: float, ratio: float) -> None:
    bottom, top = SteadyRange().update(low, low * ratio, logarithmic=True)
    assert 0 < bottom <= low * (1 + 1e-6)
    assert low * ratio <= top * (1 + 1e-6)


def test_shares_use_the_upper_part_when_they_are_all_high() -> None:
    assert SteadyRange(share=True).update(0.1, 0.97) == (0.0, 1.0)
    assert SteadyRange(share=True).update(0.93, 0.97) == (0.9, 1.0)


def test_linear_ticks_are_round_and_inside() -> None:
    ticks, step = linear_ticks(0.0, 2.5, 6)
    assert step == 0.5
    assert ticks == [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]
    assert value_labels(ticks, step) == ["0", "0.5", "1.0", "1.5", "2.0", "2.5"]


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0.0, 1.0, ["0%", "50%", "100%"]),
        (0.99, 1.0, ["99.0%", "99.5%", "100%"]),
    ],
)
def test_shares_are_labeled_in_percent(low: float, high: float, labels: list[str]) -> None:
    ticks, step = linear_ticks(low, high, 3)
    assert [label.replace("100.0%", "100%") for label in value_labels(ticks, step, share=True)] == labels


def test_labels_have_a_true_minus_and_prefixes() -> None:
    assert value_labels([-0.5, 0.0, 0.5], 0.5) == ["−0.5", "0", "0.5"]
    assert value_labels([0.0, 20000.0], 20000) == ["0", "20k"]


@given(st.floats(1e-9, 1e6), st.floats(2, 1e9), st.integers(2, 8))
def test_logarithmic_ticks_are_inside_and_not_too_many(low: float, ratio: float, most: int) -> None:
    ticks = logarithmic_ticks(low, low * ratio, most)
    assert len(ticks) <= most
    assert all(low * 0.999 <= tick <= low * ratio * 1.001 for tick in ticks)
    labels = logarithmic_labels(ticks)
    assert len(set(labels)) == len(labels)


@given(st.floats(1e-200, 1e200), st.floats(1e-30, 1e30), st.floats(1e-30, 1e30))
def test_the_newest_value_is_on_a_logarithmic_axis_whatever_came_before(newest, below, above):
    low, high = newest * min(below, 1.0), newest * max(above, 1.0)
    bottom, top = SteadyRange().update(*decades_around(newest, low, high), logarithmic=True)
    assert bottom * (1 - 1e-6) <= newest <= top * (1 + 1e-6)
    assert top / bottom <= 1e14


def test_a_spike_does_not_hide_what_came_after_it():
    assert decades_around(3e5, 0.1, 1e26) == (0.3, 3e11)
    assert decades_around(1e26, 0.1, 1e26) == (1e14, 1e26)
    assert decades_around(0.2, 0.1, 5.0) == (0.1, 5.0)
