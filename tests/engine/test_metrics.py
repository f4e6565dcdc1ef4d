"""Holds the metrics against scikit-learn, and the meters against the values that they read."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.activations import ACTIVATIONS
from engine.design import NetworkDesign, Wire, chain
from engine.layers import LayerSpec
from engine.layers.norm import LayerNorm
from engine.losses import LOSSES
from engine.metrics import (
    HealthMeter,
    NormMeter,
    accuracy,
    class_scores,
    confusion_matrix,
    decide,
    fired,
    mean_absolute_error,
    r_squared,
    saturated_share,
    top_k_accuracy,
)
from engine.network import compile_network
from engine.optimizers import Slots
from engine.optimizers.adaptive import Adam

EXACT = 1e-9
LABELS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40)


def test_the_class_said_depends_on_the_coding() -> None:
    np.testing.assert_array_equal(decide(np.array([[0.1, 0.7, 0.2], [0.5, 0.5, 0.0]])), [1, 0])
    np.testing.assert_array_equal(decide(np.array([[0.4], [0.6]])), [0, 1])
    np.testing.assert_array_equal(decide(np.array([[-0.4], [0.2]]), threshold=0), [0, 1])


def test_accuracy_counts_right_answers() -> None:
    answers = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    assert accuracy(answers, np.array([[1, 0], [0, 1], [0, 1]])) == pytest.approx(2 / 3)
    assert accuracy(np.array([[0.3], [2.0]]), np.array([[-1.0], [1.0]]), threshold=0) == 0.5


@given(pairs=LABELS)
def test_scores_are_scikit_learn_s(pairs: list[tuple[int, int]]) -> None:
    reference = pytest.importorskip("sklearn.metrics")
    true, said = (np.array(column) for column in zip(*pairs, strict=True))
    confusion = confusion_matrix(said, true, 4)
    np.testing.assert_array_equal(confusion, reference.confusion_matrix(true, said, labels=range(4)))
    scores = class_scores(confusion)
    precision, recall, f1, _ = reference.precision_recall_fscore_support(
        true, said, labels=range(4), zero_division=0
    )
    np.testing.assert_allclose(scores.precision, precision, rtol=0, atol=EXACT)
    np.testing.assert_allclose(scores.recall, recall, rtol=0, atol=EXACT)
    np.testing.assert_allclose(scores.f1, f1, rtol=0, atol=EXACT)
    assert accuracy(np.eye(4)[said], np.eye(4)[true]) == pytest.approx(
        reference.accuracy_score(true, said), abs=EXACT
    )


@given(seed=st.integers(0, 1000), outputs=st.integers(1, 3))
def test_regression_metrics_are_scikit_learn_s(seed: int, outputs: int) -> None:
    reference = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(seed)
    answers, targets = rng.normal(size=(2, 12, outputs))
    assert r_squared(answers, targets) == pytest.approx(
        reference.r2_score(targets, answers), rel=EXACT, abs=EXACT
    )
    expected = reference.mean_absolute_error(targets, answers)
    assert mean_absolute_error(answers, targets) == pytest.approx(expected, abs=EXACT)


@given(seed=st.integers(0, 1000), k=st.integers(1, 4))
def test_top_k_is_scikit_learn_s(seed: int, k: int) -> None:
    reference = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(seed)
    answers, true = rng.random((15, 5)), rng.integers(0, 5, 15)
    expected = reference.top_k_accuracy_score(true, answers, k=k, labels=range(5))
    assert top_k_accuracy(answers, np.eye(5)[true], k) == pytest.approx(expected, abs=EXACT)


def test_what_is_not_a_number_is_no_hit_among_the_largest() -> None:
    targets, nan = np.eye(6)[[0, 0, 0]], np.nan
    answers = np.array([[nan] * 6, [nan, 1, 2, 3, 4, 5], [6, nan, nan, 1, 1, 1]])
    assert top_k_accuracy(answers, targets, 5) == pytest.approx(1 / 3), "only the last is known to be right"
    assert top_k_accuracy(answers, targets, 7) == pytest.approx(1 / 3)


def test_r_squared_of_targets_that_never_vary() -> None:
    same = np.ones((4, 1))
    assert r_squared(same, same) == 1
    assert r_squared(same + 1, same) == 0
    assert r_squared(np.array([[1.0, 5.0], [2.0, 5.0]]), np.array([[1.0, 7.0], [2.0, 7.0]])) == 1


def test_the_norm_meter_reads_weights_gradients_and_updates() -> None:
    network = compile_network(chain((3,), (4, {}), (2, {})), LOSSES["quadratic"](), dtype="float64")
    optimizer = Adam()
    slots = Slots.fresh(optimizer.slots, network.parameters, 0.01)
    meter = NormMeter(network, slots)
    network.gradients[...] = np.arange(1, network.gradients.size + 1)
    old = network.parameters.copy()
    optimizer.bind(network.parameters, network.gradients, slots)()
    for norms, place in zip(meter.read(), network.places, strict=True):
        assert norms.layer == place.layer
        weight, change = place.of(network.parameters), place.of(network.parameters - old)
        assert norms.weight == pytest.approx(np.linalg.norm(weight))
        assert norms.gradient == pytest.approx(np.linalg.norm(place.of(network.gradients)))
        assert norms.update == pytest.approx(np.linalg.norm(change))
        assert norms.ratio == pytest.approx(np.linalg.norm(change) / np.linalg.norm(weight))


def test_the_norms_of_a_layer_take_in_all_its_tensors() -> None:
    design = with_layer_between(chain((3,), (4, {}), (2, {})), LayerNorm(id="norm"), "dense-1", "dense-2")
    network = compile_network(design, LOSSES["quadratic"](), dtype="float64")
    network.parameters[...] = np.arange(network.parameters.size)
    norms = NormMeter(network, Slots.fresh((), network.parameters, 0.1)).read()
    assert [found.layer for found in norms] == ["dense-1", "norm", "dense-2"]
    tensors = [network.parameter("norm", name) for name in ("scale", "shift")]
    assert norms[1].weight == pytest.approx(np.linalg.norm(tensors))
    whole = sum(found.weight**2 for found in norms)
    assert whole == pytest.approx(np.linalg.norm(network.parameters) ** 2)


def with_layer_between(design: NetworkDesign, spec: LayerSpec, source: str, target: str) -> NetworkDesign:
    wires = [wire for wire in design.wires if wire != Wire(source, target)]
    wires += [Wire(source, spec.id), Wire(spec.id, target)]
    return NetworkDesign(layers=(*design.layers, spec), wires=tuple(wires))


def test_a_tensor_of_zeros_has_no_ratio_and_does_not_divide_by_zero() -> None:
    network = compile_network(chain((2,), (1, {"weight_init": "zeros"})), LOSSES["quadratic"]())
    (norms,) = NormMeter(network, Slots.fresh((), network.parameters, 0.1)).read()
    assert (norms.weight, norms.ratio) == (0, 0)


def test_the_health_meter_finds_dead_and_saturated_units() -> None:
    design = chain(
        (1,), (4, {"activation": "relu"}), (2, {"activation": "tanh"}), (1, {"activation": "identity"})
    )
    network = compile_network(design, LOSSES["quadratic"](), dtype="float64")
    network.parameter("dense-1")[...] = [[0, 1], [-9, 1], [1, 0], [0, -1]]  # the second never wakes up
    network.parameter("dense-2")[...] = [[100, 0, 0, 0, 0], [0, 0, 0, 0, 0]]
    work = network.workspace(3)
    work.load(np.array([[-1.0], [0.5], [2.0]]))
    work.forward()
    hidden, out = HealthMeter(network).read(work)
    assert (hidden.layer, hidden.dead, hidden.saturated) == ("dense-1", 0.25, None)
    assert (out.layer, out.dead, out.saturated) == ("dense-2", None, 0.5)


def test_a_unit_is_dead_only_when_it_has_been_silent_for_many_examples() -> None:
    network = compile_network(
        chain((1,), (4, {"activation": "relu"})), LOSSES["quadratic"](), dtype="float64"
    )
    network.parameter("dense-1")[...] = [[0, 1], [-9, 1], [1, 0], [0, -1]]
    meter = HealthMeter(network, window=6)

    def dead_after(*inputs: float) -> float | None:
        work = network.workspace(len(inputs))
        work.load(np.array(inputs)[:, None])
        work.forward()
        (health,) = meter.read(work)
        return health.dead

    assert dead_after(1, 2) == 0.5  # the second and the last have given nothing so far
    assert dead_after(-1) == 0.25  # the last has; the first has for two of three examples
    assert dead_after(-1, -1) == 0.25
    assert dead_after(1) == 0.25
    assert dead_after(-1, -1, -1, -1, -1) == 0.25  # the first was silent for five, the second for eleven
    assert dead_after(-1) == 0.5  # and now for six
    assert dead_after(20) == 0  # the second wakes up, the first as well; the last was silent for one


def test_in_pictures_the_units_are_channels() -> None:
    values = np.zeros((6, 2))  # two channels of three places
    values[1, 1] = 0.5
    np.testing.assert_array_equal(fired(values, 2), [True, False])
    np.testing.assert_array_equal(fired(values, 6), [False, True, False, False, False, False])


def test_shares_count_values() -> None:
    values = np.array([[0.01, 0.5, 0.99, 0.9]])
    assert saturated_share(values, ACTIVATIONS["sigmoid"]) == 0.5
    assert saturated_share(np.array([[-0.99, -0.5, 0.0, 0.94]]), ACTIVATIONS["tanh"]) == 0.25
