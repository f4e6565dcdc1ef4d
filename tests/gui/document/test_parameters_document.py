"""Weights set by hand are steps of the one undo stack, reach the session, and are unsaved work."""

import pytest
from PySide6.QtCore import QObject

from engine.edits.parameters import ParameterEdit
from engine.examples import example_project
from gui.document.commands import EditCommand
from gui.document.document import Document


@pytest.fixture
def document(qapp: QObject) -> Document:
    return Document(example_project("circle"))


def edit(value: float, row: int = 2) -> tuple[ParameterEdit, ...]:
    return (ParameterEdit("dense-1", "weight", row, 1, value),)


def applied(document: Document) -> list[tuple[EditCommand, bool, float, bool]]:
    seen: list[tuple[EditCommand, bool, float, bool]] = []
    document.applied.connect(lambda c: seen.append((c, c.undoing, c.edits[0].value, c.hold)))
    return seen


def test_the_project_stays_and_nobody_draws_it_anew(document: Document) -> None:
    project, changes, seen = document.project, [], applied(document)
    document.project_changed.connect(lambda *_: changes.append(1))
    document.set_parameters("set w₃₁ of layer 1 to 0.82", edit(0.82))
    assert document.project is project
    assert not changes
    assert document.modified
    assert document.undo_stack.undoText() == "set w₃₁ of layer 1 to 0.82"
    document.undo_stack.undo()
    document.undo_stack.redo()
    assert [(undoing, value) for _, undoing, value, _ in seen] == [(False, 0.82), (True, 0.82), (False, 0.82)]


def test_a_drag_is_one_step_that_goes_back_to_where_it_began(document: Document) -> None:
    seen = applied(document)
    for value in (0.1, 0.2, 0.3):
        document.set_parameters(f"to {value}", edit(value), "drag-1", hold=True)
    document.set_parameters("to 0.4", edit(0.4), "drag-2", hold=True)
    assert document.undo_stack.count() == 2
    assert [hold for *_, hold in seen] == [True] * 4
    first = seen[0][0]
    document.undo_stack.undo()
    document.undo_stack.undo()
    assert seen[-1][0] is first
    assert first.donor is seen[0][0].donor  # what was there before the first part
    document.undo_stack.redo()
    assert seen[-1][2:] == (0.3, False)


def test_other_weights_are_another_step(document: Document) -> None:
    document.set_parameters("one", edit(0.1), "g")
    document.set_parameters("two", edit(0.1, row=1), "g")
    assert document.undo_stack.count() == 2


def test_what_is_taken_back_is_no_step_any_more(document: Document) -> None:
    seen = applied(document)
    document.set_parameters("first", edit(0.5), "drag-1")
    for value in (0.1, 0.2):
        document.set_parameters("drag", edit(value), "drag-2")
    assert not document.take_back("drag-1")
    assert document.take_back("drag-2")
    assert seen[-1][1]
    assert document.undo_stack.count() == 1
    assert not document.undo_stack.canRedo()
    assert document.undo_stack.undoText() == "first"
