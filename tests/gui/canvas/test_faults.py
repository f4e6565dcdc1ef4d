"""Faults on the canvas: a badge where one is caused, its sentence, and the button that repairs it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from engine.design import Wire

LEFT = Qt.MouseButton.LeftButton


def unwire(stage, *wires):
    project = stage.document.project
    kept = tuple(w for w in project.design.wires if (w.source, w.target) not in wires)
    stage.document.edit("cut a wire", replace(project, design=replace(project.design, wires=kept)))


def test_a_sound_design_has_no_badge(stage):
    assert stage().view.canvas.badges == {}


def test_a_layer_that_nothing_feeds_says_so_and_its_button_wires_it(stage):
    made = stage()
    unwire(made, ("input", "dense-1"))
    badge = made.view.canvas.badges["dense-1"]
    assert badge.forbids
    at = made.view.mapFromScene(badge.pos())
    QTest.mouseMove(made.view.viewport(), at)
    card = made.view.fault_card
    assert card.isVisible()
    assert not card.geometry().contains(at)
    assert any("Nothing feeds" in fault.message for fault in card.faults)
    assert made.view.canvas.layers["dense-2"].values is None  # nothing is known behind the fault
    (button, *_) = card.buttons
    QTest.mouseClick(made.view.viewport(), LEFT, pos=at)
    QTest.mouseMove(made.view.viewport(), made.view.viewport().rect().bottomLeft())
    assert card.isVisible()  # pinned
    QTest.mouseClick(button, LEFT)
    assert Wire("input", "dense-1") in made.document.project.design.wires
    assert "dense-1" not in made.view.canvas.badges
    assert not card.isVisible()
    made.document.undo_stack.undo()
    assert "dense-1" in made.view.canvas.badges


def test_the_number_of_outputs_is_matched_to_the_data(stage):
    made = stage()
    project = made.document.project
    made.document.edit("grow", replace(project, design=project.design.resized("dense-3", 3)))
    badge = made.view.canvas.badges["dense-3"]
    QTest.mouseMove(made.view.viewport(), made.view.mapFromScene(badge.pos()))
    QTest.mouseClick(made.view.fault_card.buttons[0], LEFT)
    assert len(made.document.project.design.layer("dense-3").unit_ids) == 1
    assert not made.view.canvas.badges


def test_an_output_left_at_relu_warns_and_one_click_makes_it_fit_the_data(stage):
    made = stage()
    project = made.document.project
    last = replace(project.design.layer("dense-3"), activation="relu")
    made.document.edit("use ReLU", replace(project, design=project.design.with_layer(last)))
    badge = made.view.canvas.badges["dense-3"]
    assert not badge.forbids
    QTest.mouseMove(made.view.viewport(), made.view.mapFromScene(badge.pos()))
    card = made.view.fault_card
    assert "gives nothing below 0" in card.faults[0].message
    assert card.buttons[0].text() == "Fit the output to the data"
    QTest.mouseClick(card.buttons[0], LEFT)
    assert made.document.project.design.layer("dense-3").activation == "tanh"
    assert made.document.undo_stack.undoText() == "fit the output to the data"
    assert not made.view.canvas.badges


def with_two_faults(stage):
    """A stage where two layers lack a wire, and the canvas has the keyboard."""
    made = stage()
    unwire(made, ("input", "dense-1"), ("dense-2", "dense-3"))
    made.view.activateWindow()
    made.view.setFocus()
    return made


def test_the_keyboard_goes_from_badge_to_badge_and_presses_the_repair(stage):
    made = with_two_faults(stage)
    view, card = made.view, made.view.fault_card
    made.wait(view.hasFocus)
    order = sorted(view.canvas.badges, key=lambda layer: view.canvas.badges[layer].x())
    assert len(order) >= 2
    QTest.keyClick(view, Qt.Key.Key_Tab)
    assert (view.faults.at, card.layer, card.isVisible()) == (order[0], order[0], True)
    assert view.canvas.badges[order[0]].hot
    QTest.keyClick(view, Qt.Key.Key_Tab)
    assert (view.faults.at, card.layer) == (order[1], order[1])
    QTest.keyClick(view, Qt.Key.Key_Backtab)
    assert view.faults.at == order[0]
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert card.buttons[0].hasFocus()
    QTest.keyClick(card.buttons[0], Qt.Key.Key_Escape)
    assert not card.isVisible()
    assert view.hasFocus()
    QTest.keyClick(view, Qt.Key.Key_Tab)
    QTest.keyClick(view, Qt.Key.Key_Return)
    before = made.document.undo_stack.count()
    QTest.keyClick(card.buttons[0], Qt.Key.Key_Return)
    assert made.document.undo_stack.count() == before + 1
    assert view.hasFocus()


def test_the_next_fault_is_found_by_a_command_and_none_is_said(stage, qtbot):
    made = stage()
    with qtbot.waitSignal(made.view.status_text) as said:
        made.view.next_fault()
    assert "Nothing is wrong" in said.args[0]
    unwire(made, ("input", "dense-1"))
    for _ in range(2 * len(made.view.canvas.badges)):
        made.view.next_fault()
        assert made.view.faults.at in made.view.canvas.badges
    made.document.undo_stack.undo()
    assert not made.view.fault_card.isVisible()


def test_the_card_is_as_large_as_what_it_says_at_every_badge(stage):
    made = with_two_faults(stage)
    view, card = made.view, made.view.fault_card
    view.next_fault()
    made.wait(card.isVisible)
    first = card.layer
    QTest.keyClick(view, Qt.Key.Key_Tab)
    assert card.layer != first
    QApplication.processEvents()
    for widget in card.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
        assert widget.isVisible()
        assert card.rect().contains(widget.geometry())
    label = card.findChild(QLabel)
    assert label.height() >= label.heightForWidth(label.width())
    assert view.viewport().rect().contains(card.geometry())
