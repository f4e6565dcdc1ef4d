"""Holds compiled networks: flat vectors, workspaces, fan-out, held parameters; a step allocates nothing."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.design import NetworkDesign, Wire, chain
from engine.layers import LayerSpec
from engine.layers.conv import Conv2D
from engine.layers.dense import Dense, Input
from engine.layers.dropout import Dropout
from engine.layers.merge import Add, Multiply
from engine.layers.norm import BatchNorm, LayerNorm
from engine.layers.pooling import AvgPool2D, MaxPool2D
from engine.layers.reshape import Flatten
from engine.layers.weighted import pack
from engine.losses import LOSSES, Quadratic
from engine.network import Network, compile_network
from engine.optimizers import OPTIMIZERS, Slots
from engine.regularizers import Regularization
from engine.training.step import TrainingStep

LOSS = LOSSES["quadratic"]()


def compiled(design: NetworkDesign, **more: Any) -> Network:
    return compile_network(design, LOSS, **{"dtype": "float64", **more})


def training(network: Network, optimizer: str = "sgd") -> TrainingStep:
    rule = OPTIMIZERS[optimizer](learning_rate=0.01)
    slots = Slots.fresh(rule.slots, network.parameters, rule.learning_rate)
    return TrainingStep(network, rule, slots, Regularization())


def fed(network: Network, size: int, seed: int = 0) -> tuple[Any, int]:
    rng = np.random.default_rng(seed)
    rows = np.hstack([np.ones((size, 1)), rng.normal(size=(size, network.features))]).astype(network.dtype)
    targets = np.ascontiguousarray(rng.normal(size=(network.outputs, size)), network.dtype)
    features = rows[:, 1:]
    return (rows.T, rows, features.T, features, targets), size


def with_fields(design: NetworkDesign, layer: str, **fields: Any) -> NetworkDesign:
    spec: Any = design.layer(layer)
    return design.with_layer(replace(spec, **fields))


DEEP = chain((3,), (5, {"activation": "tanh"}), (4, {"bias": False}), (2, {"activation": "identity"}))


def test_tensors_are_views_of_one_vector() -> None:
    network = compiled(DEEP)
    assert [place.shape for place in network.places] == [(5, 4), (4, 5), (2, 5)]
    assert network.parameters.size == 20 + 20 + 10
    network.parameter("dense-2")[...] = 7.0
    assert (network.parameters[20:40] == 7.0).all()
    assert (network.parameters[:20] != 7.0).all()
    assert np.shares_memory(network.gradient("dense-3"), network.gradients)
    with pytest.raises(KeyError):
        network.place("dense-9")


def test_the_same_seed_draws_the_same_and_layers_draw_by_themselves() -> None:
    a, b = compiled(DEEP, seed=4), compiled(with_fields(DEEP, "dense-1", weight_init="normal"), seed=4)
    np.testing.assert_array_equal(a.parameters, compiled(DEEP, seed=4).parameters)
    np.testing.assert_array_equal(a.parameter("dense-2"), b.parameter("dense-2"))
    assert not np.array_equal(a.parameters, compiled(DEEP, seed=5).parameters)


def test_rows_at_the_border_match_the_formula() -> None:
    network = compiled(DEEP)
    x = np.random.default_rng(0).normal(size=(6, 3))
    one = np.ones((6, 1))
    a = np.tanh(np.hstack([one, x]) @ network.parameter("dense-1").T)
    a = np.maximum(0, a @ network.parameter("dense-2").T)
    a = np.hstack([one, a]) @ network.parameter("dense-3").T
    np.testing.assert_allclose(network.predict(x), a, rtol=1e-12)


def test_the_lectures_graph_of_sums_and_products() -> None:
    """At a = 2, b = 1 the graph e = (a + b)(b + 1) gives 6, ∂e/∂a = 2, ∂e/∂b = 5; b fans out."""

    def unit(name: str, first: int, weights: tuple[float, ...], *, bias: bool = False) -> Dense:
        return Dense(id=name, unit_ids=(first,), activation="identity", bias=bias, initial=weights)

    layers: tuple[LayerSpec, ...] = (
        Input(id="input", shape=(2,), unit_ids=(0, 1)),
        unit("a", 2, (1.0, 0.0)),
        unit("b", 3, (0.0, 1.0)),
        Add(id="c"),
        unit("d", 4, (1.0, 1.0), bias=True),
        Multiply(id="e"),
    )
    wires = [("input", "a"), ("input", "b"), ("a", "c"), ("b", "c"), ("b", "d"), ("c", "e"), ("d", "e")]
    design = NetworkDesign(layers=layers, wires=tuple(Wire(*wire) for wire in wires))
    network = compiled(design)
    work = network.workspace(1, record=True)
    work.load(np.array([[2.0, 1.0]]), np.array([[5.0]]))  # e − 5 = 1 = ∂L/∂e
    work.forward()
    work.bound_loss.forward()
    work.backward()
    assert work.output.features.item() == 6
    assert work.signals["c"].delta.item() == 2
    np.testing.assert_array_equal(work.input.delta[:, 0], [2, 5])


@given(st.lists(st.integers(1, 6), min_size=2, max_size=5), st.integers(0, 99))
def test_flat_vectors_hold_every_tensor_once(widths: list[int], seed: int) -> None:
    network = compiled(chain((widths[0],), *((units, {}) for units in widths[1:])), seed=seed)
    marks = np.arange(network.parameters.size, dtype=float)
    network.parameters[...] = marks
    again = np.concatenate([network.parameter(place.layer, place.name).ravel() for place in network.places])
    np.testing.assert_array_equal(again, marks)


def test_a_ready_batch_is_not_copied_and_gives_the_same_as_loaded_rows() -> None:
    network = compiled(DEEP)
    feed, size = fed(network, 5)
    work = network.workspace(size)
    work.feed(feed)
    work.forward()
    assert work.input.value is feed[0]
    np.testing.assert_array_equal(work.output.features.T, network.predict(feed[3]))
    work.load(feed[3])
    work.forward()
    np.testing.assert_array_equal(work.output.features.T, network.predict(feed[3]))


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_pruned_synapses_stay_zero_and_frozen_ones_keep_their_value(optimizer: str) -> None:
    pruned, frozen = np.zeros((5, 4), bool), np.zeros((5, 4), bool)
    pruned[1, 2] = pruned[4, 3] = frozen[0, 0] = frozen[2, 1] = True
    design = with_fields(DEEP, "dense-1", mask=pack(pruned), frozen=pack(frozen))
    network = compiled(design)
    weight = network.parameter("dense-1")
    assert (weight[pruned] == 0).all()
    np.testing.assert_array_equal(network.held, np.flatnonzero(pruned | frozen))
    step = training(network, optimizer)
    network.parameters += np.where(network.parameters == 0, 0, 0.5)  # as if restored from a file
    before = weight.copy()
    for number in range(5):
        step.run(*fed(network, 4, number))
    np.testing.assert_array_equal(weight[pruned | frozen], before[pruned | frozen])
    assert (weight[~(pruned | frozen)] != before[~(pruned | frozen)]).all()


def test_nothing_is_held_without_masks() -> None:
    network = compiled(DEEP)
    assert network.held.size == 0
    assert network.hold_after_update is None


def convolutional() -> NetworkDesign:
    layers: tuple[LayerSpec, ...] = (
        Input(id="input", shape=(1, 12, 12), unit_ids=tuple(range(144))),
        Conv2D(id="conv", unit_ids=tuple(range(200, 208)), kernel=3, padding="same"),
        BatchNorm(id="norm"),
        MaxPool2D(id="max"),
        Conv2D(id="more", unit_ids=tuple(range(210, 218)), kernel=3, activation="tanh"),
        AvgPool2D(id="mean"),
        LayerNorm(id="layer"),
        Dropout(id="drop"),
        Flatten(id="flat"),
        Dense(id="out", unit_ids=tuple(range(300, 310)), activation="identity"),
    )
    wires = tuple(Wire(a.id, b.id) for a, b in zip(layers, layers[1:], strict=False))  # noqa: RUF007
    return NetworkDesign(layers=layers, wires=wires)


def peak(network: Network, size: int) -> int:
    """The most bytes allocated at any time of a training step."""
    step, batch = training(network, "adam"), fed(network, size)
    for _ in range(3):
        step.run(*batch)
    tracemalloc.start()
    step.run(*batch)
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    step.run(*batch)
    most = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    return most


@pytest.mark.parametrize(
    "design",
    [
        chain((784,), (16, {}), (10, {"activation": "identity"})),
        chain((784,), (2048, {}), (10, {"activation": "identity"})),
        convolutional(),
    ],
    ids=["small", "wide", "convolutional"],
)
def test_a_step_allocates_nothing_that_grows_with_the_network(design: NetworkDesign) -> None:
    # Where a ufunc casts, NumPy takes buffers of 8192 values, whatever the size of the network.
    assert peak(compiled(design, dtype="float32"), 32) < 3 * 8192 * 4


def test_mixed_precision_is_refused_by_no_layer() -> None:
    for dtype in ("float32", "float64"):
        network = compiled(convolutional(), dtype=dtype)
        step = training(network)
        assert np.isfinite(step.run(*fed(network, 4)))
        assert network.gradients.dtype == np.dtype(dtype)
        assert all(signal.value.dtype == np.dtype(dtype) for signal in step.work.signals.values())


def test_a_unit_keeps_its_initial_weights_whatever_happens_around_it() -> None:
    fields = {"activation": "tanh", "bias_init": "normal"}
    design = chain((3,), (5, fields), (2, fields))
    start = compile_network(design, Quadratic(), seed=4)
    middle = design.layer("dense-1")
    fewer = design.with_layer(replace(middle, unit_ids=middle.unit_ids[:2] + middle.unit_ids[3:]))
    smaller = compile_network(fewer, Quadratic(), seed=4)
    kept = np.delete(start.parameter("dense-1"), 2, axis=0)
    np.testing.assert_array_equal(smaller.parameter("dense-1"), kept)
    np.testing.assert_array_equal(smaller.parameter("dense-2")[:, 1:].shape, (2, 4))
    assert (compile_network(design, Quadratic(), seed=5).parameters != start.parameters).any()


def test_a_twin_has_the_same_values_and_its_own_arrays() -> None:
    network = compile_network(chain((3,), (4, {})), Quadratic(), seed=1)
    network.parameters += 1
    twin = network.twin()
    np.testing.assert_array_equal(twin.parameters, network.parameters)
    twin.parameters[...] = 0
    assert (network.parameters != 0).any()
