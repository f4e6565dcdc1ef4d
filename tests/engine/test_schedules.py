"""Holds the schedules: what rate they give when, and that they give it again."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest

from engine.schedules import (
    SCHEDULES,
    Constant,
    Cosine,
    Exponential,
    OneCycle,
    Plateau,
    Schedule,
    ScheduleState,
    StepDecay,
    WarmUp,
)

EVERY = pytest.mark.parametrize("schedule", [cls() for _, cls in SCHEDULES.items()], ids=lambda s: s.kind)


def rates(schedule: Schedule, steps: int, per_epoch: int, base: float = 0.1) -> list[float]:
    return [schedule.rate(base, step, per_epoch) for step in range(steps)]


@EVERY
def test_rates_are_positive_at_most_the_base_and_a_pure_function_of_the_step(schedule: Schedule) -> None:
    for per_epoch in (1, 7, 1000):
        steps = [0, 1, 2, 5, 10, 29, 100, 20_000, 10**9]
        found = [schedule.rate(0.1, step, per_epoch) for step in steps]
        assert all(0 <= rate <= 0.1 * (1 + 1e-12) for rate in found)
        assert found == [schedule.rate(0.1, step, per_epoch) for step in steps]


@EVERY
def test_rates_are_proportional_to_the_base(schedule: Schedule) -> None:
    np.testing.assert_allclose(rates(schedule, 200, 10, 0.3), np.multiply(rates(schedule, 200, 10), 3))


@EVERY
def test_only_what_watches_the_loss_changes_its_state(schedule: Schedule) -> None:
    state = ScheduleState()
    for loss in (1.0, 2.0, 0.5):
        state = schedule.observe(state, loss)
    assert (state != ScheduleState()) == schedule.watches_loss


def test_constant_is_constant() -> None:
    assert set(rates(Constant(), 50, 7)) == {0.1}


def test_step_goes_down_a_stair_after_whole_epochs() -> None:
    found = rates(StepDecay(every=2, gamma=0.5), 13, 3)
    np.testing.assert_allclose(found, [0.1] * 6 + [0.05] * 6 + [0.025])


def test_exponential_multiplies_after_each_epoch() -> None:
    np.testing.assert_allclose(rates(Exponential(gamma=0.9), 6, 2), [0.1, 0.1, 0.09, 0.09, 0.081, 0.081])


def test_cosine_starts_at_the_base_passes_the_middle_and_stays_at_the_floor() -> None:
    found = rates(Cosine(epochs=4, floor=0.1), 12, 2)
    assert found[0] == pytest.approx(0.1)
    assert found[4] == pytest.approx(0.055)
    np.testing.assert_allclose(found[8:], 0.01)
    assert found == sorted(found, reverse=True)


def test_warm_up_climbs_in_a_straight_line() -> None:
    found = rates(WarmUp(epochs=2, start=0.2), 8, 2)
    np.testing.assert_allclose(found, [0.02, 0.04, 0.06, 0.08, 0.1, 0.1, 0.1, 0.1])


def test_one_cycle_peaks_at_the_base_and_ends_near_nothing() -> None:
    found = rates(OneCycle(epochs=10, rise=0.3), 120, 10)
    assert found[0] == pytest.approx(0.1 / 25)
    assert max(found) == pytest.approx(0.1)
    assert found.index(max(found)) == 29
    assert found[99] == pytest.approx(0.1 / 25 / 1e4)
    np.testing.assert_allclose(found[99:], found[99])


def test_plateau_waits_reduces_cools_down_and_respects_the_lowest() -> None:
    schedule, state = Plateau(gamma=0.5, patience=1, cooldown=1, lowest=0.03), ScheduleState()
    found = []
    for loss in (1.0, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8):
        state = schedule.observe(state, loss)
        found.append(schedule.rate(0.1, 0, 1, state))
    np.testing.assert_allclose(found, [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.03, 0.03])
    assert ScheduleState(**asdict(state)) == state


def test_a_loss_that_is_not_a_number_is_a_bad_epoch() -> None:
    schedule = Plateau(patience=1)
    state = schedule.observe(ScheduleState(), 1.0)
    assert schedule.observe(state, float("nan")).bad_epochs == 1


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_first_loss_that_is_not_finite_is_never_the_best(loss: float) -> None:
    schedule = Plateau(patience=1)
    state = schedule.observe(ScheduleState(), loss)
    assert (state.best, state.bad_epochs) == (None, 1)
    assert schedule.observe(state, 1.0) == ScheduleState(best=1.0)
