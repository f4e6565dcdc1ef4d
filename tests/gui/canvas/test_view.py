"""The canvas under the hand: mouse and keys on a real session."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.design import units_of
from engine.examples import example_project
from gui.canvas.items.lettering import width_of
from gui.canvas.rects import to_qt
from gui.document.selection import Picked
from gui.theme import manager
from gui.widgets.numbers import number_text

LEFT = Qt.MouseButton.LeftButton


def press_plus(stage, layer):
    rect = stage.view.canvas.headers[layer].stepper_rect()
    return stage.point(rect.right() - 8, rect.center().y())


def press_minus(stage, layer):
    rect = stage.view.canvas.headers[layer].stepper_rect()
    return stage.point(rect.left() + 8, rect.center().y())


def click_in_haste(widget, at):
    """A click soon after another, which is half a double click for Qt."""
    place, none = QPointF(at), Qt.KeyboardModifier.NoModifier
    kind = QEvent.Type.MouseButtonDblClick
    event = QMouseEvent(kind, place, QPointF(widget.mapToGlobal(at)), LEFT, LEFT, none)
    QApplication.sendEvent(widget, event)
    QTest.mouseRelease(widget, LEFT, none, at)


def units(stage, layer="dense-1"):
    return len(units_of(stage.document.project.design.layer(layer)))


def test_a_click_on_the_stepper_adds_a_neuron_and_undo_takes_it_back(stage, qtbot):
    made = stage()
    qtbot.mouseClick(made.view.viewport(), LEFT, pos=press_plus(made, "dense-1"))
    assert units(made) == 5
    assert made.document.undo_stack.undoText() == "set Layer 1 to 5 neurons"
    assert len(made.view.canvas.layers["dense-1"].box.units) == 5
    made.wait(lambda: made.view.frame.trace.layers["dense-1"].a.size == 5)
    made.document.undo_stack.undo()
    assert units(made) == 4
    assert len(made.view.canvas.layers["dense-1"].box.units) == 4


def test_the_stepper_stays_under_the_mouse_for_click_after_click(stage, qtbot):
    made = stage(size=(1100, 800))
    view, at = made.view, press_plus(made, "dense-1")
    QTest.mouseMove(view.viewport(), at)
    for count in range(5, 13):
        if count % 2:
            qtbot.mouseClick(view.viewport(), LEFT, pos=at)
        else:
            click_in_haste(view.viewport(), at)
        assert units(made) == count
        made.wait(lambda: not view.transition.running)
        assert (press_plus(made, "dense-1") - at).manhattanLength() <= 2
    QTest.mouseMove(view.viewport(), QPoint(5, 5))
    made.wait(lambda: view.camera._animation is None)
    assert view.camera.fitted
    assert view.camera.zoom == pytest.approx(view.camera.fitting_zoom)
    seen = view.mapToScene(view.viewport().rect()).boundingRect().adjusted(-1, -1, 1, 1)
    assert all(seen.contains(to_qt(item.box.rect)) for item in view.canvas.layers.values())


def test_holding_the_stepper_goes_on_and_is_one_undo_step(stage, qtbot):
    made = stage()
    viewport, at = made.view.viewport(), press_minus(made, "dense-1")
    qtbot.mousePress(viewport, LEFT, pos=at)
    made.wait(lambda: units(made) <= 2)
    qtbot.mouseRelease(viewport, LEFT, pos=at)
    count = units(made)
    qtbot.wait(300)
    assert units(made) == count
    made.document.undo_stack.undo()
    assert units(made) == 4
    assert not made.document.undo_stack.canUndo()


def test_the_last_neuron_stays(stage, qtbot):
    made = stage()
    viewport = made.view.viewport()
    for _ in range(5):
        qtbot.mouseClick(viewport, LEFT, pos=press_minus(made, "dense-2"))
    assert units(made, "dense-2") == 1


def test_the_plus_on_a_bundle_inserts_a_layer_and_undo_removes_it(stage, qtbot):
    made = stage()
    plus = made.view.canvas.pluses["dense-1", "dense-2"]
    with qtbot.waitSignal(made.view.add_layer_requested) as asked:
        qtbot.mouseClick(made.view.viewport(), LEFT, pos=made.point(plus.center.x(), plus.center.y()))
    (new,) = asked.args
    design = made.document.project.design
    assert design.sources(new) == ("dense-1",)
    assert design.targets(new) == ("dense-2",)
    assert new in made.view.canvas.layers
    assert ("dense-1", "dense-2") not in made.view.canvas.bundles
    made.wait(lambda: new in made.view.frame.trace.layers)
    made.document.undo_stack.undo()
    assert new not in made.view.canvas.layers
    assert ("dense-1", "dense-2") in made.view.canvas.bundles


def test_hovering_a_neuron_shows_its_card_beside_it_within_the_viewport(stage, qtbot):
    made = stage()
    for layer, item in made.view.canvas.layers.items():
        for unit in item.box.units.tolist():
            at = made.unit(layer, unit)
            qtbot.mouseMove(made.view.viewport(), at)
            assert made.document.selection.hovered == Picked(layer, unit)
            card = made.view.card
            assert card.isVisible()
            assert not card.geometry().contains(at)
            assert made.view.viewport().rect().contains(card.geometry())


@pytest.mark.parametrize("units", [8, 9_999, 10_000, 1_000_000])
def test_a_stepper_has_room_for_its_number(stage, units):
    header = stage().view.canvas.headers["dense-1"]
    header.set_texts("Dense", "", units)
    rect = header.stepper_rect()
    assert width_of(f"{units:,}", header.look.text()) < rect.width() - 2 * rect.height()
    assert header.part_at(rect.right() - 2, rect.center().y()) == "+"


def test_the_legend_says_the_scale_of_the_synapses_that_are_looked_at(stage, qtbot):
    made = stage("circle")
    made.rest()
    bundles, legend = made.view.canvas.bundles, made.view.legend
    last = number_text(bundles["dense-2", "dense-3"].color_scale.limit, 2)
    bundles["dense-1", "dense-2"].color_scale.limit = 16.0
    assert legend.limit == ""
    qtbot.mouseMove(made.view.viewport(), QPoint(3, 3))  # where an earlier test left it, it would not move
    qtbot.mouseMove(made.view.viewport(), made.unit("dense-3", 0))
    assert made.document.selection.hovered == Picked("dense-3", 0)
    assert (legend.limit, legend.single) == (last, True)
    qtbot.mouseMove(made.view.viewport(), made.unit("dense-2", 0))
    assert legend.limit == "", "what comes in and what goes out have scales of their own"
    made.document.selection.select(Picked("dense-3", 0))
    assert legend.single


def test_a_card_keeps_clear_of_what_lies_over_the_canvas(stage, qtbot):
    made = stage()
    made.view.set_reduce_motion(True)
    made.view.covered = lambda: 300
    made.view.make_room()
    made.rest()
    room = made.view.room
    assert room.left() == 300
    for layer in list(made.view.canvas.layers)[1:]:
        qtbot.mouseMove(made.view.viewport(), made.unit(layer, 0))
        assert made.document.selection.hovered == Picked(layer, 0)
        assert made.view.card.isVisible()
        assert room.contains(made.view.card.geometry())


def test_the_card_has_the_engines_numbers_and_the_address(stage, qtbot):
    made = stage("by-hand")
    qtbot.mouseMove(made.view.viewport(), made.unit("dense-1", 0))
    text = made.view.card.text
    rows = dict(text.rows)
    assert rows["z₁⁽¹⁾"] == "0.755"  # 0.1 · 0.35 + 0.8 · 0.9
    assert rows["a₁⁽¹⁾"] == "0.680"
    assert text.address == "a₁ [layer 1][batch 0][example 1]"
    assert "0.8·0.9" in text.equation
    assert text.equation.endswith("= 0.755")


def test_the_batch_in_an_address_is_counted_over_all_epochs(stage, qtbot):
    made = stage("by-hand")
    qtbot.mouseMove(made.view.viewport(), made.unit("dense-1", 0))
    made.train(3)  # of one example each
    qtbot.mouseMove(made.view.viewport(), made.unit("dense-1", 1))
    frame = made.view.frame
    assert frame.snapshot.epoch >= 3 > frame.snapshot.batch
    assert made.view.card.text.address == f"a₂ [layer 1][batch {frame.snapshot.step}][example 1]"


def test_hovering_a_synapse_shows_its_weight_and_gradient(stage, qtbot):
    made = stage("by-hand")
    item = made.view.canvas.bundles["dense-1", "dense-2"]
    k = next(k for k in range(len(item.bundle)) if item.bundle.source_unit[k] == 1)
    (x0, y0), (x1, y1) = item.bundle.starts[k], item.bundle.ends[k]
    qtbot.mouseMove(made.view.viewport(), made.point((x0 + x1) / 2, (y0 + y1) / 2))
    assert made.document.selection.hovered == Picked("dense-2", 0, 1, "dense-1")
    rows = dict(made.view.card.text.rows)
    assert rows["w⁽²⁾₁₂"] == "0.9"
    assert float(rows["a"]) == pytest.approx(0.664, abs=1e-3)
    assert rows["∂L/∂w⁽²⁾₁₂"].startswith("▲")
    assert made.view.card.text.address == "w₁₂ [layer 2][batch 0][example 1]"


def test_clicks_select_and_a_click_beside_selects_nothing(stage, qtbot):
    made = stage()
    qtbot.mouseClick(made.view.viewport(), LEFT, pos=made.unit("dense-1", 2))
    assert made.document.selection.current == Picked("dense-1", 2)
    qtbot.mouseClick(made.view.viewport(), LEFT, pos=QPoint(5, made.view.viewport().height() - 5))
    assert made.document.selection.current is None


def test_arrows_walk_neurons_and_layers(stage, qtbot):
    made = stage()
    made.document.selection.select(Picked("dense-1", 0))
    key = Qt.Key
    walk = [(key.Key_Down, ("dense-1", 1)), (key.Key_Right, ("dense-2", 0)), (key.Key_Left, ("dense-1", 1))]
    for pressed, expected in walk:
        qtbot.keyClick(made.view, pressed)
        current = made.document.selection.current
        assert (current.layer, current.unit) == expected
    qtbot.keyClick(made.view, key.Key_Escape)
    assert made.document.selection.current is None


def turn_wheel(view, at, angle):
    event = QWheelEvent(
        QPointF(at), view.viewport().mapToGlobal(QPointF(at)), QPoint(), QPoint(0, angle),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view.viewport(), event)


def test_two_fingers_on_the_touch_pad_zoom_at_the_cursor(stage):
    made = stage()
    before, at = made.view.camera.zoom, QPointF(300.0, 200.0)
    under = made.view.mapToScene(at.toPoint())
    pad = QPointingDevice.primaryPointingDevice()
    kind = Qt.NativeGestureType.ZoomNativeGesture
    on_screen = QPointF(made.view.viewport().mapToGlobal(at))
    event = QNativeGestureEvent(kind, pad, 2, at, on_screen, on_screen, 0.25, QPointF())
    QApplication.sendEvent(made.view.viewport(), event)
    assert made.view.camera.zoom == pytest.approx(1.25 * before)
    assert (made.view.mapToScene(at.toPoint()) - under).manhattanLength() < 2


def test_the_wheel_zooms_at_the_cursor_and_f_fits_again(stage, qtbot):
    made = stage()
    at = made.unit("dense-2", 1)
    scene = made.view.mapToScene(at)
    for _ in range(4):
        turn_wheel(made.view, at, 120)
    assert made.view.zoom > 1.8
    moved = made.view.mapFromScene(scene) - at
    assert moved.manhattanLength() <= 4
    made.wait(lambda: made.view.is_settled)
    for item in made.view.canvas.bundles.values():
        assert item.surface.region.zoom == pytest.approx(made.view.zoom)
    qtbot.keyClick(made.view, Qt.Key.Key_F)
    made.wait(lambda: made.view.zoom == 1.0)


def test_dragging_empty_canvas_pans(stage, qtbot):
    made = stage()
    viewport = made.view.viewport()
    start = QPoint(8, viewport.height() - 8)
    before = made.unit("dense-1", 0)
    qtbot.mousePress(viewport, LEFT, pos=start)
    qtbot.mouseMove(viewport, start + QPoint(20, -10))
    QTest.mouseMove(viewport, start + QPoint(40, -30))
    qtbot.mouseRelease(viewport, LEFT, pos=start + QPoint(40, -30))
    assert made.unit("dense-1", 0) - before == QPoint(40, -30)


def test_the_caption_says_what_it_says_and_what_is_true(stage):
    made = stage("mnist-16-16")
    frame = made.view.frame
    said = int(frame.trace.prediction.argmax())
    true = int(made.example.split.labels[made.example.index])
    article = "an" if true == 8 else "a"
    assert made.view.caption.caption.text == (
        f"Untrained: it says {said}. It is {article} {true}. Press Space."
    )
    made.train(600)
    assert made.view.caption.caption.text.startswith("It says ")
    rows = made.view.canvas.output.rows
    assert [row.name for row in rows] == [str(n) for n in range(10)]
    assert sum(row.true for row in rows) == 1
    assert rows[true].true
    assert sum(row.share for row in rows) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("example", ["xor", "circle", "by-hand", "chain", "linear-regression", "spirals"])
def test_every_example_is_shown_without_overlap(stage, example):
    made = stage(example)
    boxes = list(made.view.canvas.plan.layout.boxes.values())
    assert len(boxes) == len(made.document.project.design.layers)
    for i, box in enumerate(boxes):
        assert not any(box.rect.overlaps(other.rect) for other in boxes[i + 1 :])
    headers = [h.stepper_rect().united(h.title_rect()) for h in made.view.canvas.headers.values()]
    for i, rect in enumerate(headers):
        assert not any(rect.intersects(other) for other in headers[i + 1 :])
    assert made.view.caption.caption.text


def test_another_example_is_shown_at_once(stage):
    made = stage("mnist-16-16")
    before = made.view.canvas.layers["input"].values.copy()
    made.example.show(5)
    made.wait(lambda: made.view.frame.index == 5)
    assert (made.view.canvas.layers["input"].values != before).any()
    assert (made.view.canvas.layers["input"].values == made.example.inputs).all()


def test_a_view_made_later_shows_what_is_already_there(stage, qtbot):
    from gui.canvas.view import CanvasView

    made = stage()
    second = CanvasView(made.document, made.controller, made.clock, made.example, manager())
    qtbot.addWidget(second)
    assert second.frame is made.clock.frame
    assert second.caption.caption.text
    assert set(second.canvas.layers) == set(made.view.canvas.layers)


def test_opening_another_project_replaces_the_picture(stage):
    made = stage()
    project = replace(example_project("xor"), name="other")
    made.document.open(project, None)
    made.controller.open(project)
    assert len(made.view.canvas.layers) == 3
    made.wait(lambda: made.view.frame is not None and made.view.frame.data.name == "xor")


def test_both_themes_and_the_projector_repaint_everything(stage):
    made = stage()
    light = made.grab().pixelColor(3, 3).name()
    manager().choose("dark")
    dark = made.grab().pixelColor(3, 3).name()
    assert (light.upper(), dark.upper()) == ("#FBFBFA", "#15181C")
    made.view.set_presentation(True)
    assert made.view.look.theme.scale == 1.5
    made.view.set_presentation(False)
    assert made.view.look.theme.scale == 1.0
    manager().choose("light")


def test_another_size_is_painted_once(stage):
    made = stage()
    shown = []
    show_all = made.view.refresh.show_all
    made.view.refresh.show_all = lambda *arguments: shown.append(show_all(*arguments))
    QApplication.processEvents()
    shown.clear()
    made.view.resize(900, 600)
    assert len(shown) == 1
