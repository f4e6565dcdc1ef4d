"""Icons: all there, in the colors of the look, and named where only a picture is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QAction, QIcon, QImage, QKeySequence
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.resources import resource
from gui import theme
from gui.widgets import icons
from gui.widgets.buttons import IconButton

NEEDED = (
    "play pause step step-back reset open save new undo redo fit layers data examples charts matrix graph "
    "random previous next mistakes sun moon search plus minus close check warning info present more"
)


@pytest.fixture(autouse=True)
def look(qapp: QApplication) -> Iterator[theme.ThemeManager]:
    theme.manager().choose("light")
    yield theme.manager()
    theme.manager().choose("system")


def inks(image: QImage) -> set[str]:
    return {
        image.pixelColor(x, y).name().upper()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }


@pytest.mark.parametrize("name", NEEDED.split())
def test_every_icon_is_drawn_in_the_color_asked_for(name: str) -> None:
    picture = icons.pixmap(name, "#123456", 40, 2.0)
    assert picture.size() == QSize(80, 80)
    assert inks(picture.toImage()) == {"#123456"}


@pytest.mark.parametrize("name", icons.names())
def test_icons_are_of_one_make(name: str) -> None:
    source = resource("icons", f"{name}.svg").read_text(encoding="utf-8")
    assert 'viewBox="0 0 20 20"' in source
    assert 'stroke-width="1.5"' in source
    assert set(re.findall(r'(?:stroke|fill)="([^"]+)"', source)) <= {"currentColor", "none"}


def test_an_unknown_icon_is_an_error() -> None:
    with pytest.raises(KeyError, match="no icon named"):
        icons.icon("unicorn")


def test_the_program_has_an_icon_of_its_own() -> None:
    assert QSize(256, 256) in icons.app_icon().availableSizes()
    assert QImage(str(resource("icons", "synapscope.png"))).size() == QSize(256, 256)


def test_a_button_follows_the_look(qtbot: QtBot, look: theme.ThemeManager) -> None:
    button = IconButton("plus", "Add")
    qtbot.addWidget(button)
    assert inks(button.icon().pixmap(20).toImage()) == {theme.LIGHT.text}
    look.choose("dark")
    assert inks(button.icon().pixmap(20).toImage()) == {theme.DARK.text}
    disabled = button.icon().pixmap(QSize(20, 20), QIcon.Mode.Disabled)
    assert inks(disabled.toImage()) == {theme.DARK.control}


def test_a_button_says_its_name_and_key(qtbot: QtBot) -> None:
    button = IconButton("reset", "Reset", shortcut="R")
    qtbot.addWidget(button)
    assert (button.toolTip(), button.accessibleName()) == ("Reset (R)", "Reset")


def test_a_button_does_what_its_action_does(qtbot: QtBot) -> None:
    action = QAction("&Play", None)
    action.setShortcut(QKeySequence("F5"))
    action.setCheckable(True)
    button = IconButton("play", action=action)
    qtbot.addWidget(button)
    assert button.accessibleName() == "Play"
    assert "F5" in button.toolTip()
    with qtbot.waitSignal(action.triggered):
        button.click()
    assert action.isChecked()
    assert button.isChecked()
    action.setEnabled(False)
    assert not button.isEnabled()
