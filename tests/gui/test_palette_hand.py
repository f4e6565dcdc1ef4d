"""Building with the palette by hand: searching, room for it, and what is known of a network not done yet."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from engine.design import DataConfig
from engine.edits.layers import append, place
from engine.edits.wires import connect
from gui.document.selection import Picked
from gui.widgets.dragging import mime_of
from gui.widgets.searching import SYNONYMS


@pytest.fixture
def empty(bench):
    bench.window.actions_["file.new"].trigger()
    bench.wait(lambda: not bench.lab.document.project.design.layers)
    bench.wait(lambda: bool(bench.lab.controller.refusal))
    return bench


def unfinished(bench):
    """2 → 8 → 8, where the data has one target."""
    document = bench.lab.document
    bench.window.files.use_data(DataConfig(name="circle"))
    bench.wait(lambda: document.project.design.input is not None)
    document.apply(place(document.project, "dense", (300.0, 100.0)))
    document.apply(append(document.project, "dense", "dense-1"))
    document.apply(connect(document.project, document.project.design.input.id, "dense-1"))
    return document


def test_enter_in_the_search_takes_the_first_that_was_found(empty):
    bench, panel = empty, empty.window.flyouts.layers
    bench.window.rail.open("layers")
    panel.search.setFocus()
    QTest.keyClicks(panel.search, "dens")
    bench.key(Qt.Key.Key_Return, panel.search)
    assert [spec.kind for spec in bench.lab.document.project.design.layers] == ["dense"]
    bench.key(Qt.Key.Key_Down, panel.search)
    assert panel.cards["dense"].hasFocus()
    panel.search.clear()
    bench.key(Qt.Key.Key_Return, panel.search)  # nothing was searched for: nothing is taken
    assert len(bench.lab.document.project.design.layers) == 1


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("maxpool", "max_pool2d"),
        ("max-pool", "max_pool2d"),
        ("cnn", "conv2d"),
        ("fully connected", "dense"),
        ("linear", "dense"),
        ("bn", "batch_norm"),
        ("batchnorm", "batch_norm"),
        ("skip", "add"),
        ("residual", "add"),
        ("sigmoid", "activation"),
        ("softmax", "activation"),
        ("relu", "activation"),
        ("prelu", "prelu"),
    ],
)
def test_the_search_knows_the_words_of_the_field_and_takes_the_best(empty, typed, kind):
    bench, panel = empty, empty.window.flyouts.layers
    bench.window.rail.open("layers")
    chosen: list[str] = []
    panel.chosen.connect(chosen.append)
    panel.search.setFocus()
    QTest.keyClicks(panel.search, typed)
    assert panel.cards[kind].isVisible()
    bench.key(Qt.Key.Key_Return, panel.search)
    (taken,) = chosen
    assert taken.partition("/")[0] == kind
    if kind == "activation":
        assert bench.lab.document.project.design.layers[-1].activation == typed


def test_an_activation_that_was_searched_for_is_dragged_with_its_layer(bench):
    panel, canvas = bench.window.flyouts.layers, bench.window.canvas
    card = panel.cards["activation"]
    plain = card.payload, card.text()
    panel.search.setText("tanh")
    assert (card.payload, card.text()) == ("layer/activation/tanh", "Activation: tanh")
    boxes = canvas.canvas.layers
    a, b = (QPointF(*boxes[name].box.body.center) for name in ("dense-1", "dense-2"))
    canvas.drops.drop(mime_of(card.payload), (a + b) / 2)
    assert bench.lab.document.project.design.layer("activation-1").activation == "tanh"
    panel.search.clear()
    assert (card.payload, card.text()) == plain


def test_every_synonym_belongs_to_something_and_finds_it(bench):
    panel = bench.window.flyouts.layers
    cards = panel.cards | panel.architectures | panel.data
    assert set(SYNONYMS) <= set(cards)
    for name, words in SYNONYMS.items():
        for word in words:
            panel.search.setText(word)
            assert not cards[name].isHidden(), word
    panel.search.setText("no such thing")
    assert all(card.isHidden() for card in cards.values())
    assert not panel.nothing.isHidden()


def test_the_picture_makes_room_for_an_open_palette_unless_somebody_looks_elsewhere(bench):
    window, canvas = bench.window, bench.window.canvas
    canvas.set_reduce_motion(True)
    window.rail.open("layers")
    edge = window.rail.covered()
    assert (
        min(item.box.rect.x for item in canvas.canvas.layers.values()) >= canvas.mapToScene(edge, 0).x() - 1
    )
    assert canvas.legend.x() >= edge
    window.rail.close_all()
    assert canvas.zoom == pytest.approx(1.0)
    canvas.zoom_in()
    zoom = canvas.zoom
    window.rail.open("data")
    assert canvas.zoom == zoom


def test_what_the_data_asks_is_known_before_a_network_can_run(empty):
    bench, canvas = empty, empty.window.canvas
    unfinished(bench)
    bench.wait(lambda: any("1 target" in f.message for b in canvas.canvas.badges.values() for f in b.faults))
    bench.key(Qt.Key.Key_F8, canvas)
    bench.click(canvas.fault_card.buttons[0])
    bench.settled()
    assert not canvas.canvas.badges
    bench.key(Qt.Key.Key_Space, canvas)
    assert bench.lab.controller.playing
    bench.lab.training.toggle()


def test_an_unfinished_network_shows_no_number_of_the_one_before(empty):
    bench = empty
    unfinished(bench)
    bench.lab.document.selection.select(Picked("dense-1", 0))
    page = bench.window.inspector.neuron
    assert page.numbers.isHidden()
    assert not page.empty.isHidden()


def test_an_empty_canvas_has_words_to_begin_with_and_no_legend(empty):
    bench = empty
    assert bench.window.canvas.legend.isHidden()
    unfinished(bench)
    assert not bench.window.canvas.legend.isHidden()


def test_the_picture_fits_after_a_change_of_size_while_it_glides(bench):
    window, canvas = bench.window, bench.window.canvas
    window.rail.open("layers")
    window.actions_["view.present"].trigger()  # closes the palette, and everything becomes larger
    bench.wait(lambda: canvas.camera._animation is None)
    output = canvas.mapFromScene(canvas.canvas.output.sceneBoundingRect()).boundingRect()
    assert output.right() <= canvas.viewport().width()
    assert canvas.zoom == pytest.approx(canvas.camera.fitting_zoom)
    window.actions_["view.present"].trigger()
