"""An evaluation measures a whole split in slices: loss, score, and which class was taken for which."""

from __future__ import annotations

import dataclasses
import queue
import time

import numpy as np
import pytest

from engine import memory
from engine.datasets import load_data
from engine.datasets.base import Data, Split
from engine.design import DataConfig, Project, chain
from engine.edits.architectures import built
from engine.examples import example_project
from engine.losses import LOSSES
from engine.metrics import r_squared, top_k_accuracy
from engine.network import Network, compile_network
from engine.training import measuring
from engine.training.evaluation import Evaluator
from engine.training.events import Event, Failed
from engine.training.session import Session
from engine.training.snapshot import Evaluation
from engine.training.worker import Worker


def trained(name: str, steps: int = 60) -> Session:
    project = example_project(name)
    session = Session(project, load_data(project.data))
    session.run(steps)
    return session


def data_of(inputs: np.ndarray, targets: np.ndarray, task: str = "classes") -> Data:
    split = Split(np.hstack([np.ones((len(inputs), 1)), inputs]), targets)
    return Data(
        config=DataConfig(),
        name="it",
        title="It",
        task=task,
        train=split,
        test=split,
        feature_names=("x",) * inputs.shape[1],
        target_names=("y",) * targets.shape[1],
    )


def identity_network(units: int) -> Network:
    design = chain((units,), (units, {"activation": "identity", "bias": False}))
    network = compile_network(design, LOSSES["quadratic"](), dtype="float64")
    network.parameter("dense-1")[...] = np.eye(units)
    return network


@pytest.mark.parametrize("name", ["circle", "spirals"])
def test_the_confusion_matrix_counts_every_test_example_once(name: str) -> None:
    session = trained(name)
    result, split = session.evaluate("test"), session.data.test
    said = session.network.predict(split.inputs)
    said = said.argmax(axis=1) if said.shape[1] > 1 else (said[:, 0] > session.data.threshold).astype(int)
    expected = np.zeros_like(result.confusion)
    for i, j in zip(split.labels, said, strict=True):
        expected[i, j] += 1
    np.testing.assert_array_equal(result.confusion, expected)
    assert result.confusion.sum() == result.examples == len(split)
    assert np.trace(result.confusion) / result.examples == result.score


def test_slices_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    session = trained("circle")
    whole = session.evaluate("train")
    monkeypatch.setattr(memory, "MOST_AT_ONCE", 7)
    parts = session.evaluate("train")
    np.testing.assert_array_equal(parts.confusion, whole.confusion)
    assert (parts.score, parts.examples) == (whole.score, whole.examples)
    assert parts.loss == pytest.approx(whole.loss)


def test_rows_are_true_and_columns_are_said() -> None:
    said, true = np.array([0, 1, 2, 2, 1, 2]), np.array([0, 2, 2, 1, 1, 2])
    result = Evaluator(identity_network(3), (data := data_of(np.eye(3)[said], np.eye(3)[true])), data.test, 4)
    found = result.finish()
    np.testing.assert_array_equal(found.confusion, [[1, 0, 0], [0, 1, 1], [0, 1, 2]])
    assert found.class_scores.precision.tolist() == pytest.approx([1, 1 / 2, 2 / 3])
    assert found.class_scores.recall.tolist() == pytest.approx([1, 1 / 2, 2 / 3])
    with pytest.raises(ValueError, match="read-only"):
        found.confusion[0, 0] = 9


def test_one_output_says_yes_or_no_whatever_its_coding() -> None:
    targets, answers = np.array([[-1.0], [-1.0], [1.0], [1.0]]), np.array([[-0.3], [0.2], [0.1], [2.0]])
    data = dataclasses.replace(data_of(answers, targets, "binary"), target_range=(-1.0, 1.0))
    found = Evaluator(identity_network(1), data, data.test, 0).finish()
    np.testing.assert_array_equal(found.confusion, [[1, 1], [0, 2]])


def test_training_examples_of_one_class_leave_the_threshold_in_the_middle() -> None:
    targets, answers = np.zeros((3, 1)), np.array([[0.1], [0.4], [0.6]])
    data = data_of(answers, targets, "binary")
    found = Evaluator(identity_network(1), data, data.test, 0).finish()
    np.testing.assert_array_equal(found.confusion, [[2, 1], [0, 0]])


def test_the_score_of_several_numbers_is_the_mean_over_them_whatever_their_units() -> None:
    rng = np.random.default_rng(0)
    targets = rng.normal(size=(40, 3)) * (1.0, 1000.0, 0.0)
    answers = targets + rng.normal(size=(40, 3)) * (0.5, 10.0, 0.0)
    data = data_of(answers, targets, "regression")
    found = Evaluator(identity_network(3), data, data.test, 0).finish().score
    assert found == pytest.approx(r_squared(answers, targets))


def test_beside_the_score_there_is_what_else_tells_how_good_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST_AT_ONCE", 7)
    rng = np.random.default_rng(0)
    answers, targets = rng.random((40, 9)), np.eye(9)[rng.integers(0, 9, 40)]
    data = data_of(answers, targets)
    found = Evaluator(identity_network(9), data, data.test, 0).finish()
    assert found.top_5 == pytest.approx(top_k_accuracy(answers, targets, 5))
    assert found.absolute_error is None
    data = data_of(answers, targets, "regression")
    found = Evaluator(identity_network(9), data, data.test, 0).finish()
    assert found.absolute_error == pytest.approx(np.abs(answers - targets).mean())
    assert found.top_5 is None
    data = data_of(answers[:, :5], np.eye(5)[rng.integers(0, 5, 40)])
    assert Evaluator(identity_network(5), data, data.test, 0).finish().top_5 is None, "it is always one"


def test_numbers_and_very_many_classes_have_no_confusion_matrix() -> None:
    data = data_of(np.ones((3, 2)), np.zeros((3, 2)), "regression")
    found = Evaluator(identity_network(2), data, data.test, 0).finish()
    assert found.confusion is None
    assert found.class_scores is None
    many = np.eye(101)
    data = data_of(many, many)
    found = Evaluator(identity_network(101), data, data.test, 0).finish()
    assert (found.confusion, found.score) == (None, 1.0)


def without_test_examples() -> Project:
    project = example_project("circle")
    return dataclasses.replace(project, data=dataclasses.replace(project.data, test_fraction=0.0))


def test_no_examples_give_no_measure_and_no_fault() -> None:
    project = without_test_examples()
    session = Session(project, load_data(project.data))
    session.run(3)
    result = session.evaluate("test")
    assert np.isnan([result.loss, result.score]).all()
    assert (result.examples, result.confusion) == (0, None)


def test_the_worker_measures_what_there_is() -> None:
    worker = Worker()
    worker.start()
    try:
        worker.open(without_test_examples())
        measured: dict[str, Evaluation] = {}
        deadline = time.monotonic() + 30
        while not measured:
            assert time.monotonic() < deadline
            worker.request_snapshot()
            time.sleep(0.005)
            snapshot = worker.mailbox.take()
            measured = snapshot.evaluations if snapshot else {}
        assert measured.keys() == {"train"}
        assert not [event for event in all_of(worker.events) if isinstance(event, Failed)]
    finally:
        assert worker.close()


def all_of(events: queue.SimpleQueue[Event]) -> list[Event]:
    found = []
    while not events.empty():
        found.append(events.get())
    return found


def test_measures_can_be_compared() -> None:
    session = trained("circle")
    first, second = session.evaluate("test"), session.evaluate("test")
    assert first == second
    assert first != dataclasses.replace(second, loss=9.0)


def test_what_is_measured_at_rest_does_not_delay_the_measures_of_the_training(monkeypatch) -> None:
    monkeypatch.setattr(measuring, "PAUSE", 0.0)
    project = example_project("circle")
    session = Session(project, load_data(project.data))
    measures = measuring.Measuring()
    measures.advance(session, training=False, flat_out=True)
    while measures.busy:
        measures.advance(session, training=False, flat_out=True)
    before = session.evaluations["test"]
    session.advance(1)
    measures.earn(1e-9)  # nearly no time has been trained
    measures.advance(session, training=True, flat_out=True)
    assert session.evaluations["test"] is not before
    assert session.evaluations["test"].step == 1


def test_of_a_large_network_few_examples_are_measured_at_once():
    project = example_project("mnist-16-16")
    network = compile_network(built("lenet", (784,), 10), project.training.loss, outputs=10)
    data = load_data(project.data)
    Evaluator(network, data, data.test, 0, 1_000).finish()
    work = max(network._workspaces.values(), key=lambda work: work.batch)
    values = sum(signal.value.nbytes for signal in work.signals.values())
    assert work.batch < 500
    assert values < memory.EVALUATION / 2, "each has a gradient as large"
