"""The window as a person uses it: keys, menus and what stands where."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QSlider, QWidget

from engine.design import units_of
from engine.edits.settings import set_training_field
from gui.document.selection import Picked

Modifier = Qt.KeyboardModifier


def test_the_canvas_keeps_most_of_the_window(bench):
    window = bench.window
    window.resize(1280, 800)
    assert window.canvas.width() * window.canvas.height() >= 0.6 * 1280 * 800
    assert window.transport.height() == 40
    assert window.canvas.width() >= 0.7 * 1280


def test_no_two_parts_overlap(bench):
    window = bench.window
    parts = [window.transport, window.rail, window.canvas, window.navigator, window.inspector]
    boxes = [part.rect().translated(part.mapTo(window, part.rect().topLeft())) for part in parts]
    for i, first in enumerate(boxes):
        for second in boxes[i + 1 :]:
            assert not first.intersects(second)


def test_space_plays_and_pauses(bench):
    window = bench.window
    window.canvas.setFocus()
    bench.key(Qt.Key.Key_Space)
    assert bench.lab.controller.playing
    assert window.transport.play.text() == "Pause"
    bench.frame_at(3)
    bench.key(Qt.Key.Key_Space)
    assert not bench.lab.controller.playing
    assert window.transport.play.text() == "Play"


def test_space_belongs_to_a_focused_button(bench):
    window = bench.window
    window.transport.reset.setFocus(Qt.FocusReason.TabFocusReason)
    with bench.qtbot.waitSignal(bench.lab.controller.opened, timeout=20_000):
        bench.key(Qt.Key.Key_Space, window.transport.reset)
    assert not bench.lab.controller.playing


def test_keys_typed_into_a_field_do_nothing_else(bench):
    window = bench.window
    field = window.inspector.learning.chosen.rates.editor("learning_rate").field
    field.setFocus()
    field.selectAll()
    for key in ("0", ".", "5", " "):
        bench.key(key, field)
    assert field.text().strip() == "0.5"
    assert not bench.lab.controller.playing
    assert bench.step == 0


def test_the_dot_steps_through_the_phases(bench):
    window = bench.window
    window.canvas.setFocus()
    for phase in ("forward", "loss", "backward", "average", "update"):
        bench.key(".")
        bench.wait(lambda phase=phase: bench.lab.clock.frame.snapshot.phase == phase)
        bench.wait(lambda phase=phase: window.transport.phases.phase() == phase)
    assert bench.step == 1


def test_reset_gives_the_same_initial_weights(bench):
    first = bench.checkpoint().parameters
    bench.lab.training.toggle()
    bench.frame_at(5)
    bench.lab.training.toggle()
    trained = bench.checkpoint().parameters
    assert not np.array_equal(first, trained)
    with bench.qtbot.waitSignal(bench.lab.controller.opened, timeout=20_000):
        bench.key(Qt.Key.Key_R, bench.window.canvas, Modifier.ControlModifier)
    again = bench.checkpoint()
    assert again.step == 0
    np.testing.assert_array_equal(first, again.parameters)


def test_the_menu_names_what_is_undone(bench):
    window, document = bench.window, bench.lab.document
    undo, redo = window.actions_["edit.undo"], window.actions_["edit.redo"]
    assert not undo.isEnabled()
    before = document.project
    window.flyouts.layers.document.selection.select(Picked("dense-1"))
    bench.key(Qt.Key.Key_L, window.canvas, Modifier.ControlModifier)
    assert undo.text() == "Undo add Dense(4) after Dense(4)"
    bench.key(Qt.Key.Key_Z, window.canvas, Modifier.ControlModifier)
    assert document.project == before
    assert redo.text() == "Redo add Dense(4) after Dense(4)"
    bench.settled()


def test_delete_removes_the_selected_neuron_and_then_the_layer(bench):
    document, window = bench.lab.document, bench.window
    ids = document.project.design.layer("dense-1").unit_ids
    document.selection.select(Picked("dense-1", 2))
    bench.key(Qt.Key.Key_Delete, window.canvas)
    assert document.project.design.layer("dense-1").unit_ids == (*ids[:2], *ids[3:])
    document.selection.select(Picked("dense-1"))
    bench.key(Qt.Key.Key_Delete, window.canvas)
    assert [spec.id for spec in document.project.design.layers] == ["input", "dense-2", "dense-3"]
    bench.settled()


def test_the_title_has_a_star_while_there_is_unsaved_work(bench):
    window, document = bench.window, bench.lab.document
    assert window.windowTitle() == "Circle[*] – Synapscope"
    assert not window.isWindowModified()
    document.apply(set_training_field(document.project, "batch_size", 7))
    assert window.isWindowModified()
    document.undo_stack.undo()
    assert not window.isWindowModified()
    bench.lab.training.batch()
    bench.wait(window.isWindowModified)


def test_a_faulty_design_cannot_be_played_and_play_says_why(bench):
    window, document = bench.window, bench.lab.document
    document.selection.select(Picked("dense-3"))
    bench.key(Qt.Key.Key_Delete, window.canvas)
    bench.key(Qt.Key.Key_Space, window.canvas)
    assert not bench.lab.controller.playing
    assert window.banner.isVisible()
    assert "2 values, but the data has 1 target" in window.banner.text()
    document.undo_stack.undo()
    bench.settled()
    bench.wait(lambda: not window.banner.isVisible())
    bench.key(Qt.Key.Key_Space, window.canvas)
    bench.frame_at(2)


def test_a_diverged_run_says_so_and_offers_a_reset(bench):
    window, document = bench.window, bench.lab.document
    optimizer = type(document.project.training.optimizer)(learning_rate=1e6)
    network = document.project.design.with_layer(
        with_identity(document.project.design.layer("dense-1"))
    ).with_layer(with_identity(document.project.design.layer("dense-2")))
    network = network.with_layer(with_identity(network.layer("dense-3")))
    training = replace(document.project.training, optimizer=optimizer)
    project = replace(document.project, training=training)
    document.edit("too fast", type(project)(**{**vars(project), "design": network}))
    bench.settled()
    bench.lab.training.toggle()
    bench.wait(window.banner.isVisible)
    assert "finite" in window.banner.text()
    assert not bench.lab.controller.playing
    with bench.qtbot.waitSignal(bench.lab.controller.opened, timeout=20_000):
        bench.click(window.banner.button)
    bench.wait(lambda: not window.banner.isVisible())


def with_identity(spec):
    from dataclasses import replace

    return replace(spec, activation="identity")


def test_the_presentation_shows_canvas_and_transport_only(bench):
    window = bench.window
    bench.key(Qt.Key.Key_F11, window.canvas)
    bench.wait(lambda: not window.inspector.isVisible())
    assert window.canvas.isVisible()
    assert window.transport.isVisible()
    assert not window.menuBar().isVisible()
    assert window.palette_.fontMetrics().height() > 0
    bench.key(Qt.Key.Key_F11, window.canvas)
    bench.wait(window.inspector.isVisible)
    assert window.menuBar().isVisible()


def test_escape_leaves_the_presentation_once_nothing_is_selected(bench):
    window, selection = bench.window, bench.lab.document.selection
    bench.key(Qt.Key.Key_F11, window.canvas)
    bench.wait(window.isFullScreen)
    selection.select(Picked("dense-1"))
    bench.key(Qt.Key.Key_Escape, window.canvas)
    assert not selection.picked
    assert window.isFullScreen()
    bench.key(Qt.Key.Key_Escape, window.canvas)
    bench.wait(window.inspector.isVisible)
    assert not window.isFullScreen()
    assert not window.actions_["view.present"].isChecked()


def test_after_a_presentation_the_panels_are_as_they_were(bench):
    window = bench.window
    window.show()
    window.resize(1280, 800)
    rows = window.inspector.learning.chosen.layers.rows.values()

    def places():
        parts = [part for row in rows for part in (row.units.field, row.activation)]
        parts += [window.transport.phases, window.transport.pace, *window.transport.figures.values()]
        return [part.isVisible() and part.geometry() for part in parts]

    bench.wait(window.transport.phases.isVisible)
    before = places()
    assert all(before)
    window.actions_["view.present"].trigger()
    bench.wait(lambda: not window.inspector.isVisible())
    window.actions_["view.present"].trigger()
    bench.wait(lambda: window.width() == 1280 and places() == before)


def test_after_a_presentation_the_window_is_as_large_as_before(bench):
    window = bench.window
    window.showMaximized()
    bench.wait(window.isMaximized)
    bench.key(Qt.Key.Key_F11, window.canvas)
    bench.wait(window.isFullScreen)
    bench.key(Qt.Key.Key_F11, window.canvas)
    bench.wait(lambda: not window.isFullScreen())
    assert window.isMaximized()


def test_the_drawer_opens_with_the_curves_that_are_already_there(bench):
    window = bench.window
    bench.lab.training.toggle()
    bench.frame_at(30)
    bench.lab.training.toggle()
    assert not window.drawer.isVisible()
    bench.key(Qt.Key.Key_F9, window.canvas)
    assert window.drawer.isVisible()
    bench.wait(lambda: "loss" in window.drawer.charts.curves.loss.last_values())
    bench.click(window.drawer.close_button)
    assert not window.drawer.isVisible()


def test_an_edit_marks_the_curves_and_says_what_was_carried_over(bench):
    window = bench.window
    bench.lab.training.toggle()
    bench.frame_at(5)
    window.editing.add_layer()
    bench.wait(lambda: bool(window.inspector.learning.charts.curves.loss.marks))
    bench.lab.training.toggle()
    mark = window.inspector.learning.charts.curves.loss.marks[0]
    assert mark.text.startswith("add Dense")
    assert any("carried over" in toast.text() for toast in window.toasts.shown)


def test_holding_plus_in_a_header_while_it_trains_leaves_one_mark(bench):
    window = bench.window
    bench.lab.training.toggle()
    bench.frame_at(5)
    canvas, charts = window.canvas, window.inspector.learning.charts.curves
    stepper = canvas.canvas.headers["dense-1"].stepper_rect()
    at = canvas.mapFromScene(stepper.right() - stepper.height() / 2, stepper.center().y())
    QTest.mouseMove(canvas.viewport(), at)
    design = bench.lab.document.project.design
    QTest.mousePress(canvas.viewport(), Qt.MouseButton.LeftButton, pos=at)
    bench.wait(lambda: len(units_of(bench.lab.document.project.design.layer("dense-1"))) > 6)
    QTest.mouseRelease(canvas.viewport(), Qt.MouseButton.LeftButton, pos=at)
    bench.settled()
    bench.wait(lambda: bool(charts.loss.marks))
    assert len(charts.loss.marks) == len(charts.score.marks) == 1
    assert bench.lab.document.undo_stack.text(0).endswith(charts.loss.marks[0].text)
    bench.lab.document.undo_stack.undo()
    assert bench.lab.document.project.design == design
    bench.settled()
    bench.wait(lambda: len(charts.loss.marks) == 2)  # undoing it is a moment of its own


def test_an_open_flyout_leaves_the_example_navigator_free(bench):
    window = bench.window
    bench.click(window.rail.buttons["layers"])
    edge = window.rail.flyouts["layers"].mapTo(window, window.rail.flyouts["layers"].rect().topRight()).x()
    navigator = window.navigator
    bench.wait(lambda: navigator.previous.mapTo(window, navigator.previous.rect().topLeft()).x() > edge)
    bench.click(navigator.next)
    assert navigator.number.text() == "2"


def test_the_theme_changes_at_once_and_stays(bench):
    window, settings = bench.window, bench.lab.settings
    window.actions_["view.theme.dark"].trigger()
    assert settings.values.theme == "dark"
    assert window.palette().window().color().lightness() < 80
    window.actions_["view.theme.light"].trigger()
    assert window.palette().window().color().lightness() > 200


def test_the_clock_rests_while_the_window_is_hidden(bench):
    bench.lab.training.toggle()
    bench.frame_at(2)
    bench.window.hide()
    assert not bench.lab.clock.running
    bench.window.show()
    assert bench.lab.clock.running


@pytest.mark.parametrize("example", ["circle", "linear-regression"])
def test_every_control_has_a_name_and_says_what_it_does(new_bench, example):
    window = new_bench(example).window
    for name in ("layers", "data", "examples"):
        window.rail.open(name)
        QApplication.processEvents()
        for control in controls(window):
            name_read = (
                control.accessibleName() or getattr(control, "text", str)()
            )  # a reader falls back to it
            assert name_read, describe(control)
            assert control.toolTip(), describe(control)


def controls(window) -> list[QWidget]:
    kinds = (QAbstractButton, QLineEdit, QComboBox, QSlider)
    own = [window.transport, window.navigator, window.rail, window.center, window.inspector]
    found = [child for part in own for child in part.findChildren(QWidget) if isinstance(child, kinds)]
    return [
        child
        for child in found
        if child.isVisible() and not child.objectName().startswith("qt_") and not disclosed(child)
    ]


def disclosed(child: QWidget) -> bool:
    """The title of a part that unfolds says itself what it is."""
    return child.property("kind") == "disclosure"


def describe(control: QWidget) -> str:
    text = getattr(control, "text", str)()
    return f"{type(control).__name__} {text} in {type(control.parent()).__name__}"


def test_what_the_untrained_network_says_comes_with_the_end_of_its_first_pass(new_bench):
    bench = new_bench("circle")
    view, said = bench.window.canvas, []
    bench.wait(lambda: said.append((view.waves.first_pass, view.caption.caption.text)) or not said[-1][0])
    running = [text for first, text in said if first]
    assert running
    assert set(running) == {"The example runs forward …"}
    assert said[-1][1].startswith("Untrained: it says ")
    assert said[-1][1].endswith("Press Space.")


def test_tab_reaches_every_control(bench):
    window = bench.window
    window.canvas.setFocus()
    reached = set()
    for _ in range(80):
        widget = QApplication.focusWidget()
        reached.add(widget)
        bench.qtbot.keyClick(widget, Qt.Key.Key_Tab)
    transport, navigator = window.transport, window.navigator
    wanted = {window.canvas, transport.reset, transport.play, transport.step, transport.pace.slider}
    wanted |= {*window.rail.buttons.values(), navigator.previous, navigator.mistakes}
    assert not [widget.accessibleName() for widget in wanted if widget not in reached]
    assert not [type(widget).__name__ for widget in reached if not widget.accessibleName()]


def test_recent_files_of_one_name_are_told_apart(bench, tmp_path):
    paths = [tmp_path / name for name in ("a/net.synapscope", "b/net.synapscope", "this & that.synapscope")]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.touch()
        bench.lab.settings.add_recent(path)
    menu = bench.window.actions_.menus["File/Open recent"]
    for _ in range(2):
        menu.aboutToShow.emit()
        shown = [(action.text(), action.statusTip()) for action in menu.actions() if action.text()][:-1]
        assert shown == [
            ("this && that.synapscope", str(paths[2])),
            ("net.synapscope (b)", str(paths[1])),
            ("net.synapscope (a)", str(paths[0])),
        ]
