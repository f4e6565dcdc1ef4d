"""A session trains, stops, is edited and goes on, and every way of stepping gives the same numbers."""

import dataclasses
import tracemalloc

import numpy as np
import pytest

from engine import memory
from engine.datasets import load_data
from engine.design import Project, StopRules, TrainingConfig, chain
from engine.examples import example_project
from engine.losses import Quadratic
from engine.memory import vectors_in
from engine.optimizers.adaptive import Adam
from engine.optimizers.descent import SGD, Momentum
from engine.training.replaying import replay
from engine.training.resuming import resume
from engine.training.session import Session
from engine.training.step import PHASES
from engine.validation import DesignError, infer, inference


def project_of(name: str, **training: object) -> Project:
    project = example_project(name)
    return dataclasses.replace(project, training=dataclasses.replace(project.training, **training))


def session_of(name: str, **training: object) -> Session:
    project = project_of(name, **training)
    return Session(project, load_data(project.data))


def test_training_lowers_the_loss() -> None:
    session = session_of("circle")
    before = session.evaluate("train").loss
    session.run(500)
    assert session.evaluate("train").loss < before / 2


def test_an_edit_for_which_there_is_not_enough_memory_is_refused_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "MOST_AT_ONCE", 1)  # the optimizer's vectors shall count
    session = session_of("circle", optimizer=SGD(learning_rate=0.1))
    needs = infer(session.project.design, vectors=vectors_in(session.project.training), batch=10).memory
    monkeypatch.setattr(inference, "memory_of_machine", lambda: round(1.3 * needs))  # 0.8 of it may be used
    before, project = session.network.parameters.copy(), session.project
    adam = dataclasses.replace(project.training, optimizer=Adam())
    with pytest.raises(DesignError, match="of memory"):
        session.edit(dataclasses.replace(project, training=adam))
    design = project.design.with_layer(dataclasses.replace(project.design.layers[1], activation="sigmoid"))
    with pytest.raises(DesignError, match="until it has handed over"):  # for a moment there are two of them
        session.edit(dataclasses.replace(project, design=design))
    assert session.project is project
    session.run(1)
    assert not np.array_equal(session.network.parameters, before)


def test_phases_make_the_same_step() -> None:
    whole, parts = session_of("circle"), session_of("circle")
    for _ in range(30):
        whole.run(1)
        assert [parts.run_phase() for _ in PHASES] == list(PHASES)
    assert parts.step == whole.step == 30
    np.testing.assert_array_equal(whole.network.parameters, parts.network.parameters)


def test_the_phases_do_what_they_say() -> None:
    session = session_of("circle", precision="float64")
    start = session.network.parameters.copy()
    session.run_phase()
    assert session.phase == "forward"
    session.run_phase()
    loss = session.training.loss
    session.run_phase()
    total = session.network.gradients.copy()
    session.run_phase()
    np.testing.assert_allclose(session.network.gradients * session.batches.size, total, rtol=1e-12)
    np.testing.assert_array_equal(session.network.parameters, start)
    session.run_phase()
    rate = session.project.training.optimizer.learning_rate
    change = session.network.parameters - start
    np.testing.assert_allclose(change, -rate * session.network.gradients, rtol=1e-9, atol=1e-15)
    assert np.isfinite(loss)


def test_advance_in_any_chunks_gives_the_same_run() -> None:
    one, other = session_of("circle"), session_of("circle")
    one.run(97)
    for steps in (1, 5, 40, 2, 49):
        other.run(steps)
    np.testing.assert_array_equal(one.network.parameters, other.network.parameters)


def test_reset_brings_the_same_initial_weights_and_run() -> None:
    session = session_of("circle")
    start = session.network.parameters.copy()
    session.run(60)
    after = session.network.parameters.copy()
    session.reset()
    assert session.step == session.epoch == 0
    np.testing.assert_array_equal(session.network.parameters, start)
    session.run(60)
    np.testing.assert_array_equal(session.network.parameters, after)


@pytest.mark.parametrize("optimizer", [SGD(learning_rate=0.05), Momentum(learning_rate=0.02), Adam()])
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_resuming_is_bit_identical(optimizer: SGD, precision: str) -> None:
    session = session_of("circle", optimizer=optimizer, precision=precision, batch_size=7)
    session.run(50)
    checkpoint = session.checkpoint()
    session.run(77)
    again = resume(session.project, session.data, checkpoint)
    again.run(77)
    np.testing.assert_array_equal(again.network.parameters, session.network.parameters)
    for name, vector in session.slots.vectors.items():
        np.testing.assert_array_equal(again.slots.vectors[name], vector)
    assert (again.step, again.epoch) == (session.step, session.epoch)


def test_a_checkpoint_of_another_network_is_refused() -> None:
    checkpoint = session_of("circle").checkpoint()
    project = example_project("xor")
    with pytest.raises(ValueError, match="saved weights"):
        resume(project, load_data(project.data), checkpoint)


def test_it_stops_after_the_epochs_that_are_set() -> None:
    session = session_of("circle", stop=StopRules(max_epochs=3))
    session.run(10_000)
    assert session.epoch == 3
    assert session.stopped_because == "It has trained for 3 epochs, as set."


def test_it_stops_below_the_error_threshold_of_the_whole_training_set() -> None:
    session = session_of("circle", stop=StopRules(error_threshold=0.1))
    session.run(100_000)
    assert "below the threshold of 0.1" in (session.stopped_because or "")
    assert session.evaluate("train").loss < 0.1
    assert session.batches.epoch_done
    earlier = session_of("circle", stop=StopRules(max_epochs=session.epoch - 1))
    earlier.run(100_000)
    assert earlier.evaluate("train").loss >= 0.1


def test_a_loss_that_is_not_finite_names_layer_and_step_and_updates_nothing() -> None:
    session = session_of("linear-regression", optimizer=SGD(learning_rate=1e6))
    session.run(10_000)
    assert session.diverged_at is not None
    layer, step = session.diverged_at
    assert layer == "dense-1"
    assert step == session.step + 1
    assert f"step {step:,}" in (session.stopped_because or "")
    assert session.advance(5) == 0
    session.reset()
    assert session.stopped_because is None


def test_diverging_phase_by_phase_gives_the_batch_up_and_leaves_the_weights() -> None:
    session = session_of("linear-regression", optimizer=SGD(learning_rate=1e6))
    while session.stopped_because is None:
        session.run_phase()
    assert session.phase == PHASES[-1]
    weights = session.checkpoint().parameters
    assert np.isfinite(weights).all()
    session.edit(project_of("linear-regression", optimizer=SGD(learning_rate=0.0)))
    session.run(1)
    np.testing.assert_array_equal(session.network.parameters, weights)


@pytest.mark.parametrize("by_phases", [False, True])
def test_gradients_that_overflow_under_a_finite_loss_are_given_up_too(by_phases: bool) -> None:
    initial = ((1e-28,) * 12, (1e12,) * 4 + (1.0,))
    fields = [{"activation": "identity", "initial": values, "bias": True} for values in initial]
    design = chain((2,), (4, fields[0]), (1, fields[1]))
    data = load_data(example_project("circle").data)
    data = dataclasses.replace(
        data, train=dataclasses.replace(data.train, rows=data.train.rows * 1e28), test=data.test
    )
    project = dataclasses.replace(
        example_project("circle"), design=design, training=TrainingConfig(loss=Quadratic())
    )
    session = Session(project, data)
    weights = session.network.parameters.copy()
    while by_phases and session.stopped_because is None:
        session.run_phase()
    session.run(3)
    assert np.isfinite(session.training.loss) == by_phases
    assert session.diverged_at == ("dense-1", 1)
    assert "The gradient is no longer finite: at step 1 the layer" in (session.stopped_because or "")
    np.testing.assert_array_equal(session.network.parameters, weights)


def test_a_begun_batch_that_is_given_up_is_no_step_done() -> None:
    session = session_of("linear-regression", optimizer=SGD(learning_rate=1e6))
    session.run(10_000)
    steps = session.step
    again = session_of("linear-regression", optimizer=SGD(learning_rate=1e6))
    again.run(steps)
    assert again.run_phase() == "forward"
    assert again.advance(1) == 0
    assert again.step == steps
    assert again.diverged_at == session.diverged_at


def test_an_edit_carries_the_weights_over_and_undo_brings_removed_ones_back() -> None:
    session = session_of("circle")
    session.run(100)
    project = session.project
    before = session.network.parameter("dense-1").copy()
    smaller = dataclasses.replace(project, design=project.design.resized("dense-1", 2))
    report, memory = session.edit(smaller)
    assert report is not None
    np.testing.assert_array_equal(session.network.parameter("dense-1"), before[:2])
    assert session.step == 100
    session.run(20)
    learned = session.network.parameter("dense-1").copy()
    session.edit(project, donor=memory)
    np.testing.assert_array_equal(session.network.parameter("dense-1")[:2], learned)
    np.testing.assert_array_equal(session.network.parameter("dense-1")[2:], before[2:])


def test_adding_neurons_keeps_the_loss() -> None:
    session = session_of("circle", precision="float64")
    session.run(100)
    before = session.evaluate("train").loss
    design = session.project.design.resized("dense-1", 9).resized("dense-2", 5)
    report, _ = session.edit(dataclasses.replace(session.project, design=design))
    assert report is not None
    assert report.preserves_function
    assert session.evaluate("train").loss == pytest.approx(before, rel=1e-12)


def test_hyperparameters_change_without_touching_the_weights() -> None:
    session = session_of("circle")
    session.run(10)
    weights, run = session.network.parameters.copy(), session.run_number
    training = dataclasses.replace(session.project.training, optimizer=Adam(learning_rate=0.5), batch_size=3)
    report, _ = session.edit(dataclasses.replace(session.project, training=training))
    assert report is None
    assert session.run_number == run
    np.testing.assert_array_equal(session.network.parameters, weights)
    session.run(100)
    assert session.batches.size == 3
    assert float(session.slots.rate) == 0.5


def test_an_impossible_edit_leaves_everything_as_it_was() -> None:
    session = session_of("circle")
    session.run(10)
    weights = session.network.parameters.copy()
    wrong = dataclasses.replace(session.project, design=session.project.design.resized("dense-3", 4))
    with pytest.raises(DesignError):
        session.edit(wrong)
    np.testing.assert_array_equal(session.network.parameters, weights)
    session.run(10)
    assert session.step == 20


def test_the_log_replays_bit_for_bit() -> None:
    session = session_of("circle")
    session.run(30)
    session.edit(dataclasses.replace(session.project, design=session.project.design.resized("dense-1", 7)))
    session.run(25)
    training = dataclasses.replace(session.project.training, optimizer=SGD(learning_rate=0.2), batch_size=4)
    session.edit(dataclasses.replace(session.project, training=training))
    session.run(40)
    again = replay(session.log, session.step, lambda config: session.data)
    np.testing.assert_array_equal(again.network.parameters, session.network.parameters)


def test_a_snapshot_is_frozen_and_stays() -> None:
    session = session_of("circle")
    session.run(300)
    snapshot = session.snapshot(gradients=True, curves=True)
    kept = snapshot.parameters.copy()
    session.run(10)
    np.testing.assert_array_equal(snapshot.parameters, kept)
    with pytest.raises(ValueError, match="read-only"):
        snapshot.parameters[0] = 1
    assert snapshot.gradients is not None
    assert snapshot.curves["loss"].step[-1] == 300
    assert snapshot.step == 300


def test_a_step_allocates_nothing_that_grows_with_the_net() -> None:
    session = session_of("nielsen-30")
    session.run(300)
    tracemalloc.start()
    session.run(1)
    base = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    session.run(100)
    peak = tracemalloc.get_traced_memory()[1] - base
    tracemalloc.stop()
    smallest_tensor = session.network.parameter("dense-2").nbytes
    assert peak < 20_000 < session.network.parameters.nbytes / 4
    assert smallest_tensor > 0
