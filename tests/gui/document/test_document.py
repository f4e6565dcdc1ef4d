"""The document: everything undoes, gestures are one step, and what is unsaved is known."""

import dataclasses

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from engine.design import Project
from engine.examples import example_project
from gui.document.document import Document
from gui.document.selection import Picked


@pytest.fixture
def document(qapp: QObject) -> Document:
    return Document(example_project("circle"))


def resized(project: Project, units: int) -> Project:
    return dataclasses.replace(project, design=project.design.resized("dense-1", units))


def test_an_edit_is_announced_undone_and_redone(document: Document, qtbot: QtBot) -> None:
    before = document.project
    with qtbot.waitSignal(document.project_changed) as signal:
        document.edit("change dense-1 to 9 neurons", resized(before, 9))
    assert signal.args == [before, document.project]
    assert document.undo_stack.undoText() == "change dense-1 to 9 neurons"
    after = document.project
    document.undo_stack.undo()
    assert document.project == before
    document.undo_stack.redo()
    assert document.project == after


def test_an_edit_that_changes_nothing_is_no_step(document: Document) -> None:
    document.edit("nothing", document.project)
    assert document.undo_stack.count() == 0


def test_one_gesture_is_one_step_and_two_are_two(document: Document) -> None:
    start = document.project
    for units in (5, 6, 7):
        document.edit("more neurons", resized(document.project, units), gesture="drag-1")
    for units in (8, 9):
        document.edit("more neurons", resized(document.project, units), gesture="drag-2")
    assert document.undo_stack.count() == 2
    document.undo_stack.undo()
    assert document.project.design.layer("dense-1").units == 7
    document.undo_stack.undo()
    assert document.project == start


def test_a_gesture_that_comes_back_leaves_no_step(document: Document) -> None:
    start = document.project
    document.edit("more", resized(start, 5), gesture="g")
    document.edit("less", start, gesture="g")
    assert document.undo_stack.count() == 0
    assert document.project == start


def test_unsaved_work_is_edits_and_learning(document: Document, qtbot: QtBot, tmp_path) -> None:
    assert not document.modified
    with qtbot.waitSignal(document.modified_changed):
        document.note_learning()
    assert document.modified
    document.saved(tmp_path / "a.synapscope")
    assert not document.modified
    document.edit("more", resized(document.project, 9))
    assert document.modified
    document.undo_stack.undo()
    assert not document.modified


def test_opening_forgets_undo_and_selection(document: Document) -> None:
    document.edit("more", resized(document.project, 9))
    document.selection.select(Picked("dense-1", 3))
    document.open(example_project("xor"), None)
    assert document.undo_stack.count() == 0
    assert document.selection.picked == ()
    assert not document.modified


def test_the_selection_drops_what_no_longer_exists(document: Document) -> None:
    document.edit("more", resized(document.project, 9))
    document.selection.select(Picked("dense-1", 8), Picked("dense-1", 2))
    document.undo_stack.undo()
    assert document.selection.picked == (Picked("dense-1", 2),)
