"""Schedules, regularization, early stopping and the other ways to end, as a session carries them out."""

import dataclasses

import numpy as np
import pytest

from engine.datasets import load_data
from engine.design import StopRules
from engine.examples import example_project
from engine.regularizers import EarlyStopping, Regularization
from engine.schedules import SCHEDULES, Exponential, Plateau
from engine.training.session import Session


def session_of(name: str = "circle", **training: object) -> Session:
    project = example_project(name)
    project = dataclasses.replace(project, training=dataclasses.replace(project.training, **training))
    return Session(project, load_data(project.data))


@pytest.mark.parametrize("kind", SCHEDULES.names())
def test_every_step_uses_the_rate_of_its_schedule(kind: str) -> None:
    schedule = SCHEDULES[kind]()
    session = session_of(schedule=schedule)
    base = session.project.training.optimizer.learning_rate
    for step in range(60):
        session.run(1)
        expected = schedule.rate(base, step, len(session.batches), session.stopping.observed.schedule)
        if step % len(session.batches) != len(session.batches) - 1:  # a plateau's state changes after it
            assert float(session.slots.rate) == pytest.approx(expected, rel=1e-6)


def test_a_plateau_lowers_the_rate() -> None:
    session = session_of(schedule=Plateau(patience=0, threshold=0.9, gamma=0.5))
    base = session.project.training.optimizer.learning_rate
    session.run(len(session.batches) * 4 + 1)
    assert float(session.slots.rate) < base


def test_the_rate_follows_an_edit_at_once() -> None:
    session = session_of()
    session.run(3)
    training = dataclasses.replace(session.project.training, schedule=Exponential(gamma=0.5))
    session.edit(dataclasses.replace(session.project, training=training))
    session.run(len(session.batches))
    assert float(session.slots.rate) == pytest.approx(training.optimizer.learning_rate * 0.5)


def test_l2_makes_weights_smaller() -> None:
    plain, decayed = session_of(), session_of(regularization=Regularization(l2=0.1))
    for session in (plain, decayed):
        session.run(2000)
    assert np.linalg.norm(decayed.network.parameters) < 0.8 * np.linalg.norm(plain.network.parameters)


def test_early_stopping_restores_the_best_epoch() -> None:
    stopping = EarlyStopping(patience=3, min_delta=0.0)
    session = session_of("spirals", early_stopping=stopping, seed=1)
    session.run(200_000)
    assert "has not fallen for 3 epochs" in (session.stopped_because or "")
    best = session.stopping.observed.patience
    assert session.epoch == best.best_epoch + 3
    assert session.evaluate("test").loss == pytest.approx(best.best, rel=1e-5)


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (StopRules(max_steps=37), "37 steps"),
        (StopRules(max_seconds=0.05), "seconds"),
        (StopRules(target_accuracy=0.9), "reached the target of 0.9"),
        (StopRules(max_epochs=4), "4 epochs"),
    ],
)
def test_it_ends_as_the_rules_say(rules: StopRules, words: str) -> None:
    session = session_of(stop=rules)
    session.run(200_000)
    assert words in (session.stopped_because or "")
    if rules.max_steps:
        assert session.step == 37
    if rules.target_accuracy:
        assert session.evaluate("test").score >= 0.9


def test_stopping_survives_a_checkpoint() -> None:
    training = {
        "early_stopping": EarlyStopping(patience=4),
        "schedule": Plateau(patience=1, gamma=0.5),
    }
    session = session_of("spirals", **training)
    session.run(310)
    again = Session.resume(session.project, session.data, session.checkpoint())
    for run in (session, again):
        run.run(200_000)
    assert again.stopped_because == session.stopped_because
    assert again.step == session.step
    np.testing.assert_array_equal(again.network.parameters, session.network.parameters)
