"""What stands beside the output neurons: class names, bars of what the network says, ◁ at what is true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.canvas.boxes import LayerBox
from gui.canvas.items.lettering import least_scale, shortened, unmagnified, width_of, write_line
from gui.canvas.look import Look

_MARKER = 14.0  # room for ◁


@dataclass(frozen=True, slots=True)
class Row:
    """One output: its name, its bar's length 0 … 1 (None: no bar), its text, whether it wins, is true."""

    name: str
    share: float | None
    text: str
    wins: bool = False
    true: bool = False


class Columns(NamedTuple):
    """The widths of the name, the bar (0: none) and the number."""

    name: float
    bar: float
    number: float


class OutputItem(QGraphicsItem):
    """The answers; `rows` has one entry per output of the network."""

    def __init__(self, box: LayerBox, look: Look) -> None:
        super().__init__()
        self.box = box
        self.look = look
        self.rows: tuple[Row, ...] = ()
        self.setZValue(3)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def set_box(self, box: LayerBox) -> None:
        """The same layer elsewhere."""
        self.prepareGeometryChange()
        self.box = box
        self.update()

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        """Say something else."""
        if rows != self.rows:
            self.rows = rows
            self.update()

    def boundingRect(self) -> QRectF:
        side = self.box.side
        if side is None:
            return QRectF()
        return QRectF(side.x - 2, side.y - 14, side.width + 8, side.height + 28)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        side = self.box.side
        if side is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        # written larger in the scene where the picture is shrunk, it must still fit into its room
        columns = self._columns(side.width / max(least_scale(painter.worldTransform().m11()), 1.0))
        for y, unit in zip(self.box.centers[:, 1], self.box.units, strict=True):
            if unit < len(self.rows):
                with unmagnified(painter, QPointF(side.x, float(y))):
                    self._paint_row(painter, self.rows[unit], columns)

    def _columns(self, room: float) -> Columns:
        bold = self.look.text(bold=True)
        widest = max((width_of(row.name, bold) for row in self.rows), default=0.0)
        names = min(widest + 8, room * 0.5)
        if not any(row.share is not None for row in self.rows):
            return Columns(names, 0.0, room - names - _MARKER)
        number = width_of("99.9%", self.look.small(bold=True)) + 4
        return Columns(names, max(room - names - number - _MARKER - 8, 12.0), number)

    def _paint_row(self, painter: QPainter, row: Row, columns: Columns) -> None:
        """One answer, to the right of the origin."""
        bold, bars = self.look.text(bold=True), columns.bar > 0
        ink = self.look.pen("text" if row.wins or row.true else "secondary")
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setFont(bold if row.wins else self.look.text())
        painter.setPen(ink)
        name = shortened(row.name, bold, columns.name)
        write_line(painter, QRectF(0, -10, columns.name, 20), flags, name)
        left = columns.name
        if row.share is not None:
            self._paint_bar(painter, QRectF(left, -4, columns.bar, 8), row)
            left += columns.bar + 6
        if not bars and row.true:
            self._paint_truth(painter, left, 0.0)
            left += _MARKER
        painter.setFont(self.look.small(bold=row.wins and bars))
        painter.setPen(ink)
        write_line(painter, QRectF(left, -10, columns.number, 20), flags, row.text)
        if bars and row.true:
            self._paint_truth(painter, left + columns.number + 2, 0.0)

    def _paint_bar(self, painter: QPainter, rect: QRectF, row: Row) -> None:
        theme = self.look.theme
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("zero", 0.6))
        painter.drawRoundedRect(rect, 2, 2)
        share = min(max(row.share or 0.0, 0.0), 1.0)
        if share > 0:
            painter.setBrush(theme.color("text" if row.wins else "secondary"))
            painter.drawRoundedRect(QRectF(rect.left(), rect.top(), max(rect.width() * share, 1.5), 8), 2, 2)

    def _paint_truth(self, painter: QPainter, x: float, y: float) -> None:
        """◁, drawn, since not every font has it."""
        painter.setPen(self.look.pen("text", 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(QPolygonF([QPointF(x, y), QPointF(x + 9, y - 5), QPointF(x + 9, y + 5)]))
