"""Typing the number of neurons in a layer's header, with mouse and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.design import units_of
from gui.canvas.tools.counting import UnitsField


def number_of(bench, layer: str) -> int:
    return len(units_of(bench.lab.document.project.design.layer(layer)))


@pytest.fixture
def field(bench) -> UnitsField:
    """The field that a click on the 4 of [− 4 +] opens."""
    canvas = bench.window.canvas
    at = canvas.mapFromScene(canvas.canvas.headers["dense-1"].stepper_rect().center())
    QTest.mouseMove(canvas.viewport(), at)
    QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=at)
    found = canvas.viewport().findChild(UnitsField)
    assert found.isVisible()
    assert found.text() == "4"
    bench.wait(found.hasFocus)
    return found


def test_a_click_on_the_number_types_it_and_one_undo_takes_it_back(bench, field):
    QTest.keyClicks(field, "11")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert number_of(bench, "dense-1") == 11
    assert field.isHidden()
    assert bench.window.canvas.hasFocus()
    bench.settled()
    bench.lab.document.undo_stack.undo()
    assert number_of(bench, "dense-1") == 4


def test_escape_takes_nothing(bench, field):
    QTest.keyClicks(field, "11")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert number_of(bench, "dense-1") == 4
    assert field.isHidden()


@pytest.mark.parametrize("nonsense", ["-3", "nan", "1e12", "many", "2.5", "0"])
def test_nonsense_is_refused_where_it_was_typed(bench, field, nonsense):
    QTest.keyClicks(field, nonsense)
    QTest.keyClick(field, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert number_of(bench, "dense-1") == 4
    assert field.isVisible()
    assert field.complaint.isVisible()
    assert "4 is kept" in field.complaint.text()
    assert nonsense != "1e12" or "at most 1,000,000" in field.complaint.text()
    assert not bench.window.toasts.shown
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.complaint.isHidden()


def test_a_port_does_not_grow_over_what_is_looked_at_from_near(bench):
    canvas = bench.window.canvas
    ports = canvas.tools.wire.ports
    for factor in (1.0, 8.0):
        canvas.camera.zoom_by(factor)
        x, y = canvas.canvas.layers["dense-1"].box.body.center
        canvas.camera.fitted = False
        canvas.centerOn(x, y)
        QTest.mouseMove(canvas.viewport(), canvas.mapFromScene(x + 2, y))
        QApplication.processEvents()
        assert ports.ports
        port, at = next(iter(ports.ports.items()))
        assert ports.near(at, canvas.zoom) == port
        assert ports.near(at + QPointF(12 / canvas.zoom, 0), canvas.zoom) is None
