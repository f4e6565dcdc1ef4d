"""Transitions: what folds, moves or is built glides on screen; what a click meets is there at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt, QVariantAnimation
from PySide6.QtGui import QPolygonF, QTransform
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.design import chain
from engine.edits.layers import insert
from engine.edits.outcome import Edit
from engine.edits.removal import delete
from gui.canvas.arranging import Arranging
from gui.canvas.stretching import stretch
from gui.canvas.transition import Seen

LEFT = Qt.MouseButton.LeftButton


def seen(made, layer: str) -> QRectF:
    """Where a layer's neurons are seen, in pixels of the viewport."""
    return made.view.transition.capture()[layer].body


def path_of(made, layer: str) -> list[Seen]:
    """How a layer is seen at the tenths of the way, whatever the machine has time for."""
    animation = made.view.transition.findChild(QVariantAnimation)
    animation.pause()
    found = []
    for tenth in range(10):
        animation.setCurrentTime(animation.duration() * tenth // 10)
        QApplication.processEvents()
        found.append(made.view.transition.capture()[layer])
    animation.resume()
    made.wait(lambda: not made.view.transition.running)
    return [*found, made.view.transition.capture()[layer]]


@pytest.fixture
def large(stage):
    made = stage()
    design = chain((2,), (40, {"activation": "tanh"}), (1, {"activation": "tanh"}))
    made.document.edit("large", replace(made.document.project, design=design))
    made.wait(lambda: made.view.frame.trace.layers["dense-1"].a.size == 40)
    made.rest()
    return made


def test_a_large_layer_unfolds_and_folds_without_a_jump(large):
    made = large
    item = made.view.canvas.layers["dense-1"]
    before = made.view.transition.capture()["dense-1"]
    QTest.mouseClick(made.view.viewport(), LEFT, pos=made.point(*item.box.ellipsis))
    assert made.view.transition.running
    assert item.box.hidden == 0  # known at once, shown step by step
    path = path_of(made, "dense-1")
    assert path[0].radius == pytest.approx(before.radius, rel=0.01)
    assert np.allclose(path[0].centers[before.units], before.centers, atol=1.0)
    sizes = [seen.radius for seen in path]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < 0.6 * sizes[0]
    assert max(-np.diff(sizes)) < 0.4 * (sizes[0] - sizes[-1])  # not in one leap
    made.rest()
    assert item.drawn is item.box
    assert item.transform().isIdentity()
    assert made.view.canvas.bundles["dense-1", "dense-2"].surface is not None
    unfolded = made.view.transition.capture()["dense-1"]
    made.view.folds.fold("dense-1", True)
    folding = made.view.transition.capture()["dense-1"]
    assert np.allclose(folding.centers, unfolded.centers[item.box.units], atol=1.0)
    made.wait(lambda: not made.view.transition.running)


def test_a_layer_with_too_many_synapses_says_before_and_at_a_click_that_it_stays_folded(stage):
    made = stage()
    wide = {"activation": "tanh"}
    design = chain((2,), (13_000, wide), (12, wide), (1, wide))
    made.document.edit("wide", replace(made.document.project, design=design))
    made.wait(lambda: made.view.frame.trace.layers["dense-1"].a.size == 13_000)
    made.rest()
    item, said, told = made.view.canvas.layers["dense-1"], [], []
    made.view.status_text.connect(said.append)
    made.view.byhand.cannot.connect(told.append)
    at = made.point(*item.box.ellipsis)
    QTest.mouseMove(made.view.viewport(), at)
    assert said[-1] == "There are too many synapses to draw them all; it stays folded."
    assert not told
    QTest.mouseClick(made.view.viewport(), LEFT, pos=at)
    assert told == said[-1:]
    assert item.box.hidden


def test_tidying_glides_and_the_wires_stay_at_their_layers(large):
    made = large
    box = made.view.canvas.layers["dense-1"].box
    title = made.point(*made.view.canvas.headers["dense-1"].title_rect().center().toTuple())
    QTest.mousePress(made.view.viewport(), LEFT, pos=title)
    for share in (0.3, 0.6, 1.0):
        QTest.mouseMove(made.view.viewport(), title + QPointF(90 * share, 60 * share).toPoint())
    QTest.mouseRelease(made.view.viewport(), LEFT, pos=title + QPointF(90, 60).toPoint())
    made.rest()
    assert not made.view.transition.running  # a drag is where the hand is
    moved = seen(made, "dense-1")
    Arranging(made.view).tidy()
    path = path_of(made, "dense-1")
    assert path[0].body.topLeft().toTuple() == pytest.approx(moved.topLeft().toTuple(), abs=1.5)
    assert [s.body.x() for s in path] == sorted((s.body.x() for s in path), reverse=True)
    assert made.view.canvas.layers["dense-1"].box.anchor == pytest.approx(box.anchor)


def test_an_inserted_layer_grows_while_the_others_make_room_and_training_goes_on(stage):
    made = stage()
    made.view.set_waves(False)
    made.controller.set_pace(float("inf"))
    made.controller.play()
    made.wait(lambda: made.view.frame.snapshot.step > 20)
    before = seen(made, "dense-2")
    outcome = insert(made.document.project, "dense-1", "dense-2", "dense")
    assert isinstance(outcome, Edit)
    made.document.apply(outcome)
    assert made.view.transition.running
    step = made.view.frame.snapshot.step
    path = path_of(made, outcome.added[0])
    assert path[0].body.width() < 0.2 * path[-1].body.width()
    assert seen(made, "dense-2").x() > before.x()
    made.wait(lambda: made.view.frame.project.design == outcome.project.design)
    made.wait(lambda: made.view.frame.snapshot.step > step)
    made.controller.pause()


def test_with_less_motion_everything_is_in_its_place_at_once(large):
    made = large
    made.view.set_reduce_motion(True)
    made.view.folds.fold("dense-1", False)
    assert not made.view.transition.running
    assert made.view.canvas.layers["dense-1"].transform().isIdentity()


def test_a_bundle_that_moves_keeps_the_colors_of_its_weights(stage):
    made = stage("mnist-16-16")
    item = made.view.canvas.bundles["input", "dense-1"]
    picture = item.surface.picture.copy()
    planner = made.view.planner
    title = made.point(*made.view.canvas.headers["dense-1"].title_rect().center().toTuple())
    QTest.mousePress(made.view.viewport(), LEFT, pos=title)
    QTest.mouseMove(made.view.viewport(), title + QPointF(20, 10).toPoint())
    QTest.mouseMove(made.view.viewport(), title + QPointF(40, 25).toPoint())
    assert planner.moving
    assert item.surface is None
    shown = made.view.viewport().grab(made.view.mapFromScene(item.extent()).boundingRect()).toImage()
    colors = {shown.pixel(x, y) for x in range(0, shown.width(), 7) for y in range(0, shown.height(), 7)}
    assert len(colors) > 20  # a plain ribbon has one
    assert np.array_equal(item._last[0].picture, picture)
    QTest.mouseRelease(made.view.viewport(), LEFT, pos=title + QPointF(40, 25).toPoint())


def quad(*points: tuple[float, float]) -> QPolygonF:
    return QPolygonF([QPointF(*point) for point in points])


@pytest.mark.parametrize(
    ("after", "affine"),
    [
        (quad((0, 0), (100, 40), (100, 80), (0, 100)), True),  # one end moved down
        (quad((0, 0), (130, 10), (130, 50), (0, 100)), True),  # and away
        (quad((0, 0), (100, 0), (100, 200), (0, 100)), False),  # one end grew
    ],
)
def test_a_stretched_picture_has_its_corners_where_they_belong(after, affine):
    before = quad((0, 0), (100, 30), (100, 70), (0, 100))
    made = stretch(before, after)
    assert made.isAffine() == affine
    for k in range(4):
        assert made.map(before.at(k)).toTuple() == pytest.approx(after.at(k).toTuple(), abs=1e-6)


def test_what_has_no_area_cannot_be_stretched():
    flat = quad((0, 0), (0, 0), (0, 0), (0, 0))
    assert stretch(flat, quad((0, 0), (1, 0), (1, 1), (0, 1))) is None
    assert QTransform().isIdentity()


def test_a_removed_layer_fades_away_and_leaves_nothing(stage):
    made = stage()
    scene = made.view.canvas
    item, bundle = scene.layers["dense-1"], scene.bundles["input", "dense-1"]
    count = len(scene.items())
    made.document.apply(delete(made.document.project, ["dense-1"]))
    assert "dense-1" not in scene.layers
    assert item.scene() is scene
    made.wait(lambda: 0.0 < item.opacity() < 1.0)
    made.rest()
    assert item.scene() is None
    assert bundle.scene() is None
    made.document.undo_stack.undo()
    made.rest()
    assert len(scene.items()) == count


def test_with_less_motion_a_removed_layer_is_gone_at_once(stage):
    made = stage()
    made.view.set_reduce_motion(True)
    item = made.view.canvas.layers["dense-1"]
    made.document.apply(delete(made.document.project, ["dense-1"]))
    assert item.scene() is None
