"""Every control of window, menu, dialog and popup says what it is called and what it does; Tab gets there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QMenuBar,
    QScrollBar,
    QWidget,
)

from gui.charts.plot import Plot
from gui.document.selection import Picked
from gui.errors import ErrorDialog, Report
from gui.widgets.editors import Stepper

KINDS = (QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit)
QT_OWN = ("qt_menubar_ext_button", "qt_tableview_cornerbutton")
"""Parts of Qt's widgets that are never seen here."""


def all_controls(top: QWidget) -> Iterator[QWidget]:
    for widget in (top, *top.findChildren(QWidget)):
        if is_control(widget) and not is_inner(widget):
            yield widget


def is_control(widget: QWidget) -> bool:
    takes_keys = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    return isinstance(widget, KINDS) or (bool(takes_keys) and not isinstance(widget, QMenu | QMenuBar))


def is_inner(widget: QWidget) -> bool:
    """What belongs to a control and is described and reached by it."""
    parent = widget.parentWidget()
    if isinstance(widget, QScrollBar | QLabel) or widget.objectName() in QT_OWN:
        return True
    if isinstance(parent, QAbstractScrollArea) and widget is parent.viewport():
        return True
    if isinstance(parent, QAbstractItemView) and widget.isHidden():  # a header that is not shown
        return True
    return any(isinstance(above, QMenu) for above in above_of(widget))  # pyqtgraph's, see the test of plots


def above_of(widget: QWidget) -> Iterator[QWidget]:
    while (parent := widget.parentWidget()) is not None:
        yield parent
        widget = parent


def faults_of(widget: QWidget) -> list[str]:
    faults = []
    if not widget.accessibleName():
        faults.append("no accessible name")
    if not widget.toolTip():
        faults.append("no tooltip")
    if not reachable(widget):
        faults.append("not in the tab order")
    where = " in ".join(type(one).__name__ for one in (widget, *above_of(widget)))
    text = getattr(widget, "text", str)()
    return [f"{fault}: {where} “{text}”" for fault in faults]


def reachable(widget: QWidget) -> bool:
    """By Tab, or beside a field whose keys do the same, or a header that does nothing when clicked."""
    return (
        bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        or widget.focusProxy() is not None
        or (isinstance(widget.parentWidget(), QAbstractItemView))
    )


def all_faults() -> set[str]:
    return {
        fault
        for top in QApplication.topLevelWidgets()
        for widget in all_controls(top)
        for fault in faults_of(widget)
    }


def show_everything(bench) -> None:
    """Open what is not there at first: drawer, panels, pages, popups, offers."""
    window = bench.window
    window.actions_["view.drawer"].trigger()
    for name in ("layers", "data", "examples"):
        window.rail.open(name)
        QApplication.processEvents()
    selection = bench.lab.document.selection
    first, second = (spec.id for spec in bench.lab.document.project.design.layers[:2])
    for picked in (Picked(second), Picked(second, 0), Picked(second, 0, source_layer=first, source=0)):
        selection.select(picked)
        QApplication.processEvents()
    window.finder.open()
    window.palette_.open()
    window.offer.say("An offer.", action="Take it", do=lambda: None)
    window.banner.say("Something is wrong.", kind="warning", action="Do something", do=lambda: None)
    window.toasts.say("News.", action="Undo")
    window.canvas.zoom_to_selection()
    window.crumbs.path = [("Network", "", None), ("Layer", second, None)]
    window.crumbs._fill()


@pytest.mark.parametrize("example", ["circle", "linear-regression"])
def test_every_control_has_a_name_and_a_tooltip_and_tab_gets_there(new_bench, example):
    bench = new_bench(example)
    show_everything(bench)
    assert not all_faults()


def test_dialogs_are_described_as_well(bench):
    window = bench.window
    opened: list[QWidget] = []
    window.help.shown.connect(opened.append)
    window.help.show_shortcuts()
    window.help.show_about()
    bench.lab.document.note_learning()
    window.files.asked.connect(opened.append)
    window.close()
    opened.append(ErrorDialog(Report("It failed.", "…", "here"), window))
    assert len(opened) == 4
    assert not {fault for dialog in opened for widget in all_controls(dialog) for fault in faults_of(widget)}
    for dialog in opened:
        dialog.close()


def test_the_plots_own_menu_of_the_library_cannot_be_opened(bench):
    bench.wait(lambda: len(bench.window.findChildren(Plot)) >= 2)  # they are made after the network is drawn
    assert not any(plot.getPlotItem().menuEnabled() for plot in bench.window.findChildren(Plot))


def test_every_command_in_the_menus_says_what_it_does(bench):
    for name, action in ((name, bench.window.actions_[name]) for name in bench.window.actions_.commands):
        assert action.text(), name
        assert action.toolTip(), name
        assert action.statusTip() or action.whatsThis() or action.toolTip(), name


def test_tab_goes_round_through_everything_that_is_seen(bench):
    window = bench.window
    window.canvas.setFocus()
    reached: list[QWidget] = []
    for _ in range(120):
        widget = QApplication.focusWidget()
        reached.append(widget)
        bench.qtbot.keyClick(widget, Qt.Key.Key_Tab)
        if QApplication.focusWidget() is window.canvas:
            break
    missing = [
        fault
        for widget in all_controls(window)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusProxy() is None
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget not in reached
        for fault in [f"{type(widget).__name__} “{widget.accessibleName()}”"]
    ]
    assert not missing


def test_a_button_beside_a_field_shows_no_focus_of_its_own(bench):
    stepper = bench.window.inspector.learning.findChildren(Stepper)[0]
    bench.window.canvas.setFocus()
    before = stepper.fewer.grab().toImage()
    bench.click(stepper.field)
    assert stepper.field.hasFocus()
    assert stepper.fewer.grab().toImage() == before
