"""Weights set by hand: exact, held while a hand drags, undone with the optimizer's memory, and replayed."""

import dataclasses
import time

import numpy as np
import pytest

from engine.datasets import load_data
from engine.design import Project
from engine.edits import Edit
from engine.edits.parameters import ParameterEdit, parameter_edit
from engine.edits.synapses import freeze, prune
from engine.examples import example_project
from engine.optimizers import OPTIMIZERS, Optimizer
from engine.optimizers.adaptive import Adam
from engine.optimizers.descent import SGD, Momentum
from engine.training.byhand import LET_GO, ParameterChange
from engine.training.events import Keepsake, Opened, ParametersSet, Refused
from engine.training.replaying import replay
from engine.training.session import Session
from engine.training.step import PHASES
from engine.training.worker import Worker

W = ("dense-1", "weight", 2, 1)


def project_with(optimizer: Optimizer, name: str = "circle") -> Project:
    project = example_project(name)
    return dataclasses.replace(project, training=dataclasses.replace(project.training, optimizer=optimizer))


def session_of(optimizer: Optimizer, name: str = "circle") -> Session:
    project = project_with(optimizer, name)
    return Session(project, load_data(project.data))


def weight(session: Session) -> float:
    return float(session.network.parameter("dense-1")[2, 1])


def put(session: Session, value: float, hold: bool = False) -> ParameterChange:
    return session.set_parameters(ParameterChange((ParameterEdit(*W, value),), hold=hold))


def slots(session: Session) -> dict[str, np.ndarray]:
    return {name: vector.copy() for name, vector in session.slots.vectors.items()}


def test_one_weight_is_set_and_nothing_else() -> None:
    session = session_of(Momentum(learning_rate=0.02))
    session.run(30)
    before, step, run = session.network.parameters.copy(), session.step, session.run_number
    put(session, 0.82)
    index = session.network.place("dense-1").offset + 2 * 3 + 1
    assert session.network.parameters[index] == np.float32(0.82)
    rest = np.delete(np.arange(before.size), index)
    np.testing.assert_array_equal(session.network.parameters[rest], before[rest])
    assert (session.step, session.run_number) == (step, run)
    assert session.snapshot().revision == 1


@pytest.mark.parametrize("optimizer", [Momentum(learning_rate=0.02), Adam()])
def test_undo_puts_back_the_weight_and_the_optimizers_memory(optimizer: Optimizer) -> None:
    session = session_of(optimizer)
    session.run(30)
    parameters, memory = session.network.parameters.copy(), slots(session)
    undo = put(session, 0.82)
    index = session.network.place("dense-1").offset + 2 * 3 + 1
    for name, vector in session.slots.vectors.items():  # how large gradients were is still known
        assert vector[index] == (memory[name][index] if name in optimizer.sizes else 0.0)
    redo = session.set_parameters(undo)
    np.testing.assert_array_equal(session.network.parameters, parameters)
    for name, vector in memory.items():
        np.testing.assert_array_equal(session.slots.vectors[name], vector)
    session.set_parameters(redo)
    assert weight(session) == np.float32(0.82)


@pytest.mark.parametrize("kind", [kind for kind, rule in OPTIMIZERS.items() if rule.sizes])
def test_the_steps_after_a_weight_was_set_are_no_longer_than_those_before(kind: str) -> None:
    session = session_of(OPTIMIZERS[kind]())
    session.run(1500)
    steps = {"before": 0.0, "after": 0.0}
    for when in steps:
        for _ in range(20):
            was = weight(session)
            session.run(1)
            steps[when] = max(steps[when], abs(weight(session) - was))
        put(session, weight(session))  # to what it is
    assert steps["after"] < 8 * steps["before"]  # without it: 19 times and more


def test_undo_after_more_training_puts_back_what_was_there_then() -> None:
    session = session_of(Momentum(learning_rate=0.02))
    session.run(30)
    before, memory = weight(session), slots(session)
    undo = put(session, 5.0)
    session.run(40)
    session.set_parameters(undo)
    index = session.network.place("dense-1").offset + 2 * 3 + 1
    assert weight(session) == before
    for name, vector in memory.items():
        assert session.slots.vectors[name][index] == vector[index]


@pytest.mark.parametrize("optimizer", [SGD(learning_rate=0.1), Momentum(learning_rate=0.05), Adam()])
def test_while_it_is_held_the_optimizer_does_not_move_it_and_others_learn(optimizer: Optimizer) -> None:
    session = session_of(optimizer)
    session.run(30)
    put(session, 0.5, hold=True)
    before = session.network.parameters.copy()
    session.run(25)
    for _ in PHASES:  # phase by phase too
        session.run_phase()
    assert weight(session) == 0.5
    moved = session.network.parameters != before
    assert moved.sum() > before.size // 2
    put(session, 0.75, hold=True)
    session.run(5)
    assert weight(session) == 0.75
    session.set_parameters(LET_GO)
    assert weight(session) == 0.75
    session.run(5)
    assert weight(session) != 0.75


def test_what_was_held_starts_at_rest_when_it_is_let_go() -> None:
    session = session_of(Momentum(learning_rate=0.05))
    session.run(30)
    put(session, 0.5, hold=True)
    session.run(25)
    session.set_parameters(LET_GO)
    session.run(1)
    index = session.network.place("dense-1").offset + 2 * 3 + 1
    step = -0.05 * float(session.network.gradients[index])
    assert weight(session) - 0.5 == pytest.approx(step, rel=1e-3, abs=1e-7)


@pytest.mark.parametrize("optimizer", [Momentum(learning_rate=0.02), Adam()])
def test_a_drag_while_it_trains_and_its_undo_replay_bit_for_bit(optimizer: Optimizer) -> None:
    session = session_of(optimizer)
    session.run(33)
    undo = put(session, 0.1, hold=True)
    for value in (0.11, 0.12, 0.3):
        session.run(7)
        put(session, value, hold=True)
        put(session, value + 0.01, hold=True)
    session.run(9)
    session.set_parameters(LET_GO)
    session.run(50)
    session.set_parameters(undo)
    session.run(20)
    put(session, 2.0)
    session.run(31)
    again = replay(session.log, session.step, lambda config: session.data)
    np.testing.assert_array_equal(again.network.parameters, session.network.parameters)
    for name, vector in session.slots.vectors.items():
        np.testing.assert_array_equal(again.slots.vectors[name], vector)


def test_the_log_counts_a_drag_at_rest_once() -> None:
    session = session_of(Adam())
    session.run(3)
    for value in range(100):
        put(session, value / 100, hold=True)
    assert len(session.log.entries) == 2


def test_the_undo_of_a_structural_edit_replays_with_what_it_gave_back() -> None:
    session = session_of(Momentum(learning_rate=0.02))
    session.run(30)
    project = session.project
    smaller = dataclasses.replace(project, design=project.design.resized("dense-1", 2))
    _, memory = session.edit(smaller)
    session.run(20)
    session.edit(project, donor=memory)
    session.run(20)
    again = replay(session.log, session.step, lambda config: session.data)
    np.testing.assert_array_equal(again.network.parameters, session.network.parameters)


def test_a_begun_batch_is_finished_first() -> None:
    session = session_of(SGD(learning_rate=0.1))
    session.run(4)
    session.run_phase()
    put(session, 0.5)
    assert (session.phase, session.step) == (PHASES[-1], 5)
    assert weight(session) == 0.5


def test_a_weight_set_by_hand_lets_a_diverged_run_go_on() -> None:
    session = session_of(SGD(learning_rate=0.01))
    session.run(3)
    put(session, float("nan"))
    session.run(2)
    assert session.stopped_because is not None
    put(session, 0.5)
    assert session.stopped_because is None
    session.run(3)
    assert session.step == 6


def pruned_session(optimizer: Optimizer, mark=prune) -> Session:  # type: ignore[no-untyped-def]
    session = session_of(optimizer)
    session.run(30)
    outcome = mark(session.project, "dense-1", 2, 1)
    assert isinstance(outcome, Edit)
    session.edit(outcome.project)
    return session


def test_a_pruned_synapse_cannot_be_set_and_stays_zero_under_momentum() -> None:
    session = pruned_session(Momentum(learning_rate=0.05, momentum=0.95))
    before = session.network.parameters.copy()
    with pytest.raises(ValueError, match="restore it first"):
        put(session, 0.5)
    np.testing.assert_array_equal(session.network.parameters, before)
    for _ in range(40):
        session.run(1)
        assert weight(session) == 0.0


def test_frozen_rows_do_not_move_but_can_be_set() -> None:
    session = session_of(Momentum(learning_rate=0.05, momentum=0.95))
    session.run(30)
    outcome = freeze(session.project, "dense-1", 2)
    assert isinstance(outcome, Edit)
    session.edit(outcome.project)
    row = session.network.parameter("dense-1")[2].copy()
    session.run(40)
    np.testing.assert_array_equal(session.network.parameter("dense-1")[2], row)
    put(session, 0.25)
    session.run(40)
    np.testing.assert_array_equal(session.network.parameter("dense-1")[2], [row[0], 0.25, row[2]])


def test_a_weight_that_is_not_there_is_refused() -> None:
    session = session_of(SGD())
    for edit in (("dense-9", "weight", 0, 0), ("dense-1", "weight", 99, 0), ("dense-1", "scale", 0, 0)):
        with pytest.raises(ValueError, match="not there any more"):
            session.set_parameters(ParameterChange((ParameterEdit(*edit, 1.0),)))
    assert len(session.log.entries) == 1


def test_the_worker_sets_undoes_and_refuses_while_it_plays() -> None:
    worker = Worker()
    worker.start()
    try:
        project = project_with(Momentum(learning_rate=0.02))
        worker.open(project)
        assert isinstance(worker.events.get(timeout=20), Opened)
        worker.play()
        edit = parameter_edit(project.design, "dense-1", 2, 1, 3.0)
        assert isinstance(edit, ParameterEdit)
        keep = Keepsake()
        worker.edit_parameters((edit,), hold=True, keep=keep)
        assert isinstance(worker.events.get(timeout=20), ParametersSet)
        time.sleep(0.05)
        assert worker.session is not None
        assert weight(worker.session) == 3.0
        worker.edit_parameters((), donor=keep)
        assert isinstance(worker.events.get(timeout=20), ParametersSet)
        assert keep.change is not None
        worker.edit_parameters((dataclasses.replace(edit, row=99),))
        refused = worker.events.get(timeout=20)
        assert isinstance(refused, Refused)
        assert "not there any more" in refused.reason
    finally:
        assert worker.close(20)


def test_undoing_a_pruning_brings_weight_and_memory_back_and_redoing_a_restoring_what_was_learned() -> None:
    session = session_of(Momentum(learning_rate=0.05))
    session.run(30)
    whole, before, memory = session.project, weight(session), slots(session)
    outcome = prune(whole, "dense-1", 2, 1)
    assert isinstance(outcome, Edit)
    _, removed = session.edit(outcome.project)
    session.run(20)
    others = session.network.parameters.copy()
    _, pruned_then = session.edit(whole, donor=removed)
    index = session.network.place("dense-1").offset + 2 * 3 + 1
    assert weight(session) == before
    assert session.slots.vectors["velocity"][index] == memory["velocity"][index]
    rest = np.delete(np.arange(others.size), index)
    np.testing.assert_array_equal(session.network.parameters[rest], others[rest])
    session.run(10)
    learned = weight(session)
    _, removed = session.edit(outcome.project, donor=pruned_then)
    assert weight(session) == 0.0
    session.edit(whole, donor=removed)
    assert weight(session) == learned
