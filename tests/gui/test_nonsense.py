"""Nonsense typed into the window: a sentence that can be read whole, and the last good value kept."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gui.panels.inspector.stack import LayerStack
from gui.widgets.forms import Row


def rows(bench) -> dict[str, Row]:
    return {row.label.text(): row for row in bench.window.inspector.findChildren(Row) if row.isVisible()}


def readable(row: Row) -> bool:
    """Whether all of its sentence is seen."""
    fault = row.fault
    return fault.isVisible() and fault.visibleRegion().boundingRect() == fault.rect()


@pytest.mark.parametrize("nonsense", ["-3", "NaN", "1e12", "much", ""])
@pytest.mark.parametrize("name", ["Learning rate", "Batch size"])
def test_it_is_refused_in_place_and_the_good_value_kept(bench, name: str, nonsense: str) -> None:
    bench.wait(lambda: name in rows(bench))
    row, training = rows(bench)[name], bench.lab.document.project.training
    field = row.editor.field
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClicks(field, nonsense)
    QTest.keyClick(field, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert readable(row), row.fault.geometry()
    assert "is kept." in row.fault.text()
    assert bench.lab.document.project.training == training
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert not row.fault.isVisible()


def test_a_network_too_large_is_refused_at_the_field_with_the_estimate(new_bench) -> None:
    bench = new_bench("mnist-16-16")
    stack = bench.window.inspector.findChild(LayerStack)
    design = bench.lab.document.project.design
    first, second = stack.rows["dense-1"], stack.rows["dense-2"]
    for row, units in ((first, "4000"), (second, "65536")):
        field = row.units.field
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, units)
        QTest.keyClick(field, Qt.Key.Key_Return)
        QApplication.processEvents()
    now = bench.lab.document.project.design
    assert len(now.layer("dense-2").unit_ids) == len(design.layer("dense-2").unit_ids) == 16
    assert "GB of memory" in second.complaint.text()
    assert second.complaint.isVisible()
    assert second.units.value() == 16
    assert not bench.window.toasts.shown
    bench.lab.document.undo_stack.undo()
    bench.settled()
