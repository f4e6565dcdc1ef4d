"""Designing with mouse and keyboard: the palette, drops, wires, and everything undone again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import QApplication

from engine.design import Project, Wire, units_of
from engine.edits.data import set_data_field
from engine.edits.layers import place
from engine.edits.settings import choose as choose_part
from engine.examples import EXAMPLES, empty_project, example_project
from engine.validation import infer
from gui.canvas.items.ports import IN, OUT, port_at
from gui.canvas.rects import to_qt
from gui.canvas.words import rows
from gui.document.selection import Picked
from gui.widgets.dragging import mime_of
from gui.widgets.numbers import percent_text

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
    assert ghost.sentence == "Add Dense(8) between Dense(4) and Dense(2), which changes nothing at first"
    assert len(ghost.starts) == len(ghost.ends) == 1
    assert any(ghost.sentence in said for said in hand.said)
    hand.escape()
    assert not ghost.isVisible()
    assert hand.bench.lab.document.project == before


def test_a_dropped_layer_learns_with_the_others_and_is_undone(hand):
    bench = hand.bench
    reports = []
    bench.lab.controller.edited.connect(lambda event: reports.append(event.report))
    bench.lab.training.toggle()
    bench.frame_at(3)
    hand.drop("layer/dense", hand.between("dense-1", "dense-2"))
    assert hand.design.sources("dense-2") == ("dense-4",)
    assert len(hand.design.layer("dense-4").unit_ids) == 8  # behind tanh: twice its neurons
    assert bench.lab.document.selection.current == Picked("dense-4")
    bench.settled()
    assert reports[-1].preserves_function  # as the ghost had said
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
    assert "Layer 4" in bench.window.banner.text()
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


def test_passing_sentences_make_way_for_what_is_dragged_in_and_warnings_stay(hand, bench):
    bench.window.toasts.say("News.")
    bench.window.toasts.say("Trouble.", kind="warning")
    hand.carry(mime_of("layer:dense"), QPoint(400, 300))
    assert [toast.text() for toast in bench.window.toasts.shown] == ["Trouble."]
    hand.escape()


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
    panel = bench.window.flyouts.layers
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
    panel = bench.window.flyouts.layers
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
    card = bench.window.flyouts.layers.cards["dense"]
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


def port(hand: Hand, layer: str, side: str) -> QPoint:
    return hand.canvas.mapFromScene(port_at(hand.canvas.canvas.layers[layer].box, side))


def draw_wire(hand: Hand, source: str, target: str) -> None:
    """From port to port with the mouse."""
    view, qtbot = hand.canvas.viewport(), hand.bench.qtbot
    start, end = port(hand, source, OUT), port(hand, target, IN)
    qtbot.mouseMove(view, start)
    qtbot.mousePress(view, LEFT, pos=start)
    qtbot.mouseMove(view, (start + end) / 2)
    qtbot.mouseMove(view, end)
    qtbot.mouseRelease(view, LEFT, pos=end)


def test_ports_appear_near_a_layer_and_a_wire_is_drawn_between_them(empty):
    empty.drop("layer/input", QPoint(380, 300))
    empty.drop("layer/dense", QPoint(700, 640))
    assert not empty.design.wires
    empty.bench.qtbot.mouseMove(empty.canvas.viewport(), empty.at("dense-1"))
    ports = empty.canvas.tools.wire.ports
    assert set(ports.ports) == {("dense-1", IN), ("dense-1", OUT)}
    draw_wire(empty, "input-1", "dense-1")
    assert empty.design.wires == (Wire("input-1", "dense-1"),)
    assert empty.bench.lab.document.undo_stack.undoText().startswith("connect Input to")
    empty.bench.lab.document.undo_stack.undo()
    assert not empty.design.wires


def test_a_port_that_does_not_fit_says_why_while_you_drag(hand):
    view, qtbot, before = hand.canvas.viewport(), hand.bench.qtbot, hand.design
    start, end = port(hand, "dense-3", OUT), port(hand, "dense-1", IN)
    qtbot.mouseMove(view, start)
    qtbot.mousePress(view, LEFT, pos=start)
    qtbot.mouseMove(view, end)
    line = hand.canvas.tools.wire.line
    assert line.isVisible()
    assert line.refused
    assert "cycle" in line.sentence
    qtbot.mouseRelease(view, LEFT, pos=end)
    assert not line.isVisible()
    assert hand.design == before


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_a_second_wire_offers_add_or_concatenate(hand):
    draw_wire(hand, "input", "dense-2")
    menu = hand.canvas.tools.wire.menu
    assert menu is not None
    ways = [action.text().partition(":")[0] for action in menu.actions()]
    assert "Concatenate" in ways
    hand.bench.key(Qt.Key.Key_Return, menu)
    merged = hand.design.sources("dense-2")
    assert len(merged) == 1
    assert set(hand.design.sources(merged[0])) == {"dense-1", "input"}
    hand.bench.settled()
    hand.bench.lab.training.toggle()
    hand.bench.frame_at(hand.bench.step + 2)


def test_wiring_by_keyboard(empty):
    empty.drop("layer/input", QPoint(380, 300))
    empty.drop("layer/dense", QPoint(700, 640))
    empty.bench.lab.document.selection.select(Picked("input-1"))
    empty.canvas.setFocus()
    empty.bench.key(Qt.Key.Key_W, empty.canvas)
    assert empty.canvas.tools.wire.origin == "input-1"
    empty.bench.key(Qt.Key.Key_Escape, empty.canvas)
    assert empty.canvas.tools.wire.origin == ""
    empty.bench.key(Qt.Key.Key_W, empty.canvas)
    empty.bench.key(Qt.Key.Key_Right, empty.canvas)
    empty.bench.key(Qt.Key.Key_Return, empty.canvas)
    assert empty.design.wires == (Wire("input-1", "dense-1"),)


def test_a_selected_wire_is_disconnected_by_delete(hand):
    bench, view = hand.bench, hand.canvas.viewport()
    bundle = hand.canvas.canvas.bundles["dense-1", "dense-2"]
    spot = next(
        point
        for x in range(0, view.width(), 7)
        for y in range(0, view.height(), 7)
        if bundle.outline().contains(point := hand.canvas.mapToScene(QPoint(x, y)))
        and hand.canvas.tools.pick(point) is None
    )
    bench.qtbot.mouseClick(view, LEFT, pos=hand.canvas.mapFromScene(spot))
    assert bench.lab.document.selection.current == Picked("dense-2", source_layer="dense-1")
    assert bundle.marked == "selected"
    bench.key(Qt.Key.Key_Delete, hand.canvas)
    assert Wire("dense-1", "dense-2") not in hand.design.wires
    bench.qtbot.wait(50)
    assert hand.canvas.canvas.layers["dense-2"].values is None
    assert hand.canvas.canvas.layers["dense-1"].values is not None
    bench.lab.document.undo_stack.undo()
    bench.settled()
    bench.wait(lambda: hand.canvas.canvas.layers["dense-2"].values is not None)


def test_a_deleted_layer_joins_its_neighbors(hand):
    hand.bench.lab.document.selection.select(Picked("dense-2"))
    hand.bench.key(Qt.Key.Key_Delete, hand.canvas)
    assert hand.design.sources("dense-3") == ("dense-1",)
    hand.bench.settled()


def choose(bench, combo, value: str) -> None:
    """With the keyboard, as a person would."""
    combo.setFocus()
    bench.key(Qt.Key.Key_Home, combo)
    for _ in range(combo.count()):
        if combo.value() == value:
            return
        bench.key(Qt.Key.Key_Down, combo)
    raise AssertionError(f"{value} is not offered")


def test_a_network_is_built_from_nothing_trained_undone_and_redone(empty):
    bench, document = empty.bench, empty.bench.lab.document
    blank = document.project
    room = empty.canvas.viewport().rect()
    for kind, x in (("input", 0.28), ("dense", 0.46), ("dense", 0.64), ("dense", 0.82)):
        empty.drop(
            f"layer/{kind}", QPoint(int(x * room.width()), room.height() // 2 if kind == "input" else 690)
        )
    assert len(empty.design.layers) == 4
    for source, target in pairwise(spec.id for spec in empty.design.layers):
        if Wire(source, target) not in empty.design.wires:
            draw_wire(empty, source, target)
    assert len(empty.design.wires) == 3
    empty.drop("data/circle", room.center())
    bench.wait(lambda: document.project.data.name == "circle")
    bench.settled()
    assert [len(units_of(spec)) for spec in empty.design.layers] == [2, 8, 8, 1]
    rows = bench.window.inspector.learning.chosen.layers.rows
    wanted = {"dense-1": "tanh", "dense-2": "tanh", "dense-3": "identity"}
    for layer, activation in wanted.items():
        choose(bench, rows[layer].activation, activation)
    assert {layer: empty.design.layer(layer).activation for layer in wanted} == wanted
    bench.settled()
    bench.lab.training.set_pace(float("inf"))
    empty.canvas.setFocus()
    bench.key(Qt.Key.Key_Space, empty.canvas)
    bench.wait(
        lambda: (shown := bench.lab.clock.frame.snapshot.evaluations.get("test")) and shown.score > 0.95
    )
    bench.key(Qt.Key.Key_Space, empty.canvas)
    built = document.project
    for _ in range(document.undo_stack.count()):
        bench.key(Qt.Key.Key_Z, empty.canvas, Qt.KeyboardModifier.ControlModifier)
    assert document.project == blank
    assert not empty.canvas.canvas.layers
    for _ in range(document.undo_stack.count()):
        bench.key(
            Qt.Key.Key_Z, empty.canvas, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
        )
    assert document.project == built
    bench.settled()


def test_the_row_of_two_classes_gives_the_probability_of_the_one_it_names(hand):
    """The bar of a sigmoid output is p for the second class, 1 − p for the first, however they are coded."""
    bench = hand.bench
    document = bench.lab.document
    document.apply(choose_part(document.project, "loss", "binary_cross_entropy"))
    bench.settled()
    bench.wait(lambda: bench.lab.clock.frame.network.loss.link == "sigmoid")
    document.apply(set_data_field(document.project, "target_range", (0.2, 0.8)))
    bench.settled()
    bench.wait(lambda: bench.lab.clock.frame.data.target_range == (0.2, 0.8))
    frame = bench.lab.clock.frame
    for value, name in ((0.02, 0), (0.98, 1), (0.4, 0), (0.6, 1)):
        trace = SimpleNamespace(prediction=np.array([value]), target=frame.trace.target)
        (row,) = rows(replace(frame, passing=lambda trace=trace: trace))
        probability = value if name else 1.0 - value
        assert row.name == frame.data.class_names[name]
        assert row.share == pytest.approx(probability)
        assert row.text == percent_text(probability)


def test_an_empty_project_knows_nothing_of_the_one_before(empty):
    window = empty.bench.window
    assert empty.bench.lab.example.data is None
    assert not window.navigator.isEnabled()
    assert window.inspector.learning.charts.curves.loss.last_values() == {}
    assert all(figure.value.text() == "–" for figure in window.transport.figures.values())


def test_words_on_the_empty_canvas_leave_it_wholly(empty):
    painted: list[QRect] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if isinstance(event, QPaintEvent):
                painted.append(event.region().boundingRect())
            return False

    view, watch = empty.canvas.viewport(), Watch()
    view.installEventFilter(watch)
    empty.bench.lab.document.apply(place(empty.bench.lab.document.project, "input", (60.0, 60.0)))
    empty.bench.wait(lambda: any(rect.contains(view.rect()) for rect in painted))
    painted.clear()
    empty.bench.lab.document.undo_stack.undo()
    empty.bench.wait(lambda: any(rect.contains(view.rect()) for rect in painted))


def test_an_untrained_network_tells_no_news_of_its_weights(hand):
    hand.drop("layer/dense", hand.between("dense-1", "dense-2"))
    hand.bench.settled()
    assert not hand.bench.window.toasts.shown


def test_an_unfed_layer_is_no_output(empty):
    empty.drop("layer/dense", QPoint(700, 640))
    shown = empty.bench.window.inspector
    assert "Output" not in shown.layer.heading.title.text()


def built_layers_first(hand) -> None:
    for place_on in (QPoint(460, 330), QPoint(660, 330), QPoint(860, 330)):
        hand.drop("layer/dense", place_on)
    assert len(hand.design.layers) == 3


def covered(hand) -> list[str]:
    """The layers that the input lies on."""
    boxes = hand.canvas.planner.plan.layout.boxes
    new = hand.design.input.id
    rects = {name: to_qt(box.rect) for name, box in boxes.items()}
    return [name for name in boxes if name != new and rects[new].intersects(rects[name])]


@pytest.mark.parametrize("data", ["circle", "mnist"])
def test_data_dropped_on_layers_without_an_input_stay_where_they_were_dropped(empty, data):
    built_layers_first(empty)
    at = QPoint(300, 330)
    aim = empty.canvas.mapToScene(at)
    empty.drop(f"data/{data}", at)
    empty.bench.wait(lambda: empty.design.input is not None)
    lab = empty.bench.lab
    empty.bench.wait(lambda: lab.controller.data_of(lab.document.project) is not None)
    box = empty.canvas.planner.plan.layout.boxes[empty.design.input.id]
    assert not covered(empty)
    assert box.body.center[1] == pytest.approx(aim.y(), abs=1)
    assert box.body.center[0] <= aim.x() + 1  # a picture too wide for the gap goes further left
    if data == "circle":
        assert box.body.center[0] == pytest.approx(aim.x(), abs=1)
    lab.document.undo_stack.undo()
    assert len(lab.document.project.positions) == 3


@pytest.mark.parametrize("how", ["dropped on a layer", "chosen in the palette"])
def test_an_input_covers_no_layer_that_was_there_before(empty, how):
    built_layers_first(empty)
    if how == "dropped on a layer":
        empty.drop("data/circle", empty.at("dense-1"))
    else:
        empty.bench.window.flyouts.layers.data["circle"].click()
    empty.bench.wait(lambda: empty.design.input is not None)
    lab = empty.bench.lab
    empty.bench.wait(lambda: lab.controller.data_of(lab.document.project) is not None)
    boxes = empty.canvas.planner.plan.layout.boxes
    assert not covered(empty)
    assert boxes[empty.design.input.id].rect.right < boxes["dense-1"].rect.x


def test_f8_and_enter_put_back_what_was_taken_out_between_layers_that_do_not_fit(new_bench):
    bench = new_bench("mnist-16-16")
    window, document = bench.window, bench.lab.document
    window.editing.build("lenet")
    told: list[str] = []
    window.editing.told.connect(told.append)
    flatten = next(spec.id for spec in document.project.design.layers if spec.kind == "flatten")
    document.selection.select(Picked(flatten))
    window.actions_["edit.delete"].trigger()
    assert "do not fit each other" in told[0]
    bench.key(Qt.Key.Key_F8, window.canvas)
    bench.key(Qt.Key.Key_Return, window.canvas)
    bench.key(Qt.Key.Key_Return, QApplication.focusWidget())
    kinds = [spec.kind for spec in document.project.design.layers]
    assert kinds.count("max_pool2d") == 2
    assert kinds.count("flatten") == 1
    assert not infer(document.project.design).errors


def test_a_project_that_is_ready_too_late_is_not_shown(bench):
    """Ctrl+N while an example is still being loaded."""
    lab = bench.lab
    lab.storage.begin(example_project("xor"))
    lab.storage.begin(empty_project())
    bench.wait(lambda: bool(lab.controller.refusal))
    assert lab.controller.run == -1
    assert lab.example.data is None
    assert not bench.window.navigator.isEnabled()


def test_a_wire_is_seen_before_anything_is_known_of_its_weights(empty):
    empty.drop("layer/dense", QPoint(700, 330))
    empty.drop("layer/input", QPoint(400, 330))
    draw_wire(empty, "input-1", "dense-1")
    bundle = empty.canvas.canvas.bundles["input-1", "dense-1"]
    empty.bench.wait(lambda: bundle.surface is not None)  # its pictures are ready, and empty
    assert bundle.values is None
    ground = empty.canvas.look.theme.color("canvas").rgb()
    picture = empty.canvas.viewport().grab().toImage()
    assert picture.pixel(empty.between("input-1", "dense-1")) != ground
