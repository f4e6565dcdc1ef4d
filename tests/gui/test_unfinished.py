"""What an unfinished network looks like: calm while it is being built, plain once it is to be trained."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from engine.design import NetworkDesign
from engine.edits.layers import append, place
from tests.gui.test_designing import mime_of


def begin(bench):
    """An empty canvas that can be undone to, with the data of before."""
    document = bench.lab.document
    document.edit("clear", replace(document.project, design=NetworkDesign(), positions=()))
    return document


def test_an_unfed_layer_is_marked_calmly_until_somebody_wants_to_train(bench):
    document, canvas = begin(bench), bench.window.canvas
    document.apply(place(document.project, "dense", (300.0, 100.0)))
    badge = canvas.canvas.badges["dense-1"]
    assert badge.forbids
    assert badge.calm
    canvas.next_fault()
    red = bench.window.canvas.look.theme.fault
    assert red not in canvas.fault_card.styleSheet()
    bench.lab.training.toggle()
    canvas.next_fault()
    assert red in canvas.fault_card.styleSheet()
    assert not canvas.canvas.badges["dense-1"].calm
    assert "Nothing feeds Layer 1" in "".join(fault.message for fault in badge.faults)


def test_in_a_network_that_is_otherwise_complete_an_unfed_layer_is_a_fault(bench):
    document = bench.lab.document
    document.apply(place(document.project, "dense", (300.0, 600.0)))
    badges = bench.window.canvas.canvas.badges.values()
    assert any(badge.forbids for badge in badges)
    assert not any(badge.calm for badge in badges)


def test_undone_to_the_empty_canvas_nothing_is_left_of_the_old_numbers(bench):
    lab, window = bench.lab, bench.window
    lab.training.batch()
    bench.frame_at(1)
    assert window.transport.figures["step"].value.text() == "1"
    document = begin(bench)
    bench.wait(lambda: bool(lab.controller.refusal))
    bench.window.canvas.example.move(1)  # a frame of what the worker still has
    assert {figure.value.text() for figure in window.transport.figures.values()} == {"–"}
    assert window.navigator.number.text() == "–"
    assert not window.navigator.isEnabled()
    assert not window.banner.isVisible()
    document.undo_stack.undo()
    assert window.transport.figures["step"].value.text() == "1"
    assert window.navigator.isEnabled()


def test_the_words_of_a_ghost_stay_clear_of_the_open_palette(bench):
    window, canvas = bench.window, bench.window.canvas
    window.rail.open("layers")
    edge = window.rail.covered()
    assert edge > 100
    at = canvas.mapToScene(QPoint(edge + 4, 300))
    canvas.drops.over(mime_of("layer/dense"), at)
    ghost = canvas.drops.ghost
    assert canvas.mapFromScene(ghost._label().topLeft()).x() >= edge
    canvas.drops.leave()


def test_the_hint_follows_what_undo_takes_from_under_the_mouse(bench):
    document, canvas = bench.lab.document, bench.window.canvas
    document.apply(append(document.project, "dense", "dense-2"))
    added = next(k for k in canvas.canvas.layers if k not in ("input", "dense-1", "dense-2", "dense-3"))
    box = canvas.canvas.layers[added].box
    QTest.mouseMove(canvas.viewport(), canvas.mapFromScene(*box.centers[0]))
    bench.wait(lambda: canvas.viewport().underMouse())
    said = bench.window.hint.text()
    assert "neuron" in said
    document.undo_stack.undo()
    assert bench.window.hint.text() != said
    assert canvas.viewport().cursor().shape() != Qt.CursorShape.PointingHandCursor


def test_a_selected_neurons_card_covers_neither_its_pill_nor_the_answers(bench):
    canvas = bench.window.canvas
    last = canvas.canvas.output.box.id
    for layer in [key for key in canvas.canvas.layers if key not in ("input",)]:
        box = canvas.canvas.layers[layer].box
        QTest.mouseClick(
            canvas.viewport(), Qt.MouseButton.LeftButton, pos=canvas.mapFromScene(*box.centers[0])
        )
        bench.settled()
        card, pill = canvas.card.geometry(), canvas.byhand.pill.geometry()
        assert canvas.card.isVisible()
        assert canvas.byhand.pill.isVisible()
        assert not card.intersects(pill), layer
        rows = canvas.mapFromScene(canvas.canvas.output.sceneBoundingRect()).boundingRect()
        assert layer == last or not card.intersects(rows), layer


def test_saving_is_said_in_the_status_bar(bench, tmp_path):
    bench.lab.storage.save_as(tmp_path / "mine.synapscope")
    bench.wait(lambda: "mine.synapscope" in bench.window.busy.text())
    assert not bench.window.toasts.shown
