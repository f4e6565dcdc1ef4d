"""Finding one's way: folding, the search field, the breadcrumb, pinching, and the picture as a picture."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.design import chain
from gui.canvas.arranging import Arranging
from gui.canvas.crumbs import Crumbs
from gui.canvas.find import FindField
from gui.canvas.picture import image_of, svg_of
from gui.document.selection import Picked

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def large(stage):
    made = stage()
    project = made.document.project
    design = chain((2,), (40, {"activation": "tanh"}), (1, {"activation": "tanh"}))
    made.document.edit("large", replace(project, design=design))
    made.wait(lambda: made.view.frame.trace.layers["dense-1"].a.size == 40)
    made.rest()
    return made


def test_a_click_on_the_count_unfolds_and_the_command_folds_again(large):
    made = large
    box = made.view.canvas.layers["dense-1"].box
    assert box.hidden
    QTest.mouseClick(made.view.viewport(), LEFT, pos=made.point(*box.ellipsis))
    made.rest()
    item = made.view.canvas.layers["dense-1"]
    assert item.box.hidden == 0
    assert np.array_equal(item.values, made.view.frame.trace.layers["dense-1"].a)
    assert made.document.undo_stack.count() == 1  # how it is shown is no edit
    made.document.selection.select(Picked("dense-1"))
    made.view.toggle_fold()
    assert made.view.canvas.layers["dense-1"].box.hidden


def test_what_would_be_too_many_synapses_stays_folded(stage, qtbot):
    made = stage("mnist-16-16")
    project = made.document.project
    design = chain((784,), (512, {"activation": "relu"}), (10, {}))
    made.document.edit("wide", replace(project, design=design))
    with qtbot.waitSignal(made.view.byhand.cannot) as said:
        made.view.folds.fold("dense-1", False)
    assert "too many" in said.args[0]
    assert made.view.canvas.layers["dense-1"].box.hidden


def test_finding_a_layer_selects_it_and_goes_there(stage):
    made = stage()
    made.view.camera.calm = True
    find = FindField(made.view)
    find.open()
    QTest.keyClicks(find.field, "dense")
    assert find.found == ["dense-1", "dense-2", "dense-3"]
    assert made.document.selection.picked == (Picked("dense-1"),)
    QTest.keyClick(find.field, Qt.Key.Key_Return)
    assert made.document.selection.picked == (Picked("dense-2"),)
    rect = made.view.canvas.layers["dense-2"].box.rect
    assert made.view.viewport().rect().contains(made.point(*rect.center))
    QTest.keyClicks(find.field, "xyzzy")
    assert find.count.text() == "none"
    QTest.keyClick(find.field, Qt.Key.Key_Escape)
    assert find.isHidden()


def test_the_breadcrumb_says_where_one_is_and_goes_back(stage):
    made = stage()
    made.view.camera.calm = True
    crumbs = Crumbs(made.view)
    crumbs.follow()
    assert crumbs.isHidden()
    made.document.selection.select(Picked("dense-1", 2))
    made.view.zoom_to_selection()
    made.rest()
    assert [text for text, _, _ in crumbs.path] == ["Network", "Layer 1", "Neuron 3"]
    assert crumbs.isVisible()
    QTest.mouseClick(crumbs.buttons[1], LEFT)
    made.rest()
    assert made.document.selection.picked == (Picked("dense-1"),)
    QTest.mouseClick(crumbs.buttons[0], LEFT)
    made.rest()
    assert made.view.camera.fitted
    assert crumbs.isHidden()


def test_pinching_zooms_where_the_fingers_are(stage):
    made = stage()
    before, at = made.view.zoom, QPointF(300.0, 200.0)
    point = made.view.mapToScene(at.toPoint())
    viewport = made.view.viewport()
    event = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture,
        QPointingDevice.primaryPointingDevice(),
        2,
        at,
        at,
        QPointF(viewport.mapToGlobal(at.toPoint())),
        0.25,
        QPointF(),
    )
    assert event.type() == QEvent.Type.NativeGesture
    QApplication.sendEvent(viewport, event)
    assert made.view.zoom == pytest.approx(before * 1.25)
    after = made.view.mapToScene(at.toPoint())
    assert (after - point).manhattanLength() < 3


def test_the_picture_on_the_clipboard_is_what_the_canvas_shows(stage):
    made = stage()
    made.train(10)
    Arranging(made.view).copy_png()
    image = QApplication.clipboard().image()
    ratio = image.width() / made.view.viewport().width()
    assert ratio >= 2
    item = made.view.canvas.layers["dense-1"]
    for row, center in enumerate(item.box.centers):
        at = QPointF(made.view.mapFromScene(QPointF(*center) + QPointF(0, -0.75 * item.box.radius))) * ratio
        color = image.pixelColor(at.toPoint())
        wanted = made.view.look.fill(float(item.values[row]), item.color_scale.limit)
        assert (color.red(), color.green(), color.blue()) == pytest.approx(
            (wanted.red(), wanted.green(), wanted.blue()), abs=3
        )
    assert image_of(made.view).size() == image.size()


def test_the_svg_is_one_and_its_texts_are_in_it(stage, tmp_path):
    made = stage()
    root = ET.fromstring(svg_of(made.view, "circle"))
    assert root.tag.endswith("svg")
    path = tmp_path / "circle.svg"
    Arranging(made.view).write_svg(str(path))
    assert b"tanh" in path.read_bytes()


def test_neurons_are_shapes_in_a_copied_picture_and_a_picture_on_the_screen(stage):
    made = stage("mnist-16-16")
    layers = [made.view.canvas.layers[key] for key in ("dense-2", "dense-3")]
    assert all(layer._cells.isVisible() for layer in layers)
    written = svg_of(made.view, "digits")
    assert written.count(b"<circle") + written.count(b"<ellipse") >= sum(len(x.box.units) for x in layers)
    image, layer = image_of(made.view), layers[0]
    ratio = image.width() / made.view.viewport().width()
    row = int(np.abs(layer.values).argmax())
    at = QPointF(made.view.mapFromScene(QPointF(*layer.box.centers[row]))) * ratio
    reach = round((layer.box.radius + 4) * made.view.zoom * ratio)
    line = [image.pixelColor(round(at.x()), round(at.y()) - reach + k).saturation() for k in range(reach)]
    steps = np.abs(np.diff(line))
    assert (steps > 8).sum() <= 3, line  # a rim of a pixel, not of two that were stretched
    assert all(layer._cells.isVisible() for layer in layers)


def test_an_svg_that_cannot_be_written_is_explained(stage, qtbot, tmp_path):
    made = stage()
    arranging = Arranging(made.view)
    with qtbot.waitSignal(arranging.cannot) as said:
        arranging.write_svg(str(tmp_path / "nowhere" / "circle.svg"))
    assert "could not be written" in said.args[0]


def test_a_layer_is_found_by_the_title_that_stands_over_it(stage):
    made = stage()
    finder = FindField(made.view)
    finder.open()
    QTest.keyClicks(finder.field, "4 tanh")
    assert finder.found == ["dense-1"]
    finder.hide()


def test_the_card_of_a_neuron_keeps_clear_of_what_feeds_it(stage):
    made = stage()
    for layer, source in (("dense-1", "input"), ("dense-2", "dense-1"), ("dense-3", "dense-2")):
        at = made.unit(layer, 0)
        QTest.mouseClick(made.view.viewport(), LEFT, pos=at)
        made.rest()
        card = made.view.card.geometry()
        assert made.view.card.isVisible()
        units = made.view.canvas.layers[source].box.units
        assert not [unit for unit in units if card.contains(made.unit(source, int(unit)))], layer
        assert not card.contains(at)


def test_a_picture_unfolds_into_its_pixels_as_neurons_and_folds_again(stage):
    made = stage("mnist-16-16")
    made.view.set_reduce_motion(True)  # on its way, what it says would be stretched
    made.document.selection.select(Picked("input"))
    made.view.toggle_fold()
    made.rest()
    item = made.view.canvas.layers["input"]
    assert item.box.shape is None
    assert len(item.box.units) == 784
    grabbed = made.view.viewport().grab()
    assert not grabbed.isNull()
    assert np.array_equal(item.values, made.view.frame.trace.layers["input"].a)
    made.view.toggle_fold()
    made.rest()
    assert made.view.canvas.layers["input"].box.shape == (28, 28)
