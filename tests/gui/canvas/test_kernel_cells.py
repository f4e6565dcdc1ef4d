"""A filter's kernels: a click on a cell picks its weight, which is dragged, typed, pruned and frozen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.edits.architectures import lenet
from engine.edits.synapses import frozen, pruned
from gui.canvas.kernelcells import KernelGrid
from gui.document.selection import Picked

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
LAYER, MAP = "conv2d-1", 4


@pytest.fixture
def made(stage):
    made = stage("mnist-16-16")
    project = made.document.project
    made.document.edit("lenet", replace(project, design=lenet((784,), 10)))
    made.wait(lambda: LAYER in made.view.frame.trace.layers)
    made.view.fit()
    made.rest()
    return made


def weight(made, row: int = MAP, column: int = 1 + 12) -> float:
    frame = made.view.frame
    return float(frame.network.place(LAYER).of(frame.snapshot.parameters)[row, column])


def picked(made, cell: int = 12):
    """Click a map, then a cell of its kernels; returns the pill."""
    QTest.mouseClick(made.view.viewport(), LEFT, pos=made.unit(LAYER, MAP))
    assert made.document.selection.current == Picked(LAYER, MAP)
    picture = made.view.card.picture
    assert picture.isVisible()
    QTest.mouseClick(picture, LEFT, pos=picture.kernels.grid.rect(cell).center())
    assert made.document.selection.current.source == cell
    return made.view.byhand.pill


def drag(pill, by: int, release: bool = True) -> None:
    start = pill.rect().center()
    QTest.mousePress(pill, LEFT, NONE, start)
    for step in range(1, 5):
        at = QPointF(start + QPoint(by * step // 4, 0))
        event = QMouseEvent(
            QEvent.Type.MouseMove, at, pill.mapToGlobal(at), Qt.MouseButton.NoButton, LEFT, NONE
        )
        QApplication.sendEvent(pill, event)
    if release:
        QTest.mouseRelease(pill, LEFT, NONE, start + QPoint(by, 0))


def test_the_pill_of_a_cell_shows_its_weight_beside_it(made):
    pill = picked(made)
    assert pill.isVisible()
    assert pill.value == pytest.approx(weight(made))
    card = made.view.card
    assert card.text.chosen == 12
    cell = card.picture.mapTo(made.view.viewport(), card.picture.kernels.grid.rect(12).center())
    assert (pill.geometry().center() - cell).manhattanLength() < 60


def test_it_is_dragged_as_one_step_escape_restores_and_undo_too(made):
    pill, before = picked(made), weight(made)
    drag(pill, 40)
    made.wait(lambda: weight(made) == pytest.approx(before + 0.40, abs=1e-5))
    assert made.document.undo_stack.undoText().startswith("set w")
    made.document.undo_stack.undo()
    made.wait(lambda: weight(made) == before)
    drag(pill, 30, release=False)
    QTest.keyClick(made.view, Qt.Key.Key_Escape)
    made.wait(lambda: weight(made) == before)


def test_it_is_typed_pruned_restored_and_frozen_by_key(made):
    pill = picked(made)
    QTest.keyClick(made.view, Qt.Key.Key_Return)
    QTest.keyClick(pill.field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(pill.field, "0.5")
    QTest.keyClick(pill.field, Qt.Key.Key_Return)
    made.wait(lambda: weight(made) == 0.5)
    marking = made.view.byhand.marking
    marking.toggle_frozen()
    assert np.argwhere(frozen(made.document.project.design, LAYER)).tolist() == [[MAP, 13]]
    marking.toggle_frozen()
    marking.prune()
    design = made.document.project.design
    assert np.argwhere(pruned(design, LAYER)).tolist() == [[MAP, 13]]
    made.wait(lambda: made.view.frame.project.design == design and weight(made) == 0.0)
    made.rest()
    assert pill.fixed
    assert made.view.card.picture.kernels.absent.ravel().nonzero()[0].tolist() == [12]
    marking.restore()
    assert not pruned(made.document.project.design, LAYER).any()


def test_arrows_walk_through_the_cells(made):
    QTest.mouseClick(made.view.viewport(), LEFT, pos=made.unit(LAYER, MAP))
    for key, modifier, cell in (
        (Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier, 0),
        (Qt.Key.Key_Right, NONE, 1),
        (Qt.Key.Key_Down, NONE, 6),
        (Qt.Key.Key_Up, NONE, 1),
    ):
        QTest.keyClick(made.view, key, modifier)
        assert made.document.selection.current == Picked(LAYER, MAP, cell, "reshape-1")


def test_every_cell_is_the_color_of_its_weight(made):
    picked(made)
    picture = made.view.card.picture
    colors, grid = picture.colors(), picture.kernels.grid
    row = made.view.frame.network.place(LAYER).of(made.view.frame.trace.parameters)[MAP, 1:]
    wanted = made.view.look.solid.look_up(row, picture.kernels.limit)
    assert [colors[grid.place(k)] for k in range(25)] == wanted.tolist()


@pytest.mark.parametrize(("count", "side"), [(1, 5), (3, 3), (20, 5), (40, 1)])
def test_every_weight_has_one_cell_and_every_cell_its_weight(count: int, side: int) -> None:
    grid = KernelGrid(count, side)
    places = [grid.place(weight) for weight in range(count * side**2)]
    assert len(set(places)) == len(places)
    assert [grid.weight_in(*place) for place in places] == list(range(len(places)))
    rows, columns = grid.cells
    assert grid.weight_in(rows, 0) is None
    assert grid.weight_in(-1, 0) is None
    assert grid.weight_in(0, columns) is None
