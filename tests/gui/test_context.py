"""Right-click menus and faults in the whole window."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication

from engine.design import Wire
from gui.context import MENUS
from gui.document.selection import Picked


def right_click(bench, point):
    canvas = bench.window.canvas
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Mouse, point, canvas.viewport().mapToGlobal(point), Qt.KeyboardModifier(0)
    )
    QApplication.sendEvent(canvas.viewport(), event)
    menu = bench.window.context.open_menu
    assert menu is not None
    menu.close()
    return menu.actions()


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_menus_hold_the_same_actions_as_the_menu_bar(bench):
    window = bench.window
    canvas = window.canvas
    box = canvas.canvas.layers["dense-1"].box
    actions = right_click(bench, canvas.mapFromScene(QPointF(*box.centers[0])))
    assert bench.lab.document.selection.picked == (Picked("dense-1", 0),)
    assert window.actions_["edit.delete"] in actions
    actions = right_click(bench, canvas.mapFromScene(QPointF(*box.header.center) - QPointF(0, 12)))
    assert bench.lab.document.selection.picked == (Picked("dense-1"),)
    assert window.actions_["edit.duplicate"] in actions
    actions = right_click(bench, QPoint(8, canvas.viewport().height() - 8))
    assert window.actions_["edit.paste"] in actions
    known = [window.actions_[name] for name in MENUS["canvas"] if name in window.actions_]
    assert [action for action in actions if not action.isSeparator()] == known


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_a_wire_has_the_menu_that_disconnects_it_and_inserts_into_it(bench):
    window, document = bench.window, bench.lab.document
    canvas, action = window.canvas, window.actions_
    wire = Picked("dense-3", source_layer="dense-2")
    outline = canvas.canvas.bundles["dense-2", "dense-3"].outline().boundingRect()
    tools, step = canvas.tools, outline.height() / 60
    points = (QPointF(outline.center().x(), outline.top() + row * step) for row in range(60))
    at = next(
        canvas.mapFromScene(point)
        for point in points
        if not tools.pick(point) and tools.pick_wire(point) == wire
    )
    actions = right_click(bench, at)
    assert document.selection.picked == (wire,)
    for name in ("edit.delete", "edit.add_layer", "edit.residual"):
        assert action[name] in actions
        assert action[name].isEnabled()
    action["edit.delete"].trigger()
    assert Wire("dense-2", "dense-3") not in document.project.design.wires


def test_a_faulty_design_can_be_saved_but_play_says_why_not(bench, tmp_path):
    lab = bench.lab
    project = lab.document.project
    lab.document.edit("cut", replace(project, design=replace(project.design, wires=project.design.wires[1:])))
    lab.training.toggle()
    assert not lab.controller.playing
    assert "Nothing feeds" in bench.window.banner.text()


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_an_activation_is_taken_out_of_its_neurons_and_put_back_by_menu(bench):
    window, document = bench.window, bench.lab.document
    action = window.actions_
    assert not action["edit.part_activation"].isEnabled()
    box = window.canvas.canvas.layers["dense-1"].box
    found = right_click(bench, window.canvas.mapFromScene(QPointF(*box.header.center) - QPointF(0, 12)))
    assert action["edit.part_activation"] in found
    before = document.project
    action["edit.part_activation"].trigger()
    own = document.selection.current.layer
    assert document.project.design.layer(own).kind == "activation"
    assert document.project.design.layer("dense-1").activation == "identity"
    assert not action["edit.part_activation"].isEnabled()
    bench.settled()
    action["edit.absorb_activation"].trigger()
    assert document.project.design == before.design
    assert action["edit.undo"].text() == "Undo move Activation(tanh) into Layer 1"


def test_a_residual_block_goes_into_the_selected_wire(bench):
    document, action = bench.lab.document, bench.window.actions_["edit.residual"]
    document.selection.select(Picked("dense-2", None, None, "dense-1"))
    before = document.project.design
    action.trigger()
    design = document.project.design
    assert "add" in {spec.kind for spec in design.layers}
    assert Wire("dense-1", "dense-2") not in design.wires
    bench.settled()
    assert not bench.lab.controller.refusal
    document.undo_stack.undo()
    assert document.project.design == before


def test_copying_the_picture_is_told(bench):
    window = bench.window
    bench.key(
        Qt.Key.Key_C, window.canvas, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    )
    assert [toast.text() for toast in window.toasts.shown] == ["Copied the picture as PNG."]
    assert not QApplication.clipboard().image().isNull()
