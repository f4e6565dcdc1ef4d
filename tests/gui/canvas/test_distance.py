"""The picture at every distance: blocks from far, feature maps, numbers from near."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QGraphicsItem

from engine.design import chain
from engine.edits.architectures import lenet
from engine.edits.outcome import Edit
from engine.examples import example_project
from gui.canvas import near
from gui.canvas.items.block import whole_words
from gui.canvas.near import equation_html, numbers_of
from gui.canvas.plan import plan
from gui.canvas.rects import to_qt
from gui.document.selection import Picked
from gui.widgets.numbers import number_text

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def lenet_stage(stage):
    made = stage("mnist-16-16")
    project = made.document.project
    made.document.edit("lenet", replace(project, design=lenet((784,), 10)))
    made.wait(lambda: "conv2d-1" in made.view.frame.trace.layers)
    made.view.fit()
    made.rest()
    return made


def test_from_far_layers_are_blocks_and_can_be_selected_and_moved(stage):
    made = stage("mnist-16-16")
    made.view.camera.zoom_by(0.3)
    made.rest()
    canvas = made.view.canvas
    assert canvas.far == 1.0
    assert all(block.isVisible() for block in canvas.blocks.values())
    assert not any(item.isVisible() for item in canvas.layers.values())
    assert canvas.blocks["dense-1"].lines == ("16 ReLU", "16", "12,560 parameters")
    assert canvas.blocks["dense-1"].said_in_a_row(400.0) == ("16 ReLU", "16", "12,560 parameters")
    assert canvas.blocks["dense-1"].said_in_a_row(60.0) == ("16 ReLU",)
    middle = canvas.blocks["dense-1"].block().center()
    QTest.mouseClick(made.view.viewport(), LEFT, pos=made.point(middle.x(), middle.y()))
    assert made.document.selection.picked == (Picked("dense-1"),)
    made.view.fit()
    made.wait(lambda: canvas.far == 0.0)
    assert not any(block.isVisible() for block in canvas.blocks.values())


def test_a_block_no_wider_than_a_line_of_text_still_says_what_it_is(stage):
    made = stage("mnist-16-16")
    made.view.camera.zoom_by(0.3)
    made.rest()
    block = made.view.canvas.blocks["dense-2"]
    seen = made.view.mapFromScene(block.block()).boundingRect()
    assert block.block().width() * made.view.zoom < 26
    painted = made.grab()
    ink = made.view.look.theme.color("text").lightness()
    inside = seen.adjusted(3, 3, -3, -3)
    shades = [painted.pixelColor(x, y).lightness() for x in _run(inside, 0) for y in _run(inside, 1)]
    assert min(shades) < ink + 40
    assert np.mean(np.array(shades) < 128) > 0.03  # letters


def _run(rect, axis):
    return range(rect.left(), rect.right()) if axis == 0 else range(rect.top(), rect.bottom())


def test_convolutions_are_stacks_of_feature_maps_with_the_engines_numbers(lenet_stage):
    made = lenet_stage
    item = made.view.canvas.layers["conv2d-1"]
    assert item.box.maps == (20, 24, 24)
    a = made.view.frame.trace.layers["conv2d-1"].a.reshape(20, 24, 24)
    assert np.array_equal(item.values, a[item.box.units])
    picture = made.view.look.solid.look_up(a[item.box.units], item.color_scale.limit)
    assert np.array_equal(item._pixels.colors, picture.reshape(-1, 24))
    assert made.view.canvas.layers["conv2d-2"].box.hidden > 0


def test_hovering_a_feature_map_shows_its_kernels(lenet_stage, qtbot):
    made = lenet_stage
    qtbot.mouseMove(made.view.viewport(), made.unit("conv2d-2", 3))
    assert made.document.selection.hovered == Picked("conv2d-2", 3)
    card = made.view.card
    assert card.isVisible()
    assert card.text.kernels.values.shape == (20, 5, 5)
    place = next(p for p in made.view.frame.network.places if p.layer == "conv2d-2")
    row = place.of(made.view.frame.trace.parameters)[3]
    assert np.array_equal(card.text.kernels.values.ravel(), row[1:])


def test_large_layers_fold_and_layers_never_overlap():
    project = example_project("mnist-16-16")
    wide = chain((784,), (512, {"activation": "relu"}), (512, {}), (10, {}))
    for design in (wide, lenet((784,), 10)):
        made = plan(replace(project, design=design), None, 956, 680)
        assert sum(len(bundle) for bundle in made.layout.bundles) < 30_000
        boxes = list(made.layout.boxes.values())
        assert not any(a.rect.overlaps(b.rect) for i, a in enumerate(boxes) for b in boxes[:i])


def test_an_unfinished_design_has_a_picture_too(stage):
    made = stage("mnist-16-16")
    project = made.document.project
    design = replace(lenet((784,), 10), wires=())
    outcome = Edit(replace(project, design=design), "unwire")
    made.document.edit(outcome.text, outcome.project)
    assert set(made.view.canvas.layers) == {spec.id for spec in design.layers}


def nearest(made, layer, row):
    box = made.view.canvas.layers[layer].box
    zoom = made.view.viewport().height() / (2 * box.radius) * 0.6
    made.view.camera._look(zoom, QPointF(*box.centers[row]))
    made.rest()


def test_from_near_a_neuron_says_its_numbers(stage):
    made = stage()
    made.rest()
    item = made.view.canvas.layers["dense-1"]
    trace = made.view.frame.trace.layers["dense-1"]
    lines = dict(item.numbers.lines(2))
    assert lines == {"a": trace.a[2], "z": trace.z[2], "δ": trace.delta[2], "b": 0.0}


def test_the_numbers_on_synapses_are_the_engines_and_never_overlap(stage):
    made = stage()
    made.train(20)
    for zoom in (1.2, 1.7, 2.6):
        made.view.camera._look(zoom, made.view.mapToScene(made.view.viewport().rect().center()))
        made.rest()
        for item in made.view.canvas.bundles.values():
            assert item.near
            labels = item.over.labels(made.view.zoom)
            assert labels
            rects = [rect for _, rect in labels]
            assert not any(
                a.adjusted(0.1, 0.1, -0.1, -0.1).intersects(b) for i, a in enumerate(rects) for b in rects[:i]
            )
            flat = made.view.frame.trace
            place = next(p for p in made.view.frame.network.places if p.layer == item.bundle.target)
            assert np.array_equal(item.gradients, item.bundle.values(place.of(flat.gradients)))


def test_from_nearest_a_neuron_opens_into_its_equation(stage):
    made = stage()
    made.train(20)
    nearest(made, "dense-1", 1)
    item = made.view.canvas.layers["dense-1"]
    assert 2 * item.box.radius * made.view.zoom >= item.equations_from > 0
    frame = made.view.frame
    document = QTextDocument()
    document.setHtml(equation_html(item.numbers, "dense-1", 1))
    text = document.toPlainText()
    trace = frame.trace.layers
    for value in (trace["dense-1"].z[1], trace["dense-1"].a[1], trace["dense-1"].delta[1]):
        assert f"= {number_text(float(value))}" in text
    assert text.endswith(f"a₂ [layer 1][batch {frame.snapshot.step:,}][example {frame.index + 1:,}]")


def test_the_equations_arithmetic_holds(stage):
    made = stage()
    made.train(20)
    frame = made.view.frame
    numbers = numbers_of(frame, "dense-1")
    weights, inputs, bias = near._fed(frame, "dense-1", 1)
    assert bias
    assert float(weights @ inputs) == pytest.approx(float(numbers.z[1]), rel=1e-5)
    back, deltas = near._arriving(frame, "dense-1", 1)
    slope = near._slope(frame, "dense-1", numbers, 1)
    assert slope * float(back @ deltas) == pytest.approx(float(numbers.delta[1]), rel=1e-4)


@pytest.mark.parametrize("face", ["bias", "gradient"])
def test_a_neuron_can_show_its_bias_or_its_gradient(stage, face):
    made = stage()
    made.train(20)
    made.view.set_neuron_face(face)
    image = made.grab()
    item, frame = made.view.canvas.layers["dense-1"], made.view.frame
    place = next(p for p in frame.network.places if p.layer == "dense-1")
    delta = frame.trace.layers["dense-1"].delta
    wanted = place.of(frame.trace.parameters)[:, 0] if face == "bias" else delta
    assert np.array_equal(item.values, wanted)
    table = made.view.look.solid if face == "bias" else made.view.look.solid_green
    for row, center in enumerate(item.box.centers):
        at = made.point(center[0], center[1] - 0.75 * item.box.radius)
        assert image.pixelColor(at).name().upper() == table.hex(float(wanted[row]), item.color_scale.limit)
    made.view.set_neuron_face("weights")
    made.rest()
    assert np.array_equal(item.values, frame.trace.layers["dense-1"].a)


@pytest.mark.parametrize(
    ("text", "room", "said"),
    [
        ("MNIST digits", "MNIST digits", "MNIST digits"),
        ("MNIST digits", "MNIST dig", "MNIST"),
        ("MNIST digits", "MNI", ""),
        ("16 ReLU", "16 R", ""),
    ],
)
def test_a_block_from_afar_says_whole_words_or_nothing(qapp, text, room, said):
    font = QFont()
    assert whole_words(text, font, QFontMetricsF(font).horizontalAdvance(room) + 0.5) == said


def test_from_near_what_moves_and_changes_at_once_leaves_nothing_behind(stage):
    made = stage("xor")
    view = made.view
    view.camera.zoom_by(8.0, QPointF(made.unit("dense-1", 0)))
    made.grab()
    layer = view.canvas.layers["dense-1"]
    layer.show_values(-layer.values, 1.0)
    view.camera.pan(QPoint(0, 60))
    shown = view.viewport().grab().toImage()
    layer.setCacheMode(QGraphicsItem.CacheMode.NoCache)
    assert shown == view.viewport().grab().toImage()


def test_from_far_a_ribbon_lies_within_its_place(stage):
    made = stage("xor")
    bundle = made.view.canvas.bundles["input", "dense-1"]
    ends = [to_qt(made.view.canvas.layers[key].box.body) for key in ("input", "dense-1")]
    near = bundle.rect()
    made.view.camera.zoom_by(0.3 / made.view.zoom)
    made.rest()
    assert all(bundle.rect().contains(end) for end in ends)
    made.view.camera.zoom_by(1.0 / made.view.zoom)
    made.rest()
    assert bundle.rect() == near
