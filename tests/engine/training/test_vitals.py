"""Vitals tell each layer's norms and health as they are, and keep within their share of the time."""

from __future__ import annotations

import dataclasses
import math
import time

import numpy as np
import pytest

from engine.datasets import load_data
from engine.design import Project
from engine.examples import example_project
from engine.layers.weighted import pack
from engine.optimizers.adaptive import Adam
from engine.optimizers.descent import SGD
from engine.regularizers import Regularization
from engine.training import vitals as room
from engine.training.session import Session
from engine.training.vitals import Vitals
from engine.training.worker import Worker


def session_of(name: str = "circle", **training: object) -> Session:
    project = example_project(name)
    project = dataclasses.replace(project, training=dataclasses.replace(project.training, **training))
    return Session(project, load_data(project.data))


def test_there_are_no_vitals_before_the_first_batch() -> None:
    session = session_of()
    assert session.snapshot(vitals=True).health is None
    assert session.snapshot().penalty is None


def test_a_sample_holds_every_layer_s_norms() -> None:
    session = session_of()
    session.run(7)
    before = session.network.parameters.copy()
    session.run(1)
    snapshot = session.snapshot(vitals=True)
    assert snapshot.health is not None
    assert snapshot.health.step == snapshot.step == 8
    names = [spec.id for spec in session.network.order[1:]]
    assert [layer.layer for layer in snapshot.health.layers] == names
    for layer in snapshot.health.layers:
        place = session.network.place(layer.layer)
        weight, change = place.of(session.network.parameters), place.of(session.network.parameters - before)
        assert layer.weight == pytest.approx(np.linalg.norm(weight), rel=1e-5)
        assert layer.gradient == pytest.approx(
            np.linalg.norm(session.network.gradient(layer.layer)), rel=1e-5
        )
        assert layer.update == pytest.approx(np.linalg.norm(change), rel=1e-3)
        assert layer.ratio == pytest.approx(layer.update / layer.weight)


@pytest.mark.parametrize("optimizer", [SGD(learning_rate=0.1), Adam()])
def test_what_is_frozen_was_not_updated(optimizer: object) -> None:
    session = session_of(optimizer=optimizer)
    project = session.project
    first, second = project.design.layers[1:3]
    frozen = dataclasses.replace(first, frozen=pack(np.ones((first.units, 3), bool)))
    session.edit(dataclasses.replace(project, design=project.design.with_layer(frozen)))
    session.run(5)
    health = session.snapshot(vitals=True).health
    assert health is not None
    assert health.of(first.id).update == 0.0
    assert health.of(second.id).update > 0.0


def test_a_sample_holds_what_the_activations_show() -> None:
    session = session_of()
    hidden = session.network.order[1].id
    assert session.network.order[1].activation == "tanh"
    session.network.parameter(hidden)[...] = 0
    session.network.parameter(hidden)[0, 0] = 50  # one unit of several, far beyond the knee
    session.run(1)
    health = session.snapshot(vitals=True).health
    assert health is not None
    layer = health.of(hidden)
    assert layer is not None
    assert layer.dead is None
    assert layer.saturated == pytest.approx(1 / session.network.shapes[hidden][0])
    assert health.of("nowhere") is None


def test_a_layer_without_parameters_has_shares_and_no_norms() -> None:
    merged = room._merged("it", None, room.LayerHealth("it", 0.5, None))
    assert merged == room.LayerVitals("it", dead=0.5)
    assert room._merged("it", room.LayerNorms("it", 2.0, 1.0, 0.5), None).ratio == 0.25


def test_the_penalty_is_shown_beside_the_loss_and_not_in_it() -> None:
    plain, held = session_of(), session_of(regularization=Regularization(l2=0.1, l1=0.01))
    plain.run(1)
    held.run(1)
    assert held.training.loss == plain.training.loss  # the first batch met the same weights
    snapshot = held.snapshot(vitals=True)
    weights = np.concatenate([held.network.parameter(s.id)[:, 1:].ravel() for s in held.network.order[1:]])
    weights = weights.astype(np.float64)
    expected = 0.05 * (weights**2).sum() + 0.01 * np.abs(weights).sum()
    assert snapshot.penalty == pytest.approx(expected, rel=1e-5)
    assert plain.snapshot(vitals=True).penalty == 0


def test_training_samples_by_itself_and_snapshots_bring_the_newest() -> None:
    session = session_of()
    session.advance(3)
    health = session.snapshot().health
    assert health is not None
    assert health.step == 3
    session.vitals.due = math.inf
    session.advance(3)
    assert session.snapshot().health is health
    settled = session.snapshot(vitals=True).health
    assert settled is not None
    assert settled.step == 6
    assert session.snapshot(vitals=True).health is settled  # nothing has happened since


def test_samples_wait_for_the_batch_boundary() -> None:
    session = session_of()
    session.run(2)
    for _ in range(4):
        session.run_phase()
        assert session.snapshot(vitals=True).health.step == 2
    session.run_phase()
    assert session.snapshot(vitals=True).health.step == 3


def test_samples_change_nothing() -> None:
    often, never = (session_of(regularization=Regularization(l2=0.1)) for _ in range(2))
    never.vitals.due = math.inf
    for _ in range(50):
        often.vitals.due = 0
        often.advance(1)
        never.advance(1)
    assert often.snapshot().health.step == 50
    np.testing.assert_array_equal(often.network.parameters, never.network.parameters)


def test_samples_are_thirty_a_second_at_most_and_less_where_they_are_dear(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session, now = session_of(), [100.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    vitals = Vitals(session.training)
    dear = False
    sample = Vitals.sample

    def slow(self: Vitals, step: int) -> None:
        sample(self, step)
        now[0] += 0.01 if dear else 1e-5

    monkeypatch.setattr(Vitals, "sample", slow)

    def taken_within(seconds: float) -> int:
        end, seen = now[0] + seconds, []
        while now[0] < end:
            vitals.sample_if_due(len(seen))
            if vitals.newest not in seen[-1:]:
                seen.append(vitals.newest)
            now[0] += 0.001
        return len(seen)

    session.advance(1)
    assert 27 <= taken_within(1) <= 31
    dear = True
    taken_within(1)
    assert taken_within(10) * 0.01 == pytest.approx(room.SHARE * 10, rel=0.2)


def test_one_wait_for_the_processor_does_not_silence_the_vitals(monkeypatch: pytest.MonkeyPatch) -> None:
    session, now = session_of(), [100.0]
    session.advance(1)
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    vitals, sample, took = Vitals(session.training), Vitals.sample, 1e-5

    def waiting(self: Vitals, step: int) -> None:
        sample(self, step)
        now[0] += took

    monkeypatch.setattr(Vitals, "sample", waiting)
    vitals.sample_if_due(1)
    now[0] += 1
    took = 0.5
    vitals.sample_if_due(2)
    assert vitals.due - now[0] < 0.05


def test_a_new_setting_keeps_the_newest_sample_and_a_new_network_drops_it() -> None:
    session = session_of()
    session.run(3)
    health = session.snapshot(vitals=True).health
    session.edit(with_rate(session.project))
    assert session.snapshot(vitals=True).health is health
    design = session.project.design
    grown = design.resized(design.layers[1].id, 9)
    session.edit(dataclasses.replace(session.project, design=grown))
    assert session.snapshot(vitals=True).health is None
    session.run(1)
    assert session.snapshot(vitals=True).health.step == 4


def with_rate(project: Project) -> Project:
    optimizer = dataclasses.replace(project.training.optimizer, learning_rate=0.0123)
    return dataclasses.replace(project, training=dataclasses.replace(project.training, optimizer=optimizer))


def test_a_run_that_diverges_keeps_the_last_sound_sample() -> None:
    session = session_of()
    session.run(2)
    session.network.parameters[...] = np.nan
    session.advance(1)
    assert session.stopped_because is not None
    assert session.snapshot(vitals=True).health.step <= 2


def test_the_worker_at_rest_shows_the_vitals_of_the_very_last_step() -> None:
    project = example_project("circle")
    worker = Worker()
    worker.start()
    try:
        worker.open(project)
        for _ in range(3):
            worker.step_batch()
        worker.request_snapshot()
        deadline = time.monotonic() + 30
        while (snapshot := worker.mailbox.take()) is None:
            assert time.monotonic() < deadline
            time.sleep(0.001)
        assert snapshot.health.step == snapshot.step == 3
    finally:
        assert worker.close()
