"""What is clicked on the canvas has a page of its own kind in the inspector: a bias, a feature map."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.edits.architectures import lenet
from engine.edits.synapses import pruned
from gui.document.selection import Picked
from gui.panels.inspector.weight_list import NAME, PRUNED
from gui.widgets.numbers import number_text

LEFT = Qt.MouseButton.LeftButton
PLAIN = str.maketrans("¹²", "12")
CONVOLUTION, MAP = "conv2d-1", 4


def click_bias(bench, layer: str):
    """Click the dashed 1 above a layer; returns the page."""
    canvas = bench.window.canvas
    bench.wait(lambda: canvas.is_settled)
    at = canvas.mapFromScene(*canvas.canvas.layers[layer].box.bias[:2])
    QTest.mouseClick(canvas.viewport(), LEFT, pos=at)
    assert bench.lab.document.selection.current == Picked(layer, -1)
    return bench.window.inspector.page


def column(bench, layer: str) -> np.ndarray:
    frame = bench.lab.clock.frame
    return frame.network.place(layer).of(frame.snapshot.parameters)[:, 0]


@pytest.fixture
def convolution(new_bench):
    bench = new_bench("mnist-16-16")
    document = bench.lab.document
    document.edit("lenet", replace(document.project, design=lenet((784,), 10)))
    bench.wait(lambda: CONVOLUTION in bench.lab.clock.frame.trace.layers)
    bench.window.canvas.fit()
    bench.wait(lambda: bench.window.canvas.is_settled)
    return bench


@pytest.mark.parametrize(("layer", "fed", "number"), [("input", "dense-1", "¹"), ("dense-1", "dense-2", "²")])
def test_a_bias_is_a_neuron_that_is_1_with_the_weights_that_leave_it(bench, layer, fed, number):
    page = click_bias(bench, layer)
    assert page.heading.title.text() == "Bias"
    assert page.values["a"].text() == "1"
    assert page.numbers.names["a"].text() == "x₀, its value"
    bench.wait(page.list.isVisible)
    np.testing.assert_array_equal(page.list.model.values, column(bench, fed))
    assert page.list.model.names[:2] == (f"b₁⁽{number}⁾", f"b₂⁽{number}⁾")
    place = page.list.model.index(1, NAME)
    assert place.data(Qt.ItemDataRole.ToolTipRole) == f"neuron 2, Layer {number[-1].translate(PLAIN)}"


def test_a_bias_that_leaves_it_is_pruned_in_its_list(bench):
    found = click_bias(bench, "dense-1").list
    bench.wait(found.isVisible)
    QApplication.processEvents()
    box = found.view.visualRect(found.model.index(1, PRUNED))
    at = box.center()
    at.setX(box.left() + 15)
    QTest.mouseClick(found.view.viewport(), LEFT, pos=at)
    marks = pruned(bench.lab.document.project.design, "dense-2")
    assert np.argwhere(marks).tolist() == [[1, 0]]
    bench.wait(lambda: bool(found.model.marks[0, 1]))
    assert not found.refusal.isVisible()


def test_a_bias_is_not_deleted_but_its_layer_can_do_without(bench):
    actions, document = bench.window.actions_, bench.lab.document
    page = click_bias(bench, "input")
    assert "to a neuron of Layer 1 is that neuron's bias" in page.about.text()
    assert not any(actions[f"edit.{name}"].isEnabled() for name in ("delete", "cut", "copy", "duplicate"))
    bench.click(page.without)
    assert document.project.design.layer("dense-1").bias is False
    assert document.selection.current == Picked("dense-1")
    assert actions["edit.delete"].isEnabled()
    actions["edit.undo"].trigger()
    assert document.project.design.layer("dense-1").bias is True
    document.selection.select(Picked("input", -1))
    actions["edit.redo"].trigger()
    assert page.about.text() == "Nothing has a bias from here any more."
    assert page.without.isHidden()
    bench.settled()


def test_a_map_has_the_mean_and_the_ends_of_all_its_places(convolution):
    bench = convolution
    canvas = bench.window.canvas
    box = canvas.canvas.layers[CONVOLUTION].box
    at = canvas.mapFromScene(*box.centers[box.units.tolist().index(MAP)])
    QTest.mouseClick(canvas.viewport(), LEFT, pos=at)
    page, frame = bench.window.inspector.page, bench.lab.clock.frame
    assert page.heading.title.text() == f"Map {MAP + 1}"
    shape = frame.network.shapes[CONVOLUTION]
    for name in ("a", "z"):
        values = getattr(frame.trace.layers[CONVOLUTION], name).reshape(shape)[MAP]
        ends = values.mean(), values.min(), values.max()
        for key, value in zip(("mean", "low", "high"), ends, strict=True):
            assert page.values[f"{name} {key}"].text() == number_text(float(value), 4)
    assert page.values["size"].text() == f"{shape[1]} × {shape[2]}"
    row = frame.network.place(CONVOLUTION).of(frame.trace.parameters)[MAP]
    assert page.values["b"].text() == number_text(float(row[0]), 4)
    bench.wait(page.kernels.isVisible)
    np.testing.assert_array_equal(page.kernels.kernels.values.ravel(), row[1:])


def test_a_cell_of_a_map_s_kernels_shows_its_weight(convolution):
    bench = convolution
    bench.lab.document.selection.select(Picked(CONVOLUTION, MAP))
    page = bench.window.inspector.map
    bench.wait(page.kernels.isVisible)
    assert page.values["w"].isHidden()
    QApplication.processEvents()
    QTest.mouseClick(page.kernels, LEFT, pos=page.kernels.kernels.grid.rect(7).center())
    assert bench.lab.document.selection.current.source == 7
    frame = bench.lab.clock.frame
    weight = frame.network.place(CONVOLUTION).of(frame.trace.parameters)[MAP, 8]
    assert page.values["w"].text() == number_text(float(weight), 4)
    assert page.kernels.kernels.chosen == 7


def test_a_frame_that_comes_too_soon_to_be_read_is_shown_before_the_next_one(bench):
    page, clock = bench.window.inspector.neuron, bench.lab.clock
    bench.wait(lambda: not clock.running)
    bench.lab.document.selection.select(Picked("dense-1", 1))
    bench.wait(page.isVisible)
    first = clock.frame
    for step in (1, 2):
        snapshot = replace(first.snapshot, step=step, playing=True)
        trace = replace(first.trace, step=step)
        clock.frame = replace(first, snapshot=snapshot, passing=lambda trace=trace: trace)
        clock.frame_ready.emit(clock.frame)

    def ticked() -> bool:
        clock.tick.emit(0.0)
        return "[batch 2]" in page.address.text()

    bench.wait(ticked)


def test_a_page_shows_the_map_again_when_the_design_is_taken_back(convolution):
    bench = convolution
    inspector, document = bench.window.inspector, bench.lab.document
    document.selection.select(Picked(CONVOLUTION, MAP))
    assert inspector.page is inspector.map
    document.undo_stack.undo()
    assert inspector.page is inspector.learning
    bench.settled()
