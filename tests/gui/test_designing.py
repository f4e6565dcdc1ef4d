"""Designing with mouse and keyboard: the palette, drops, wires, and everything undone again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from engine.design import Project
from engine.examples import EXAMPLES
from gui.document.selection import Picked
from gui.widgets.dragging import mime_of

COPY, LEFT, NONE = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


class Hand:
    """Drags things onto the canvas with the events that a real drag sends."""

    def __init__(self, bench) -> None:
        self.bench = bench
        self.canvas = bench.window.canvas
        self.said: list[str] = []
        self.canvas.status_text.connect(self.said.append)

    @property
    def design(self):
        return self.bench.lab.document.project.design

    def at(self, layer: str) -> QPoint:
        """The middle of a layer, in the viewport."""
        return self.canvas.mapFromScene(QPointF(*self.canvas.canvas.layers[layer].box.body.center))

    def between(self, source: str, target: str) -> QPoint:
        return (self.at(source) + self.at(target)) / 2

    def carry(self, mime: QMimeData, to: QPoint) -> bool:
        """Bring it there without letting go; whether the canvas would take it."""
        view = self.canvas.viewport()
        enter = QDragEnterEvent(to, COPY, mime, LEFT, NONE)
        QApplication.sendEvent(view, enter)
        move = QDragMoveEvent(to, COPY, mime, LEFT, NONE)
        QApplication.sendEvent(view, move)
        return move.isAccepted()

    def drop(self, payload: str | QMimeData, to: QPoint) -> None:
        mime = mime_of(payload) if isinstance(payload, str) else payload
        if self.carry(mime, to):
            QApplication.sendEvent(self.canvas.viewport(), QDropEvent(to, COPY, mime, LEFT, NONE))
        QApplication.processEvents()

    def escape(self) -> None:
        QApplication.sendEvent(self.canvas.viewport(), QDragLeaveEvent())


@pytest.fixture
def hand(bench) -> Iterator[Hand]:
    yield Hand(bench)
    bench.lab.controller.pause()


@pytest.fixture
def empty(hand, bench) -> Hand:
    bench.window.actions_["file.new"].trigger()
    bench.wait(lambda: not hand.design.layers)
    return hand


def test_a_ghost_shows_what_would_happen_and_escape_takes_it_back(hand):
    before = hand.bench.lab.document.project
    assert hand.carry(mime_of("layer/dense"), hand.between("dense-1", "dense-2"))
    ghost = hand.canvas.drops.ghost
    assert ghost.isVisible()
    assert ghost.sentence == "Add Dense(8) between Dense(4) and Dense(2)"
    assert len(ghost.starts) == len(ghost.ends) == 1
    assert any(ghost.sentence in said for said in hand.said)
    hand.escape()
    assert not ghost.isVisible()
    assert hand.bench.lab.document.project == before


def test_a_dropped_layer_learns_with_the_others_and_is_undone(hand):
    bench = hand.bench
    bench.lab.training.toggle()
    bench.frame_at(3)
    hand.drop("layer/dense", hand.between("dense-1", "dense-2"))
    assert hand.design.sources("dense-2") == ("dense-4",)
    assert bench.lab.document.selection.current == Picked("dense-4")
    bench.settled()
    assert bench.lab.controller.playing
    bench.frame_at(bench.step + 3)
    bench.lab.document.undo_stack.undo()
    assert hand.design.sources("dense-2") == ("dense-1",)
    bench.settled()


def test_an_unconnected_layer_pauses_training_with_a_sentence(hand):
    bench = hand.bench
    bench.lab.training.toggle()
    bench.frame_at(3)
    hand.drop("layer/dense", hand.canvas.viewport().rect().bottomLeft() + QPoint(380, -40))
    assert hand.design.sources("dense-4") == ()
    bench.wait(lambda: not bench.lab.controller.playing)
    assert bench.window.banner.isVisible()
    assert "dense-4" in bench.window.banner.text()
    item = hand.canvas.canvas.layers["dense-4"]
    assert item.values is None
    assert hand.canvas.canvas.layers["dense-1"].values is not None
    bench.lab.training.toggle()
    assert not bench.lab.controller.playing
    bench.lab.document.undo_stack.undo()
    bench.settled()
    assert not bench.window.banner.isVisible()
    bench.lab.training.toggle()
    bench.frame_at(bench.step + 2)


def test_files_that_are_no_projects_explain_themselves(hand, tmp_path):
    path = tmp_path / "holiday.odt"
    path.write_text("sun")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    before = hand.bench.lab.document.project
    hand.drop(mime, QPoint(400, 300))
    assert hand.bench.lab.document.project == before
    assert any("holiday.odt" in toast.text() for toast in hand.bench.window.toasts.shown)
    broken = tmp_path / "broken.synapscope"
    broken.write_bytes(b"no project")
    mime.setUrls([QUrl.fromLocalFile(str(broken))])
    hand.drop(mime, QPoint(400, 300))
    hand.bench.wait(hand.bench.window.banner.isVisible)
    assert hand.bench.lab.document.project == before


def test_a_dropped_data_file_opens(hand, tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("a,b,class\n" + "\n".join(f"{i},{-i},{'x' if i % 2 else 'y'}" for i in range(40)))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    hand.drop(mime, QPoint(400, 300))
    hand.bench.wait(lambda: hand.bench.lab.document.project.data.path == str(path))


def test_text_from_elsewhere_is_not_taken(hand):
    mime = QMimeData()
    mime.setText("hello")
    assert not hand.carry(mime, QPoint(400, 300))
    assert hand.carry(mime_of("layer/nonsense"), QPoint(400, 300))
    assert hand.canvas.drops.ghost.refused


def test_examples_and_data_sets_can_be_dropped(hand):
    bench = hand.bench
    hand.drop("data/gauss", QPoint(400, 300))
    bench.wait(lambda: bench.lab.document.project.data.name == "gauss")
    bench.settled()
    bench.lab.document.undo_stack.undo()
    bench.settled()
    hand.drop("example/xor", QPoint(400, 300))
    bench.wait(lambda: bench.lab.document.project.name == "xor")
    bench.wait(lambda: bench.lab.clock.frame.project.name == "xor")


def test_an_architecture_fits_the_data(hand):
    hand.drop("architecture/residual", QPoint(400, 300))
    assert [spec.kind for spec in hand.design.layers].count("add") == 1
    hand.bench.settled()
    hand.bench.lab.training.toggle()
    hand.bench.frame_at(3)


def test_the_palette_is_searched(bench):
    panel = bench.window.layers
    bench.window.rail.open("layers")
    assert panel.cards["dense"].isVisible()
    assert not panel.cards["layer_norm"].isVisible()
    panel.search.setFocus()
    for letter in "normal":
        bench.key(letter, panel.search)
    assert panel.cards["layer_norm"].isVisible()
    assert not panel.cards["dense"].isVisible()
    for letter in "xyz":
        bench.key(letter, panel.search)
    assert panel.nothing.isVisible()
    panel.search.clear()
    assert panel.cards["dense"].isVisible()
    assert not panel.cards["layer_norm"].isVisible()


def test_enter_appends_on_an_empty_canvas(empty):
    bench = empty.bench
    panel = bench.window.layers
    bench.window.rail.open("layers")
    panel.more.button.click()
    for kind in ("input", "dense", "dense"):
        panel.cards[kind].setFocus()
        bench.key(Qt.Key.Key_Return, panel.cards[kind])
    assert [spec.id for spec in empty.design.layers] == ["input-1", "dense-1", "dense-2"]
    assert empty.design.sources("dense-2") == ("dense-1",)


def test_a_palette_card_starts_a_drag(bench, monkeypatch):
    from gui.widgets import card as card_module

    started: list[str] = []
    monkeypatch.setattr(card_module, "drag", lambda _widget, payload: started.append(payload))
    bench.window.rail.open("layers")
    card = bench.window.layers.cards["dense"]
    before = bench.lab.document.project
    bench.qtbot.mousePress(card, LEFT, pos=QPoint(20, 10))
    bench.qtbot.mouseMove(card, QPoint(60, 30))
    bench.qtbot.mouseRelease(card, LEFT, pos=QPoint(60, 30))
    assert started == ["layer/dense"]
    assert bench.lab.document.project == before


def test_an_empty_canvas_can_be_undone_to_and_says_how_to_begin(empty):
    blank: Project = empty.bench.lab.document.project
    picture = empty.canvas.viewport().grab().toImage()
    middle = picture.rect().center()
    inks = {picture.pixelColor(x, middle.y()).name() for x in range(picture.width())}
    assert len(inks) > 3  # words
    empty.drop("architecture/mlp", QPoint(400, 300))
    empty.bench.lab.document.undo_stack.undo()
    assert empty.bench.lab.document.project == blank
    assert "circle" in EXAMPLES
