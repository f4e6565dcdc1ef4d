"""What opens over the window takes the keyboard from a field whole, and gives it back whole."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest


@pytest.fixture
def field(bench):
    """The learning rate, reached by Tab: its number is selected."""
    bench.window.show()
    found = bench.window.inspector.learning.chosen.rates.editor("learning_rate").field
    found.setFocus(Qt.FocusReason.TabFocusReason)
    assert found.hasSelectedText()
    return found


def click_canvas(bench) -> None:
    canvas = bench.window.canvas
    QTest.mouseClick(
        canvas.viewport(), Qt.MouseButton.LeftButton, pos=canvas.viewport().rect().bottomLeft() / 2
    )
    bench.wait(canvas.hasFocus)


def test_no_number_stays_selected_where_the_palette_is_closed_by_a_click(bench, field):
    palette = bench.window.palette_
    palette.open()
    bench.wait(palette.field.hasFocus)
    click_canvas(bench)
    assert palette.isHidden()
    assert not field.hasSelectedText()


def test_no_number_stays_selected_beside_an_open_flyout(bench, field):
    bench.click(bench.window.rail.buttons["layers"])
    assert not field.hasSelectedText()
    assert not field.hasFocus()


@pytest.mark.parametrize("name", ["palette", "flyout"])
def test_esc_gives_the_field_back_with_its_number_selected(bench, field, name):
    if name == "palette":
        bench.window.palette_.open()
    else:
        bench.click(bench.window.rail.buttons["layers"])
    bench.key(Qt.Key.Key_Escape)
    bench.wait(field.hasFocus)
    assert field.selectedText() == "0.03"
