"""The inspector: its page follows the selection, its values go into the project and the session at once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetrics
from PySide6.QtWidgets import QTableView

from engine.edits.settings import choose, set_layer_field
from gui import theme
from gui.document.selection import Picked
from gui.panels.inspector.weights import told_apart
from gui.widgets.chrome import Disclosure
from gui.widgets.controls import Choice
from gui.widgets.numbers import number_text


def type_into(bench, field, text: str) -> None:
    field.setFocus()
    field.selectAll()
    for letter in text:
        bench.key(letter, field)
    bench.key(Qt.Key.Key_Return, field)


def test_the_page_follows_the_selection(bench):
    inspector, selection = bench.window.inspector, bench.lab.document.selection
    assert inspector.page is inspector.learning
    selection.select(Picked("dense-1"))
    assert inspector.page is inspector.layer
    selection.select(Picked("dense-1", 2))
    assert inspector.page is inspector.neuron
    selection.clear()
    assert inspector.page is inspector.learning


def test_a_learning_rate_typed_while_it_trains_is_used_at_once(bench):
    bench.lab.training.toggle()
    bench.frame_at(3)
    type_into(bench, bench.window.inspector.learning.chosen.rates.editor("learning_rate").field, "0.007")
    assert bench.lab.document.project.training.optimizer.learning_rate == 0.007
    bench.settled()
    assert bench.lab.controller.playing
    step = bench.step
    bench.frame_at(step + 3)
    assert bench.lab.clock.frame.snapshot.learning_rate == pytest.approx(0.007, rel=1e-6)


@pytest.mark.parametrize("text", ["-3", "nan", "abc", "1e99", "0"])
def test_nonsense_is_refused_in_place_and_the_last_value_kept(bench, text):
    chosen = bench.window.inspector.learning.chosen
    before = bench.lab.document.project
    type_into(bench, chosen.rates.editor("learning_rate").field, text)
    assert bench.lab.document.project is before
    assert chosen.rates.rows["learning_rate"].fault.text()
    assert not chosen.rates.rows["learning_rate"].fault.isHidden()


@pytest.mark.parametrize("text", ["-3", "0", "1e12", "NaN", "many"])
def test_impossible_numbers_of_neurons_are_refused(bench, text):
    row = bench.window.inspector.learning.chosen.layers.rows["dense-1"]
    before = bench.lab.document.project
    type_into(bench, row.units.field, text)
    assert bench.lab.document.project is before
    assert row.complaint.text()
    assert row.complaint.isVisible()


def test_neurons_and_activation_are_edited_in_the_short_list(bench):
    row = bench.window.inspector.learning.chosen.layers.rows["dense-1"]
    bench.click(row.units.more)
    design = bench.lab.document.project.design
    assert design.layer("dense-1").units == 5
    assert bench.window.actions_["edit.undo"].text() == "Undo set Layer 1 to 5 neurons"
    row.activation.setFocus()
    bench.key("s", row.activation)
    bench.settled()


def test_holding_a_button_is_one_step_of_undo(bench):
    row = bench.window.inspector.learning.chosen.layers.rows["dense-1"]
    before = bench.lab.document.project
    bench.qtbot.mousePress(row.units.more, Qt.MouseButton.LeftButton)
    bench.wait(lambda: bench.lab.document.project.design.layer("dense-1").units >= 6)
    bench.qtbot.mouseRelease(row.units.more, Qt.MouseButton.LeftButton)
    bench.lab.document.undo_stack.undo()
    assert bench.lab.document.project == before
    bench.settled()


def test_the_name_of_a_layer_selects_it(bench):
    bench.click(bench.window.inspector.learning.chosen.layers.rows["dense-2"].name)
    assert bench.lab.document.selection.current == Picked("dense-2")
    assert bench.window.inspector.layer.heading.title.text() == "Layer 2"


def test_the_layer_page_counts_parameters_and_changes_its_bias(bench):
    page = bench.window.inspector.layer
    bench.lab.document.selection.select(Picked("dense-1"))
    assert page.learned.title.text() == "Learned: 12 parameters"
    switch = page.form.editor("bias")
    bench.click(switch)
    assert bench.lab.document.project.design.layer("dense-1").bias is False
    assert page.learned.title.text() == "Learned: 8 parameters"
    bench.settled()


def test_the_difference_of_hyperparameters_and_parameters_is_on_screen(new_bench):
    page = new_bench("mnist-16-16").window.inspector.learning
    assert page.learned.title.text() == "Learned: 13,002 parameters"
    assert "hyperparameters" in page.explained.text()
    assert "12,960 weights and 42 biases" in page.explained.text()


def test_the_neuron_page_shows_the_numbers_of_the_trace(bench):
    bench.lab.training.toggle()
    bench.frame_at(5)
    bench.lab.training.toggle()
    bench.wait(lambda: not bench.lab.clock.running)
    bench.lab.document.selection.select(Picked("dense-1", 3))
    page, frame = bench.window.inspector.neuron, bench.lab.clock.frame
    trace = frame.trace.layers["dense-1"]
    assert page.values["z"].text() == number_text(float(trace.z[3]), 4)
    assert page.values["a"].text() == number_text(float(trace.a[3]), 4)
    assert page.values["delta"].text() == number_text(float(trace.delta[3]), 4)
    weights = frame.network.parameter("dense-1")[3]
    assert page.values["b"].text() == number_text(float(weights[0]), 4)
    assert sum(row.weight * row.value for row in page.bars.rows) == pytest.approx(float(trace.z[3]), rel=1e-5)
    assert frame.snapshot.step >= 5
    place = f"[layer 1][batch {frame.snapshot.step:,}][example {frame.index + 1:,}]"
    assert page.address.text() == f"a₄ {place}"
    assert page.picture.isHidden()


def test_a_neuron_fed_by_a_picture_shows_its_weights_as_one(new_bench):
    bench = new_bench("mnist-16-16")
    bench.lab.document.selection.select(Picked("dense-1", 0))
    picture = bench.window.inspector.neuron.picture
    assert picture.isVisible()
    image = picture.grab().toImage()
    assert len({image.pixel(x, y) for x in range(0, 160, 6) for y in range(0, 160, 6)}) > 20


@pytest.mark.parametrize(
    ("example", "unit", "name"), [("mnist-16-16", 30, "Pixel, row 2, column 3"), ("circle", 1, "Input x₂")]
)
def test_an_input_is_called_what_it_is(new_bench, example, unit, name):
    bench = new_bench(example)
    bench.wait(lambda: bench.lab.clock.frame is not None)
    bench.lab.document.selection.select(Picked("input", unit))
    page = bench.window.inspector.page
    assert page is bench.window.inspector.neuron
    assert page.heading.title.text() == name
    assert page.values["a"].text() == number_text(float(bench.lab.example.inputs[unit]), 4)


def test_a_loss_brings_the_output_that_it_needs(bench):
    chosen = bench.window.inspector.learning.chosen
    chosen.loss.setFocus()
    chosen.loss.setCurrentIndex(chosen.loss.findData("binary_cross_entropy"))
    chosen.loss.activated.emit(chosen.loss.currentIndex())
    project = bench.lab.document.project
    assert project.training.loss.kind == "binary_cross_entropy"
    assert project.design.layer("dense-3").activation == "identity"
    bench.lab.document.undo_stack.undo()
    assert bench.lab.document.project.design.layer("dense-3").activation == "tanh"
    bench.settled()


def test_a_stop_rule_stops_the_training(bench):
    stopping = bench.window.inspector.learning.chosen.stopping
    bench.window.inspector.learning.chosen.stops.button.setChecked(True)
    optional = stopping.editor("max_epochs")
    bench.click(optional.switch)
    type_into(bench, getattr(optional.inner, "field", optional.inner), "2")
    assert bench.lab.document.project.training.stop.max_epochs == 2
    bench.lab.training.set_pace(float("inf"))
    bench.lab.training.toggle()
    bench.wait(bench.window.banner.isVisible)
    assert "2 epochs" in bench.window.banner.text()
    assert not bench.lab.controller.playing


def test_what_the_loss_applies_to_the_outputs_is_said_alike_everywhere(bench):
    window, document = bench.window, bench.lab.document
    document.apply(choose(document.project, "loss", "binary_cross_entropy"))
    document.apply(set_layer_field(document.project, "dense-3", "activation", "identity"))
    row = window.inspector.learning.chosen.layers.rows["dense-3"]
    assert row.activation.currentText() == "Sigmoid*"
    here = row.activation.currentIndex()
    assert "The loss applies Sigmoid" in row.activation.itemData(here, Qt.ItemDataRole.ToolTipRole)
    assert row.activation.value() == "identity"
    assert window.canvas.canvas.headers["dense-3"].note == "1 Sigmoid"
    document.selection.select(Picked("dense-3"))
    assert window.inspector.layer.form.editor("activation").currentText() == "Sigmoid in loss"
    document.apply(set_layer_field(document.project, "dense-3", "activation", "tanh"))
    assert window.canvas.canvas.headers["dense-3"].note == "1 tanh"
    document.selection.select(Picked("dense-1"))
    choice = window.inspector.layer.form.editor("activation")
    assert choice.itemText(choice.findData("identity")) == "Identity"


def test_a_long_number_of_neurons_is_not_cut_and_the_rows_stay_aligned(bench):
    rows = bench.window.inspector.learning.chosen.layers.rows
    field = rows["dense-1"].units.field
    type_into(bench, field, "65000")
    bench.settled()
    bench.wait(lambda: field.width() >= field.fontMetrics().horizontalAdvance(field.text()) + 8)
    assert field.text() == "65,000"
    bench.wait(lambda: len({row.activation.x() for row in rows.values()}) == 1)


@pytest.mark.parametrize("height", [800, 420])
def test_no_word_of_a_choice_is_cut_beside_a_scroll_bar_either(bench, height):
    window, selection = bench.window, bench.lab.document.selection
    window.show()
    window.resize(1280, height)
    for picked in (None, Picked("dense-1")):
        selection.select(picked) if picked else selection.clear()
        page = window.inspector.page
        for part in page.findChildren(Disclosure):
            part.button.setChecked(True)
        area = window.inspector._areas[page]
        bench.wait(lambda area=area: area.verticalScrollBar().isVisible() or height == 800)
        choices = [choice for choice in page.findChildren(Choice) if choice.isVisibleTo(page)]
        assert choices
        for choice in choices:
            bench.wait(lambda choice=choice: choice.width() >= choice.width_for_all())


def test_a_scroll_bar_makes_nothing_narrower(bench):
    window = bench.window
    window.show()
    window.resize(1280, 1600)
    area = window.inspector._areas[window.inspector.learning]
    chosen = window.inspector.learning.chosen
    bench.wait(lambda: not area.verticalScrollBar().isVisible() and chosen.width() > 200)
    before = chosen.width()
    window.resize(1280, 420)
    bench.wait(area.verticalScrollBar().isVisible)
    bench.wait(lambda: chosen.width() == before)
    assert area.viewport().width() - chosen.geometry().right() < area.verticalScrollBar().width()


def test_pixels_are_told_apart_by_their_place_where_their_whole_name_has_no_room(qapp):
    metrics = QFontMetrics(theme.current().font(theme.SMALL))
    room = metrics.horizontalAdvance("pixel 9, 1") + 2
    assert told_apart(["pixel 9, 1", "1"], metrics, room) == ["pixel 9, 1", "1"]
    assert told_apart(["pixel 11, 14", "1", "pixel 9, 1"], metrics, room) == ["11, 14", "1", "9, 1"]
    cut = told_apart(["petal length", "sepal length"], metrics, room)
    assert cut[0].startswith("petal")
    assert cut[0].endswith("…")


def test_the_boxes_of_pruned_and_frozen_are_seen_in_the_dark(bench):
    theme.manager().choose("dark")
    try:
        window = bench.window
        window.show()
        bench.lab.document.selection.select(Picked("dense-1", 0))
        view = window.inspector.neuron.findChild(QTableView)
        bench.wait(lambda: view.isVisible() and view.model().rowCount() > 0)
        cell = view.visualRect(view.model().index(0, 2))
        image = view.viewport().grab(cell).toImage()
        field = QColor(theme.current().field)
        lightest = max(
            image.pixelColor(x, y).lightness() for x in range(image.width()) for y in range(image.height())
        )
        assert lightest > field.lightness() + 50
    finally:
        theme.manager().choose("system")


def test_a_layer_that_nothing_feeds_yet_is_not_said_to_learn_nothing(bench):
    document, page = bench.lab.document, bench.window.inspector.layer
    design = document.project.design
    wires = tuple(wire for wire in design.wires if wire.target != "dense-1")
    document.edit("unwire", replace(document.project, design=replace(design, wires=wires)))
    document.selection.select(Picked("dense-1"))
    assert page.learned.title.text() == "Learned: not known yet"
    document.selection.select(Picked("input"))
    assert page.learned.title.text() == "Nothing is learned here"
