"""Faults on the canvas: a badge where one is caused, its sentence, and the button that repairs it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

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
