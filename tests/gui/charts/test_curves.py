"""The chart: what it says is what it was given, live, under the cursor, in both looks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QGuiApplication, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui import theme
from gui.charts.curves import CurveChart
from gui.charts.legend import DASHES
from gui.widgets.numbers import number_text

X = np.arange(0.0, 1001.0, 10.0)
LOSS = 2.0 * np.exp(-X / 300)


@pytest.fixture(autouse=True)
def look(qapp: QApplication) -> Iterator[theme.ThemeManager]:
    theme.manager().choose("light")
    yield theme.manager()
    theme.manager().choose("system")
    theme.manager().set_scale(1.0)


@pytest.fixture
def chart(qtbot: QtBot) -> CurveChart:
    chart = CurveChart()
    qtbot.addWidget(chart)
    chart.resize(280, 170)
    chart.show()
    chart.activateWindow()
    qtbot.waitUntil(chart.isActiveWindow)
    chart.plot.clearFocus()  # the ring around what has the keyboard would be counted as a curve
    return chart


def picture(chart: CurveChart) -> QImage:
    return chart.plot.grab().toImage()


def colors_in_column(image: QImage, x: int) -> list[str]:
    ratio = image.devicePixelRatio()
    return [
        image.pixelColor(round(x * ratio), round(y * ratio)).name().upper()
        for y in range(round(image.height() / ratio))
    ]


def at(chart: CurveChart, x: float) -> QPoint:
    return QPoint(round(chart.plot.pixel_x(x)), round(chart.plot.inner().center().y()))


def test_empty_it_says_what_to_do(chart: CurveChart) -> None:
    assert chart.is_empty
    assert "Press Space" in chart.plot.accessibleDescription()
    dark = QColor(theme.current().secondary)
    image = picture(chart)
    seen = {image.pixelColor(x, y).rgb() for x in range(image.width()) for y in range(image.height())}
    assert dark.rgb() in seen, "the sentence is painted"


@pytest.mark.parametrize("factor", [1.0, 0.37, 6.0])
def test_the_grid_stands_at_the_labels_also_when_the_values_have_changed(
    chart: CurveChart, factor: float
) -> None:
    for scale in (1.0, factor):
        chart.set_curve("train", X, LOSS * scale)
        chart.redraw()
        image = picture(chart)
    line, plot = QColor(theme.current().line), chart.plot
    column = round(plot.inner().right()) - 3  # right of the curve's last point there is the grid alone
    rows = [y for y, color in enumerate(colors_in_column(image, column)) if color == line.name().upper()]
    inside = [round(plot.pixel_y(tick)) for tick, _ in plot._y_ticks()]
    assert len(inside) >= 2
    assert set(inside) - {round(plot.inner().bottom())} <= set(rows)
    assert set(rows) <= set(inside)


def test_the_line_is_where_the_numbers_are(chart: CurveChart) -> None:
    chart.set_curve("train", X, LOSS)
    chart.redraw()
    image, ink = picture(chart), QColor(theme.current().curves[0])
    for x in (100.0, 300.0, 700.0):
        value = 2.0 * np.exp(-x / 300)
        expected = chart.plot.pixel_y(value)
        column = round(chart.plot.pixel_x(x) * image.devicePixelRatio())
        rows = [
            y / image.devicePixelRatio()
            for y in range(image.height())
            if image.pixelColor(column, y).lightness() < (ink.lightness() + 251) / 2
        ]
        rows = [y for y in rows if chart.plot.inner().top() <= y < chart.plot.inner().bottom()]
        assert rows, f"no line at step {x}"
        assert abs(np.mean(rows) - expected) < 2.0


def test_the_legend_shows_the_last_values_with_different_lines(chart: CurveChart) -> None:
    chart.set_curve("train", X, LOSS, label="training")
    chart.set_curve("test", [0, 1000], [2.5, 0.5], label="test")
    chart.redraw()
    assert chart.legend.text() == "training 0.0713  test 0.5"
    entries = chart.entries()
    assert len({entry.color for entry in entries}) == 2
    assert len({tuple(DASHES[entry.style]) for entry in entries}) == 2
    assert "training 0.0713" in chart.plot.accessibleDescription()


def test_a_style_stays_with_its_curve(chart: CurveChart) -> None:
    for name in ("a", "b", "c"):
        chart.set_curve(name, X, LOSS)
    before = {entry.name: entry.style for entry in chart.entries()}
    chart.remove_curve("a")
    chart.set_curve("b", X, LOSS + 1)
    assert {entry.name: entry.style for entry in chart.entries()} == {"b": before["b"], "c": before["c"]}
    chart.set_curve("d", X, LOSS)
    assert {entry.style for entry in chart.entries()} == {0, 1, 2}


def test_redraws_are_gathered(qtbot: QtBot, chart: CurveChart, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    original = chart.redraw
    chart._timer.timeout.disconnect()
    chart._timer.timeout.connect(lambda: (drawn.append(1), original()))
    chart.redraw()
    for count in range(2, 100):
        chart.set_curve("train", X[:count], LOSS[:count])
    qtbot.waitUntil(lambda: bool(drawn))
    assert len(drawn) == 1
    assert chart.legend.text() == f"train {number_text(LOSS[98])}", "and the last one wins"


def test_hidden_it_does_not_draw_and_catches_up_when_shown(qtbot: QtBot, chart: CurveChart) -> None:
    chart.hide()
    chart.set_curve("train", X, LOSS)
    qtbot.waitUntil(lambda: not chart._timer.isActive())
    assert chart.legend.text() == ""
    chart.show()
    assert chart.legend.text() == "train 0.0713"


def test_under_the_cursor_is_the_exact_value(qtbot: QtBot, chart: CurveChart) -> None:
    chart.set_curve("train", X, LOSS)
    chart.set_curve("test", [0, 500, 1000], [2.5, 1.0, 0.5])
    chart.redraw()
    qtbot.mouseMove(chart.plot.viewport(), at(chart, 480))
    assert chart.cursor_x == pytest.approx(480, abs=5)
    assert chart.values_at(480) == {"train": (480, LOSS[48]), "test": (500, 1.0)}
    assert "test 1" in chart.legend.text()
    assert chart.cursor_text() in ("step 470", "step 480", "step 490", "step 500")
    QApplication.sendEvent(chart.plot, QEvent(QEvent.Type.Leave))
    assert chart.cursor_x is None


def test_the_keyboard_reads_it_as_well(qtbot: QtBot, chart: CurveChart) -> None:
    chart.set_curve("train", X, LOSS)
    chart.redraw()
    chart.setFocus()
    qtbot.keyClick(chart.plot, Qt.Key.Key_Home)
    assert chart.cursor_x == 0
    for _ in range(20):
        qtbot.keyClick(chart.plot, Qt.Key.Key_Right)
    assert chart.cursor_x > 0
    assert chart.cursor_text() in chart.plot.accessibleDescription()
    qtbot.keyClick(chart.plot, Qt.Key.Key_Escape)
    assert chart.cursor_x is None
    with qtbot.waitSignal(chart.log_changed):
        qtbot.keyClick(chart.plot, Qt.Key.Key_L)
    assert chart.logarithmic
    assert chart.legend.log_button.isChecked()


def test_the_log_button_makes_decades_equal(qtbot: QtBot, chart: CurveChart) -> None:
    chart.set_curve("train", X, 10.0 ** (-X / 250))
    chart.redraw()
    qtbot.mouseClick(chart.legend.log_button, Qt.MouseButton.LeftButton)
    heights = [chart.plot.pixel_y(value) for value in (1.0, 0.1, 0.01, 0.001)]
    assert np.ptp(np.diff(heights)) < 1e-6
    assert np.isnan(chart.plot.pixel_y(0.0))
    assert [label for _, label in chart.plot._y_ticks()][-1] == "1"


def test_zero_and_negative_values_survive_the_logarithm(chart: CurveChart) -> None:
    chart.set_curve("train", [0, 1, 2, 3], [1.0, 0.0, -1.0, 0.1], [0.5, -1, -2, 0.0], [2, 1, 0, 1])
    chart.set_log(True)
    chart.set_curve("train", [0, 1], [0.0, 0.0])
    chart.redraw()
    picture(chart)


def test_the_range_stands_still_while_a_run_grows(chart: CurveChart) -> None:
    rng = np.random.default_rng(0)
    x = np.arange(5000.0)
    y = np.exp(-x / 800) * rng.lognormal(0, 0.2, 5000) + 0.1
    ranges = []
    for end in range(50, 5000, 50):
        chart.set_curve("train", x[:end], y[:end])
        chart.redraw()
        (left, right), (bottom, top) = chart.plot.view.viewRange()
        assert left == 0
        assert right >= x[end - 1]
        ranges.append((right, bottom, top))
    assert len(set(ranges)) < 30


def test_zooming_by_wheel_needs_the_focus_and_a_double_click_shows_all(
    qtbot: QtBot, chart: CurveChart
) -> None:
    chart.set_curve("train", X, LOSS)
    chart.redraw()
    whole = chart.plot.view.viewRange()[0]

    def turn() -> bool:
        where = QPointF(at(chart, 500))
        event = QWheelEvent(
            where, chart.plot.mapToGlobal(where), QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(chart.plot.viewport(), event)
        return event.isAccepted()

    chart.plot.clearFocus()
    turn()
    assert chart.plot.view.viewRange()[0] == whole
    chart.plot.setFocus()
    qtbot.waitUntil(chart.plot.hasFocus)
    turn()
    start, end = chart.plot.view.viewRange()[0]
    assert whole[0] < start < 500 < end < whole[1]
    assert not chart.following
    chart.set_curve("train", X * 3, LOSS)
    chart.redraw()
    assert chart.plot.view.viewRange()[0] == [start, end], "new data do not move a chosen view"
    qtbot.mouseDClick(chart.plot.viewport(), Qt.MouseButton.LeftButton, pos=at(chart, 500))
    assert chart.following
    assert chart.plot.view.viewRange()[0][1] >= 3000


def test_dragging_pans_but_never_beyond_the_data(qtbot: QtBot, chart: CurveChart) -> None:
    chart.set_curve("train", X, LOSS)
    chart.redraw()
    chart.plot.setFocus()
    qtbot.keyClick(chart.plot, Qt.Key.Key_Plus)
    qtbot.keyClick(chart.plot, Qt.Key.Key_Plus)
    before = chart.plot.view.viewRange()[0]
    width = before[1] - before[0]
    chart.plot.view.translateBy(x=-1e6)
    after = chart.plot.view.viewRange()[0]
    assert after[0] == pytest.approx(0)
    assert after[1] - after[0] == pytest.approx(width)


def test_a_mark_is_a_line_with_its_words(qtbot: QtBot, chart: CurveChart) -> None:
    chart.set_curve("train", X, np.full_like(X, 0.9))
    chart.set_marks(((400, "added Dense(16): function kept"),))
    chart.redraw()
    column = int(chart.plot.pixel_x(400))
    ground = theme.current().canvas
    plain = [name for name in colors_in_column(picture(chart), column - 30) if name != ground]
    marked = [name for name in colors_in_column(picture(chart), column) if name != ground]
    assert len(marked) > len(plain) + 10
    qtbot.mouseMove(chart.plot.viewport(), at(chart, 400))
    assert chart.plot.mark_under_cursor() == chart.marks[0]
    assert "function kept" in chart.plot.accessibleDescription()


def test_marks_close_together_do_not_print_over_each_other(chart: CurveChart) -> None:
    chart.set_curve("train", X, LOSS)
    chart.set_marks(tuple((step, f"edit at {step}") for step in range(0, 1000, 7)))
    chart.redraw()
    taken: list[tuple[float, float]] = []
    for mark in chart.marks:
        place = chart.plot._label_place(mark, 60, taken)
        if place is not None:
            assert all(place.right() < start or place.left() > end for start, end in taken)
            assert chart.plot.inner().contains(place)
            taken.append((place.left(), place.right()))
    assert 1 <= len(taken) < 10


def test_the_words_of_a_mark_lie_over_no_curve(chart: CurveChart) -> None:
    chart.set_curve("high", X, np.full_like(X, 0.95))
    chart.set_curve("zero", X, np.full_like(X, 0.4))
    chart.redraw()
    plot = chart.plot
    head = QRectF(plot.pixel_x(300), plot.inner().top(), 60.0, 14.0)
    assert plot._crossed(head)
    foot = plot._off_the_curves(head, insist=False)
    assert foot is not None
    assert foot.top() > head.bottom()
    assert not plot._crossed(foot)
    chart.set_curve("low", X, np.full_like(X, 0.005))
    chart.redraw()
    assert plot._off_the_curves(head, insist=False) is None
    assert plot._off_the_curves(head, insist=True) == head


def test_clearing_leaves_nothing(chart: CurveChart) -> None:
    chart.set_curve("train", X, LOSS)
    chart.set_marks(((3, "x"),))
    chart.redraw()
    items = len(chart.plot.scene().items())
    chart.clear()
    assert chart.is_empty
    assert chart.legend.text() == ""
    assert len(chart.plot.scene().items()) == items - 2
    chart.set_curve("train", [0, 1, 2], [1, 2, 3])
    chart.redraw()
    assert chart.plot.view.viewRange()[0][1] == 10


def test_a_single_point_is_seen(chart: CurveChart) -> None:
    chart.set_curve("test", [5], [0.5])
    chart.redraw()
    color = picture(chart).pixelColor(
        (QPointF(chart.plot.pixel_x(5), chart.plot.pixel_y(0.5)) * chart.devicePixelRatioF()).toPoint()
    )
    assert color.name().upper() == theme.current().curves[0]


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("logarithmic", [False, True])
@pytest.mark.parametrize("size", [1e-7, 0.3, 1.0, 37.0, 5e5, 1e12])
def test_no_label_is_clipped_and_none_overlaps(
    look: theme.ThemeManager, chart: CurveChart, size: float, logarithmic: bool, scale: float
) -> None:
    look.set_scale(scale)
    chart.resize(round(280 * scale), round(170 * scale))
    chart.set_log(logarithmic)
    chart.set_curve("train", X * 12345, LOSS * size)
    chart.redraw()
    plot = chart.plot
    metrics = QFontMetricsF(theme.current().font(theme.SMALL))
    ticks = plot._y_ticks()
    assert len(ticks) >= 2
    for _, label in ticks:
        assert metrics.horizontalAdvance(label) <= plot.inner().left() - 4
    heights = sorted(plot.pixel_y(tick) for tick, _ in ticks)
    assert all(low + metrics.height() <= high for low, high in pairwise(heights))
    assert heights[0] >= metrics.height() / 2
    assert plot.inner().bottom() + metrics.height() <= plot.height()


def test_the_look_changes_live(look: theme.ThemeManager, chart: CurveChart) -> None:
    chart.set_curve("train", X, LOSS)
    chart.redraw()
    corner = (QPointF(chart.plot.inner().topRight()) + QPointF(-4, 4)) * chart.devicePixelRatioF()
    assert picture(chart).pixelColor(corner.toPoint()).name().upper() == theme.LIGHT.canvas
    look.choose("dark")
    assert picture(chart).pixelColor(corner.toPoint()).name().upper() == theme.DARK.canvas
    assert picture(chart).pixelColor(1, 1).name().upper() == theme.DARK.panel
    assert chart.entries()[0].color == theme.DARK.curves[0]


def test_shares_are_percentages(qtbot: QtBot) -> None:
    chart = CurveChart("accuracy", share=True)
    qtbot.addWidget(chart)
    chart.resize(280, 170)
    chart.show()
    chart.set_curve("train", X, 1 - 0.9 * np.exp(-X / 200))
    chart.redraw()
    assert chart.legend.text() == "train 99.4%"
    assert {"0%", "100%"} <= {label for _, label in chart.plot._y_ticks()}
    assert chart.legend.log_button.isHidden()


def test_values_can_be_copied_for_a_spreadsheet(chart: CurveChart) -> None:
    chart.set_curve("train", [0, 1], [0.5, 0.25], [0.4, 0.2], [0.6, 0.3], label="training")
    actions = {action.text(): action for action in chart.own_actions(chart)}
    actions["Copy values"].trigger()
    assert QGuiApplication.clipboard().text().splitlines() == [
        "curve\tstep\tloss\tlow\thigh",
        "training\t0\t0.5\t0.4\t0.6",
        "training\t1\t0.25\t0.2\t0.3",
    ]
    actions["Copy picture"].trigger()
    assert not QGuiApplication.clipboard().pixmap().isNull()


def test_a_million_points_become_few(chart: CurveChart) -> None:
    x = np.arange(1_000_000.0)
    chart.set_curve("train", x, np.sin(x) + 2)
    chart.redraw()
    line = chart.curves["train"].line
    assert len(line.xData) <= 360
    assert chart.values_at(765_432.0) == {"train": (765_432.0, np.sin(765_432.0) + 2)}


def test_in_a_narrow_place_the_legend_takes_more_lines(chart: CurveChart) -> None:
    for name in ("SGD", "Momentum", "Adam", "RMSprop"):
        chart.set_curve(name, X, LOSS)
    chart.redraw()
    assert chart.legend.sizeHint().height() >= 40


def test_a_chart_can_come_to_mean_something_else(chart: CurveChart) -> None:
    chart.set_log(True)
    chart.y_label, chart.share = "accuracy", True
    chart.clear()
    assert (chart.legend.title, chart.logarithmic) == ("accuracy", False)
    assert chart.legend.log_button.isHidden()
    chart.y_label, chart.share = "R²", False
    chart.clear()
    assert not chart.legend.log_button.isHidden()
