"""Work by hand on the canvas: weights dragged and typed, pruned, frozen; neurons and inputs held."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.edits.synapses import frozen, pruned
from gui.canvas.handles import middle_of, synapse_of
from gui.canvas.rects import to_qt
from gui.document.selection import Picked

LEFT = Qt.MouseButton.LeftButton
SYNAPSE = Picked("dense-1", 2, 1, "input")
BIAS = Picked("dense-1", 2, -1, "input")


def weight(stage, row: int = 2, column: int = 2, layer: str = "dense-1") -> float:
    frame = stage.view.frame
    return float(frame.network.place(layer).of(frame.snapshot.parameters)[row, column])


def on_curve(stage, picked: Picked, share: float) -> QPoint:
    point = synapse_of(stage.view.canvas, picked).path().pointAtPercent(share)
    return stage.point(point.x(), point.y())


def clicked(stage, qtbot, picked: Picked, share: float = 0.3):
    """Click a neuron, then one of its synapses."""
    qtbot.mouseClick(stage.view.viewport(), LEFT, pos=stage.unit(picked.layer, picked.unit))
    qtbot.mouseClick(stage.view.viewport(), LEFT, pos=on_curve(stage, picked, share))
    assert stage.document.selection.current == picked
    return stage.view.byhand.pill


def drag(pill, by: int, *, steps: int = 4, release: bool = True, modifier=Qt.KeyboardModifier.NoModifier):
    """Drag a pill by pixels."""
    start = pill.rect().center()
    origin = pill.mapToGlobal(start)
    QTest.mousePress(pill, LEFT, modifier, start)
    for step in range(1, steps + 1):
        move(pill, origin + QPoint(by * step // steps, 0), modifier)
    if release:
        QTest.mouseRelease(pill, LEFT, modifier, start + QPoint(by, 0))


def move(pill, at: QPoint, modifier) -> None:
    """The mouse, its left button down, moves to a place on the screen."""
    where, button = QPointF(pill.mapFromGlobal(at)), Qt.MouseButton.NoButton
    event = QMouseEvent(QEvent.Type.MouseMove, where, QPointF(at), button, LEFT, modifier)
    QApplication.sendEvent(pill, event)


def test_a_click_on_a_neuron_and_on_its_synapse_shows_the_pill_on_it(stage, qtbot):
    made = stage()
    pill = clicked(made, qtbot, SYNAPSE)
    assert pill.isVisible()
    assert pill.text.startswith("w ")
    middle = made.point(*middle_of(made.view.canvas, SYNAPSE))
    assert (pill.geometry().center() - middle).manhattanLength() <= 3


@pytest.mark.parametrize(("away", "hit"), [(5, True), (9, False)])
def test_a_synapse_is_picked_within_six_pixels(stage, qtbot, away, hit):
    made = stage("chain")
    layer = next(k for k in made.view.canvas.layers if k != "input")
    picked = Picked(layer, 0, 0, "input")
    at = on_curve(made, picked, 0.4) + QPoint(0, away)
    qtbot.mouseClick(made.view.viewport(), LEFT, pos=at)
    assert (made.document.selection.current == picked) is hit


def test_dragging_sets_a_hundredth_a_pixel_as_one_step_and_undo_restores(stage, qtbot):
    made = stage()
    before = weight(made)
    drag(clicked(made, qtbot, SYNAPSE), 40)
    made.wait(lambda: weight(made) == pytest.approx(before + 0.40, abs=1e-5))
    stack = made.document.undo_stack
    assert stack.count() == 1
    assert stack.undoText().startswith("set w₃₂ of layer 1 to ")
    drag(made.view.byhand.pill, -100, modifier=Qt.KeyboardModifier.ShiftModifier)
    made.wait(lambda: weight(made) == pytest.approx(before + 0.30, abs=1e-5))
    assert stack.count() == 2
    stack.undo()
    made.wait(lambda: weight(made) == pytest.approx(before + 0.40, abs=1e-5))
    stack.undo()
    made.wait(lambda: weight(made) == before)
    stack.redo()
    made.wait(lambda: weight(made) == pytest.approx(before + 0.40, abs=1e-5))


def test_dragging_holds_it_against_the_optimizer_until_the_hand_lets_go(stage, qtbot):
    made = stage()
    made.view.set_waves(False)
    pill = clicked(made, qtbot, SYNAPSE)
    made.controller.play()
    made.wait(lambda: made.view.frame.snapshot.step > 5)
    drag(pill, 50, release=False)
    held = np.float32(pill.value)
    made.wait(lambda: weight(made) == held)
    step = made.view.frame.snapshot.step
    made.wait(lambda: made.view.frame.snapshot.step > step + 20)
    assert weight(made) == held
    QTest.mouseRelease(pill, LEFT, Qt.KeyboardModifier.NoModifier, pill.rect().center())
    made.wait(lambda: weight(made) != held)
    assert made.document.undo_stack.count() == 1
    made.controller.pause()


def test_esc_while_dragging_restores(stage, qtbot):
    made = stage()
    before = weight(made)
    pill = clicked(made, qtbot, SYNAPSE)
    drag(pill, 60, release=False)
    made.wait(lambda: weight(made) != before)
    qtbot.keyClick(made.view, Qt.Key.Key_Escape)
    made.wait(lambda: weight(made) == before)
    assert made.document.undo_stack.count() == 0
    assert made.document.selection.current == SYNAPSE


def test_enter_types_and_nonsense_is_refused_in_place(stage, qtbot):
    made = stage()
    pill = clicked(made, qtbot, SYNAPSE)
    before = weight(made)
    qtbot.keyClick(made.view, Qt.Key.Key_Return)
    assert pill.typing
    refusals: list[str] = []
    made.view.byhand.cannot.connect(refusals.append)
    large = "between −1,000,000 and 1,000,000"
    for text, said in (("many", "many"), ("1e12", large), ("1e400", large), ("nan", "nan")):
        pill.field.selectAll()
        qtbot.keyClicks(pill.field, text)
        qtbot.keyClick(pill.field, Qt.Key.Key_Return)
        assert pill.typing
        complaint = made.view.byhand.complaint  # where it was typed
        assert complaint.isVisible()
        assert said in complaint.text()
    assert not refusals
    assert made.document.undo_stack.count() == 0
    assert weight(made) == before
    pill.field.selectAll()
    qtbot.keyClicks(pill.field, "0.82")
    qtbot.keyClick(pill.field, Qt.Key.Key_Return)
    assert not pill.typing
    assert not made.view.byhand.complaint.isVisible()
    made.wait(lambda: weight(made) == np.float32(0.82))
    made.wait(lambda: pill.text == "w 0.82")
    assert made.document.undo_stack.undoText() == "set w₃₂ of layer 1 to 0.82"


def test_a_figure_begins_typing_and_esc_gives_up(stage, qtbot):
    made = stage()
    pill = clicked(made, qtbot, SYNAPSE)
    qtbot.keyClick(made.view, "7")
    assert pill.typing
    assert pill.field.text() == "7"
    qtbot.keyClick(pill.field, Qt.Key.Key_Escape)
    assert not pill.typing
    assert made.document.undo_stack.count() == 0
    assert made.document.selection.current == SYNAPSE


def test_a_bias_is_set_likewise(stage, qtbot):
    made = stage()
    pill = clicked(made, qtbot, BIAS, share=0.15)
    assert pill.text == "b 0"
    drag(pill, 25)
    made.wait(lambda: weight(made, column=0) == pytest.approx(0.25))
    assert made.document.undo_stack.undoText() == "set w₃₀ of layer 1 to 0.25"


def test_pruned_it_is_absent_stays_zero_and_can_be_clicked_and_restored(stage, qtbot):
    made = stage()
    clicked(made, qtbot, SYNAPSE)
    count = len(made.view.canvas.bundles["input", "dense-1"].bundle)
    made.view.byhand.marking.prune()
    assert pruned(made.document.project.design, "dense-1")[2, 2]
    assert len(made.view.canvas.bundles["input", "dense-1"].bundle) == count - 1
    assert len(made.view.byhand.marks.marks.pruned) == 1
    made.wait(lambda: made.view.frame.project == made.document.project)
    made.wait(lambda: made.view.byhand.pill.text == "w · pruned")
    made.train(60)
    assert weight(made) == 0.0
    made.document.selection.clear()
    qtbot.mouseClick(made.view.viewport(), LEFT, pos=on_curve(made, SYNAPSE, 0.3))
    assert made.document.selection.current == SYNAPSE
    assert made.view.byhand.possible()["restore"]
    made.view.byhand.marking.restore()
    made.wait(lambda: made.view.frame.project == made.document.project)
    assert made.view.byhand.marks.marks.pruned == ()
    made.train(made.view.frame.snapshot.step + 100)
    assert weight(made) != 0.0


def test_undoing_a_pruning_brings_the_weight_back(stage, qtbot):
    made = stage()
    before = weight(made)
    clicked(made, qtbot, SYNAPSE)
    made.view.byhand.marking.prune()
    made.wait(lambda: made.view.frame.project == made.document.project and weight(made) == 0.0)
    made.document.undo_stack.undo()
    made.wait(lambda: made.view.frame.project == made.document.project and weight(made) == before)


def test_frozen_neurons_and_synapses_bear_a_lock_and_do_not_move(stage, qtbot):
    made = stage()
    clicked(made, qtbot, SYNAPSE)
    made.view.byhand.marking.toggle_frozen()
    assert frozen(made.document.project.design, "dense-1").sum() == 1
    assert len(made.view.byhand.marks.marks.locks) == 1
    made.document.selection.select(Picked("dense-1", 0))
    made.view.byhand.marking.toggle_frozen()
    assert len(made.view.byhand.marks.marks.locks) == 2
    made.wait(lambda: made.view.frame.project == made.document.project)
    before = [weight(made), *(weight(made, 0, k) for k in range(3))]
    made.train(60)
    assert [weight(made), *(weight(made, 0, k) for k in range(3))] == before
    made.document.selection.select(Picked("dense-1"))
    made.view.byhand.marking.toggle_frozen()
    assert len(made.view.byhand.marks.marks.locks) == 1
    assert made.view.byhand.marking.is_frozen()
    made.view.byhand.marking.toggle_frozen()
    assert made.view.byhand.marks.marks.locks == ()


def test_what_if_a_neuron_were_one(stage, qtbot):
    made = stage()
    parameters = made.view.frame.snapshot.parameters.copy()
    qtbot.mouseClick(made.view.viewport(), LEFT, pos=made.unit("dense-1", 1))
    made.view.byhand.clamp(1.0)
    frame = made.view.frame
    assert frame.trace.layers["dense-1"].a[1] == 1.0
    weights = frame.network.place("dense-2").of(parameters)
    z = weights[:, 0] + weights[:, 1:] @ frame.trace.layers["dense-1"].a
    np.testing.assert_allclose(frame.trace.layers["dense-2"].z, z, rtol=1e-5)
    assert made.view.byhand.pill.text.endswith("what if")
    assert made.view.caption.caption.text.startswith("What if?")
    assert len(made.view.byhand.marks.marks.held) == 1
    qtbot.keyClicks(made.view, "0")
    qtbot.keyClick(made.view.byhand.pill.field, Qt.Key.Key_Return)
    assert made.view.frame.trace.layers["dense-1"].a[1] == 0.0
    made.view.byhand.unclamp()
    assert made.view.frame.trace.layers["dense-1"].a[1] != 0.0
    assert not made.view.caption.caption.text.startswith("What if?")
    assert made.document.undo_stack.count() == 0
    np.testing.assert_array_equal(made.view.frame.snapshot.parameters, parameters)


def test_an_input_of_the_example_is_dragged_and_esc_gives_it_back(stage, qtbot):
    made = stage()
    before = float(made.view.frame.trace.layers["input"].a[0])
    qtbot.mouseClick(made.view.viewport(), LEFT, pos=made.unit("input", 0))
    pill = made.view.byhand.pill
    assert pill.text.startswith("x₁ ")
    drag(pill, 30, release=False)
    assert made.view.frame.trace.layers["input"].a[0] == pytest.approx(before + 0.3, abs=1e-5)
    qtbot.keyClick(made.view, Qt.Key.Key_Escape)
    assert made.view.frame.trace.layers["input"].a[0] == pytest.approx(before)
    assert made.clock.question.held.clamps == ()


def test_arrows_walk_onto_synapses_along_them_and_to_their_ends(stage, qtbot):
    made = stage()
    made.document.selection.select(Picked("dense-1", 2))
    shift, none = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier
    walk = [
        (Qt.Key.Key_Left, shift, Picked("dense-1", 2, 0, "input")),
        (Qt.Key.Key_Down, none, SYNAPSE),
        (Qt.Key.Key_Down, none, SYNAPSE),
        (Qt.Key.Key_Up, none, Picked("dense-1", 2, 0, "input")),
        (Qt.Key.Key_Up, none, BIAS),
        (Qt.Key.Key_Right, none, Picked("dense-1", 2)),
        (Qt.Key.Key_Right, shift, Picked("dense-2", 0, 2, "dense-1")),
        (Qt.Key.Key_Left, none, Picked("dense-1", 2)),
    ]
    for key, modifier, expected in walk:
        qtbot.keyClick(made.view, key, modifier)
        assert made.document.selection.current == expected


def test_the_status_bar_says_what_the_pill_does(stage, qtbot):
    made = stage()
    said: list[str] = []
    made.view.status_text.connect(said.append)
    made.document.selection.select(Picked("dense-1", 2))
    qtbot.keyClick(made.view, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert "Delete: prune" in said[-1]
    assert "L: freeze" in said[-1]


def test_the_pill_follows_the_camera(stage, qtbot):
    made = stage()
    pill = clicked(made, qtbot, SYNAPSE)
    made.view.camera.zoom_by(1.4)
    made.view.camera.pan(QPoint(30, -20))
    made.wait(lambda: made.view.is_settled)
    middle = made.point(*middle_of(made.view.canvas, SYNAPSE))
    assert (pill.geometry().center() - middle).manhattanLength() <= 3


def test_the_pill_of_an_output_hides_nothing_that_the_outputs_say(stage, qtbot):
    made = stage("mnist-16-16")
    output = made.view.canvas.output
    for unit in (0, 4, 9):
        qtbot.mouseClick(made.view.viewport(), LEFT, pos=made.unit(output.box.id, unit))
        pill = made.view.byhand.pill
        assert pill.isVisible()
        said = made.view.mapFromScene(to_qt(output.box.side)).boundingRect()
        assert not pill.geometry().intersects(said)
        for other in range(10):
            assert not pill.geometry().contains(made.unit(output.box.id, other))
