"""Random edits, undos and redos on a real canvas: the scene always equals the design, and nothing leaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from PySide6.QtWidgets import QApplication

from engine.design import NetworkDesign, chain
from engine.edits import Outcome
from engine.edits.architectures import use_architecture
from engine.edits.arrangement import move, tidy
from engine.edits.clipboard import duplicate
from engine.edits.layers import append, branch, insert, place
from engine.edits.outcome import Edit
from engine.edits.removal import delete
from engine.edits.repairs import repair
from engine.edits.synapses import freeze, prune, restore
from engine.edits.units import remove_units, set_units
from engine.edits.wires import MERGES, connect, disconnect
from engine.examples import example_project
from engine.files.clipboard import paste, to_text
from engine.layers import LAYERS
from engine.layers.base import size_of
from engine.validation import infer
from gui.canvas.view import CanvasView
from gui.document.document import Document
from gui.document.selection import Picked
from gui.session.controller import SessionController
from gui.session.example import ShownExample
from gui.session.frame_clock import FrameClock
from gui.theme import manager
from gui.widgets.gestures import new_gesture

INDEX = st.integers(0, 7)
PLACE = st.tuples(st.floats(-400, 1200), st.floats(-400, 900))
STARTS = (NetworkDesign(), chain((2,), (4, {"activation": "tanh"}), (3, {}), (1, {"activation": "tanh"})))
MOST_LAYERS, EXAMPLES, STEPS = 10, 12, 16


class Edits(RuleBasedStateMachine):
    """Edits of a document that a canvas shows."""

    view: CanvasView  # given by the test

    @initialize(start=st.sampled_from(STARTS))
    def begin(self, start: NetworkDesign) -> None:
        self.document = self.view.document
        project = replace(example_project("circle"), design=start, positions=())
        self.document.open(project, None)
        self.history = [project]
        self.items = len(self.top_items())
        self.text = ""

    def top_items(self) -> list[object]:
        self.view.transition.stop()  # what is gone may fade yet
        return [item for item in self.view.canvas.items() if item.parentItem() is None]

    def layer(self, index: int) -> str:
        layers = self.document.project.design.layers
        return layers[index % len(layers)].id if layers else "nothing"

    def take(self, outcome: Outcome) -> None:
        before = self.document.project
        if not isinstance(outcome, Edit) or len(outcome.project.design.layers) > MOST_LAYERS:
            return
        self.document.edit(outcome.text, outcome.project)
        if self.document.project != before:
            at = self.document.undo_stack.index()
            self.history[at:] = [self.document.project]
            assert self.document.undo_stack.undoText() == outcome.text

    # -- what a person may do

    @rule(kind=st.sampled_from(LAYERS.names()), how=st.integers(0, 3), index=INDEX, other=INDEX, at=PLACE)
    def add(self, kind: str, how: int, index: int, other: int, at: tuple[float, float]) -> None:
        project = self.document.project
        adds = (
            lambda: append(project, kind),
            lambda: insert(project, self.layer(index), self.layer(other), kind),
            lambda: branch(project, self.layer(index), kind),
            lambda: place(project, kind, at),
        )
        self.take(adds[how]())

    @rule(index=INDEX, other=INDEX)
    def remove(self, index: int, other: int) -> None:
        self.take(delete(self.document.project, [self.layer(index), self.layer(other)]))

    @rule(index=INDEX, other=INDEX, merge=st.sampled_from(("", *MERGES)))
    def wire(self, index: int, other: int, merge: str) -> None:
        self.take(connect(self.document.project, self.layer(index), self.layer(other), merge=merge))

    @rule(index=INDEX)
    def unwire(self, index: int) -> None:
        wires = self.document.project.design.wires
        if wires:
            wire = wires[index % len(wires)]
            self.take(disconnect(self.document.project, wire.source, wire.target))

    @rule(index=INDEX, units=st.sampled_from((1, 3, 7, 30)), unit=INDEX)
    def resize(self, index: int, units: int, unit: int) -> None:
        self.take(set_units(self.document.project, self.layer(index), units))
        self.take(remove_units(self.document.project, self.layer(index), [unit]))

    @rule(index=INDEX, unit=INDEX, source=INDEX, how=st.sampled_from((prune, restore, freeze)))
    def mark(self, index: int, unit: int, source: int, how: object) -> None:
        assert callable(how)
        self.take(how(self.document.project, self.layer(index), unit, source))

    @rule(index=INDEX, places=st.lists(PLACE, min_size=1, max_size=4))
    def drag(self, index: int, places: list[tuple[float, float]]) -> None:
        name, gesture, before = self.layer(index), new_gesture(), self.document.project
        stack = self.document.undo_stack
        at = stack.index()
        for spot in places:
            outcome = move(self.document.project, {name: spot})
            if isinstance(outcome, Edit):
                self.document.edit(outcome.text, outcome.project, gesture)
        if self.document.project != before:
            assert stack.index() == at + 1
            self.history[at + 1 :] = [self.document.project]

    @rule()
    def tidy(self) -> None:
        self.take(tidy(self.document.project))

    @rule(index=INDEX, other=INDEX)
    def copy(self, index: int, other: int) -> None:
        project = self.document.project
        self.text = to_text(project.design, [self.layer(index), self.layer(other)], project.positions)
        self.take(duplicate(project, [self.layer(other)]))

    @rule(at=PLACE)
    def paste(self, at: tuple[float, float]) -> None:
        self.take(paste(self.document.project, self.text, at))

    @rule(index=INDEX)
    def repair(self, index: int) -> None:
        faults = infer(self.document.project.design).faults
        if faults:
            self.take(repair(self.document.project, faults[index % len(faults)]))

    @rule()
    def rebuild(self) -> None:
        self.take(use_architecture(self.document.project, "mlp", shape=(2,), outputs=1))

    @rule(index=INDEX)
    def select(self, index: int) -> None:
        if self.document.project.design.layers:
            self.document.selection.select(Picked(self.layer(index)))

    @rule(count=st.integers(1, 5))
    def undo(self, count: int) -> None:
        for _ in range(count):
            self.document.undo_stack.undo()

    @rule(count=st.integers(1, 5))
    def redo(self, count: int) -> None:
        for _ in range(count):
            self.document.undo_stack.redo()

    # -- what always holds

    @invariant()
    def history_is_exact(self) -> None:
        assert self.document.project == self.history[self.document.undo_stack.index()]

    @invariant()
    def scene_equals_design(self) -> None:
        QApplication.processEvents()
        design, canvas = self.document.project.design, self.view.canvas
        ids = {spec.id for spec in design.layers}
        wires = {(wire.source, wire.target) for wire in design.wires}
        assert set(canvas.layers) == set(canvas.headers) == set(canvas.blocks) == ids
        assert set(canvas.bundles) | set(canvas.plain) == wires
        assert not set(canvas.bundles) & set(canvas.plain)
        inference = infer(design)
        for key, item in canvas.layers.items():
            shape = inference.shapes.get(key)
            if shape is not None:
                units = shape[0] if item.box.maps is not None else size_of(shape)
                assert len(item.box.units) + item.box.hidden == units
        for name, x, y in self.document.project.positions:
            assert canvas.layers[name].box.anchor == pytest.approx((x, y))
        assert {key for key in canvas.badges if key} <= ids
        assert {picked.layer for picked in self.document.selection.picked} <= ids

    def teardown(self) -> None:
        if not hasattr(self, "history"):
            return
        stack = self.document.undo_stack
        done = stack.index()
        while stack.canUndo():
            stack.undo()
        assert self.document.project == self.history[0]
        assert len(self.top_items()) == self.items
        for _ in range(done):
            stack.redo()
        assert self.document.project == self.history[done]


@pytest.fixture
def view(qtbot) -> Iterator[CanvasView]:
    document = Document(example_project("circle"))
    controller = SessionController(document)
    example = ShownExample()
    clock = FrameClock(controller, example)
    made = CanvasView(document, controller, clock, example, manager())
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    controller.open(document.project)
    qtbot.waitUntil(lambda: made.frame is not None, timeout=20_000)
    yield made
    clock.set_hidden(True)
    made.close()
    assert controller.shut_down()


def test_the_scene_always_equals_the_design(view):
    run_state_machine_as_test(
        type("EditsOfTheView", (Edits,), {"view": view}),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],  # shrinking would take minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
