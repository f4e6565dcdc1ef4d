"""Undo through designs that cannot run brings back every weight bit for bit, in whatever order they broke."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.datasets import load_data
from engine.design import NetworkDesign, Project, Wire
from engine.edits.layers import append, insert
from engine.edits.outcome import Edit, Outcome
from engine.edits.removal import delete
from engine.edits.units import remove_units, set_units
from engine.edits.wires import connect, disconnect
from engine.examples import example_project
from engine.training.events import Edited, Keepsake
from engine.training.session import Session
from engine.training.worker import Worker
from engine.validation import infer
from gui.document.commands import EditCommand
from gui.document.document import Document

EDITS: tuple[Callable[[Project], Outcome], ...] = (
    lambda p: disconnect(p, "dense-1", "dense-2"),
    lambda p: disconnect(p, "input", "dense-1"),
    lambda p: delete(p, ["dense-1"]),
    lambda p: delete(p, ["dense-2"]),
    lambda p: remove_units(p, "dense-1", {0, 2}),
    lambda p: set_units(p, "dense-2", 5),
    lambda p: set_units(p, "dense-3", 3),  # not the number of targets
    lambda p: set_units(p, "dense-3", 1),
    lambda p: connect(p, "dense-1", "dense-3"),
    lambda p: connect(p, "input", "dense-2"),
    lambda p: insert(p, "dense-1", "dense-2", "dense"),
    lambda p: append(p, "dense", "dense-1"),
)


class Bench:
    """A document whose commands the worker carries out, one at a time, without its thread."""

    def __init__(self) -> None:
        self.document = Document(example_project("circle"))
        self.worker = Worker()
        self.worker.session = self.session = Session(
            self.document.project, load_data(self.document.project.data)
        )
        self.session.advance(20)
        self.document.applied.connect(self._apply)

    def _apply(self, command: EditCommand) -> None:
        self.worker._edit(self.document.project, command.donor, command.keepsake, command.said, "")

    def do(self, make: Callable[[Project], Outcome], gesture: str = "") -> bool:
        made = make(self.document.project)
        if isinstance(made, Edit):
            self.document.edit(made.text, made.project, gesture)
        return isinstance(made, Edit)

    def undo_all(self) -> None:
        while self.document.undo_stack.canUndo():
            self.document.undo_stack.undo()

    def learned(self) -> list[np.ndarray]:
        slots = self.session.slots.vectors
        return [self.session.network.parameters.copy(), *(slots[name].copy() for name in sorted(slots))]

    def answered(self) -> list[bool]:
        """Which edits took effect."""
        events = []
        while not self.worker.events.empty():
            events.append(isinstance(self.worker.events.get(), Edited))
        return events


def same(before: list[np.ndarray], after: list[np.ndarray]) -> bool:
    return len(before) == len(after) and all(map(np.array_equal, before, after))


def test_a_layer_removed_after_its_wire_comes_back_with_every_weight(qapp) -> None:
    bench = Bench()
    before = bench.learned()
    bench.do(lambda p: disconnect(p, "dense-1", "dense-2"))  # cannot run
    bench.do(lambda p: disconnect(p, "input", "dense-1"))
    bench.do(lambda p: delete(p, ["dense-1"]))
    bench.do(lambda p: connect(p, "input", "dense-2"))  # runs again, without dense-1
    assert bench.answered() == [False, False, False, True]
    assert "dense-1" not in bench.session.network.layout.sources
    removed = bench.learned()
    bench.undo_all()
    assert bench.document.project.design == bench.session.network.design
    assert same(bench.learned(), before)
    while bench.document.undo_stack.canRedo():
        bench.document.undo_stack.redo()
    assert same(bench.learned(), removed)
    bench.undo_all()
    assert same(bench.learned(), before)


def test_a_gesture_whose_first_part_could_not_run_keeps_what_its_second_removed(qapp) -> None:
    bench = Bench()
    before = bench.learned()
    bench.do(lambda p: disconnect(p, "dense-1", "dense-2"), "one gesture")

    def bridged(project: Project) -> Outcome:
        kept = tuple(spec for spec in project.design.layers if spec.id != "dense-1")
        wires = (Wire("input", "dense-2"), Wire("dense-2", "dense-3"))
        return Edit(replace(project, design=NetworkDesign(layers=kept, wires=wires)), "bridge")

    bench.do(bridged, "one gesture")
    assert bench.document.undo_stack.count() == 1
    assert not same(bench.learned(), before)
    bench.undo_all()
    assert same(bench.learned(), before)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(range(len(EDITS))), min_size=1, max_size=8))
def test_whatever_was_done_undoing_all_of_it_restores_every_bit(qapp, chosen: list[int]) -> None:
    bench = Bench()
    start, before = bench.document.project, bench.learned()
    for k in chosen:
        bench.do(EDITS[k])
    middle = bench.document.project
    bench.undo_all()
    assert bench.document.project == start
    assert same(bench.learned(), before)
    while bench.document.undo_stack.canRedo():
        bench.document.undo_stack.redo()
    assert bench.document.project == middle
    assert infer(start.design).errors == ()
    bench.undo_all()
    assert same(bench.learned(), before)


def test_a_keepsake_takes_the_first_memory_of_its_gesture() -> None:
    keep, later = Keepsake(), Keepsake()
    keep.go_on_with(later)
    assert keep.kept() is None
    project = example_project("circle")
    bench = Session(project, load_data(project.data))
    _, later.memory = bench.edit(replace(bench.project, name="again"))
    assert keep.kept() is later.memory
    keep.go_on_with(Keepsake())
    assert len(keep.later) == 1
