"""Where layers, neurons and synapses stand, and finding them again under the mouse."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gui.canvas.geometry import (
    BIAS,
    FOLDED,
    IMAGE,
    UNITS,
    LayerSpec,
    Metrics,
    Rect,
    WireSpec,
    arrange,
    bias_at,
    synapse_at,
    unit_at,
)
from gui.canvas.ranks import order_columns

MNIST = (
    [
        LayerSpec("x", 784, "Digits", image=(28, 28)),
        LayerSpec("h1", 16, "16 ReLU"),
        LayerSpec("h2", 16, "16 ReLU"),
        LayerSpec("y", 10, "Output", labels=True),
    ],
    [WireSpec("x", "h1"), WireSpec("h1", "h2"), WireSpec("h2", "y")],
)


def near(first, second):
    """Return whether two rectangles are equal up to rounding."""
    edges = ((r.x, r.y, r.right, r.bottom) for r in (first, second))
    return np.allclose(*edges, atol=1e-6)


@st.composite
def networks(draw):
    """Random layers and random wires between them, forwards, backwards and doubled alike."""
    count = draw(st.integers(1, 7))
    layers = []
    for i in range(count):
        rows, columns = draw(st.integers(1, 30)), draw(st.integers(1, 30))
        image = draw(st.booleans())
        layers.append(
            LayerSpec(
                f"L{i}",
                rows * columns if image else draw(st.integers(1, 300)),
                image=(rows, columns) if image else None,
                labels=draw(st.booleans()),
                unfolded=draw(st.booleans()),
            )
        )
    ends = st.integers(0, count - 1)
    wires = draw(
        st.lists(st.builds(lambda a, b, c: WireSpec(f"L{a}", f"L{b}", c), ends, ends, st.booleans()))
    )
    return layers, wires[:8]


@settings(deadline=None, max_examples=80)
@given(networks(), st.floats(200, 2000), st.floats(150, 1500), st.integers(3, 40))
def test_boxes_keep_apart_and_hold_what_is_theirs(network, width, height, fold_limit):
    layers, wires = network
    layout = arrange(layers, wires, width, height, fold_limit=fold_limit)
    assert set(layout.boxes) == {layer.id for layer in layers}
    for first, second in itertools.combinations(layout.boxes.values(), 2):
        assert not first.rect.overlaps(second.rect)
    for spec in layers:
        box = layout.boxes[spec.id]
        assert len(box.units) + box.hidden == spec.units
        assert len(box.units) == len(box.centers) == len(set(box.units.tolist()))
        assert (box.ellipsis is not None) == (box.hidden > 0) == (box.kind == FOLDED)
        for part in (box.header, box.body, box.side):
            assert part is None or near(box.rect.united(part), box.rect)
        low, high = box.centers.min(axis=0) - box.radius, box.centers.max(axis=0) + box.radius
        assert (low >= (box.body.x - 1e-6, box.body.y - 1e-6)).all()
        assert (high <= (box.body.right + 1e-6, box.body.bottom + 1e-6)).all()
        assert layout.bounds.united(box.rect) == layout.bounds
        if box.kind != IMAGE and len(box.units) > 1:
            assert np.diff(box.centers[:, 1]).min() > 2 * box.radius
        if box.bias is not None:
            assert box.header.bottom <= box.bias[1] - box.bias_radius
            assert box.bias[1] + box.bias_radius <= box.body.y


@settings(deadline=None, max_examples=60)
@given(networks(), st.data())
def test_a_unit_is_found_where_it_stands(network, data):
    layers, wires = network
    layout = arrange(layers, wires, 900, 600)
    box = layout.boxes[data.draw(st.sampled_from(layers)).id]
    k = data.draw(st.integers(0, len(box.units) - 1))
    assert unit_at(box, *box.centers[k]) == box.units[k]
    assert layout.layer_at(*box.centers[k]) is box
    assert unit_at(box, box.rect.x - 30, box.centers[k][1]) is None
    if box.bias is not None:
        assert bias_at(box, *box.bias)
        assert not bias_at(box, *box.centers[k])


@settings(deadline=None, max_examples=60)
@given(networks(), st.data())
def test_a_bundle_names_every_visible_synapse_once(network, data):
    layers, wires = network
    assume(wires)
    layout = arrange(layers, wires, 900, 600)
    assert [(b.source, b.target) for b in layout.bundles] == [(w.source, w.target) for w in wires]
    wire, bundle = data.draw(st.sampled_from(list(zip(wires, layout.bundles, strict=True))))
    source, target = layout.boxes[wire.source], layout.boxes[wire.target]
    inputs = [-1, *source.units.tolist()] if wire.bias else source.units.tolist()
    pairs = list(zip(bundle.unit.tolist(), bundle.source_unit.tolist(), strict=True))
    assert pairs == [(j, i) for j in target.units.tolist() for i in inputs]
    np.testing.assert_array_equal(bundle.column, bundle.source_unit + 1)
    assert len(bundle) == len(bundle.starts) == len(bundle.ends)


def test_values_come_from_the_matrix_with_the_bias_first():
    layout = arrange([LayerSpec("a", 3), LayerSpec("b", 2)], [WireSpec("a", "b")], 400, 300)
    (bundle,) = layout.bundles
    weights = np.arange(8.0).reshape(2, 4)
    np.testing.assert_array_equal(bundle.values(weights), weights.ravel())
    assert bundle.column[0] == BIAS
    np.testing.assert_array_equal(bundle.into(1), [4, 5, 6, 7])
    np.testing.assert_array_equal(bundle.out_of(-1), [0, 4])
    np.testing.assert_array_equal(bundle.out_of(2), [3, 7])
    at = layout.boxes["a"].bias
    assert at is not None
    assert bundle.starts[0][1] == at[1]


def test_concatenated_sources_read_their_own_columns():
    layers = [LayerSpec("a", 2), LayerSpec("b", 3), LayerSpec("c", 1)]
    wires = [WireSpec("a", "c"), WireSpec("b", "c", bias=False, first_column=3)]
    first, second = arrange(layers, wires, 500, 400).bundles
    assert first.column.tolist() == [0, 1, 2]
    assert second.column.tolist() == [3, 4, 5]


def test_the_digit_network_reads_from_left_to_right():
    layers, wires = MNIST
    layout = arrange(layers, wires, 920, 620)
    assert layout.bounds == Rect(0, 0, 920, 620)
    boxes = [layout.boxes[i] for i in ("x", "h1", "h2", "y")]
    assert [b.kind for b in boxes] == [IMAGE, UNITS, UNITS, UNITS]
    assert all(a.rect.right + 40 < b.rect.x for a, b in itertools.pairwise(boxes))
    assert [b.bias is not None for b in boxes] == [True, True, True, False]
    assert [b.side is not None for b in boxes] == [False, False, False, True]
    assert [len(b) for b in layout.bundles] == [785 * 16, 17 * 16, 17 * 10]
    assert sum(len(b) for b in layout.bundles) == 13_002


def test_every_pixel_of_an_image_has_its_own_origin():
    layers, wires = MNIST
    box = arrange(layers, wires, 920, 620).boxes["x"]
    exits = box.exits()
    assert (exits[:, 0] == box.body.right).all()
    assert len(np.unique(exits[:, 1])) == 784
    assert (np.diff(exits[:, 1]) > 0).all()
    assert box.body.y < exits[0, 1] < exits[-1, 1] < box.body.bottom
    assert box.body.width == pytest.approx(box.body.height)
    row, column = 5, 9
    x, y = box.body.x + (column + 0.1) * box.cell[0], box.body.y + (row + 0.9) * box.cell[1]
    assert unit_at(box, x, y) == row * 28 + column
    assert unit_at(box, box.body.right, box.body.bottom) == 783
    # the source's height within the row tells the column
    assert (exits[row * 28 + column, 1] - box.body.y) / box.cell[1] == pytest.approx(
        row + (column + 0.5) / 28
    )


def test_a_long_layer_folds_to_its_ends_and_unfolds_on_demand():
    box = arrange([LayerSpec("a", 500)], [], 800, 600).boxes["a"]
    assert box.kind == FOLDED
    assert box.units[0] == 0
    assert box.units[-1] == 499
    assert box.hidden == 500 - len(box.units)
    gap = int(np.argmax(np.diff(box.units)))
    assert box.ellipsis is not None
    assert box.centers[gap, 1] < box.ellipsis[1] < box.centers[gap + 1, 1]
    whole = arrange([LayerSpec("a", 500, unfolded=True)], [], 800, 600)
    assert whole.boxes["a"].units.tolist() == list(range(500))
    assert whole.bounds.height > 600
    assert arrange([LayerSpec("a", 24)], [], 800, 600).boxes["a"].kind == UNITS


def test_a_picture_whose_size_does_not_match_is_shown_as_units():
    assert arrange([LayerSpec("a", 10, image=(3, 4))], [], 800, 600).boxes["a"].kind == UNITS


def test_branches_share_a_column_one_above_the_other():
    layers = [LayerSpec(i, 4) for i in ("in", "up", "down", "add")]
    wires = [WireSpec(a, b) for a, b in (("in", "up"), ("in", "down"), ("up", "add"), ("down", "add"))]
    boxes = arrange(layers, wires, 900, 700).boxes
    assert boxes["up"].rect.center[0] == boxes["down"].rect.center[0]
    assert boxes["up"].rect.bottom <= boxes["down"].rect.y
    assert boxes["in"].rect.right < boxes["up"].rect.x < boxes["add"].rect.x


def test_columns_follow_the_longest_path_and_avoid_crossings():
    edges = [("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")]
    assert order_columns("abcd", edges) == [["a"], ["b"], ["c"], ["d"]]
    crossing = [("a", "y"), ("b", "x")]
    top, bottom = order_columns("abxy", crossing)
    assert (top, bottom) in ((["a", "b"], ["y", "x"]), (["b", "a"], ["x", "y"]))
    assert order_columns([], []) == []


def test_a_cycle_is_placed_last_rather_than_never():
    assert order_columns("abc", [("a", "b"), ("b", "c"), ("c", "b")]) == [["a"], ["b", "c"]]
    assert order_columns("a", [("a", "a")]) == [["a"]]


def test_a_moved_layer_takes_its_synapses_along():
    layers, wires = MNIST
    before, after = (
        arrange(layers, wires, 920, 620, moved=m) for m in (None, {"h1": (30.0, -12.0), "gone": (1, 1)})
    )
    np.testing.assert_allclose(after.boxes["h1"].centers - before.boxes["h1"].centers, [[30, -12]] * 16)
    np.testing.assert_allclose(
        after.bundles[0].ends - before.bundles[0].ends, [[30, -12]] * len(before.bundles[0])
    )
    np.testing.assert_allclose(after.bundles[0].starts, before.bundles[0].starts)
    assert after.boxes["y"].rect == before.boxes["y"].rect


def test_a_wire_to_nowhere_is_left_out():
    assert arrange([LayerSpec("a", 2)], [WireSpec("a", "b"), WireSpec("c", "a")], 300, 300).bundles == ()
    assert arrange([], [], 300, 300).boxes == {}


@given(st.data())
def test_a_synapse_is_found_on_its_line(data):
    layers, wires = MNIST
    layout = arrange(layers, wires, 920, 620)
    bundle = layout.bundles[1]
    k = data.draw(st.integers(0, len(bundle) - 1))
    share = data.draw(st.floats(0, 1))
    x, y = bundle.starts[k] + share * (bundle.ends[k] - bundle.starts[k])
    found = synapse_at(bundle, x, y)
    assert found is not None
    start, end = bundle.starts[found], bundle.ends[found]
    across = (end - start)[::-1] * (1, -1) / np.hypot(*(end - start))
    assert abs(np.dot((x, y) - start, across)) < 1e-6
    alone = bundle.into(int(bundle.unit[k]))
    assert synapse_at(bundle, x, y, among=alone[alone == k]) == k


def test_no_synapse_is_found_beyond_the_tolerance():
    layout = arrange([LayerSpec("a", 1), LayerSpec("b", 1)], [WireSpec("a", "b", bias=False)], 500, 400)
    (bundle,) = layout.bundles
    (x, y) = (bundle.starts[0] + bundle.ends[0]) / 2
    assert synapse_at(bundle, x, y + 5.9) == 0
    assert synapse_at(bundle, x, y + 6.1) is None
    assert synapse_at(bundle, bundle.ends[0][0] + 7, y) is None
    assert synapse_at(bundle, x, y, among=np.zeros(0, np.intp)) is None


def test_metrics_can_be_scaled_for_a_projector():
    big = arrange([LayerSpec("a", 4)], [], 900, 700, metrics=Metrics(widest_pitch=80.0)).boxes["a"]
    usual = arrange([LayerSpec("a", 4)], [], 900, 700).boxes["a"]
    assert big.radius == pytest.approx(2 * usual.radius)


def test_parts_that_do_not_hang_together_stand_in_a_row():
    layers = [LayerSpec(name, 4) for name in ("input", "a", "b", "out")]
    wires = [WireSpec("b", "out")]
    boxes = arrange(layers, wires, 900.0, 500.0).boxes
    places = [boxes[name].body.center[0] for name in ("input", "a", "b", "out")]
    assert places == sorted(set(places))
    assert len({boxes[name].radius for name in boxes}) == 1
