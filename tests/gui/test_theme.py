"""The two looks: legible by WCAG, as written in the design, applied live and following the system."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from gui import theme
from gui.theme import DARK, LIGHT, Theme, contrast

LOOKS = pytest.mark.parametrize("look", [LIGHT, DARK], ids=lambda look: look.name)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert contrast("#FFFFFF", "#777777") == contrast("#777777", "#FFFFFF")


@LOOKS
@pytest.mark.parametrize("ground", ["canvas", "panel", "field"])
@pytest.mark.parametrize("text", ["text", "secondary", "fault", "accent"])
def test_text_is_legible_on_every_background(look: Theme, ground: str, text: str) -> None:
    assert contrast(getattr(look, text), getattr(look, ground)) >= 4.5


@LOOKS
@pytest.mark.parametrize("ground", ["hover", "pressed"])
def test_text_stays_legible_under_the_mouse(look: Theme, ground: str) -> None:
    assert contrast(look.text, getattr(look, ground)) >= 4.5


@LOOKS
def test_text_on_the_accent_is_legible(look: Theme) -> None:
    assert contrast(look.on_accent, look.accent) >= 4.5


@LOOKS
@pytest.mark.parametrize("ground", ["canvas", "panel", "field"])
@pytest.mark.parametrize("role", ["control", "focus", "negative", "positive", "gradient"])
def test_controls_and_focus_stand_out(look: Theme, ground: str, role: str) -> None:
    assert contrast(getattr(look, role), getattr(look, ground)) >= 3.0


@LOOKS
def test_every_curve_stands_out_from_the_chart(look: Theme) -> None:
    assert all(contrast(color, look.panel) >= 3.0 for color in look.curves)


def test_the_colors_are_those_of_the_design() -> None:
    roles = ("canvas", "text", "secondary", "negative", "zero", "positive", "gradient")
    assert [getattr(LIGHT, role) for role in roles] == [
        "#FBFBFA", "#1F2328", "#5C6670", "#D55E00", "#DFE2E6", "#0072B2", "#00876C",
    ]  # fmt: skip
    assert [getattr(DARK, role) for role in roles] == [
        "#15181C", "#E6E8EB", "#9AA4AF", "#FF9A3C", "#3A4048", "#4FB0FF", "#5CE0A8",
    ]  # fmt: skip


@pytest.fixture
def themes(qapp: QApplication) -> Iterator[theme.ThemeManager]:
    themes = theme.manager()
    themes.choose("light")
    yield themes
    themes.choose("system")
    themes.set_scale(1.0)


def test_choosing_a_look_restyles_the_application(qtbot: QtBot, themes: theme.ThemeManager) -> None:
    label = QLabel("x", objectName="plain")
    qtbot.addWidget(label)
    label.show()
    with qtbot.waitSignal(themes.changed) as caught:
        themes.choose("dark")
    assert caught.args == [DARK]
    assert theme.current() is themes.theme
    role = QPalette.ColorRole
    assert label.palette().color(role.WindowText).name().upper() == DARK.text
    assert QApplication.palette().color(role.Window).name().upper() == DARK.panel


def test_choosing_the_same_look_again_says_nothing(qtbot: QtBot, themes: theme.ThemeManager) -> None:
    with qtbot.assertNotEmitted(themes.changed):
        themes.choose("light")


def test_text_scales_for_a_projector(qtbot: QtBot, themes: theme.ThemeManager) -> None:
    small, plain = QLabel("x"), QLabel("x")
    small.setProperty("role", "secondary")
    for label in (small, plain):
        qtbot.addWidget(label)
        label.show()
    assert (plain.fontInfo().pixelSize(), small.fontInfo().pixelSize()) == (13, 11)
    themes.set_scale(theme.PRESENTATION_SCALE)
    plain.ensurePolished()
    small.ensurePolished()
    assert (plain.fontInfo().pixelSize(), small.fontInfo().pixelSize()) == (20, 16)


def test_another_look_does_not_polish_a_widget_for_each_one_around_it(
    qtbot: QtBot, themes: theme.ThemeManager
) -> None:
    outer = QWidget()
    qtbot.addWidget(outer)
    parents = [outer]
    for _ in range(20):
        parents.append(QWidget(parents[-1]))
    innermost = QLabel("x", parents[-1])
    outer.show()
    counter = Counter(innermost)
    themes.set_scale(1.5)
    assert 1 <= counter.times <= 4


class Counter(QObject):
    """Counts how often a widget is told that its style is another."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.times = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.times += event.type() == QEvent.Type.StyleChange
        return False


def test_following_the_system_takes_its_look(
    qapp: QApplication, themes: theme.ThemeManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    themes.choose("system")
    for dark in (True, False):
        monkeypatch.setattr(theme, "system_is_dark", lambda dark=dark: dark)
        qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Unknown)
        assert themes.theme.dark is dark
    themes.choose("light")
    monkeypatch.setattr(theme, "system_is_dark", lambda: True)
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert not themes.theme.dark, "the user's choice is kept"


def test_figures_have_equal_width(themes: theme.ThemeManager) -> None:
    from PySide6.QtGui import QFontMetrics

    metrics = QFontMetrics(LIGHT.font())
    assert len({metrics.horizontalAdvance(figure) for figure in "0123456789"}) == 1
