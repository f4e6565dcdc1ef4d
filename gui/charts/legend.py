"""A chart's legend, which is its readout as well: each curve's line, its name and its value."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from gui import theme
from gui.theme import SMALL

# Line patterns in the order of `Theme.curves`, in units of the line's width: color never stands alone.
DASHES: tuple[list[float], ...] = ([], [5, 2.5], [1.2, 2.2], [5, 1.6, 1.2, 1.6], [1.2, 1, 1.2, 3], [2.6, 1.4])


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One curve in the legend; `style` numbers its line pattern."""

    name: str
    value: str
    color: str
    style: int


class Legend(QWidget):
    """One line, or more where it is narrow: loss ── training 0.231 ╌╌ test 0.254.

    Signals:
        log_toggled(bool): the logarithmic scale was switched.
    """

    log_toggled = Signal(bool)

    def __init__(self, title: str, parent: QWidget | None = None, *, can_log: bool = True) -> None:
        super().__init__(parent)
        self.title = title
        self.entries: list[LegendEntry] = []
        self.log_button = QToolButton(self)
        self.log_button.setText(self.tr("log"))
        self.log_button.setCheckable(True)
        self.log_button.setVisible(can_log)
        self.log_button.setProperty("kind", "small")
        self.log_button.setToolTip(self.tr("Logarithmic scale (L)"))
        self.log_button.setAccessibleName(self.tr("Logarithmic scale"))
        self.log_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.log_button.clicked.connect(self.log_toggled)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_title(self, title: str, *, can_log: bool) -> None:
        """Name what is measured, and say whether a logarithm of it makes sense."""
        self.title = title
        self.log_button.setVisible(can_log)
        self.update()

    def show_log(self, on: bool) -> None:
        """Show whether the scale is logarithmic."""
        self.log_button.setChecked(on)

    def show_entries(self, entries: list[LegendEntry]) -> None:
        """Show other curves or values."""
        lines = self._line_count()
        self.entries = entries
        if self._line_count() != lines:
            self.updateGeometry()
        self.update()

    def text(self) -> str:
        """What it says, for tests and for copying."""
        return "  ".join(f"{entry.name} {entry.value}".strip() for entry in self.entries)

    def sizeHint(self) -> QSize:
        return QSize(theme.current().px(240), self._line_count() * self._line_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        hint = self.log_button.sizeHint()
        self.log_button.setGeometry(self.width() - hint.width(), 0, hint.width(), self._line_height())
        self.updateGeometry()

    def _line_height(self) -> int:
        return theme.current().px(20)

    def _line_count(self) -> int:
        return 1 + max((row for row, _, _ in self._places()), default=0)

    def _places(self) -> list[tuple[int, float, float]]:
        """Per entry its line, its left edge and the width of its value's column."""
        look = theme.current()
        metrics = self._metrics()
        # a value keeps the room of the widest one, so that names do not dance while figures change
        column = metrics.horizontalAdvance("0.0000")
        room = self.width() - (self.log_button.sizeHint().width() if not self.log_button.isHidden() else 0)
        left = metrics.horizontalAdvance(self.title) + look.px(6)
        row, x, places = 0, left, []
        for entry in self.entries:
            value = max(column, metrics.horizontalAdvance(entry.value))
            width = look.px(19) + metrics.horizontalAdvance(entry.name) + look.px(4) + value
            if x > 0 and (row or x > left) and x + width > room:
                row, x = row + 1, 0.0
            places.append((row, x, value))
            x += width + look.px(6)
        return places

    def _metrics(self) -> QFontMetricsF:
        return QFontMetricsF(theme.current().font(SMALL))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(look.font(SMALL))
        height = self._line_height()
        painter.setPen(look.color("text"))
        painter.drawText(QRectF(0, 0, self.width(), height), Qt.AlignmentFlag.AlignVCenter, self.title)
        for entry, (row, x, column) in zip(self.entries, self._places(), strict=True):
            self._paint_entry(painter, look, entry, x, row * height, column)

    def _paint_entry(
        self, painter: QPainter, look: theme.Theme, entry: LegendEntry, x: float, top: int, column: float
    ) -> None:
        height, metrics = self._line_height(), painter.fontMetrics()
        pen = QPen(QColor(entry.color), look.scale * 1.8)
        if DASHES[entry.style % len(DASHES)]:
            pen.setDashPattern(DASHES[entry.style % len(DASHES)])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        middle = top + height / 2
        painter.drawLine(QPointF(x, middle), QPointF(x + look.px(15), middle))
        x += look.px(19)
        painter.setPen(look.color("secondary"))
        width = metrics.horizontalAdvance(entry.name)
        painter.drawText(QRectF(x, top, width + 1, height), Qt.AlignmentFlag.AlignVCenter, entry.name)
        x += width + look.px(4)
        painter.setPen(look.color("text"))
        painter.drawText(QRectF(x, top, column + 1, height), Qt.AlignmentFlag.AlignVCenter, entry.value)
