"""Several selected things have a page that says so, and does something with all of them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gui.document.selection import Picked

CTRL = Qt.KeyboardModifier.ControlModifier


def click_unit(bench, layer: str, unit: int, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    canvas = bench.window.canvas
    bench.wait(lambda: canvas.is_settled)
    box = canvas.canvas.layers[layer].box
    at = canvas.mapFromScene(*box.centers[box.units.tolist().index(unit)])
    QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, modifiers, at)


def test_two_layers_are_not_shown_as_one(bench):
    inspector, selection = bench.window.inspector, bench.lab.document.selection
    selection.select(Picked("dense-1"), Picked("dense-2"))
    page = inspector.page
    assert page is inspector.several
    assert page.heading.text() == "2 layers selected"
    assert "Together they have 22 parameters" in page.about.text()
    assert [button.text() for button in page.names] == ["Layer 1, Dense(4)", "Layer 2, Dense(2)"]
    bench.click(page.names[1])
    assert selection.picked == (Picked("dense-2"),)
    assert inspector.page is inspector.layer


def test_neurons_clicked_with_ctrl_are_frozen_and_deleted_together(bench):
    document, page = bench.lab.document, bench.window.inspector.several
    click_unit(bench, "dense-1", 0)
    click_unit(bench, "dense-1", 2, CTRL)
    assert bench.window.inspector.page is page
    assert page.heading.text() == "2 neurons selected"
    assert page.buttons["edit.unfreeze"].isHidden()
    bench.click(page.buttons["edit.freeze"])
    assert document.project.design.layer("dense-1").frozen
    bench.wait(page.buttons["edit.unfreeze"].isVisible)
    assert page.buttons["edit.freeze"].isHidden()
    bench.click(page.buttons["edit.delete"])
    assert document.project.design.layer("dense-1").units == 2
    bench.settled()


def test_unlike_things_are_counted_by_kind(bench):
    page = bench.window.inspector.several
    several = (Picked("dense-1"), Picked("dense-2", 1), Picked("dense-1", 1, 0, "input"), Picked("input", -1))
    bench.lab.document.selection.select(*several)
    assert page.heading.text() == "1 layer, 1 neuron, 1 bias and 1 synapse selected"
    names = [button.text() for button in page.names]
    assert names[1:] == ["Neuron 2 of Layer 2", "Synapse 1 of neuron 2 of Layer 1", "Bias beside Input"]
