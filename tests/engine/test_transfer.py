"""Holds weight transfer: what survives is carried; the function is preserved where it is said to be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.design import NetworkDesign, Wire, chain
from engine.layers.dense import Dense
from engine.layers.weighted import pack
from engine.losses import LOSSES
from engine.network import Network, compile_network
from engine.optimizers import Slots
from engine.transfer import TransferReport, remember, transfer

LOSS = LOSSES["quadratic"]()


def network(design: NetworkDesign, seed: int = 0) -> Network:
    return compile_network(design, LOSS, seed=seed, dtype="float64")


def learned(design: NetworkDesign, seed: int = 1) -> Network:
    """A network whose parameters, biases too, are all different."""
    net = network(design, seed)
    net.parameters[...] = np.random.default_rng(seed).normal(size=net.parameters.shape)
    return net


def moved(old: Network, design: NetworkDesign, **more: Any) -> tuple[Network, TransferReport]:
    new = network(design, seed=9)
    return new, transfer(old, new, **more)


def without_unit(design: NetworkDesign, layer_id: str, index: int) -> NetworkDesign:
    spec: Any = design.layer(layer_id)
    ids = spec.unit_ids[:index] + spec.unit_ids[index + 1 :]
    return design.with_layer(replace(spec, unit_ids=ids))


def inserted(design: NetworkDesign, source: str, spec: Any) -> NetworkDesign:
    """A layer put right behind `source`, into all its wires."""
    wires = [Wire(spec.id if wire.source == source else wire.source, wire.target) for wire in design.wires]
    return replace(design, layers=(*design.layers, spec), wires=(*wires, Wire(source, spec.id)))


def dense(net: Network) -> Any:
    return net.design.layer("dense-1")


def same_function(a: Network, b: Network) -> bool:
    x = np.random.default_rng(0).normal(size=(20, a.features))
    return bool(np.abs(a.predict(x) - b.predict(x)).max() < 1e-9)


def plain(*widths: int, activation: str = "tanh") -> NetworkDesign:
    layers = [(units, {"activation": activation}) for units in widths[1:]]
    return chain((widths[0],), *layers)


def test_deleting_a_neuron_keeps_the_weights_of_the_others() -> None:
    old = learned(plain(3, 8, 2))
    new, report = moved(old, without_unit(old.design, "dense-1", 2))
    kept = [0, 1, 3, 4, 5, 6, 7]
    np.testing.assert_array_equal(new.parameter("dense-1"), old.parameter("dense-1")[kept])
    np.testing.assert_array_equal(new.parameter("dense-2")[:, 1:], old.parameter("dense-2")[:, 1:][:, kept])
    np.testing.assert_array_equal(new.parameter("dense-2")[:, 0], old.parameter("dense-2")[:, 0])
    assert (report.new, report.restored) == (0, 0)
    assert not report.preserves_function


def test_switching_off_a_feature_keeps_the_other_features_weights() -> None:
    old = learned(plain(4, 3, 1))
    spec: Any = old.design.layer("input")
    design = old.design.with_layer(replace(spec, shape=(3,), unit_ids=(0, 2, 3)))
    new, _ = moved(old, design)
    np.testing.assert_array_equal(new.parameter("dense-1"), old.parameter("dense-1")[:, [0, 1, 3, 4]])


def test_switching_on_a_feature_changes_nothing_yet() -> None:
    old = learned(plain(2, 3, 1))
    spec: Any = old.design.layer("input")
    ids = (*spec.unit_ids, *old.design.fresh_units(1))
    new, report = moved(old, old.design.with_layer(replace(spec, shape=(3,), unit_ids=ids)))
    assert report.preserves_function
    x = np.random.default_rng(0).normal(size=(5, 3))
    np.testing.assert_allclose(new.predict(x), old.predict(x[:, :2]), atol=1e-12)


def test_another_data_set_starts_with_fresh_weights_not_with_zeros() -> None:
    old = learned(plain(2, 3, 1))
    spec: Any = old.design.layer("input")
    design = old.design.with_layer(replace(spec, shape=(3,), unit_ids=(100, 101, 102)))
    new, report = moved(old, design)
    fresh = network(design, seed=9)
    np.testing.assert_array_equal(new.parameter("dense-1")[:, 1:], fresh.parameter("dense-1")[:, 1:])
    np.testing.assert_array_equal(new.parameter("dense-2"), old.parameter("dense-2"))
    assert not report.preserves_function


def test_a_new_neuron_is_silent_at_first_and_can_learn() -> None:
    old = learned(plain(3, 4, 2))
    new, report = moved(old, old.design.resized("dense-1", 6))
    assert report.preserves_function
    assert same_function(old, new)
    assert np.abs(new.parameter("dense-1")[4:]).max() > 0
    assert (new.parameter("dense-2")[:, 5:] == 0).all()
    assert report.new == 2 * 4 + 2 * 2


@pytest.mark.parametrize(
    ("before", "activation", "units", "preserved"),
    [
        ("tanh", "identity", 4, True),
        ("tanh", "identity", 6, True),
        ("tanh", "identity", 3, False),
        ("relu", "relu", 4, True),
        ("sigmoid", "relu", 4, True),
        ("tanh", "relu", 4, False),
        ("tanh", "relu", 8, True),
        ("tanh", "relu", 9, True),
        ("relu", "tanh", 4, False),
        ("relu", "sigmoid", 8, False),
    ],
)
def test_an_inserted_layer_is_the_identity_where_it_can_be(
    before: str, activation: str, units: int, preserved: bool
) -> None:
    old = learned(plain(3, 4, 2, activation=before))
    spec = Dense(id="new", unit_ids=old.design.fresh_units(units), activation=activation)
    new, report = moved(old, inserted(old.design, "dense-1", spec))
    assert report.preserves_function is preserved, report.sentences
    assert same_function(old, new) is preserved
    assert any("“new”" in sentence for sentence in report.sentences)


def test_layers_inserted_behind_each_other_and_at_the_ends() -> None:
    old = learned(plain(3, 4, 2))
    design = old.design
    for name, source, units, activation in (
        ("a", "dense-1", 8, "relu"),
        ("b", "a", 9, "relu"),
        ("c", "input", 3, "identity"),
        ("d", "dense-2", 2, "identity"),
    ):
        spec = Dense(id=name, unit_ids=design.fresh_units(units), activation=activation)
        design = inserted(design, source, spec)
    new, report = moved(old, design)
    assert report.preserves_function, report.sentences
    assert same_function(old, new)


def test_undo_restores_what_was_removed_and_keeps_what_was_learned_since() -> None:
    old = learned(plain(3, 8, 2))
    slots = Slots.fresh(("velocity",), old.parameters, 0.1)
    slots.vectors["velocity"][...] = np.arange(old.parameters.size)
    memory = remember(old, slots)
    smaller, _ = moved(old, without_unit(old.design, "dense-1", 2))
    smaller.parameters += 1.0  # it has learned
    smaller_slots = Slots.fresh(("velocity",), smaller.parameters, 0.1)
    again = network(old.design, seed=5)
    again_slots = Slots.fresh(("velocity",), again.parameters, 0.1)
    report = transfer(smaller, again, old_slots=smaller_slots, new_slots=again_slots, donor=memory)
    kept = [0, 1, 3, 4, 5, 6, 7]
    np.testing.assert_array_equal(again.parameter("dense-1")[2], old.parameter("dense-1")[2])
    np.testing.assert_array_equal(again.parameter("dense-1")[kept], old.parameter("dense-1")[kept] + 1.0)
    np.testing.assert_array_equal(again.parameter("dense-2")[:, 3], old.parameter("dense-2")[:, 3])
    assert (report.carried, report.restored, report.new) == (smaller.parameters.size, 4 + 2, 0)
    velocity = again.place("dense-1").of(again_slots.vectors["velocity"])
    np.testing.assert_array_equal(velocity[2], old.place("dense-1").of(slots.vectors["velocity"])[2])
    assert (velocity[kept] == 0).all()


def test_undo_restores_a_removed_layer() -> None:
    old = learned(plain(3, 4, 5, 2))
    memory = remember(old)
    layers = tuple(spec for spec in old.design.layers if spec.id != "dense-2")
    design = NetworkDesign(layers=layers, wires=(Wire("input", "dense-1"), Wire("dense-1", "dense-3")))
    smaller, report = moved(old, design)
    assert not report.preserves_function
    again, report = moved(smaller, old.design, donor=memory)
    np.testing.assert_array_equal(again.parameters, old.parameters)
    assert report.restored == 5 * 5 + 2 * 5
    assert same_function(again, old)


def test_optimizer_slots_follow_their_parameters() -> None:
    old = learned(plain(3, 4, 2))
    design = old.design.resized("dense-1", 6)
    new = network(design)
    slots, new_slots = (Slots.fresh(("mean", "square"), n.parameters, 0.1) for n in (old, new))
    slots.vectors["mean"][...] = 1 + np.arange(old.parameters.size)
    transfer(old, new, old_slots=slots, new_slots=new_slots)
    mean = new.place("dense-1").of(new_slots.vectors["mean"])
    np.testing.assert_array_equal(mean[:4], old.place("dense-1").of(slots.vectors["mean"]))
    assert (mean[4:] == 0).all()


def test_a_changed_activation_is_reported() -> None:
    old = learned(plain(3, 4, 2))
    design = old.design.with_layer(replace(dense(old), activation="relu"))
    new, report = moved(old, design)
    np.testing.assert_array_equal(new.parameters, old.parameters)
    assert not report.preserves_function
    assert any("from tanh to relu" in sentence for sentence in report.sentences)


def test_pruning_a_synapse_sets_its_weight_to_zero() -> None:
    old = learned(plain(3, 4, 2))
    bits = np.zeros((4, 4), bool)
    bits[1, 2] = True
    design = old.design.with_layer(replace(dense(old), mask=pack(bits)))
    new, report = moved(old, design)
    assert new.parameter("dense-1")[1, 2] == 0
    assert np.count_nonzero(new.parameters) == new.parameters.size - 1
    assert not report.preserves_function


edits = st.lists(
    st.tuples(
        st.sampled_from(["resize", "insert", "delete", "bias", "activation", "prune"]),
        st.integers(0, 5),
        st.integers(1, 9),
        st.sampled_from(["identity", "relu", "tanh", "sigmoid", "softmax"]),
    ),
    min_size=1,
    max_size=4,
)


def edited(design: NetworkDesign, kind: str, which: int, units: int, activation: str) -> NetworkDesign:
    hidden: list[Any] = [spec for spec in design.layers if isinstance(spec, Dense)]
    spec = hidden[which % len(hidden)]
    last = not design.targets(spec.id)
    if kind == "resize" and not last:
        return design.resized(spec.id, units)
    if kind == "insert":
        fresh = Dense(id=design.fresh_id("dense"), unit_ids=design.fresh_units(units), activation=activation)
        source = design.sources(spec.id)[0]
        return inserted(design, source, fresh)
    if kind == "delete" and len(spec.unit_ids) > 1 and not last:
        return without_unit(design, spec.id, units % len(spec.unit_ids))
    if kind == "bias":
        return design.with_layer(replace(spec, bias=not spec.bias))
    if kind == "activation":
        return design.with_layer(replace(spec, activation=activation))
    return design


@given(
    st.lists(st.integers(1, 5), min_size=2, max_size=5),
    st.sampled_from(["identity", "relu", "tanh", "sigmoid", "softmax"]),
    edits,
    st.integers(0, 1000),
)
@settings(max_examples=200)
def test_the_function_is_preserved_wherever_it_is_said_to_be(
    widths: list[int], activation: str, changes: list[Any], seed: int
) -> None:
    old = learned(plain(*widths, activation=activation), seed)
    design = old.design
    for change in changes:
        design = edited(design, *change)
    new, report = moved(old, design)
    if report.preserves_function:
        assert same_function(old, new), report.sentences
    assert report.carried + report.new + report.restored == new.parameters.size
    back, _ = moved(new, old.design, donor=remember(old))
    if design.layers == old.design.layers:
        np.testing.assert_array_equal(back.parameters, old.parameters)
