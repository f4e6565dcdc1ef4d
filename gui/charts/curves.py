"""A chart of curves over training steps: live, legible when small, and exact under the cursor."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from PySide6.QtCore import QElapsedTimer, QSize, QTimer, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication, QShowEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QVBoxLayout, QWidget

from gui import theme
from gui.charts.drawn import Drawn
from gui.charts.legend import Legend, LegendEntry
from gui.charts.plot import Mark, Plot
from gui.charts.scales import SMALLEST, SteadyRange, SteadyTop, decades_around
from gui.charts.thinning import Samples
from gui.widgets.naming import name_picture
from gui.widgets.numbers import count_text, number_text, percent_text

REDRAW_MS = 100  # what costs the training most is a GUI thread that holds the interpreter
_MOST_COLUMNS = 360  # a thick, antialiased, jagged line costs about 40 µs a point on a 2× screen


class CurveChart(QWidget):
    """Curves over steps, with a legend that doubles as the readout under the cursor.

    Left-drag moves along the steps, the wheel zooms (once the chart has the focus), a double click shows all
    again; ← → walk the cursor, L switches the logarithm. With `share`, values are shown in percent.

    Signals:
        log_changed(bool): the vertical axis became logarithmic, or linear.
    """

    log_changed = Signal(bool)

    def __init__(
        self,
        y_label: str = "",
        parent: QWidget | None = None,
        *,
        x_label: str = "",
        empty_text: str = "",
        share: bool = False,
        logarithmic: bool = False,
    ) -> None:
        super().__init__(parent)
        self.y_label = y_label or self.tr("loss")
        self.x_label = x_label or self.tr("step")
        self.empty_text = empty_text or self.tr("Press Space to train: the loss will appear here.")
        self.share = share
        self.marks: list[Mark] = []
        self.following = True
        self.cursor_x: float | None = None
        self._logarithmic = logarithmic and not share
        self.curves: dict[str, Drawn] = {}
        self._top, self._range = SteadyTop(), SteadyRange(share=share)
        self._since = QElapsedTimer()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.redraw)
        self.legend = Legend(self.y_label, self, can_log=not share)
        self.legend.show_log(self._logarithmic)
        self.plot = Plot(self)
        self.legend.log_toggled.connect(self.set_log)
        self.plot.view.sigRangeChangedManually.connect(self.stop_following)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.legend)
        layout.addWidget(self.plot, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusProxy(self.plot)
        QWidget.setTabOrder(
            self.plot, self.legend.log_button
        )  # what has a proxy is passed over with its parts
        name = self.tr("Chart of {label} over {steps}").format(label=self.y_label, steps=self.x_label)
        self.setAccessibleName(name)
        tip = self.tr("Wheel or ↑ ↓: zoom; drag: move; right click: what else it can do")
        name_picture(self.plot, name, tip)
        self.restyle()
        theme.manager().changed.connect(self.restyle)

    # -- what it shows

    def set_curve(
        self,
        name: str,
        x: ArrayLike,
        y: ArrayLike,
        low: ArrayLike | None = None,
        high: ArrayLike | None = None,
        *,
        label: str = "",
    ) -> None:
        """Show or replace a curve: y (n,) over ascending x (n,), with low…high of each point, if any.

        Arrays are not copied, so do not change them afterwards. A new name takes the next line style; `label`
        is its name on screen.
        """
        samples = Samples.of(x, y, low, high)
        if name in self.curves:
            self.curves[name].samples = samples
        else:
            used = {curve.style for curve in self.curves.values()}
            style = next(number for number in range(len(used) + 1) if number not in used)
            self.curves[name] = Drawn(self.plot.view, samples, label or name, style)
            self.curves[name].restyle(theme.current())
        self.ask_redraw()

    def remove_curve(self, name: str) -> None:
        """Take a curve away (KeyError)."""
        self.curves.pop(name).remove(self.plot.view)
        self.ask_redraw()

    def set_marks(self, marks: tuple[tuple[int, str], ...]) -> None:
        """Mark these steps with a vertical line and a text each, and no others."""
        wanted = [Mark(float(step), text) for step, text in marks]
        if wanted != self.marks:
            self.marks = wanted
            self.ask_redraw()

    def clear(self) -> None:
        """Take away all curves and marks, and show what comes next (`y_label`, `share` as they now are)."""
        self.legend.set_title(self.y_label, can_log=not self.share)
        self._logarithmic &= not self.share
        self.legend.show_log(self._logarithmic)
        for curve in self.curves.values():
            curve.remove(self.plot.view)
        self.curves.clear()
        self.marks.clear()
        self.cursor_x = None
        self._top, self._range = SteadyTop(), SteadyRange(share=self.share)
        self.following = True
        self.redraw()

    @property
    def logarithmic(self) -> bool:
        """Whether the vertical axis is logarithmic."""
        return self._logarithmic

    def set_log(self, on: bool) -> None:
        """Make the vertical axis logarithmic, or linear; values that are not positive are then left out."""
        if on != self._logarithmic and not self.share:
            self._logarithmic = on
            self.legend.show_log(on)
            self.redraw()
            self.log_changed.emit(on)

    def fit(self) -> None:
        """Show all steps again, and follow new ones."""
        self.following = True
        self.redraw()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not any(len(curve.samples) for curve in self.curves.values())

    # -- reading it

    def values_at(self, x: float) -> dict[str, tuple[float, float]]:
        """Per curve the (step, value) of its point nearest to a step."""
        found = {}
        for name, curve in self.curves.items():
            if len(curve.samples):
                index = curve.samples.nearest(x)
                found[name] = float(curve.samples.x[index]), float(curve.samples.y[index])
        return found

    def last_values(self) -> dict[str, tuple[float, float]]:
        """Per curve the (step, value) of its last point."""
        return self.values_at(math.inf)

    def value_text(self, value: float) -> str:
        """A value as the legend writes it."""
        return percent_text(value) if self.share else number_text(value)

    def cursor_text(self) -> str:
        """The step that is read: that of the point nearest to the cursor."""
        at = self.cursor_x
        if at is None or self.is_empty:
            return ""
        nearest = min(self.values_at(at).values(), key=lambda point: abs(point[0] - at))[0]
        return f"{self.x_label} {count_text(round(nearest))}"

    def set_cursor(self, x: float | None) -> None:
        """Read the curves at a step, or at their ends."""
        self.cursor_x = x
        self._update_legend()
        self.plot.viewport().update()

    # -- drawing

    def redraw(self) -> None:
        """Draw what is known now; called by itself at most every `REDRAW_MS`, and not while hidden."""
        self._timer.stop()
        self._since.start()
        if not self.isVisible():
            return
        self._place_x()
        start, end = self.plot.view.viewRange()[0]
        columns = min(max(round(self.plot.inner().width()), 16), _MOST_COLUMNS)
        for curve in self.curves.values():
            curve.redraw(start, end, columns, self._logarithmic)
        self._place_y(start, end)
        self.plot.scene().prepareForPaint()  # in the painting it would ask for another one
        self._update_legend()
        self.plot.viewport().update()

    def restyle(self) -> None:
        """Take the colors and measures of the current look."""
        look = theme.current()
        self.plot.setBackground(look.panel)
        self.plot.place()
        for curve in self.curves.values():
            curve.restyle(look)
        self.legend.updateGeometry()
        self._update_legend()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        look = theme.current()
        return QSize(look.px(280), look.px(170))

    def minimumSizeHint(self) -> QSize:
        look = theme.current()
        return QSize(look.px(160), look.px(110))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.redraw()

    def entries(self) -> list[LegendEntry]:
        """What the legend shows: each curve with its value at the cursor or its last."""
        look = theme.current()
        values = self.last_values() if self.cursor_x is None else self.values_at(self.cursor_x)
        return [
            LegendEntry(
                curve.label,
                self.value_text(values[name][1]) if name in values else "",
                curve.color(look),
                curve.style,
            )
            for name, curve in self.curves.items()
        ]

    def ask_redraw(self) -> None:
        """Draw soon."""
        if self._timer.isActive():
            return
        waited = self._since.elapsed() if self._since.isValid() else REDRAW_MS
        self._timer.start(max(REDRAW_MS - waited, 0))

    def _place_x(self) -> None:
        curves = [curve.samples for curve in self.curves.values() if len(curve.samples)]
        last = max((float(samples.x[-1]) for samples in curves), default=0.0)
        first = min((float(samples.x[0]) for samples in curves), default=0.0)
        top = self._top.update(max(last, 10.0))
        left = min(first, 0.0) if first < 0.5 * top else first
        self.plot.view.setLimits(xMin=left, xMax=top, minXRange=min(2.0, top - left))
        if self.following:
            self.plot.view.setXRange(left, top, padding=0)

    def _place_y(self, start: float, end: float) -> None:
        low, high = self._seen_range(start, end)
        bottom, top = self._range.update(low, high, logarithmic=self._logarithmic)
        if self._logarithmic:
            bottom, top = math.log10(bottom), math.log10(top)
        self.plot.view.setYRange(bottom, top, padding=0)

    def _seen_range(self, start: float, end: float) -> tuple[float, float]:
        """The lowest and highest value to make room for: all lines, and bands but for their rarest spikes."""
        lows, highs, newest = [], [], []
        for curve in self.curves.values():
            seen = curve.seen
            inside = (seen.x >= start) & (seen.x <= end)
            if self._logarithmic:
                inside &= seen.y > SMALLEST
            if inside.any():
                lows.append(float(seen.y[inside].min()))
                highs.append(float(seen.y[inside].max()))
                newest.append(float(seen.y[inside][-1]))
                if seen.high is not None and seen.low is not None:
                    highs.append(float(np.quantile(seen.high[inside], 0.98)))
                    below = seen.low[inside]
                    below = below[below > SMALLEST] if self._logarithmic else below
                    lows.append(float(np.quantile(below, 0.02)) if len(below) else lows[-1])
        if not lows:
            return (0.1, 1.0) if self._logarithmic else (0.0, 1.0)
        low, high = min(lows), max(highs)
        return decades_around(max(newest), low, high) if self._logarithmic else (low, high)

    def _update_legend(self) -> None:
        mark = self.plot.mark_under_cursor()
        at = ", ".join(filter(None, (self.cursor_text(), mark.text if mark else "")))
        entries = self.entries()
        self.legend.show_entries(entries)
        said = ", ".join(f"{entry.name} {entry.value}" for entry in entries if entry.value)
        self.plot.setAccessibleDescription(f"{said}; {at}" if at else said or self.empty_text)

    def stop_following(self) -> None:
        """Keep to the steps that were chosen by hand."""
        self.following = False
        self.ask_redraw()

    # -- commands of its own

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        for action in self.own_actions(menu):
            menu.addAction(action)
        menu.exec(event.globalPos())
        menu.deleteLater()

    def own_actions(self, parent: QWidget) -> list[QAction]:
        """The commands of its context menu."""
        fit = QAction(self.tr("Show all"), parent)
        fit.triggered.connect(self.fit)
        log = QAction(self.tr("Logarithmic"), parent, checkable=True, checked=self._logarithmic)
        log.triggered.connect(self.set_log)
        log.setEnabled(not self.share)
        picture = QAction(self.tr("Copy picture"), parent)
        picture.triggered.connect(lambda: QGuiApplication.clipboard().setPixmap(self.grab()))
        values = QAction(self.tr("Copy values"), parent)
        values.triggered.connect(lambda: QGuiApplication.clipboard().setText(self.as_text()))
        return [fit, log, picture, values]

    def as_text(self) -> str:
        """All points, one a line, separated by tabs, for a spreadsheet."""
        lines = ["\t".join(("curve", self.x_label, self.y_label, "low", "high"))]
        for curve in self.curves.values():
            s = curve.samples
            low, high = (s.y if s.low is None else s.low), (s.y if s.high is None else s.high)
            rows = zip(s.x, s.y, low, high, strict=True)
            lines += [f"{curve.label}\t{a:.10g}\t{b!s}\t{c!s}\t{d!s}" for a, b, c, d in rows]
        return "\n".join(lines)
