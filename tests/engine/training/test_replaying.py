"""A run lived through once more from its log is the same, bit for bit, whatever was edited on the way."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine import memory
from engine.datasets import DataError, config_for_file, load_data
from engine.design import DataConfig, Project, StopRules, TrainingConfig, chain
from engine.edits import Edit, Outcome
from engine.edits.data import set_data_field, set_data_option
from engine.edits.layers import insert
from engine.edits.parameters import ParameterEdit
from engine.edits.removal import delete
from engine.edits.settings import choose, rename, set_layer_field, set_training_field
from engine.edits.synapses import freeze, prune
from engine.edits.units import remove_units, set_units
from engine.layers.dropout import Dropout
from engine.layers.norm import BatchNorm
from engine.losses import Quadratic
from engine.optimizers import OPTIMIZERS
from engine.optimizers.adaptive import Adam
from engine.optimizers.base import Optimizer
from engine.optimizers.descent import SGD
from engine.regularizers import EarlyStopping
from engine.training.byhand import ParameterChange
from engine.training.replaying import replay
from engine.training.resuming import resume
from engine.training.session import Session
from engine.training.step import PHASES


def project_of(**training: object) -> Project:
    """Spirals for a network with running statistics and randomness: whatever there is to go wrong."""
    design = chain((2,), (6, {"activation": "tanh"}), (4, {}), (1, {"activation": "tanh"}))
    project = Project(design=design, training=_config(**training), data=DataConfig(name="spirals"))
    project = done(insert(project, "dense-1", "dense-2", "batch_norm")).project
    return done(insert(project, "dense-2", "dense-3", "dropout")).project


def _config(**training: object) -> TrainingConfig:
    known = {"loss": Quadratic(), "optimizer": Adam(learning_rate=0.01), "batch_size": 10, "seed": 5}
    return TrainingConfig(**known | training)  # type: ignore[arg-type]


def done(outcome: Outcome) -> Edit:
    assert isinstance(outcome, Edit), outcome
    return outcome


def edit(session: Session, change: Callable[[Project], Outcome]) -> object:
    """Edit as the worker does: data is loaded where its config has changed."""
    project = done(change(session.project)).project
    data = load_data(project.data) if project.data != session.project.data else None
    _, memory = session.edit(project, data=data)
    return memory


def assert_same(again: Session, session: Session) -> None:
    """Everything that the next step depends on, bit for bit, and the log."""
    assert (again.step, again.epoch, again.phase) == (session.step, session.epoch, session.phase)
    assert again.network.parameters.tobytes() == session.network.parameters.tobytes()
    assert again.network.state.tobytes() == session.network.state.tobytes()
    assert again.network.rng.bit_generator.state == session.network.rng.bit_generator.state
    assert again.slots.vectors.keys() == session.slots.vectors.keys()
    for name, vector in session.slots.vectors.items():
        assert again.slots.vectors[name].tobytes() == vector.tobytes()
    assert (again.slots.count, again.slots.rate) == (session.slots.count, session.slots.rate)
    assert again.batches.position == session.batches.position
    np.testing.assert_array_equal(again.batches.order, session.batches.order)
    assert again.batches.rows.tobytes() == session.batches.rows.tobytes()
    assert again.stopping.observed == session.stopping.observed
    assert [entry.step for entry in again.log.entries] == [entry.step for entry in session.log.entries]


EDITS: dict[str, Callable[[Project], Outcome]] = {
    "data set": lambda project: Edit(dataclasses.replace(project, data=DataConfig(name="circle")), ""),
    "noise": lambda project: set_data_option(project, "noise", 0.25),
    "split": lambda project: set_data_field(project, "test_fraction", 0.5),
    "fewer examples": lambda project: set_data_field(project, "train_limit", 33),
    "data seed": lambda project: set_data_field(project, "seed", 9),
    "standardize": lambda project: set_data_field(project, "standardize", True),
    "batch size": lambda project: set_training_field(project, "batch_size", 7),
    "shuffle": lambda project: set_training_field(project, "shuffle", False),
    "precision": lambda project: set_training_field(project, "precision", "float64"),
    "learning rate": lambda project: set_training_field(project, "learning_rate", 0.003, "optimizer"),
    "λ": lambda project: set_training_field(project, "l2", 0.01, "regularization"),
    "optimizer": lambda project: choose(project, "optimizer", "rmsprop"),
    "schedule": lambda project: choose(project, "schedule", "exponential"),
    "more neurons": lambda project: set_units(project, "dense-1", 9),
    "fewer neurons": lambda project: remove_units(project, "dense-2", [1]),
    "a layer": lambda project: insert(project, "input", "dense-1", "dense"),
    "no dropout": lambda project: delete(project, ["dropout-1"]),
    "activation": lambda project: set_layer_field(project, "dense-1", "activation", "sigmoid"),
    "prune": lambda project: prune(project, "dense-1", 1, 1),
    "freeze": lambda project: freeze(project, "dense-2", 0),
}


@pytest.mark.parametrize("name", EDITS)
def test_every_kind_of_edit_replays_bit_for_bit(name: str) -> None:
    session = Session(project_of(), load_data(DataConfig(name="spirals")))
    session.run(23)  # in the middle of an epoch
    edit(session, EDITS[name])
    session.run(18)
    assert len(session.log.entries) == 2
    assert_same(replay(session.log, session.step), session)
    halfway = replay(session.log, 30)
    assert halfway.step == 30
    halfway.run(session.step - 30)
    assert halfway.network.parameters.tobytes() == session.network.parameters.tobytes()


def test_a_long_run_with_edits_of_data_hyperparameters_and_structure_replays_bit_for_bit() -> None:
    session = Session(project_of(), load_data(DataConfig(name="spirals")))
    memory, before = None, session.project
    for number, name in enumerate(EDITS):
        session.run(5 + 3 * number)
        for _ in range(number % len(PHASES)):
            session.run_phase()  # the edit waits for the batch to end
        if name == "fewer neurons":
            before = session.project
            memory = edit(session, EDITS[name])
        else:
            edit(session, EDITS[name])
        if name == "fewer neurons":
            session.run(4)
            session.edit(before, donor=memory)  # type: ignore[arg-type]
        session.checkpoint()
        session.snapshot(gradients=True, curves=True, vitals=True)
    session.set_parameters(ParameterChange((ParameterEdit("dense-1", "weight", 0, 2, 0.5),), hold=True))
    session.run(20)
    assert session.network.parameter("dense-1")[0, 2] == 0.5
    session.set_parameters(ParameterChange())
    session.run(9)
    again = replay(session.log, session.step)
    assert_same(again, session)
    for run in (again, session):
        run.run(50)
    assert_same(again, session)


def test_a_batch_that_was_given_up_is_given_up_again() -> None:
    session = Session(project_of(optimizer=SGD(learning_rate=0.1)), load_data(DataConfig(name="spirals")))
    session.run(13)
    edit(session, lambda project: set_training_field(project, "learning_rate", 1e6, "optimizer"))
    edit(session, lambda project: set_layer_field(project, "dense-3", "activation", "identity"))
    session.run(1000)
    assert session.diverged_at is not None
    edit(session, lambda project: set_training_field(project, "learning_rate", 1e-30, "optimizer"))
    session.set_parameters(_fresh_weights(session))
    session.run(11)
    assert session.step > 20
    assert [entry.incident for entry in session.log.entries].count("given up") == 1
    assert_same(replay(session.log, session.step), session)


def _fresh_weights(session: Session) -> ParameterChange:
    edits = []
    for place in session.network.places:
        if len(place.shape) == 2:
            rows, columns = place.shape
            cells = ((row, column) for row in range(rows) for column in range(columns))
            edits += [ParameterEdit(place.layer, place.name, row, column, 0.1) for row, column in cells]
    return ParameterChange(tuple(edits))


def test_a_batch_that_is_given_up_leaves_the_running_statistics_finite() -> None:
    for by_phases in (False, True):
        project = project_of(optimizer=SGD(learning_rate=1e30))
        project = done(set_layer_field(project, "dense-1", "activation", "identity")).project
        session = Session(project, load_data(project.data))
        while session.stopped_because is None:
            if by_phases:
                session.run_phase()
            else:
                session.run(1)
        assert session.diverged_at is not None
        assert np.isfinite(session.network.state).all()
        assert np.isfinite(session.network.parameters).all()


def test_the_end_of_the_time_comes_where_it_came_and_not_sooner() -> None:
    stop = StopRules(max_seconds=0.05)
    stopping = EarlyStopping(patience=100_000)
    session = Session(project_of(stop=stop, early_stopping=stopping), load_data(DataConfig(name="spirals")))
    session.run(10**6)
    assert "seconds, as set" in (session.stopped_because or "")
    edit(session, lambda project: set_training_field(project, "max_seconds", None, "stop"))
    session.run(50)
    assert [entry.incident for entry in session.log.entries] == ["", "time up", ""]
    again = replay(session.log, session.step)
    assert_same(again, session)
    assert again.stopping.timed


@pytest.mark.parametrize("rules", [{}, {"max_epochs": 6}, {"max_steps": 70}])
def test_a_run_that_stopped_itself_replays_to_its_very_end(
    rules: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "MOST_AT_ONCE", 7)  # an epoch's end takes several slices to measure
    project = project_of(
        optimizer=SGD(learning_rate=1.0),  # so that the last epoch is not the best
        early_stopping=EarlyStopping(patience=3, restore_best=True),
        stop=StopRules(**rules),  # type: ignore[arg-type]
    )
    session = Session(project, load_data(DataConfig(name="spirals")))
    while session.stopped_because is None:
        session.advance(1)
    assert session.stopping.restored
    again = replay(session.log, session.step)
    assert_same(again, session)
    assert again.stopped_because == session.stopped_because


def test_a_run_that_went_on_from_a_checkpoint_replays_from_there() -> None:
    first = Session(project_of(), load_data(DataConfig(name="spirals")))
    first.run(30)
    session = resume(first.project, first.data, first.checkpoint())
    session.run(9)
    edit(session, EDITS["noise"])
    session.run(9)
    again = replay(session.log, session.step)
    assert_same(again, session)
    assert again.step == 48


def test_a_file_that_has_changed_since_is_named(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    rows = np.random.default_rng(0).random((40, 2)).round(3)

    def write(number: float) -> None:
        lines = [f"{x},{y},{'yes' if x > number else 'no'}" for x, y in rows]
        path.write_text("\n".join(["x,y,big", *lines]), encoding="utf-8")

    write(0.5)
    config = config_for_file(path)
    data = load_data(config)
    project = Project(design=chain((2,), (data.outputs, {})), training=TrainingConfig(), data=config)
    session = Session(project, data)
    session.run(20)
    assert_same(replay(session.log, session.step), session)
    write(0.7)
    session.edit(project, data=load_data(config))  # the file is opened again
    session.run(5)
    with pytest.raises(DataError, match="has changed since the run"):
        replay(session.log, session.step)


@pytest.mark.parametrize("kind", OPTIMIZERS.names())
def test_an_edit_that_changes_no_number_is_not_noticed_by_the_training(kind: str) -> None:
    optimizer: Optimizer = OPTIMIZERS[kind]()
    named, plain = (
        Session(project_of(optimizer=optimizer), load_data(DataConfig(name="spirals"))) for _ in range(2)
    )
    for session in (named, plain):
        session.run(17)
    edit(named, lambda project: rename(project, "dense-1", "First"))
    assert any(isinstance(spec, BatchNorm) for spec in named.network.order)
    assert any(isinstance(spec, Dropout) for spec in named.network.order)
    for session in (named, plain):
        session.run(17)
    assert named.network.parameters.tobytes() == plain.network.parameters.tobytes()
    assert named.network.state.tobytes() == plain.network.state.tobytes()
