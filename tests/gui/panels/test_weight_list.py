"""Deleting by hand in the window, and the inspector's list of a neuron's weights."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from engine.edits.synapses import frozen, pruned
from gui import theme
from gui.document.selection import Picked
from gui.panels.inspector.weight_list import FROZEN, NAME, PRUNED, WEIGHT


def weights(bench, layer: str = "dense-1") -> np.ndarray:
    frame = bench.lab.clock.frame
    return frame.network.place(layer).of(frame.snapshot.parameters)


def shown(bench, unit: int = 2):
    bench.lab.document.selection.select(Picked("dense-1", unit))
    found = bench.window.inspector.neuron.list
    bench.wait(lambda: found.isVisible() and found.model.rowCount() == 3)
    return found


def typed(bench, found, row: int, text: str) -> None:
    found.view.setCurrentIndex(found.model.index(row, WEIGHT))
    found.view.setFocus()
    bench.key(Qt.Key.Key_F2, found.view)
    field = found.view.findChild(QLineEdit)
    field.selectAll()
    QTest.keyClicks(field, text)
    bench.key(Qt.Key.Key_Return, field)


def clicked(bench, found, row: int, column: int) -> None:
    QApplication.processEvents()
    rect = found.view.visualRect(found.model.index(row, column))
    at = rect.center()
    at.setX(rect.left() + 15)  # on the box
    QTest.mouseClick(found.view.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_the_list_shows_the_engines_weights_the_bias_first(bench):
    found = shown(bench)
    np.testing.assert_array_equal(found.model.values, weights(bench)[2])
    assert found.model.names == ("1", *bench.lab.clock.frame.data.feature_names)


def test_a_typed_weight_is_one_step_of_undo(bench):
    found = shown(bench)
    before = weights(bench)[2].copy()
    typed(bench, found, 1, "0.82")
    bench.wait(lambda: weights(bench)[2, 1] == np.float32(0.82))
    bench.wait(lambda: found.model.values[1] == np.float32(0.82))
    assert bench.window.actions_["edit.undo"].text() == "Undo set w₃₁ of layer 1 to 0.82"
    bench.window.actions_["edit.undo"].trigger()
    bench.wait(lambda: np.array_equal(weights(bench)[2], before))


@pytest.mark.parametrize("text", ["many", "1e99", "nan"])
def test_nonsense_is_refused_in_place(bench, text):
    found = shown(bench)
    before = weights(bench)[2].copy()
    typed(bench, found, 1, text)
    bench.wait(lambda: bool(found.refusal.text()))
    assert found.refusal.isVisible()
    assert not bench.lab.document.undo_stack.canUndo()
    np.testing.assert_array_equal(weights(bench)[2], before)


def test_pruned_and_frozen_are_ticked_in_the_list(bench):
    found = shown(bench)
    clicked(bench, found, 1, PRUNED)
    assert pruned(bench.lab.document.project.design, "dense-1")[2, 1]
    bench.settled()
    bench.wait(lambda: found.model.marks[0].tolist() == [False, True, False])
    assert found.model.values[1] == 0.0
    assert not found.model.flags(found.model.index(1, WEIGHT)) & Qt.ItemFlag.ItemIsEditable
    clicked(bench, found, 2, FROZEN)
    assert frozen(bench.lab.document.project.design, "dense-1")[2, 2]
    bench.settled()
    bench.wait(lambda: found.model.marks[1].tolist() == [False, False, True])
    clicked(bench, found, 1, PRUNED)
    assert not pruned(bench.lab.document.project.design, "dense-1").any()


def test_a_pruned_synapse_is_no_longer_counted_among_what_is_learned(bench):
    page = bench.window.inspector.learning
    assert page.learned.title.text() == "Learned: 25 parameters"
    assert "pruned" not in page.explained.text()
    clicked(bench, shown(bench), 1, PRUNED)
    bench.key(Qt.Key.Key_Escape, bench.window.canvas)
    bench.wait(page.isVisible)
    assert page.learned.title.text() == "Learned: 24 parameters"
    assert page.explained.text().startswith("17 weights and 7 biases.")
    assert "1 pruned synapse is absent" in page.explained.text()
    bench.lab.document.selection.select(Picked("dense-1"))
    assert bench.window.inspector.layer.learned.title.text() == "Learned: 11 parameters"
    bench.settled()


def test_neurons_with_very_many_inputs_have_no_list(new_bench):
    bench = new_bench("mnist-16-16")
    bench.lab.document.selection.select(Picked("dense-1", 2))
    page = bench.window.inspector.neuron
    bench.wait(page.bars.isVisible)
    assert not page.list.isVisible()


def test_delete_removes_that_neuron_and_its_learned_neighbors_stay(bench):
    bench.lab.training.toggle()
    bench.frame_at(40)
    bench.lab.training.toggle()
    bench.wait(lambda: not bench.lab.clock.frame.snapshot.playing)
    first, second = weights(bench).copy(), weights(bench, "dense-2").copy()
    bench.lab.document.selection.select(Picked("dense-1", 1))
    bench.window.canvas.setFocus()
    bench.key(Qt.Key.Key_Delete, bench.window.canvas)
    bench.settled()
    bench.wait(lambda: weights(bench).shape[0] == 3)
    np.testing.assert_array_equal(weights(bench), first[[0, 2, 3]])
    np.testing.assert_array_equal(weights(bench, "dense-2"), second[:, [0, 1, 3, 4]])
    bench.window.actions_["edit.undo"].trigger()
    bench.settled()
    bench.wait(lambda: weights(bench).shape[0] == 4)
    np.testing.assert_array_equal(weights(bench), first)
    np.testing.assert_array_equal(weights(bench, "dense-2"), second)


def test_delete_prunes_the_selected_synapse_and_l_freezes_a_neuron(bench):
    document, canvas = bench.lab.document, bench.window.canvas
    document.selection.select(Picked("dense-1", 2, 0, "input"))
    canvas.setFocus()
    assert bench.window.actions_["edit.prune"].isEnabled()
    bench.key(Qt.Key.Key_Delete, canvas)
    assert pruned(document.project.design, "dense-1").sum() == 1
    assert not bench.window.actions_["edit.prune"].isEnabled()
    assert bench.window.actions_["edit.restore"].isEnabled()
    document.selection.select(Picked("dense-1", 0))
    bench.key("l", canvas)
    assert frozen(document.project.design, "dense-1")[0].all()
    bench.window.actions_["edit.unfreeze"].trigger()
    assert not frozen(document.project.design, "dense-1").any()


def test_the_menu_asks_what_if_and_releases(bench):
    actions, clock = bench.window.actions_, bench.lab.clock
    assert not actions["edit.clamp.1"].isEnabled()
    bench.lab.document.selection.select(Picked("dense-1", 0))
    actions["edit.clamp.1"].trigger()
    assert clock.frame.trace.layers["dense-1"].a[0] == 1.0
    actions["edit.unclamp"].trigger()
    assert not clock.question.held.clamps
    assert not bench.lab.document.modified


@pytest.mark.parametrize("scale", [0.85, 1.0, 1.5, 2.0])
def test_no_number_of_the_list_is_cut_beside_a_scroll_bar_either(new_bench, scale):
    bench = new_bench("mnist-16-16")
    try:
        theme.manager().set_scale(scale)
        bench.lab.document.selection.select(Picked("dense-2", 3))
        found = bench.window.inspector.neuron.list
        view, model = found.view, found.model
        bench.wait(lambda: model.rowCount() == 17 and view.verticalScrollBar().isVisible())
        model.show(model.names, model.values * 0 - 0.0012344, model.marks)
        found._fit(17)
        QApplication.processEvents()
        for row, column in ((0, NAME), (16, NAME), (3, WEIGHT)):
            index = model.index(row, column)
            assert view.sizeHintForIndex(index).width() <= view.columnWidth(column)
        assert sum(view.columnWidth(column) for column in range(4)) <= view.viewport().width()
        for column in (PRUNED, FROZEN):
            assert view.columnWidth(column) >= view.horizontalHeader().sectionSizeHint(column)
    finally:
        theme.manager().set_scale(1.0)
