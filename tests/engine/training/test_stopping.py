"""Schedules, regularization, early stopping and the other ways to end, as a session carries them out."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from engine.datasets import Split, load_data
from engine.design import Project, StopRules, TrainingConfig, chain
from engine.examples import example_project
from engine.losses import Quadratic
from engine.optimizers.adaptive import Adam
from engine.optimizers.descent import SGD
from engine.regularizers import EarlyStopping, Regularization
from engine.schedules import SCHEDULES, Exponential, Plateau
from engine.training.replaying import replay
from engine.training.resuming import resume
from engine.training.session import Session
from engine.training.step import PHASES
from tests.engine.project_strategies import small_data


def session_of(name: str = "circle", **training: object) -> Session:
    project = example_project(name)
    project = dataclasses.replace(project, training=dataclasses.replace(project.training, **training))
    return Session(project, load_data(project.data))


@pytest.mark.parametrize("epochs", [3, 3.5])
@pytest.mark.parametrize("kind", ["exponential", "cosine", "one_cycle", "warm_up", "step"])
def test_another_batch_size_does_not_move_a_schedule(kind: str, epochs: float) -> None:
    schedule = SCHEDULES[kind]()
    if "epochs" in {info.name for info in dataclasses.fields(schedule)}:
        schedule = dataclasses.replace(schedule, epochs=8.0)
    session = session_of(schedule=schedule, batch_size=4)
    session.run(round(epochs * len(session.batches)))
    rate = float(session.slots.rate)
    training = dataclasses.replace(session.project.training, batch_size=16)
    session.edit(dataclasses.replace(session.project, training=training))
    assert float(session.slots.rate) == pytest.approx(rate, rel=0.1)


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
        (StopRules(max_epochs=60), "60 epochs, as set. Epoch"),
        (StopRules(max_steps=1_000), "1,000 steps, as set. Epoch"),
        (StopRules(max_seconds=0.2), "seconds, as set. Epoch"),
    ],
)
def test_the_best_epoch_comes_back_at_every_end_without_a_goal(rules: StopRules, words: str) -> None:
    session = overfitting(early_stopping=EarlyStopping(patience=100_000), stop=rules)
    session.run(200_000)
    best = session.stopping.observed.patience
    assert words in (session.stopped_because or "")
    end = f"Epoch {best.best_epoch} was the best, and its weights are restored."
    assert (session.stopped_because or "").endswith(end)
    assert session.epoch > best.best_epoch
    assert session.evaluate("test").loss == pytest.approx(best.best, rel=1e-5)


def test_the_best_epoch_comes_back_when_the_loss_is_no_longer_finite() -> None:
    session = overfitting(early_stopping=EarlyStopping(patience=100_000))
    session.run(500)
    best = session.stopping.observed.patience
    training = dataclasses.replace(session.project.training, optimizer=SGD(learning_rate=1e30))
    session.edit(dataclasses.replace(session.project, training=training))
    session.run(200_000)
    assert session.diverged_at is not None
    assert "weights are restored" in (session.stopped_because or "")
    assert session.evaluate("test").loss == pytest.approx(best.best, rel=1e-5)


@pytest.mark.parametrize("rules", [StopRules(error_threshold=0.02), StopRules(target_accuracy=0.6)])
def test_weights_that_reached_a_goal_stay(rules: StopRules) -> None:
    session = overfitting(early_stopping=EarlyStopping(patience=100_000), stop=rules)
    session.run(200_000)
    assert session.stopped_because is not None
    assert "restored" not in session.stopped_because
    if rules.error_threshold:
        assert session.evaluate("train").loss < rules.error_threshold
        assert session.epoch > session.stopping.observed.patience.best_epoch
    else:
        assert session.evaluate("test").score >= 0.6


def test_without_restoring_the_last_weights_stay() -> None:
    kept = EarlyStopping(patience=3, restore_best=False)
    session = overfitting(early_stopping=kept)
    session.run(200_000)
    best = session.stopping.observed.patience
    assert (session.stopped_because or "").endswith(f"3 epochs. Epoch {best.best_epoch} was the best.")
    assert session.evaluate("test").loss > float(best.best or 0)


def test_an_epoch_that_was_not_kept_is_not_claimed_to_be_restored() -> None:
    """Restoring is off while the best epoch passes and on again at the end: no older one comes back."""
    kept = EarlyStopping(patience=100_000)
    session = overfitting(early_stopping=kept)
    for count, stopping in ((3, dataclasses.replace(kept, restore_best=False)), (5, kept)):
        for _ in range(count):
            session.run_epoch()
        training = dataclasses.replace(session.project.training, early_stopping=stopping)
        session.edit(dataclasses.replace(session.project, training=training))
    assert session.stopping.observed.patience.best_epoch == 8
    training = dataclasses.replace(training, optimizer=Adam(learning_rate=5.0), stop=StopRules(max_epochs=9))
    session.edit(dataclasses.replace(session.project, training=training))
    session.run(200_000)
    assert (session.stopped_because or "").endswith("Epoch 8 was the best.")


def test_where_the_last_epoch_was_the_best_nothing_is_restored() -> None:
    session = session_of(early_stopping=EarlyStopping(patience=50), stop=StopRules(max_epochs=2))
    session.run(200_000)
    assert session.stopped_because == "It has trained for 2 epochs, as set. Epoch 2 was the best."
    assert not session.stopping.restored


def test_after_an_early_stop_and_an_edit_it_has_all_its_patience_again() -> None:
    session = overfitting(early_stopping=EarlyStopping(patience=4))
    session.run(200_000)
    epoch, best = session.epoch, session.stopping.observed.patience.best
    slower = dataclasses.replace(session.project.training, optimizer=SGD(learning_rate=1e-30))
    session.edit(dataclasses.replace(session.project, training=slower))
    session.run(200_000)
    assert session.epoch == epoch + 4
    assert session.stopping.observed.patience.best == best


def test_a_changed_network_has_no_best_epoch_yet() -> None:
    session = overfitting(early_stopping=EarlyStopping(patience=100_000))
    session.run(500)
    design = session.project.design
    swapped = dataclasses.replace(design.layer("dense-1"), unit_ids=tuple(range(100, 116)))  # as many numbers
    session.edit(dataclasses.replace(session.project, design=design.with_layer(swapped)))
    assert session.stopping.best is None
    assert session.stopping.observed.patience.best is None


def overfitting(**training: Any) -> Session:
    """A run whose test loss soon rises: 12 noisy examples, far more parameters, and a fast optimizer."""
    data = small_data(3, 2, examples=52)  # classes drawn: to be learned by heart alone
    parts = (slice(12), slice(12, 52))
    train, test = (Split(data.train.rows[p], data.train.targets[p], data.train.labels[p]) for p in parts)
    data = dataclasses.replace(data, train=train, test=test)
    training = {"loss": Quadratic(), "optimizer": Adam(learning_rate=0.02), "batch_size": 4} | training
    design = chain((3,), (16, {"activation": "tanh"}), (2, {"activation": "identity"}))
    return Session(Project(design=design, training=TrainingConfig(**training)), data)


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
    again = resume(session.project, session.data, session.checkpoint())
    for run in (session, again):
        run.run(200_000)
    assert again.stopped_because == session.stopped_because
    assert again.step == session.step
    np.testing.assert_array_equal(again.network.parameters, session.network.parameters)


def long_check(**training: Any) -> Session:
    """A run whose epoch has 10 steps and ends with a measure of several slices."""
    config = TrainingConfig(batch_size=120, **training)
    project = Project(design=chain((3,), (2, {"activation": "identity"})), training=config)
    return Session(project, small_data(3, 2, examples=1_200))


def test_a_limit_at_an_epochs_end_waits_for_what_the_epoch_measures() -> None:
    session = long_check(stop=StopRules(max_steps=10, error_threshold=1e-9))
    session.run(10)
    assert session.stopping.checking
    assert session.checkpoint().step == 10
    assert "10 steps" in (session.stopped_because or "")
    assert "train" in session.evaluations


def test_limits_hold_phase_by_phase_too() -> None:
    session = long_check(stop=StopRules(max_steps=3))
    for _ in range(10 * len(PHASES)):
        session.run_phase()
    assert session.step == 3
    assert "3 steps" in (session.stopped_because or "")

    session = long_check(stop=StopRules(error_threshold=1e9))
    session.run(10)
    assert session.stopping.checking
    assert session.run_phase() == PHASES[-1]
    assert session.step == 10
    assert "threshold" in (session.stopped_because or "")


def test_an_edit_while_an_epochs_end_is_measured_replays_bit_for_bit() -> None:
    stopping = EarlyStopping(patience=1, min_delta=1e6)  # no epoch but the first counts as better
    session = long_check(early_stopping=stopping)
    session.run(20)
    assert session.stopping.checking
    faster = dataclasses.replace(session.project.training, optimizer=SGD(learning_rate=0.5))
    session.edit(dataclasses.replace(session.project, training=faster))
    session.run(3)
    again = replay(session.log, session.step, lambda config: session.data)
    assert again.network.parameters.tobytes() == session.network.parameters.tobytes()


def test_without_test_examples_nothing_is_said_of_a_test_loss() -> None:
    data = small_data(3, 2)
    none = dataclasses.replace(data.test, rows=data.test.rows[:0], targets=data.test.targets[:0])
    config = TrainingConfig(batch_size=23, early_stopping=EarlyStopping(patience=2), schedule=Plateau())
    project = Project(design=chain((3,), (2, {"activation": "identity"})), training=config)
    session = Session(project, dataclasses.replace(data, test=none))
    session.run(5)
    assert session.step == 5
    assert session.stopped_because is None
