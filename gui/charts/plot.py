"""The plot of a chart: pyqtgraph's view and curves, with everything around them painted in pixels.

So the grid, the labels, the marks and the cursor know of each other: none is clipped or overlaps another.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QResizeEvent,
    QWheelEvent,
)

from gui import theme
from gui.charts.scales import (
    SMALLEST,
    linear_ticks,
    logarithmic_labels,
    logarithmic_ticks,
    step_text,
    value_labels,
)
from gui.theme import SMALL

if TYPE_CHECKING:
    from gui.charts.curves import CurveChart

Floats = NDArray[np.floating[Any]]

_FEW = 40  # up to so many points are shown as dots as well
_LINE = 2  # pixels, half of what a curve is wide
_NEAR_MARK = 5  # pixels


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment worth remembering: an edit, a rewind."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the curves are in pixels, and what steps and values they span there."""

    box: QRectF
    steps: tuple[float, float]
    values: tuple[float, float]


class Plot(pg.PlotWidget):
    """The plot itself: pyqtgraph's view and curves, with everything around them painted in pixels."""

    def __init__(self, chart: CurveChart) -> None:
        self.chart = chart
        self._frame: _Frame | None = None  # asked for dozens of times in a painting, and slow to find out
        super().__init__(background=None, enableMenu=False)
        self.setCacheMode(self.CacheModeFlag.CacheNone)  # pyqtgraph keeps the grid, of values of before
        item = self.getPlotItem()
        item.hideAxis("left")
        item.hideAxis("bottom")
        item.hideButtons()
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
        return self._frame.box if self._frame is not None else self.view.sceneBoundingRect()

    def _spans(self) -> _Frame:
        if self._frame is not None:
            return self._frame
        steps, values = self.view.viewRange()
        return _Frame(self.view.sceneBoundingRect(), tuple(steps), tuple(values))

    def x_at(self, pixel: float) -> float:
        """The step at a place."""
        box, (start, end) = self.inner(), self._spans().steps
        return start + (pixel - box.left()) / (box.width() or 1) * (end - start)

    def pixel_x(self, x: float) -> float:
        """The place of a step."""
        spans = self._spans()
        box, (start, end) = spans.box, spans.steps
        return box.left() + (x - start) / ((end - start) or 1) * box.width()

    def pixel_y(self, value: float) -> float:
        """The place of a value; NaN where a logarithmic axis has none."""
        spans = self._spans()
        box, (bottom, top) = spans.box, spans.values
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

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        place = event.position()
        inside = self.inner().adjusted(-2, -2, 2, 2).contains(place)
        self.chart.set_cursor(self.x_at(place.x()) if inside and not self.chart.is_empty else None)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.chart.set_cursor(None)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.chart.fit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.chart.contextMenuEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "view"):
            self.chart.ask_redraw()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._on_key(Qt.Key(event.key())):
            event.ignore()

    def event(self, event: QEvent) -> bool:
        # L would otherwise go to a shortcut of the window, if there is one
        if event.type() == QEvent.Type.ShortcutOverride:
            assert isinstance(event, QKeyEvent)
            if event.key() == Qt.Key.Key_L:
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
            chart.stop_following()
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
        self._frame = None
        self._frame = self._spans()
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
        self._frame = None

    def _y_ticks(self) -> list[tuple[float, str]]:
        metrics = QFontMetricsF(theme.current().font(SMALL))
        most = max(int(self.inner().height() / (metrics.height() * 2)), 2)
        bottom, top = self._spans().values
        if self.chart.logarithmic:
            ticks = logarithmic_ticks(10.0**bottom, 10.0**top, most)
            return list(zip(ticks, logarithmic_labels(ticks), strict=True))
        ticks, step = linear_ticks(bottom, top, most)
        return list(zip(ticks, value_labels(ticks, step, share=self.chart.share), strict=True))

    def _x_ticks(self) -> list[float]:
        most = max(int(self.inner().width() / theme.current().px(56)), 2)
        start, end = self._spans().steps
        ticks, step = linear_ticks(start, end, most)
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
        spans = self._spans()
        painter.setClipRect(spans.box.adjusted(-4, -4, 4, 4))
        for curve in self.chart.curves.values():
            if len(curve.seen) <= _FEW:
                pen = QPen(QColor(curve.color(look)), look.scale * 4.0)
                pen.setCapStyle(Qt.PenCapStyle.RoundCap)
                painter.setPen(pen)
                painter.drawPoints(self._dots(curve.seen.x, curve.seen.y))
        painter.setClipping(False)

    def _dots(self, x: Floats, y: Floats) -> list[QPointF]:
        """Where points are, those that are to be seen."""
        spans = self._spans()
        box, (start, end), (bottom, top) = spans.box, spans.steps, spans.values
        shown = (x >= start) & (x <= end) & np.isfinite(y)
        if self.chart.logarithmic:
            shown &= y > SMALLEST
        x, y = x[shown], np.log10(y[shown]) if self.chart.logarithmic else y[shown]
        across = box.left() + (x - start) / ((end - start) or 1) * box.width()
        down = box.bottom() - (y - bottom) / ((top - bottom) or 1) * box.height()
        return [QPointF(*place) for place in zip(across.tolist(), down.tolist(), strict=True)]

    def _paint_marks(self, painter: QPainter, look: theme.Theme) -> None:
        box, metrics = self.inner(), painter.fontMetrics()
        line = QPen(look.color("secondary"), 1)
        line.setDashPattern([1, 3])
        taken: list[tuple[float, float]] = []
        pointed = self.mark_under_cursor()
        inside = [mark for mark in self.chart.marks if box.left() <= self.pixel_x(mark.x) <= box.right()]
        for mark in sorted(inside, key=lambda mark: (mark is not pointed, -mark.x)):  # newest words first
            x = round(self.pixel_x(mark.x)) + 0.5
            painter.setPen(line)
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("secondary"))
            size = look.px(3)
            top = box.top()
            painter.drawPolygon([QPointF(x - size, top), QPointF(x + size, top), QPointF(x, top + size + 1)])
            place = self._label_place(mark, metrics.horizontalAdvance(mark.text) + look.px(6), taken)
            place = self._off_the_curves(place, mark is pointed)
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

    def _off_the_curves(self, place: QRectF | None, insist: bool) -> QRectF | None:
        """A label's place at the head, else at the foot of the plot, where no curve runs; None for neither.

        insist: it is wanted wherever it is.
        """
        if place is None:
            return None
        foot = place.translated(0.0, self.inner().bottom() - 1 - place.bottom())
        free = next((room for room in (place, foot) if not self._crossed(room)), None)
        return place if free is None and insist else free

    def _crossed(self, room: QRectF) -> bool:
        """Whether a curve runs through a part of the plot."""
        spans = self._spans()
        (start, end), box = spans.steps, spans.box
        per_pixel = (end - start) / (box.width() or 1)
        first, last = (start + (edge - box.left()) * per_pixel for edge in (room.left(), room.right()))
        for curve in self.chart.curves.values():
            seen = curve.seen
            if not len(seen) or last < seen.x[0] or first > seen.x[-1]:
                continue
            ends = np.interp(np.clip((first, last), seen.x[0], seen.x[-1]), seen.x, seen.y)
            values = np.concatenate([ends, seen.y[(seen.x >= first) & (seen.x <= last)]])
            low, high = self.pixel_y(float(values.min())), self.pixel_y(float(values.max()))
            if high <= room.bottom() + _LINE and low >= room.top() - _LINE:
                return True
        return False

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
            painter.setBrush(QColor(self.chart.curves[name].color(look)))
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
