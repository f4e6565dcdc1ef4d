"""The worker answers in every state, never falls behind, and ends cleanly."""

import dataclasses
import math
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np
import pytest

from engine.datasets import load_data
from engine.design import DataConfig, Project, StopRules
from engine.examples import example_project
from engine.optimizers.descent import SGD
from engine.regularizers import EarlyStopping
from engine.training.events import (
    CheckpointTaken,
    Edited,
    Event,
    Failed,
    Keepsake,
    Opened,
    Refused,
    Stopped,
)
from engine.training.session import Session
from engine.training.snapshot import Snapshot
from engine.training.worker import Worker

E = TypeVar("E", bound=Event)


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    worker.start()
    yield worker
    assert worker.close(20)
    failures = [event for event in drain(worker) if isinstance(event, Failed)]
    assert not failures


def drain(worker: Worker) -> list[Event]:
    events = []
    while not worker.events.empty():
        events.append(worker.events.get())
    return events


def next_event(worker: Worker, kind: type[E]) -> E:
    while True:
        event = worker.events.get(timeout=20)
        if isinstance(event, kind):
            return event


def snapshot_of(worker: Worker, fits: Callable[[Snapshot], bool] = lambda _: True, **asked: bool) -> Snapshot:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        worker.request_snapshot(**asked)
        time.sleep(0.005)
        snapshot = worker.mailbox.take()
        if snapshot is not None and fits(snapshot):
            return snapshot
    raise AssertionError("no fitting snapshot came")


def opened(worker: Worker, project: Project | None = None) -> Project:
    project = project or example_project("circle")
    worker.open(project)
    next_event(worker, Opened)
    return project


def test_it_plays_pauses_and_measures(worker: Worker) -> None:
    opened(worker)
    worker.play()
    playing = snapshot_of(worker, lambda s: s.step > 500 and "test" in s.evaluations, curves=True)
    assert playing.playing
    assert len(playing.curves["loss"]) > 100
    worker.pause()
    paused = snapshot_of(worker, lambda s: not s.playing)
    time.sleep(0.05)
    assert snapshot_of(worker).step == paused.step
    final = snapshot_of(worker, lambda s: s.evaluations["test"].step == s.step)
    assert final.evaluations["test"].examples == 250


def test_what_it_trains_is_what_a_session_trains(worker: Worker) -> None:
    project = opened(worker)
    worker.play()
    snapshot_of(worker, lambda s: s.step > 200)
    worker.pause()
    stopped = snapshot_of(worker, lambda s: not s.playing)
    session = Session(project, load_data(project.data))
    session.run(stopped.step)
    np.testing.assert_array_equal(stopped.parameters, session.network.parameters)


def test_steps_do_what_they_say(worker: Worker) -> None:
    opened(worker)
    worker.step_phase()
    assert snapshot_of(worker, lambda s: s.phase == "forward").step == 0
    worker.step_batch()
    assert snapshot_of(worker, lambda s: s.phase == "update").step == 1
    worker.step_epoch()
    after = snapshot_of(worker, lambda s: s.epoch == 1 and not s.playing)
    assert after.step == 25
    assert after.batch == 0


def test_pace_is_kept(worker: Worker) -> None:
    opened(worker)
    worker.set_pace(100)
    worker.play()
    first = snapshot_of(worker, lambda s: s.step > 0)
    time.sleep(0.5)
    steps = snapshot_of(worker).step - first.step
    assert 25 <= steps <= 80
    worker.set_pace(math.inf)
    snapshot_of(worker, lambda s: s.step > first.step + 2000)


def test_reset_goes_back_to_the_same_weights(worker: Worker) -> None:
    opened(worker)
    start = snapshot_of(worker).parameters
    worker.play()
    snapshot_of(worker, lambda s: s.step > 50)
    worker.reset()
    again = snapshot_of(worker, lambda s: s.step == 0)
    assert not again.playing
    np.testing.assert_array_equal(again.parameters, start)


def test_edits_are_answered_while_it_plays_and_undone_from_the_keepsake(worker: Worker) -> None:
    project = opened(worker)
    worker.play()
    snapshot_of(worker, lambda s: s.step > 50)
    keep = Keepsake()
    smaller = dataclasses.replace(project, design=project.design.resized("dense-1", 2))
    worker.edit(smaller, keep=keep)
    worker.edit(project, donor=keep)  # before the first answer was even read
    first, second = next_event(worker, Edited), next_event(worker, Edited)
    assert first.report is not None
    assert second.report is not None
    assert keep.memory is not None
    assert second.report.restored > 0
    assert snapshot_of(worker, lambda s: s.run == second.run).playing


def test_an_impossible_edit_is_refused_with_a_sentence_and_training_goes_on(worker: Worker) -> None:
    project = opened(worker)
    worker.play()
    worker.edit(dataclasses.replace(project, design=project.design.resized("dense-3", 9)))
    assert "9" in next_event(worker, Refused).reason
    step = snapshot_of(worker).step
    assert snapshot_of(worker, lambda s: s.step > step).playing


def test_a_project_whose_data_is_missing_is_refused(worker: Worker) -> None:
    project = dataclasses.replace(example_project("circle"), data=DataConfig(name="no such data"))
    worker.open(project)
    assert "no such data" in next_event(worker, Refused).reason


def test_it_stops_by_itself_and_says_why(worker: Worker) -> None:
    project = example_project("circle")
    training = dataclasses.replace(project.training, stop=StopRules(max_epochs=2))
    opened(worker, dataclasses.replace(project, training=training))
    worker.play()
    assert "2 epochs" in next_event(worker, Stopped).reason
    assert snapshot_of(worker).epoch == 2


def test_a_diverging_run_stops_and_names_the_layer(worker: Worker) -> None:
    project = example_project("linear-regression")
    training = dataclasses.replace(project.training, optimizer=SGD(learning_rate=1e6))
    opened(worker, dataclasses.replace(project, training=training))
    worker.play()
    assert next_event(worker, Stopped).layer == "dense-1"
    worker.play()
    assert next_event(worker, Stopped).layer == "dense-1", "asked again, it says the same"


def test_a_checkpoint_is_taken_while_it_plays(worker: Worker) -> None:
    project = opened(worker)
    worker.play()
    snapshot_of(worker, lambda s: s.step > 20)
    worker.take_checkpoint()
    checkpoint = next_event(worker, CheckpointTaken).checkpoint
    assert checkpoint is not None
    worker.pause()
    worker.open(project, checkpoint)
    next_event(worker, Opened)
    resumed = snapshot_of(worker)
    assert resumed.step == checkpoint.step
    np.testing.assert_array_equal(resumed.parameters, checkpoint.parameters)


@pytest.mark.parametrize("state", ["new", "opened", "playing", "paced", "mid-phase", "opening"])
def test_it_closes_in_every_state(state: str) -> None:
    worker = Worker()
    worker.start()
    if state != "new":
        worker.open(example_project("circle"))
    if state not in ("new", "opening"):
        next_event(worker, Opened)
    if state in ("playing", "paced"):
        worker.set_pace(0.1 if state == "paced" else math.inf)
        worker.play()
    if state == "mid-phase":
        worker.step_phase()
    assert worker.close(20)
    assert not worker.is_alive()


def test_commands_before_anything_is_open_do_no_harm(worker: Worker) -> None:
    worker.step_phase()
    worker.step_batch()
    worker.reset()
    worker.play()
    worker.request_snapshot()
    worker.take_checkpoint()
    assert next_event(worker, CheckpointTaken).checkpoint is None
    assert worker.mailbox.take() is None


def test_after_the_best_epoch_came_back_its_weights_are_measured(worker: Worker) -> None:
    project = example_project("spirals")
    stop, early = StopRules(max_steps=731), EarlyStopping(patience=1000)
    training = dataclasses.replace(project.training, stop=stop, early_stopping=early)
    opened(worker, dataclasses.replace(project, training=training))
    worker.play()
    assert "restored" in next_event(worker, Stopped).reason
    final = snapshot_of(
        worker, lambda s: not s.playing and all(e.step == s.step for e in s.evaluations.values())
    )
    session = Session(project, load_data(project.data))
    session.network.parameters[...] = final.parameters
    snapshot = snapshot_of(
        worker, lambda s: s.evaluations["test"].loss == pytest.approx(session.evaluate("test").loss, rel=1e-5)
    )
    assert snapshot.step == 731
