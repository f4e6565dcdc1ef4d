"""Arranging layers with the mouse and the Edit menu, on a real session."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from gui.canvas.arranging import Arranging
from gui.document.selection import Picked

LEFT = Qt.MouseButton.LeftButton
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def title(stage, layer):
    rect = stage.view.canvas.headers[layer].title_rect()
    return stage.point(rect.center().x(), rect.center().y())


def drag(stage, begin, by, modifiers=Qt.KeyboardModifier.NoModifier, parts=4):
    viewport = stage.view.viewport()
    QTest.mousePress(viewport, LEFT, modifiers, begin)
    for part in range(1, parts + 1):
        QTest.mouseMove(viewport, begin + by * part / parts)
    QTest.mouseRelease(viewport, LEFT, modifiers, begin + by)


def boxes(stage):
    return {key: (item.box.rect.x, item.box.rect.y) for key, item in stage.view.canvas.layers.items()}


def test_dragging_a_header_moves_the_layer_as_one_step_and_compiles_nothing(stage):
    made = stage()
    before, run = boxes(made), made.controller.run
    drag(made, title(made, "dense-1"), QPoint(40, 60))
    after = boxes(made)
    assert after["dense-1"] == pytest.approx((before["dense-1"][0] + 40, before["dense-1"][1] + 60))
    assert all(after[key] == before[key] for key in before if key != "dense-1")
    assert made.document.undo_stack.count() == 1
    assert made.document.undo_stack.undoText() == "move Layer 1"
    made.wait(lambda: made.controller.project == made.document.project)
    assert made.controller.run == run
    made.document.undo_stack.undo()
    assert boxes(made) == before
    assert not made.document.undo_stack.canUndo()


def test_two_drags_are_two_steps(stage):
    made = stage()
    for _ in range(2):
        drag(made, title(made, "dense-1"), QPoint(0, 30))
    assert made.document.undo_stack.count() == 2


def test_escape_takes_a_drag_back(stage):
    made = stage()
    before, viewport, at = boxes(made), made.view.viewport(), title(made, "dense-2")
    QTest.mousePress(viewport, LEFT, pos=at)
    QTest.mouseMove(viewport, at + QPoint(30, 30))
    assert boxes(made) != before
    QTest.keyClick(made.view, Qt.Key.Key_Escape)
    QTest.mouseRelease(viewport, LEFT, pos=at + QPoint(30, 30))
    assert boxes(made) == before


def test_the_project_learns_of_a_drag_at_its_end_only(stage):
    made = stage()
    project, viewport, at = made.document.project, made.view.viewport(), title(made, "dense-1")
    before = boxes(made)
    QTest.mousePress(viewport, LEFT, pos=at)
    QTest.mouseMove(viewport, at + QPoint(30, 30))
    ends = made.view.canvas.bundles["input", "dense-1"].bundle.ends
    assert ends[0] == pytest.approx(made.view.canvas.layers["dense-1"].box.entries()[0])
    assert made.document.project is project
    QTest.mouseMove(viewport, at + QPoint(40, 60))
    QTest.mouseRelease(viewport, LEFT, pos=at + QPoint(40, 60))
    assert made.document.project is not project
    assert boxes(made)["dense-1"] == pytest.approx((before["dense-1"][0] + 40, before["dense-1"][1] + 60))


def test_the_synapses_of_a_dragged_layer_follow_it(stage):
    made = stage()
    drag(made, title(made, "dense-1"), QPoint(20, 40))
    made.rest()
    bundle = made.view.canvas.bundles["input", "dense-1"]
    assert bundle.bundle.ends[0] == pytest.approx(made.view.canvas.layers["dense-1"].box.entries()[0])
    assert bundle.surface is not None


def test_shift_and_control_clicks_select_several_layers_that_move_together(stage):
    made = stage()
    viewport = made.view.viewport()
    QTest.mouseClick(viewport, LEFT, pos=title(made, "dense-1"))
    QTest.mouseClick(viewport, LEFT, SHIFT, title(made, "dense-2"))
    assert made.document.selection.picked == (Picked("dense-1"), Picked("dense-2"))
    before = boxes(made)
    drag(made, title(made, "dense-2"), QPoint(10, 50))
    after = boxes(made)
    for key in ("dense-1", "dense-2"):
        assert after[key] == pytest.approx((before[key][0] + 10, before[key][1] + 50))
    assert made.document.undo_stack.undoText() == "move 2 layers"
    QTest.mouseClick(viewport, LEFT, CTRL, title(made, "dense-1"))
    assert made.document.selection.picked == (Picked("dense-2"),)


def test_the_marquee_selects_layers_or_some_neurons_of_one(stage):
    made = stage()
    box = made.view.canvas.layers["dense-1"].box
    r = box.radius + 20
    first, second = box.centers[0], box.centers[1]
    begin = made.point(first[0] - r, first[1] - box.radius - 4)
    end = made.point(second[0] + r, second[1] + box.radius + 4)
    drag(made, begin, end - begin, SHIFT)
    assert made.document.selection.picked == (Picked("dense-1", 0), Picked("dense-1", 1))
    everything = made.view.viewport().rect().adjusted(2, 2, -4, -4)
    drag(made, everything.topLeft(), everything.bottomRight() - everything.topLeft(), SHIFT)
    assert {p.layer for p in made.document.selection.picked} == set(made.view.canvas.layers)
    assert all(p.unit is None for p in made.document.selection.picked)


def test_copy_and_paste_go_through_readable_text(stage):
    made = stage()
    arranging = Arranging(made.view)
    made.document.selection.select(Picked("dense-1"))
    assert arranging.copy()
    text = QGuiApplication.clipboard().text()
    assert json.loads(text)["layers"][0]["kind"] == "dense"
    arranging.paste()
    (picked,) = made.document.selection.picked
    assert picked.layer not in ("dense-1", "dense-2")
    assert picked.layer in made.view.canvas.layers
    assert made.document.undo_stack.undoText() == "paste Dense(4)"
    made.document.undo_stack.undo()
    assert picked.layer not in made.view.canvas.layers


def test_other_text_is_not_pasted_and_that_is_said(stage, qtbot):
    made = stage()
    arranging = Arranging(made.view)
    QGuiApplication.clipboard().setText("good morning")
    with qtbot.waitSignal(arranging.cannot) as said:
        arranging.paste()
    assert "Copy layers first" in said.args[0]
    assert not made.document.undo_stack.canUndo()


def covered(made, layer):
    """The other layers that one lies on."""
    rects = {key: QRectF(*corners(item.box.rect)) for key, item in made.view.canvas.layers.items()}
    return [key for key, rect in rects.items() if key != layer and rect.intersects(rects[layer])]


def corners(rect):
    return rect.x, rect.y, rect.width, rect.height


def test_what_is_pasted_over_a_layer_or_twice_at_one_place_lies_on_nothing(stage):
    made = stage()
    arranging = Arranging(made.view)
    made.document.selection.select(Picked("dense-1"))
    arranging.copy()
    for _ in range(2):
        arranging.paste()
        (picked,) = made.document.selection.picked
        assert not covered(made, picked.layer)


def test_a_part_that_is_pasted_stands_apart_as_a_whole_and_is_seen(stage):
    made = stage()
    arranging = Arranging(made.view)
    hidden = [key for key in made.view.canvas.layers if key != "input"]
    made.document.selection.select(*(Picked(key) for key in hidden))
    arranging.copy()
    arranging.paste()
    layers = made.view.canvas.layers
    new = {picked.layer for picked in made.document.selection.picked}
    assert len(new) == len(hidden)
    whole = QRectF()
    for key in new:
        whole = whole.united(QRectF(*corners(layers[key].box.rect)))
    assert not [k for k in layers if k not in new and whole.intersects(QRectF(*corners(layers[k].box.rect)))]
    room = made.view.viewport().rect()
    seen = made.view.mapFromScene(whole).boundingRect()
    assert room.contains(seen.adjusted(-8, -8, 8, 8))


def test_cut_joins_the_neighbors_and_duplicate_lies_beside_its_model(stage):
    made = stage()
    arranging = Arranging(made.view)
    made.document.selection.select(Picked("dense-1"))
    places = made.view.planner.places()
    arranging.duplicate()
    (picked,) = made.document.selection.picked
    assert all(place == made.view.planner.places()[key] for key, place in places.items())
    assert not covered(made, picked.layer)
    assert made.view.planner.places()["dense-1"] == places["dense-1"]
    made.document.undo_stack.undo()
    made.document.selection.select(Picked("dense-1"))
    arranging.cut()
    assert made.document.project.design.sources("dense-2") == ("input",)
    assert made.document.undo_stack.undoText() == "cut Dense(4)"


def test_tidying_glides_back_to_the_layout_in_one_step(stage):
    made = stage()
    before = boxes(made)
    drag(made, title(made, "dense-1"), QPoint(60, 90))
    Arranging(made.view).tidy()
    assert made.document.undo_stack.undoText() == "tidy up"
    made.wait(lambda: boxes(made) == before)
    made.document.undo_stack.undo()
    assert boxes(made) != before
