"""A walk through the window: everywhere the mouse is told what it would do; menus hold real commands."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest

from gui.context import MENUS


def test_wherever_the_mouse_is_on_the_canvas_the_status_bar_says_what_it_would_do(bench):
    canvas = bench.window.canvas
    bench.wait(lambda: canvas.is_settled)
    view, said = canvas.viewport(), set()
    for x in range(6, view.width() - 6, view.width() // 24):
        for y in range(6, view.height() - 6, view.height() // 16):
            QTest.mouseMove(view, QPoint(x, y))
            text = bench.window.hint.text()
            assert text, (x, y)
            said.add(text)
    assert len(said) >= 4  # not the same everywhere
    for layer, item in canvas.canvas.layers.items():
        QTest.mouseMove(view, canvas.mapFromScene(*item.box.centers[0]))
        assert "click: select this neuron" in bench.window.hint.text(), layer


def test_every_command_of_a_right_click_is_one_of_the_menus_and_is_found_in_the_palette(bench):
    actions = bench.window.actions_
    named = {name for menu in MENUS.values() for name in menu if name}
    assert named <= set(actions)
    for name in actions:
        actions[name].setEnabled(True)
    offered = [action for _, action in actions.for_palette()]
    assert [name for name in actions if actions[name] not in offered] == []
