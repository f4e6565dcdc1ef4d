"""Holds weight transfer: what survives is carried; the function is preserved where it is said to be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.design import NetworkDesign, Wire, chain
from engine.layers.activation import Activation, PReLU
from engine.layers.base import NEGATED, LayerSpec
from engine.layers.conv import Conv2D
from engine.layers.dense import Dense, Input
from engine.layers.dropout import Dropout
from engine.layers.merge import Add, Concatenate
from engine.layers.norm import BatchNorm, LayerNorm
from engine.layers.pooling import AvgPool2D, MaxPool2D
from engine.layers.reshape import Flatten
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
    assert any("Layer 2" in sentence for sentence in report.sentences)


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
    assert "Layer 1 got back 1 unit with its weights." in report.sentences
    assert not any("start at 0" in sentence for sentence in report.sentences)
    velocity = again.place("dense-1").of(again_slots.vectors["velocity"])
    np.testing.assert_array_equal(velocity[2], old.place("dense-1").of(slots.vectors["velocity"])[2])
    assert (velocity[kept] == 0).all()


def test_of_units_that_come_some_restored_and_some_new_each_is_said() -> None:
    old = learned(plain(3, 8, 2))
    smaller, _ = moved(old, without_unit(old.design, "dense-1", 2))
    _, report = moved(smaller, old.design.resized("dense-1", 10), donor=remember(old))
    assert "Layer 1 got back 1 unit with its weights." in report.sentences
    assert "Layer 1 gained 2 units, whose outgoing weights start at 0." in report.sentences


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


def test_what_comes_back_without_an_optimizers_memory_gets_a_size_of_past_gradients() -> None:
    """It was removed under another optimizer. Nothing would be taken for gradients of zero."""
    whole, part = plain(3, 4, 2), without_unit(plain(3, 4, 2), "dense-1", 3)
    memory = remember(learned(whole))
    old, new = learned(part), network(whole)
    was, now = (Slots.fresh(("mean", "square"), net.parameters, 0.1) for net in (old, new))
    was.vectors["square"][...] = 4.0
    report = transfer(old, new, old_slots=was, new_slots=now, sizes=("square",), donor=memory)
    assert report.restored
    assert np.all(now.vectors["square"] == 4.0)
    assert not now.vectors["mean"].any()


def test_a_changed_activation_is_reported() -> None:
    old = learned(plain(3, 4, 2))
    design = old.design.with_layer(replace(dense(old), activation="relu"))
    new, report = moved(old, design)
    np.testing.assert_array_equal(new.parameters, old.parameters)
    assert not report.preserves_function
    assert any("from tanh to ReLU" in sentence for sentence in report.sentences)


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


# -- pictures


def conv(name: str, units: int, first: int, **fields: Any) -> Conv2D:
    return Conv2D(id=name, unit_ids=tuple(range(first, first + units)), **{"padding": "same", **fields})


def pictures(activation: str = "relu") -> NetworkDesign:
    layers: tuple[LayerSpec, ...] = (
        Input(id="input", shape=(2, 6, 6), unit_ids=tuple(range(72))),
        conv("conv-1", 3, 100, activation=activation),
        BatchNorm(id="norm"),
        MaxPool2D(id="pool"),
        conv("conv-2", 4, 110, activation=activation),
        Dropout(id="drop"),
        Flatten(id="flat"),
        Dense(id="dense-1", unit_ids=(200, 201, 202), activation=activation),
        PReLU(id="prelu"),
        Dense(id="out", unit_ids=(210, 211), activation="identity"),
    )
    wires = tuple(Wire(a.id, b.id) for a, b in zip(layers, layers[1:], strict=False))  # noqa: RUF007
    return NetworkDesign(layers=layers, wires=wires)


def learned_pictures(activation: str = "relu", seed: int = 1) -> Network:
    net = learned(pictures(activation), seed)
    net.state[...] = 0.5 + np.random.default_rng(seed).random(net.state.shape)
    return net


def test_a_new_channel_is_silent_through_normalization_and_pooling() -> None:
    old = learned_pictures()
    new, report = moved(old, old.design.resized("conv-1", 5))
    assert report.preserves_function, report.sentences
    assert same_function(old, new)
    np.testing.assert_array_equal(new.parameter("norm", "scale")[:3], old.parameter("norm", "scale"))
    variance = next(place for place in new.state_places if place.name == "variance")
    np.testing.assert_array_equal(variance.of(new.state)[:3], old.state[3:6])


def test_deleting_a_channel_keeps_the_weights_of_the_others_behind_a_flatten() -> None:
    old = learned_pictures()
    new, _ = moved(old, without_unit(old.design, "conv-2", 1))
    before = old.parameter("dense-1")[:, 1:].reshape(3, 4, 9)
    after = new.parameter("dense-1")[:, 1:].reshape(3, 3, 9)
    np.testing.assert_array_equal(after, before[:, [0, 2, 3]])


def test_a_larger_kernel_starts_as_the_smaller_one() -> None:
    old = learned_pictures()
    new, report = moved(old, old.design.with_layer(replace(old.design.layer("conv-1"), kernel=5)))  # type: ignore[call-arg]
    assert report.preserves_function, report.sentences
    assert same_function(old, new)


@pytest.mark.parametrize(
    ("source", "activation", "units", "preserved"),
    [
        ("conv-2", "identity", 4, True),
        ("conv-2", "relu", 5, True),
        ("norm", "relu", 3, False),
        ("norm", "identity", 3, True),
        ("pool", "relu", 6, True),
        ("pool", "tanh", 6, False),
    ],
)
def test_an_inserted_convolution_is_the_identity(
    source: str, activation: str, units: int, preserved: bool
) -> None:
    old = learned_pictures()
    spec = conv("new", units, 900, activation=activation, kernel=3)
    new, report = moved(old, inserted(old.design, source, spec))
    assert report.preserves_function is preserved, report.sentences
    assert same_function(old, new) is preserved


def test_windows_that_see_other_places_of_the_same_values_change_the_function() -> None:
    """A picture of 2 × 8 becomes one of 4 × 4: one window sees its corner in both, but other values."""
    picture = Input(id="input", shape=(1, 2, 8), unit_ids=tuple(range(16)))
    layers = (picture, conv("conv", 2, 20, kernel=2, stride=8), Flatten(id="flat"))
    design = NetworkDesign(layers=layers, wires=(Wire("input", "conv"), Wire("conv", "flat")))
    old = learned(design)
    new, report = moved(old, design.with_layer(replace(picture, shape=(1, 4, 4))))
    assert not same_function(old, new)
    assert not report.preserves_function


def test_every_place_that_the_largest_kernel_sees_has_an_id_of_its_own() -> None:
    for padding in ("valid", "same"):
        spec = conv("conv", 1, 7, kernel=99, dilation=99, padding=padding)
        columns = spec.columns(np.array([3, 2**32 - 1]), (2, 9_999, 9_999))
        assert len(np.unique(columns)) == 2 * 99**2
        assert columns.min() >= 0
        assert columns.max() < NEGATED


def test_skip_connections_and_branches() -> None:
    base = plain(3, 4, 2)
    branch = Dense(id="branch", unit_ids=(50, 51), activation="tanh")
    merge = Concatenate(id="merge")
    wires = (
        Wire("input", "dense-1"),
        Wire("input", "branch"),
        Wire("dense-1", "merge"),
        Wire("branch", "merge"),
        Wire("merge", "dense-2"),
    )
    old = learned(base)
    new, report = moved(old, NetworkDesign(layers=(*base.layers, branch, merge), wires=wires))
    assert report.preserves_function, report.sentences
    assert same_function(old, new)
    assert (new.parameter("dense-2")[:, 5:] == 0).all()
    # the branch goes first: its columns stand before the others, which keep their weights
    turned = (*wires[:2], wires[3], wires[2], wires[4])
    again, report = moved(new, NetworkDesign(layers=(*base.layers, branch, merge), wires=turned))
    assert report.preserves_function, report.sentences
    assert same_function(again, old)


def test_a_sum_with_a_new_layer_changes_the_function_and_says_so() -> None:
    base = plain(3, 4, 2)
    more = Dense(id="more", unit_ids=(50, 51, 52, 53), activation="tanh")
    wires = (
        Wire("input", "dense-1"),
        Wire("dense-1", "more"),
        Wire("dense-1", "sum"),
        Wire("more", "sum"),
        Wire("sum", "dense-2"),
    )
    old = learned(base)
    new, report = moved(old, NetworkDesign(layers=(*base.layers, more, Add(id="sum")), wires=wires))
    assert not report.preserves_function
    np.testing.assert_array_equal(new.parameter("dense-2"), old.parameter("dense-2"))


picture_edits = st.lists(
    st.tuples(
        st.sampled_from(["resize", "delete", "kernel", "insert", "flat", "layer", "activation"]),
        st.sampled_from(["conv-1", "conv-2"]),
        st.integers(1, 8),
        st.sampled_from(["identity", "relu", "tanh", "sigmoid", "softmax"]),
    ),
    min_size=1,
    max_size=3,
)
SMALL: dict[int, Any] = {
    1: lambda name: Activation(id=name, activation="relu"),
    2: lambda name: Activation(id=name, activation="identity"),
    3: lambda name: BatchNorm(id=name),
    4: lambda name: LayerNorm(id=name),
    5: lambda name: AvgPool2D(id=name, kernel=1),
    6: lambda name: PReLU(id=name),
    7: lambda name: Dropout(id=name),
    8: lambda name: MaxPool2D(id=name, kernel=1),
}


def edited_pictures(
    design: NetworkDesign, kind: str, layer: str, number: int, activation: str
) -> NetworkDesign:
    spec: Any = design.layer(layer)
    if kind == "resize":
        return design.resized(layer, number)
    if kind == "delete" and spec.units > 1:
        return without_unit(design, layer, number % spec.units)
    if kind == "kernel":
        return design.with_layer(replace(spec, kernel=1 + 2 * (number % 3)))
    if kind == "insert":
        first = design.fresh_units(1)[0]
        fresh = conv(design.fresh_id("conv2d"), number, first, activation=activation, kernel=3)
        return inserted(design, ("conv-1", "norm", "pool", "conv-2", "input")[number % 5], fresh)
    if kind == "flat":
        return design.resized("dense-1", number)
    if kind == "layer":
        return inserted(
            design, ("conv-1", "norm", "conv-2")[number % 3], SMALL[number](design.fresh_id("it"))
        )
    if kind == "activation":
        return design.with_layer(replace(spec, activation=activation))
    return design


@given(st.sampled_from(["relu", "tanh", "softmax"]), picture_edits, st.integers(0, 1000))
@settings(max_examples=150)
def test_with_pictures_too_the_function_is_preserved_wherever_it_is_said_to_be(
    activation: str, changes: list[Any], seed: int
) -> None:
    old = learned_pictures(activation, seed)
    design = old.design
    for change in changes:
        design = edited_pictures(design, *change)
    new, report = moved(old, design)
    assert report.carried + report.new + report.restored == new.parameters.size
    if report.preserves_function:
        assert same_function(old, new), report.sentences


def test_a_new_neuron_under_softmax_changes_its_neighbors() -> None:
    base = chain((3,), (4, {"activation": "softmax"}), (2, {"activation": "identity"}))
    old = learned(base)
    new, report = moved(old, base.resized("dense-1", 5))
    assert not same_function(old, new)
    assert not report.preserves_function


@pytest.mark.parametrize("activation", ["identity", "relu"])
def test_a_layer_that_copies_what_it_is_fed_is_no_change(activation: str) -> None:
    """It was there before as after; so were values that are equal because one value is fed twice."""
    rectified = {"activation": "relu"}
    design = inserted(
        chain((3,), (4, rectified), (2, {})), "dense-1", Activation(id="act", activation=activation)
    )
    twice = (Wire("act", "cat"), Wire("act", "cat"), Wire("cat", "scale"), Wire("scale", "dense-2"))
    wires = (*(wire for wire in design.wires if wire.source != "act"), *twice)
    layers = (*design.layers, Concatenate(id="cat"), PReLU(id="scale"))
    old = learned(NetworkDesign(layers=layers, wires=wires))
    for now in (old.design, replace(old.design, layers=(layers[0], *layers[:0:-1]))):
        new, report = moved(old, now)
        assert same_function(old, new)
        assert report.preserves_function, report.sentences


def test_undoing_an_insertion_that_had_not_learned_changes_nothing_and_says_so() -> None:
    before = learned(plain(2, 4, 1))
    spec = Dense(id="new", unit_ids=before.design.fresh_units(8), activation="relu")
    grown, first = moved(before, inserted(before.design, "dense-1", spec))
    assert first.preserves_function
    assert "Layer 2 starts as ±identity, x = max(0, x) − max(0, −x)." in first.sentences
    memory = remember(before)
    back, second = moved(grown, before.design, donor=memory)
    assert np.array_equal(back.parameters, before.parameters)
    assert second.preserves_function
    assert second.sentences[-1] == "The network computes the same function as before."
    assert "Layer 2 was removed." in second.sentences
    grown.parameter("new")[0, 1] += 0.5  # it has learned: now its removal does change something
    _, third = moved(grown, before.design, donor=memory)
    assert not third.preserves_function
    assert third.sentences[-1] == "The network's function changes, from Output on."
    assert not any(
        "dense" in sentence or "new”" in sentence for sentence in (*first.sentences, *third.sentences)
    )
