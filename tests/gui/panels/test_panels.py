"""Transport, navigator, flyouts: every control does what it says."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from gui.session.browser import is_wrong
from gui.session.frame_clock import Frame


def test_the_transport_shows_the_numbers_of_the_frame(bench):
    figures = bench.window.transport.figures
    bench.lab.training.toggle()
    bench.frame_at(12)
    bench.lab.training.toggle()
    bench.wait(lambda: not bench.lab.clock.running)
    snapshot = bench.lab.clock.frame.snapshot
    assert figures["step"].value.text() == str(snapshot.step)
    assert figures["score"].value.text().endswith("%")


def playing(frame: Frame, step: int, score: float) -> Frame:
    """The frame some steps later, with this score on the test examples."""
    snapshot = frame.snapshot
    measure = snapshot.evaluations["test"]
    if measure.score != score:
        measure = replace(measure, score=score)
    return replace(frame, snapshot=replace(snapshot, step=step, playing=True, evaluations={"test": measure}))


def test_a_new_measure_is_shown_at_once_and_what_is_left_out_follows(bench):
    transport, clock = bench.window.transport, bench.lab.clock
    bench.wait(lambda: "test" in clock.frame.snapshot.evaluations and not clock.running)
    first = playing(clock.frame, 1, 0.1)
    later = playing(first, 2, 0.1)
    for frame in (first, later, playing(later, 3, 0.76)):
        clock.frame = frame
        clock.frame_ready.emit(frame)
    assert transport.figures["score"].value.text() == "76%"
    assert transport.figures["step"].value.text() == "3"
    clock.frame = playing(clock.frame, 4, 0.76)
    clock.frame_ready.emit(clock.frame)
    assert transport.figures["step"].value.text() == "3"  # it could not be read

    def ticked() -> bool:
        clock.tick.emit(0.0)
        return transport.figures["step"].value.text() == "4"

    bench.wait(ticked)


def test_the_step_button_does_the_chosen_kind(bench):
    transport = bench.window.transport
    bench.window.actions_["train.kind.batch"].trigger()
    assert transport.kinds.text() == "batch"
    bench.click(transport.step)
    bench.frame_at(1)
    assert bench.lab.clock.frame.snapshot.phase == "update"
    bench.window.actions_["train.kind.epoch"].trigger()
    bench.click(transport.step)
    bench.wait(lambda: not bench.lab.controller.playing)
    bench.wait(lambda: bench.lab.clock.frame.snapshot.epoch == 1)


def test_the_pace_slider_sets_the_pace(bench):
    pace = bench.window.transport.pace
    pace.slider.setFocus()
    bench.key(Qt.Key.Key_Home, pace.slider)
    assert bench.lab.training.pace == 0.125
    bench.key(Qt.Key.Key_End, pace.slider)
    assert bench.lab.training.pace == float("inf")


def test_the_navigator_walks_through_the_examples(bench):
    navigator, example = bench.window.navigator, bench.lab.example
    bench.click(navigator.next)
    assert example.index == 1
    assert navigator.number.text() == "2"
    bench.click(navigator.previous)
    bench.click(navigator.previous)
    assert example.index == example.count - 1
    navigator.number.setFocus()
    navigator.number.selectAll()
    for letter in "17":
        bench.key(letter, navigator.number)
    bench.key(Qt.Key.Key_Return, navigator.number)
    assert example.index == 16
    bench.wait(lambda: bench.lab.clock.frame.index == 16)


def test_a_number_beyond_the_end_shows_the_last_example(bench):
    navigator, example = bench.window.navigator, bench.lab.example
    navigator.number.setFocus()
    navigator.number.selectAll()
    for letter in "99999":
        bench.key(letter, navigator.number)
    bench.key(Qt.Key.Key_Return, navigator.number)
    assert example.index == example.count - 1
    assert navigator.number.text() == str(example.count)


def test_the_navigator_changes_between_training_and_test_set(bench):
    navigator, example = bench.window.navigator, bench.lab.example
    navigator.split.setFocus()
    bench.key(Qt.Key.Key_Down, navigator.split)
    assert example.split_name == "train"
    bench.wait(lambda: bench.lab.clock.frame.split_name == "train")


def test_of_many_classes_the_five_largest_outputs_are_told_of(new_bench):
    score = new_bench("digits").window.transport.figures["score"]
    bench = new_bench("mnist-16-16")
    score = bench.window.transport.figures["score"]
    bench.wait(lambda: "five largest outputs" in score.toolTip())
    assert score.toolTip().endswith("%")


def test_only_mistakes_shows_only_mistakes(bench):
    navigator, example = bench.window.navigator, bench.lab.example
    bench.click(navigator.mistakes)
    for _ in range(3):
        before = example.index
        bench.click(navigator.next)
        bench.wait(lambda before=before: example.index != before)
        bench.wait(lambda: bench.lab.clock.frame.index == example.index)
        frame = bench.lab.clock.frame
        assert is_wrong(frame.data, frame.trace.prediction[None], frame.trace.target[None]).all()


def test_in_regression_there_are_no_mistakes(new_bench):
    bench = new_bench("linear-regression")
    assert not bench.window.navigator.mistakes.isEnabled()
    score = bench.window.transport.figures["score"]
    assert "R²" in score.name.text()
    bench.wait(lambda: "mean absolute error" in score.toolTip())


def test_the_flyouts_open_over_the_canvas_one_at_a_time(bench):
    rail, canvas = bench.window.rail, bench.window.canvas
    before = canvas.geometry()
    bench.click(rail.buttons["layers"])
    assert rail.opened == "layers"
    bench.click(rail.buttons["data"])
    assert rail.opened == "data"
    assert not rail.flyouts["layers"].isVisible()
    assert canvas.geometry() == before
    bench.key(Qt.Key.Key_Escape, rail.flyouts["data"])
    assert rail.opened == ""
    assert not rail.buttons["data"].isChecked()


def test_a_flyout_is_made_when_it_is_first_opened_and_tab_goes_through_it(bench):
    rail = bench.window.rail
    assert not rail.flyouts
    bench.click(rail.buttons["layers"])
    flyout = rail.flyouts["layers"]
    panel = bench.window.flyouts.layers
    assert flyout.isAncestorOf(panel)
    assert panel.isVisible()
    for expected in (flyout.close_button, panel.search):
        bench.key(Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is expected
    rail.close_all()
    rail.open("layers")
    assert rail.flyouts == {"layers": flyout}
    assert bench.window.flyouts.layers is panel


def test_a_flyout_opened_by_its_button_has_the_keyboard_and_gives_it_back(bench):
    window, rail = bench.window, bench.window.rail
    window.show()
    window.activateWindow()
    bench.wait(window.isActiveWindow)
    window.canvas.setFocus()
    for name in ("layers", "data"):
        bench.click(rail.buttons[name])
    flyout = rail.flyouts["data"]
    assert flyout.hasFocus()
    bench.key(Qt.Key.Key_Tab)
    assert flyout.isAncestorOf(QApplication.focusWidget())
    bench.key(Qt.Key.Key_Escape)
    assert rail.opened == ""
    assert window.canvas.hasFocus()


def test_a_click_on_a_layer_card_adds_one_in_front_of_the_output(bench):
    bench.window.rail.open("layers")
    bench.click(bench.window.flyouts.layers.cards["dense"])
    ids = [spec.id for spec in bench.lab.document.project.design.layers]
    assert ids == ["input", "dense-1", "dense-2", "dense-4", "dense-3"]
    bench.settled()


def test_noise_in_the_data_changes_it_while_it_trains(bench):
    panel = bench.window.flyouts.data
    bench.window.rail.open("data")
    first = bench.lab.controller.data
    bench.lab.training.toggle()
    bench.frame_at(3)
    field = panel.options.editor("noise").field
    field.setFocus()
    field.selectAll()
    for letter in "0.25":
        bench.key(letter, field)
    bench.key(Qt.Key.Key_Return, field)
    assert dict(bench.lab.document.project.data.options)["noise"] == 0.25
    bench.settled()
    assert bench.lab.controller.playing
    assert not np.array_equal(bench.lab.controller.data.train.targets, first.train.targets)
    step = bench.step
    bench.frame_at(step + 2)


def test_other_data_fits_the_network_to_it_and_undoes(bench):
    panel, document = bench.window.flyouts.data, bench.lab.document
    before = document.project
    index = panel.which.findData("mnist")
    panel.which.setCurrentIndex(index)
    panel.which.activated.emit(index)
    bench.wait(lambda: document.project.data.name == "mnist")
    design = document.project.design
    assert design.input.units == 784
    assert design.layer("dense-3").units == 10
    bench.settled()
    bench.lab.training.batch()
    bench.frame_at(1)
    document.undo_stack.undo()
    assert document.project == before
    bench.settled()


def test_an_example_card_opens_it(bench):
    bench.window.rail.open("examples")
    bench.click(bench.window.flyouts.examples.cards["xor"])
    bench.wait(lambda: bench.lab.document.project.name == "xor")
    assert bench.window.rail.opened == ""
    assert bench.window.flyouts.examples.cards["xor"].isChecked()
    bench.wait(lambda: bench.lab.clock.frame.project.name == "xor")


@pytest.mark.parametrize("width", [1280, 820, 680])
def test_the_navigator_leaves_out_what_has_no_room_and_cuts_nothing(bench, width):
    window, navigator = bench.window, bench.window.navigator
    window.show()
    window.resize(width, 500)
    parts = (navigator.previous, navigator.split, navigator.number, navigator.total, navigator.next)
    parts += (navigator.any, navigator.mistakes)

    def fits():
        shown = [part for part in parts if part.isVisible()]
        boxes = [part.geometry() for part in shown]
        apart = all(a.right() < b.left() for a, b in pairwise(boxes))
        inside = boxes[0].left() >= 0 and boxes[-1].right() < navigator.width()
        whole = [part for part in shown if part is not navigator.split]
        whole = all(part.width() >= min(part.sizeHint().width(), part.maximumWidth()) for part in whole)
        return apart and inside and whole

    bench.wait(lambda: window.width() == width and fits())
    assert navigator.number.isVisible()
    assert navigator.split.isVisible() == (width > 680)
    assert navigator.split.width() >= navigator.split.width_for_all() or width == 680
    assert window.inspector.mapTo(window, window.inspector.rect().topRight()).x() < window.width()
