"""A chart of curves over training steps: live, legible when small, and exact under the cursor.

pyqtgraph holds the curves and the mouse; the grid, the labels, the marks and the cursor are painted around
them in pixels, so that none is clipped or overlaps another.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike
from PySide6.QtCore import QElapsedTimer, QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QBrush,
    QColor,
    QContextMenuEvent,
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QPainter,
    QPen,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGraphicsPathItem, QMenu, QSizePolicy, QVBoxLayout, QWidget

from gui import theme
from gui.charts.legend import DASHES, Legend, LegendEntry
from gui.charts.scales import (
    SMALLEST,
    SteadyRange,
    SteadyTop,
    linear_ticks,
    logarithmic_labels,
    logarithmic_ticks,
    step_text,
    value_labels,
)
from gui.charts.thinning import Samples, thin
from gui.theme import SMALL
from gui.widgets.numbers import count_text, number_text, percent_text

REDRAW_MS = 100  # what costs the training most is a GUI thread that holds the interpreter
_FEW = 40  # up to so many points are shown as dots as well
_NEAR_MARK = 5  # pixels
_MOST_COLUMNS = 360  # a thick, antialiased, jagged line costs about 40 µs a point on a 2× screen


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment worth remembering: an edit, a rewind."""

    x: float
    text: str


class _Drawn:
    """One curve: its samples, and the items that draw it."""

    def __init__(self, plot: _Plot, samples: Samples, label: str, style: int) -> None:
        self.samples, self.label, self.style = samples, label, style
        self.seen = samples
        self.band = QGraphicsPathItem()
        self.band.setPen(QPen(Qt.PenStyle.NoPen))
        self.line = pg.PlotCurveItem(antialias=True)
        for item in (self.band, self.line):
            plot.view.addItem(item, ignoreBounds=True)
        self.band.setZValue(-1)

    def restyle(self, look: theme.Theme) -> None:
        color = QColor(self.color(look))
        pen = QPen(color, look.scale * (1.6 if self.style else 1.8))
        pen.setCosmetic(True)
        if DASHES[self.style % len(DASHES)]:
            pen.setDashPattern(DASHES[self.style % len(DASHES)])
        self.line.setPen(pen)
        color.setAlphaF(0.22)
        self.band.setBrush(QBrush(color))

    def color(self, look: theme.Theme) -> str:
        return look.curves[self.style % len(look.curves)]

    def redraw(self, start: float, end: float, columns: int, logarithmic: bool) -> None:
        """Give the items what is seen between two steps."""
        seen = self.seen = thin(self.samples, start, end, columns)
        x, y, low, high = seen.x, seen.y, seen.low, seen.high
        if logarithmic:
            x, y = x[y > SMALLEST], np.log10(y[y > SMALLEST])
        self.line.setData(x, y, skipFiniteCheck=True)
        if low is None or high is None or len(seen) < 2:
            self.band.setPath(pg.arrayToQPath(np.empty(0), np.empty(0)))
            return
        edge_x = np.concatenate([seen.x, seen.x[::-1]])
        edge_y = np.concatenate([high, low[::-1]])
        if logarithmic:
            edge_y = np.log10(np.maximum(edge_y, SMALLEST))
        self.band.setPath(pg.arrayToQPath(edge_x, edge_y, finiteCheck=False))

    def remove(self, plot: _Plot) -> None:
        for item in (self.band, self.line):
            plot.view.removeItem(item)


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
        self._curves: dict[str, _Drawn] = {}
        self._top, self._range = SteadyTop(), SteadyRange(share=share)
        self._since = QElapsedTimer()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.redraw)
        self.legend = Legend(self.y_label, self, can_log=not share)
        self.plot = _Plot(self)
        self.legend.log_toggled.connect(self.set_log)
        self.plot.view.sigRangeChangedManually.connect(self._on_moved_by_hand)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.legend)
        layout.addWidget(self.plot, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusProxy(self.plot)
        name = self.tr("Chart of {label} over {steps}").format(label=self.y_label, steps=self.x_label)
        self.setAccessibleName(name)
        self.plot.setAccessibleName(name)
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
        if name in self._curves:
            self._curves[name].samples = samples
        else:
            used = {curve.style for curve in self._curves.values()}
            style = next(number for number in range(len(used) + 1) if number not in used)
            self._curves[name] = _Drawn(self.plot, samples, label or name, style)
            self._curves[name].restyle(theme.current())
        self._ask_redraw()

    def remove_curve(self, name: str) -> None:
        """Take a curve away (KeyError)."""
        self._curves.pop(name).remove(self.plot)
        self._ask_redraw()

    def add_mark(self, x: float, text: str) -> None:
        """Mark a step with a vertical line and a text."""
        self.marks.append(Mark(float(x), text))
        self._ask_redraw()

    def clear(self) -> None:
        """Take away all curves and marks and show everything that comes next."""
        for curve in self._curves.values():
            curve.remove(self.plot)
        self._curves.clear()
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
        return not any(len(curve.samples) for curve in self._curves.values())

    # -- reading it

    def values_at(self, x: float) -> dict[str, tuple[float, float]]:
        """Per curve the (step, value) of its point nearest to a step."""
        found = {}
        for name, curve in self._curves.items():
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
        for curve in self._curves.values():
            curve.redraw(start, end, columns, self._logarithmic)
        self._place_y(start, end)
        self._update_legend()
        self.plot.viewport().update()

    def restyle(self) -> None:
        """Take the colors and measures of the current look."""
        look = theme.current()
        self.plot.setBackground(look.panel)
        self.plot.place()
        for curve in self._curves.values():
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
            for name, curve in self._curves.items()
        ]

    def _ask_redraw(self) -> None:
        if self._timer.isActive():
            return
        waited = self._since.elapsed() if self._since.isValid() else REDRAW_MS
        self._timer.start(max(REDRAW_MS - waited, 0))

    def _place_x(self) -> None:
        curves = [curve.samples for curve in self._curves.values() if len(curve.samples)]
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
        lows, highs = [], []
        for curve in self._curves.values():
            seen = curve.seen
            inside = (seen.x >= start) & (seen.x <= end)
            if self._logarithmic:
                inside &= seen.y > SMALLEST
            if inside.any():
                lows.append(float(seen.y[inside].min()))
                highs.append(float(seen.y[inside].max()))
                if seen.high is not None and seen.low is not None:
                    highs.append(float(np.quantile(seen.high[inside], 0.98)))
                    below = seen.low[inside]
                    below = below[below > SMALLEST] if self._logarithmic else below
                    lows.append(float(np.quantile(below, 0.02)) if len(below) else lows[-1])
        if not lows:
            return (0.1, 1.0) if self._logarithmic else (0.0, 1.0)
        return min(lows), max(highs)

    def _update_legend(self) -> None:
        mark = self.plot.mark_under_cursor()
        at = ", ".join(filter(None, (self.cursor_text(), mark.text if mark else "")))
        entries = self.entries()
        self.legend.show_entries(entries)
        said = ", ".join(f"{entry.name} {entry.value}" for entry in entries if entry.value)
        self.plot.setAccessibleDescription(f"{said}; {at}" if at else said or self.empty_text)

    def _on_moved_by_hand(self) -> None:
        self.following = False
        self._ask_redraw()

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
        for curve in self._curves.values():
            s = curve.samples
            low, high = (s.y if s.low is None else s.low), (s.y if s.high is None else s.high)
            rows = zip(s.x, s.y, low, high, strict=True)
            lines += [f"{curve.label}\t{a:.10g}\t{b!s}\t{c!s}\t{d!s}" for a, b, c, d in rows]
        return "\n".join(lines)


class _Plot(pg.PlotWidget):
    """The plot itself: pyqtgraph's view and curves, with everything around them painted in pixels."""

    def __init__(self, chart: CurveChart) -> None:
        self.chart = chart
        super().__init__(background=None)
        item = self.getPlotItem()
        item.hideAxis("left")
        item.hideAxis("bottom")
        item.hideButtons()
        item.setMenuEnabled(False)
        self.view: pg.ViewBox = item.getViewBox()
        self.view.setMouseEnabled(x=True, y=False)
        self.view.disableAutoRange()
        self.view.setDefaultPadding(0)
        self.setFrameShape(self.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(64, 64)
        self.viewport().setMouseTracking(True)

    def place(self) -> None:
        """Leave room for the labels around the curves."""
        look = theme.current()
        metrics = QFontMetricsF(look.font(SMALL))
        widest = max(map(metrics.horizontalAdvance, ("0.0005", "−0.005", "1.5e−7")))
        left = math.ceil(widest) + look.px(6)
        bottom, top = math.ceil(metrics.height()) + look.px(4), math.ceil(metrics.height() / 2) + look.px(2)
        self.getPlotItem().layout.setContentsMargins(left, top, look.px(10), bottom)

    def inner(self) -> QRectF:
        """Where the curves are, in pixels."""
        return self.view.sceneBoundingRect()

    def x_at(self, pixel: float) -> float:
        """The step at a place."""
        box, (start, end) = self.inner(), self.view.viewRange()[0]
        return start + (pixel - box.left()) / (box.width() or 1) * (end - start)

    def pixel_x(self, x: float) -> float:
        """The place of a step."""
        box, (start, end) = self.inner(), self.view.viewRange()[0]
        return box.left() + (x - start) / ((end - start) or 1) * box.width()

    def pixel_y(self, value: float) -> float:
        """The place of a value; NaN where a logarithmic axis has none."""
        box, (bottom, top) = self.inner(), self.view.viewRange()[1]
        if self.chart.logarithmic:
            value = math.log10(value) if value > SMALLEST else math.nan
        return box.bottom() - (value - bottom) / ((top - bottom) or 1) * box.height()

    def mark_under_cursor(self) -> Mark | None:
        """The mark that the cursor points at."""
        if self.chart.cursor_x is None:
            return None
        here = self.pixel_x(self.chart.cursor_x)
        near = [mark for mark in self.chart.marks if abs(self.pixel_x(mark.x) - here) <= _NEAR_MARK]
        return min(near, key=lambda mark: abs(self.pixel_x(mark.x) - here), default=None)

    # -- events

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QEvent) -> None:
        super().mouseMoveEvent(event)
        place = event.position()
        inside = self.inner().adjusted(-2, -2, 2, 2).contains(place)
        self.chart.set_cursor(self.x_at(place.x()) if inside and not self.chart.is_empty else None)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.chart.set_cursor(None)

    def mouseDoubleClickEvent(self, event: QEvent) -> None:
        self.chart.fit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.chart.contextMenuEvent(event)

    def resizeEvent(self, event: QEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "view"):
            self.chart._ask_redraw()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._on_key(Qt.Key(event.key())):
            event.ignore()

    def event(self, event: QEvent) -> bool:
        # L would otherwise go to a shortcut of the window, if there is one
        if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_L:
            event.accept()
            return True
        return super().event(event)

    def _on_key(self, key: Qt.Key) -> bool:
        chart, (start, end) = self.chart, self.view.viewRange()[0]
        column = (end - start) / max(self.inner().width(), 1)
        here = chart.cursor_x if chart.cursor_x is not None else end
        places = {
            Qt.Key.Key_Left: here - column,
            Qt.Key.Key_Right: here + column,
            Qt.Key.Key_Home: start,
            Qt.Key.Key_End: end,
        }
        if key in places and not chart.is_empty:
            chart.set_cursor(min(max(places[key], start), end))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus):
            self.view.scaleBy(x=0.8 if key == Qt.Key.Key_Plus else 1.25, center=pg.Point(here, 0))
            chart._on_moved_by_hand()
        elif key == Qt.Key.Key_L:
            chart.set_log(not chart.logarithmic)
        elif key == Qt.Key.Key_Escape and chart.cursor_x is not None:
            chart.set_cursor(None)
        else:
            return False
        return True

    # -- painting

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        super().drawBackground(painter, rect)
        look = theme.current()
        painter.save()
        painter.resetTransform()
        box = self.inner()
        painter.fillRect(box, look.color("canvas"))
        if not self.chart.is_empty:
            painter.setPen(QPen(look.color("line"), 1))
            for tick, _ in self._y_ticks():
                y = round(self.pixel_y(tick)) + 0.5
                painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
        painter.restore()

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        look = theme.current()
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(look.font(SMALL))
        if self.chart.is_empty:
            painter.setPen(look.color("secondary"))
            room = self.inner().adjusted(16, 8, -16, -8)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room, flags, self.chart.empty_text)
        else:
            self._paint_points(painter, look)
            self._paint_axes(painter, look)
            self._paint_marks(painter, look)
            self._paint_cursor(painter, look)
        if self.hasFocus():
            painter.setPen(QPen(look.color("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.inner(), 2, 2)
        painter.restore()

    def _y_ticks(self) -> list[tuple[float, str]]:
        metrics = QFontMetricsF(theme.current().font(SMALL))
        most = max(int(self.inner().height() / (metrics.height() * 2)), 2)
        bottom, top = self.view.viewRange()[1]
        if self.chart.logarithmic:
            ticks = logarithmic_ticks(10.0**bottom, 10.0**top, most)
            return list(zip(ticks, logarithmic_labels(ticks), strict=True))
        ticks, step = linear_ticks(bottom, top, most)
        return list(zip(ticks, value_labels(ticks, step, share=self.chart.share), strict=True))

    def _x_ticks(self) -> list[float]:
        most = max(int(self.inner().width() / theme.current().px(56)), 2)
        ticks, step = linear_ticks(*self.view.viewRange()[0], most)
        return ticks if step >= 1 else [tick for tick in ticks if tick == round(tick)]

    def _paint_axes(self, painter: QPainter, look: theme.Theme) -> None:
        metrics = painter.fontMetrics()
        box, height = self.inner(), metrics.height()
        painter.setPen(look.color("secondary"))
        for tick, label in self._y_ticks():
            place = QRectF(0, self.pixel_y(tick) - height / 2, box.left() - look.px(6), height)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, label)
        name_width = metrics.horizontalAdvance(self.chart.x_label)
        y = box.bottom() + look.px(3)
        end = box.right() + look.px(8)
        painter.drawText(QRectF(end - name_width, y, name_width + 1, height), self.chart.x_label)
        free_from, free_to = -math.inf, end - name_width - look.px(8)
        for tick in self._x_ticks():
            label = step_text(tick)
            width = metrics.horizontalAdvance(label)
            left = self.pixel_x(tick) - width / 2
            if left >= free_from and left + width <= free_to:
                painter.drawText(QRectF(left, y, width + 1, height), label)
                free_from = left + width + look.px(8)

    def _paint_points(self, painter: QPainter, look: theme.Theme) -> None:
        """Dots where a curve has few points, so that a single one is seen as well."""
        box, (start, end) = self.inner(), self.view.viewRange()[0]
        painter.setClipRect(box.adjusted(-4, -4, 4, 4))
        painter.setPen(Qt.PenStyle.NoPen)
        for curve in self.chart._curves.values():
            if len(curve.seen) <= _FEW:
                painter.setBrush(QColor(curve.color(look)))
                for x, y in zip(curve.seen.x, curve.seen.y, strict=True):
                    if start <= x <= end:
                        self._dot(painter, x, y, look.scale * 2.0)
        painter.setClipping(False)

    def _paint_marks(self, painter: QPainter, look: theme.Theme) -> None:
        box, metrics = self.inner(), painter.fontMetrics()
        line = QPen(look.color("secondary"), 1)
        line.setDashPattern([1, 3])
        taken: list[tuple[float, float]] = []
        pointed = self.mark_under_cursor()
        inside = [mark for mark in self.chart.marks if box.left() <= self.pixel_x(mark.x) <= box.right()]
        for mark in sorted(inside, key=lambda mark: mark is not pointed):
            x = round(self.pixel_x(mark.x)) + 0.5
            painter.setPen(line)
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("secondary"))
            size = look.px(3)
            top = box.top()
            painter.drawPolygon([QPointF(x - size, top), QPointF(x + size, top), QPointF(x, top + size + 1)])
            place = self._label_place(mark, metrics.horizontalAdvance(mark.text) + look.px(6), taken)
            if place is not None:
                taken.append((place.left(), place.right()))
                painter.fillRect(place, look.color("canvas", 0.9))
                painter.setPen(look.color("text" if mark is pointed else "secondary"))
                room = int(place.width()) - look.px(4)
                text = metrics.elidedText(mark.text, Qt.TextElideMode.ElideRight, room)
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)

    def _label_place(self, mark: Mark, width: float, taken: list[tuple[float, float]]) -> QRectF | None:
        """Where a mark's label has room, right or left of its line, if need be shortened."""
        box, look = self.inner(), theme.current()
        x, gap = self.pixel_x(mark.x), look.px(4)
        right = min((start for start, _ in taken if start > x), default=box.right()) - x - 2 * gap
        left = x - max((end for _, end in taken if end < x), default=box.left()) - 2 * gap
        if any(start <= x <= end for start, end in taken):
            return None
        width = min(width, max(left, right))
        if width < look.px(40):
            return None
        start = x + gap if right >= width else x - gap - width
        return QRectF(start, box.top(), width, QFontMetricsF(look.font(SMALL)).height())

    def _paint_cursor(self, painter: QPainter, look: theme.Theme) -> None:
        if self.chart.cursor_x is None:
            return
        box = self.inner()
        x = round(self.pixel_x(self.chart.cursor_x)) + 0.5
        painter.setPen(QPen(look.color("control"), 1))
        painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
        self._paint_cursor_step(painter, look, x)
        painter.setClipRect(box.adjusted(-4, -4, 4, 4))
        for name, (step, value) in self.chart.values_at(self.chart.cursor_x).items():
            painter.setBrush(QColor(self.chart._curves[name].color(look)))
            painter.setPen(QPen(look.color("canvas"), 1.5))
            self._dot(painter, step, value, look.scale * 3.5)
        painter.setClipping(False)

    def _paint_cursor_step(self, painter: QPainter, look: theme.Theme, x: float) -> None:
        """The step that is read, in place of the labels of the axis."""
        box, metrics = self.inner(), painter.fontMetrics()
        text = self.chart.cursor_text()
        width = metrics.horizontalAdvance(text) + look.px(8)
        left = min(max(x - width / 2, 0), self.width() - width)
        place = QRectF(left, box.bottom() + look.px(2), width, metrics.height() + look.px(2))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("text"))
        painter.drawRoundedRect(place, 3, 3)
        painter.setPen(look.color("canvas"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)

    def _dot(self, painter: QPainter, x: float, value: float, radius: float) -> None:
        y = self.pixel_y(value)
        if math.isfinite(y):
            painter.drawEllipse(QPointF(self.pixel_x(x), y), radius, radius)
