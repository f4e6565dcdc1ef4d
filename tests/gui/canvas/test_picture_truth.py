"""Every pixel is a number: the grabbed picture is compared with the engine's values, recomputed here."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from gui.canvas.color import rgb
from gui.canvas.strokes import along
from gui.document.selection import Picked


def weights_of(stage, layer):
    frame = stage.view.frame
    place = next(p for p in frame.network.places if p.layer == layer)
    return frame.snapshot.parameters[place.offset : place.offset + np.prod(place.shape)].reshape(place.shape)


def color_at(image, x, y):
    color = image.pixelColor(int(x), int(y))
    return np.array([color.red(), color.green(), color.blue()])


def table_color(table, value, limit, canvas):
    """The diverging scale, over the canvas, written out: index 128 is zero."""
    index = int(np.clip(np.rint(value / limit * 128), -128, 128)) + 128
    alpha = table.alpha[index]
    return (table.rgb[index] * alpha + rgb(canvas) * (1 - alpha)) * 255


def crossing(starts, ends, x, y):
    """Synapses that count in the pixel with center (x, y): less than a pixel away along the minor axis."""
    found = np.zeros(len(starts), bool)
    for i, ((x0, y0), (x1, y1)) in enumerate(zip(starts, ends, strict=True)):
        if abs(y1 - y0) > abs(x1 - x0):
            if min(y0, y1) <= y <= max(y0, y1):
                found[i] = abs(x0 + (x1 - x0) * (y - y0) / (y1 - y0) - x) < 1
        elif min(x0, x1) <= x <= max(x0, x1):
            found[i] = abs(y0 + (y1 - y0) * (x - x0) / (x1 - x0) - y) < 1
    return found


@pytest.fixture
def digits(stage):
    made = stage("mnist-16-16")
    made.train(200)
    return made


def test_the_pixels_of_a_dense_bundle_are_the_mean_weight_over_them(digits):
    image = digits.grab()
    view = digits.view
    item = view.canvas.bundles["input", "dense-1"]
    assert len(item.bundle) == 785 * 16
    weights = weights_of(digits, "dense-1")
    of_synapse = weights[item.bundle.unit, item.bundle.column]
    origin = view.viewportTransform()
    starts = np.array([[*origin.map(QPointF(*p)).toTuple()] for p in item.bundle.starts])
    ends = np.array([[*origin.map(QPointF(*p)).toTuple()] for p in item.bundle.ends])
    left, right = starts[:, 0].max() + 30, ends[:, 0].min() - 20
    rng = np.random.default_rng(0)
    compared = colorful = 0
    while compared < 40:
        column, row = int(rng.uniform(left, right)), int(rng.uniform(starts[:, 1].min(), starts[:, 1].max()))
        ids = crossing(starts, ends, column + 0.5, row + 0.5)
        if ids.sum() < 8:  # fewer are antialiased
            continue
        mean = of_synapse[ids].mean()
        expected = table_color(item.table, mean, item.color_scale.limit, view.look.theme.canvas)
        assert np.abs(color_at(image, column, row) - expected).max() <= 3, (column, row, mean)
        compared += 1
        colorful += abs(mean) > 0.3 * item.color_scale.limit
    assert colorful >= 5


def test_its_own_probes_agree_with_the_grabbed_picture(digits):
    image = digits.grab()
    probes = digits.view.pixel_probes()
    assert len(probes) > 60
    assert {p.what.split()[0] for p in probes} == {"synapses", "neuron"}
    for probe in probes:
        assert np.abs(color_at(image, probe.x, probe.y) - probe.expected_rgb).max() <= 3, probe


@pytest.mark.parametrize("face", ["activation", "weights"])
def test_neurons_are_filled_by_their_activation(digits, face):
    digits.view.set_neuron_face(face)
    image = digits.grab()
    view = digits.view
    trace = view.frame.trace.layers["dense-1"]
    item = view.canvas.layers["dense-1"]
    for row, unit in enumerate(item.box.units):
        x, y = item.box.centers[row]
        beside = item.box.radius + 3 if face == "weights" else 0
        point = view.viewportTransform().map(QPointF(x + beside, y))
        expected = table_color(view.look.solid, trace.a[unit], item.color_scale.limit, "#000000")
        assert np.abs(color_at(image, point.x(), point.y()) - expected).max() <= 2


def test_the_picture_of_the_input_is_the_example(digits):
    image = digits.grab()
    item = digits.view.canvas.layers["input"]
    inputs = digits.example.inputs
    assert inputs.max() > 0.9
    for unit in range(0, 784, 7):
        at = digits.unit("input", unit)
        expected = table_color(digits.view.look.solid, inputs[unit], 1.0, "#000000")
        assert np.abs(color_at(image, at.x(), at.y()) - expected).max() <= 2
    assert item.box.shape == (28, 28)


def test_single_synapses_of_a_sparse_net_have_the_color_of_their_own_weight(stage):
    made = stage("by-hand")
    image = made.grab()
    view = made.view
    seen = 0
    for (_source, target), item in view.canvas.bundles.items():
        weights = weights_of(made, target)
        for k in range(len(item.bundle)):
            weight = weights[item.bundle.unit[k], item.bundle.column[k]]
            if abs(weight) < 0.25 * item.color_scale.limit:
                continue  # thinner than two pixels
            (x0, y0), (x1, y1) = item.bundle.starts[k], item.bundle.ends[k]
            share = 0.08
            x, y = x0 + share * (x1 - x0), y0 + (y1 - y0) * along(share, True)
            at = view.viewportTransform().map(QPointF(x, y))
            others = np.delete(np.arange(len(item.bundle)), k)
            other_y = item.bundle.starts[others, 1] + (
                item.bundle.ends[others, 1] - item.bundle.starts[others, 1]
            ) * along(share, True)
            if np.abs(other_y - y).min() < 5:
                continue
            expected = table_color(item.table, weight, item.color_scale.limit, view.look.theme.canvas)
            found = color_at(image, at.x(), at.y())
            assert np.abs(found - expected).max() <= 12, (target, k, weight)
            seen += 1
    assert seen >= 1


def curve(item, k, share):
    (x0, y0), (x1, y1) = item.bundle.starts[k], item.bundle.ends[k]
    return x0 + share * (x1 - x0), float(y0 + (y1 - y0) * along(share, True))


def test_a_hovered_neurons_fan_is_drawn_alone_in_its_own_colors(digits):
    view = digits.view
    before = digits.grab()
    item = view.canvas.bundles["dense-2", "dense-3"]
    weights = weights_of(digits, "dense-3")
    unit = int(np.argmax(np.abs(weights[:, 1:]).sum(axis=0)))
    digits.document.selection.hover(Picked("dense-2", unit))
    view.card.hide()
    image = view.viewport().grab().toImage()
    ids = item.bundle.out_of(unit)
    assert len(ids) == 10
    seen = 0
    for k in ids:
        weight = weights[item.bundle.unit[k], item.bundle.column[k]]
        if abs(weight) < 0.5 * item.color_scale.limit:
            continue  # thinner than two pixels
        for share in (0.45, 0.55, 0.65, 0.75, 0.85):
            x, y = curve(item, k, share)
            if min(abs(curve(item, other, share)[1] - y) for other in ids if other != k) < 6:
                continue
            at = view.viewportTransform().map(QPointF(x, y))
            expected = table_color(view.look.line, weight, item.color_scale.limit, view.look.theme.canvas)
            assert np.abs(color_at(image, at.x(), at.y()) - expected).max() <= 12, (k, weight)
            seen += 1
    assert seen >= 3
    # where another neuron's strong synapse was, there is next to nothing now
    other = item.bundle.out_of((unit + 8) % 16)
    strongest = other[np.argmax(np.abs(weights[item.bundle.unit[other], item.bundle.column[other]]))]
    at = view.viewportTransform().map(QPointF(*curve(item, strongest, 0.1)))
    canvas = rgb(view.look.theme.canvas) * 255
    now, then = color_at(image, at.x(), at.y()), color_at(before, at.x(), at.y())
    assert np.abs(now - canvas).max() < 0.6 * np.abs(then - canvas).max()
