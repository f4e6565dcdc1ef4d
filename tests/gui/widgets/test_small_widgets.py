"""Pace, phases, notices, flyouts and headings, with real keys and clicks."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from engine.optimizers import OPTIMIZERS
from engine.training.step import PHASES
from gui import theme
from gui.widgets.chrome import Disclosure, ElidedLabel, EmptyState, Flyout, SectionHeading
from gui.widgets.controls import Choice, Switch, options_of
from gui.widgets.notices import MOST_TOASTS, Banner, Toasts
from gui.widgets.pace import FULL_SPEED, ONE_A_FRAME, PACES, PaceSlider, nearest_stop
from gui.widgets.phases import PhaseStrip

CLICK = Qt.MouseButton.LeftButton


@pytest.fixture(autouse=True)
def look(qapp: QApplication) -> Iterator[theme.ThemeManager]:
    theme.manager().choose("light")
    yield theme.manager()
    theme.manager().choose("system")
    theme.manager().set_scale(1.0)


def show(qtbot: QtBot, widget: QWidget) -> None:
    qtbot.addWidget(widget)
    widget.show()
    widget.activateWindow()
    qtbot.waitUntil(widget.isActiveWindow)


def test_the_pace_starts_at_one_batch_a_frame_and_goes_to_full_speed(qtbot: QtBot) -> None:
    slider = PaceSlider()
    show(qtbot, slider)
    assert slider.pace() == ONE_A_FRAME
    assert slider.caption.text() == "1 batch a frame"
    heard: list[float] = []
    slider.pace_changed.connect(heard.append)
    slider.slider.setFocus()
    qtbot.keyClick(slider.slider, Qt.Key.Key_End)
    assert heard == [FULL_SPEED]
    assert slider.caption.text() == "full speed"
    qtbot.keyClick(slider.slider, Qt.Key.Key_Home)
    assert heard[-1] == 0.125
    assert slider.caption.text() == "1 batch in 8 s"
    slider.faster()
    assert heard[-1] == 0.25
    assert slider.slider.accessibleDescription() == slider.caption.text()


def test_showing_a_pace_says_nothing(qtbot: QtBot) -> None:
    slider = PaceSlider()
    qtbot.addWidget(slider)
    with qtbot.assertNotEmitted(slider.pace_changed):
        slider.set_pace(math.inf)
    assert slider.pace() == math.inf


def test_the_nearest_stop_by_ratio() -> None:
    assert [PACES[nearest_stop(p)] for p in (0.01, 1.3, 50, 1e9, math.inf, math.nan)] == [
        0.125, 1.0, 60.0, 5000.0, math.inf, math.inf,
    ]  # fmt: skip
    assert list(PACES) == sorted(PACES)


def test_a_click_on_the_slider_goes_there_and_captions_move_nothing(qtbot: QtBot) -> None:
    slider = PaceSlider()
    slider.resize(300, 28)
    show(qtbot, slider)
    width = slider.slider.width()
    for stop in (0, 5, len(PACES) - 1):
        place = QPoint(round(slider.slider.x_of(stop)), slider.slider.height() // 2)
        qtbot.mouseClick(slider.slider, CLICK, pos=place)
        assert slider.slider.value() == stop
        assert slider.slider.width() == width


def test_the_current_phase_is_marked(qtbot: QtBot) -> None:
    strip = PhaseStrip()
    show(qtbot, strip)
    for phase in PHASES:
        strip.set_phase(phase)
        image = strip.grab().toImage()
        ratio = image.devicePixelRatio()
        marked = []
        for name in PHASES:
            place = strip.box(name).center() * ratio
            left = round((strip.box(name).left() + 4) * ratio)
            color = image.pixelColor(left, round(place.y())).name().upper()
            if color == theme.current().accent:
                marked.append(name)
        assert marked == [phase]
        assert strip.accessibleDescription() == phase
    strip.set_phase(None)
    assert strip.phase() == ""
    strip.set_phase("lunch")
    assert strip.phase() == ""


def test_a_phase_can_be_asked_for_by_mouse_and_by_key(qtbot: QtBot) -> None:
    strip = PhaseStrip()
    show(qtbot, strip)
    heard: list[str] = []
    strip.phase_clicked.connect(heard.append)
    qtbot.mouseClick(strip, CLICK, pos=strip.box("backward").center().toPoint())
    strip.setFocus()
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    qtbot.keyClick(strip, Qt.Key.Key_Return)
    assert heard[0] == "backward"
    assert heard[1] in PHASES


def test_a_banner_says_one_thing_and_does_one(qtbot: QtBot) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    assert not banner.isVisible()
    done: list[int] = []
    banner.say("Work from a crash was found.", action="Restore", do=lambda: done.append(1))
    assert banner.isVisible()
    qtbot.mouseClick(banner.button, CLICK)
    assert done == [1]
    assert not banner.isVisible()
    banner.say("Something else.", kind="warning")
    assert not banner.button.isVisible()
    with qtbot.waitSignal(banner.closed):
        qtbot.mouseClick(banner.close_button, CLICK)
    assert done == [1]


def test_toasts_stand_inside_do_not_overlap_and_go(qtbot: QtBot) -> None:
    window = QWidget()
    window.resize(500, 400)
    show(qtbot, window)
    toasts = Toasts(window)
    long = "The loss became NaN at step 812 in layer 2: the learning rate is probably too large. "
    for number in range(MOST_TOASTS + 2):
        toasts.say(f"{number} {long}", kind="warning", action="Go back")
    assert len(toasts.shown) == MOST_TOASTS
    boxes = [toast.geometry() for toast in toasts.shown]
    assert all(window.rect().contains(box) for box in boxes)
    assert not any(a.intersects(b) for a in boxes for b in boxes if a is not b)
    for toast in toasts.shown:
        label = toast.label
        assert label.heightForWidth(label.width()) <= label.height(), "no word is cut"
    window.resize(300, 500)
    assert all(window.rect().contains(toast.geometry()) for toast in toasts.shown)
    toasts.say("Saved.")
    assert toasts.say("Saved.") is toasts.shown[-1]
    toasts.shown[-1]._timer.start(1)
    qtbot.waitUntil(lambda: all(toast.text() != "Saved." for toast in toasts.shown))


def test_a_flyout_closes_by_button_and_by_escape(qtbot: QtBot) -> None:
    flyout = Flyout("Layers")
    body = QLabel("body")
    flyout.set_body(body)
    show(qtbot, flyout)
    with qtbot.waitSignal(flyout.closed):
        qtbot.mouseClick(flyout.close_button, CLICK)
    with qtbot.waitSignal(flyout.closed):
        qtbot.keyClick(flyout, Qt.Key.Key_Escape)
    assert body.isVisible()


def test_a_part_unfolds(qtbot: QtBot) -> None:
    part, inside = Disclosure("More"), QLabel("inside")
    part.add(inside)
    show(qtbot, part)
    assert not inside.isVisible()
    part.button.setFocus()
    qtbot.keyClick(part.button, Qt.Key.Key_Space)
    assert inside.isVisible()


def test_an_empty_place_offers_the_next_step(qtbot: QtBot) -> None:
    empty = EmptyState("Nothing here yet.", icon_name="layers", action="Open an example")
    show(qtbot, empty)
    with qtbot.waitSignal(empty.asked):
        qtbot.mouseClick(empty.button, CLICK)


def test_a_long_label_is_shortened_but_can_be_read(qtbot: QtBot) -> None:
    label = ElidedLabel("A very long name of a setting")
    show(qtbot, label)
    label.setFixedWidth(60)
    assert label._shown().endswith("…")
    label.setFixedWidth(600)
    assert label._shown() == label.text()


def test_a_choice_says_what_was_chosen_once(qtbot: QtBot) -> None:
    choice = Choice(options_of(OPTIMIZERS))
    show(qtbot, choice)
    heard: list[str] = []
    choice.chosen.connect(heard.append)
    choice.show_value("adam")
    assert heard == []
    assert choice.currentText() == OPTIMIZERS["adam"].label
    choice.setFocus()
    qtbot.keyClick(choice, Qt.Key.Key_Home)
    qtbot.keyClick(choice, Qt.Key.Key_Home)
    assert heard == [OPTIMIZERS.names()[0]]
    choice.show_value("from-a-newer-version")
    assert choice.value() == "from-a-newer-version"


def test_widgets_grow_with_the_text(qtbot: QtBot, look: theme.ThemeManager) -> None:
    widgets = [PhaseStrip(), PaceSlider(), Switch("on"), Choice([("a", "A")]), SectionHeading("Learned")]
    for widget in widgets:
        show(qtbot, widget)
    before = [widget.sizeHint().height() for widget in widgets]
    look.set_scale(1.5)
    QApplication.processEvents()
    assert all(widget.sizeHint().height() > old for widget, old in zip(widgets, before, strict=True))
