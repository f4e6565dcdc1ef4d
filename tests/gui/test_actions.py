"""The table of commands: complete, free of collisions, and the palette finds everything."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu

from engine.examples import EXAMPLES


def test_every_shortcut_belongs_to_one_command(bench):
    actions = bench.window.actions_
    keys = [key.toString() for name in actions for key in actions[name].shortcuts()]
    assert sorted(keys) == sorted(set(keys))
    assert {"Space", ".", "F", "F11", "Ctrl+Z", "Ctrl+S", "Ctrl+O", "Ctrl+Shift+P"} <= set(keys)


def test_every_command_stands_in_a_menu(bench):
    window = bench.window
    listed = [action for menu in window.menuBar().findChildren(QMenu) for action in menu.actions()]
    listed += [action for menu in window.actions_.menus.values() for action in menu.actions()]
    missing = [name for name in window.actions_ if window.actions_[name] not in listed]
    assert not missing
    titles = [action.text() for action in window.menuBar().actions()]
    assert titles == ["&File", "&Edit", "&View", "&Train", "&Help"]


def test_menus_show_icons_from_the_first_time_they_open(bench):
    window = bench.window
    play = window.actions_["train.play"]
    assert play.icon().isNull()
    window.actions_.menus["Train"].aboutToShow.emit()
    shown = play.icon().cacheKey()
    assert not play.icon().isNull()
    bench.lab.training.toggle()
    bench.wait(lambda: play.icon().cacheKey() != shown)


def test_every_example_can_be_opened_from_the_menu(bench):
    assert {f"file.example.{name}" for name in EXAMPLES} <= set(bench.window.actions_)


def test_the_palette_finds_a_command_by_words_and_does_it(bench):
    window = bench.window
    bench.key(
        Qt.Key.Key_P, window.canvas, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    )
    palette = window.palette_
    assert palette.isVisible()
    for letter in "theme dark":
        bench.key(letter, palette.field)
    assert palette.list.item(0).text().startswith("View ▸ Theme ▸ Dark")
    bench.key(Qt.Key.Key_Return, palette.field)
    assert not palette.isVisible()
    assert bench.lab.settings.values.theme == "dark"
    window.options.set_theme("light")


def test_the_palette_says_when_nothing_is_found(bench):
    palette = bench.window.palette_
    palette.open()
    palette.field.setText("xyzzy")
    assert "xyzzy" in palette.list.item(0).text()
    bench.key(Qt.Key.Key_Return, palette.field)
    assert not palette.isVisible()


def test_what_cannot_be_done_is_not_offered(bench):
    actions = bench.window.actions_
    offered = [action for _, action in actions.for_palette()]
    assert actions["edit.undo"] not in offered
    assert actions["edit.delete"] not in offered
    assert actions["train.play"] in offered


def test_the_shortcuts_page_lists_every_shortcut(bench):
    text = bench.window.help.shortcuts_html()
    actions = bench.window.actions_
    for name in actions:
        shortcut = actions[name].shortcut()
        if not shortcut.isEmpty():
            import html

            assert html.escape(shortcut.toString(QKeySequence.SequenceFormat.NativeText)) in text


def test_faster_and_slower_move_the_slider_and_are_remembered(bench):
    window = bench.window
    before = window.transport.pace.pace()
    window.actions_["train.faster"].trigger()
    assert window.transport.pace.pace() > before
    assert bench.lab.settings.values.pace == window.transport.pace.pace()
    for _ in range(30):
        window.actions_["train.faster"].trigger()
    assert bench.lab.settings.values.pace is None  # full speed
    window.actions_["train.slower"].trigger()
    assert bench.lab.settings.values.pace is not None
