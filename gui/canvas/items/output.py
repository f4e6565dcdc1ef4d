"""What stands beside the output neurons: class names, bars of what the network says, ◁ at what is true."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.canvas.boxes import LayerBox
from gui.canvas.look import Look


@dataclass(frozen=True, slots=True)
class Row:
    """One output: its name, its bar's length 0 … 1 (None: no bar), its text, whether it wins, is true."""

    name: str
    share: float | None
    text: str
    wins: bool = False
    true: bool = False


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
        bold, plain = self.look.text(bold=True), self.look.text()
        number = QFontMetricsF(self.look.small(bold=True)).horizontalAdvance("99.9%") + 4
        marker = 14.0
        names = [row.name for row in self.rows]
        measure = QFontMetricsF(bold)
        name_width = min(max((measure.horizontalAdvance(n) for n in names), default=0) + 8, side.width * 0.5)
        bars = any(row.share is not None for row in self.rows)
        bar_width = max(side.width - name_width - number - marker - 8, 12.0) if bars else 0.0
        if not bars:
            number = side.width - name_width - marker
        for y, unit in zip(self.box.centers[:, 1], self.box.units, strict=True):
            if unit >= len(self.rows):
                continue
            row = self.rows[unit]
            ink = self.look.pen("text" if row.wins or row.true else "secondary")
            painter.setFont(bold if row.wins else plain)
            painter.setPen(ink)
            left = side.x
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            name = measure.elidedText(row.name, Qt.TextElideMode.ElideRight, name_width)
            painter.drawText(QRectF(left, y - 10, name_width, 20), flags, name)
            left += name_width
            if row.share is not None:
                self._paint_bar(painter, QRectF(left, y - 4, bar_width, 8), row)
                left += bar_width + 6
            if not bars and row.true:
                self._paint_truth(painter, left, float(y))
                left += marker
            painter.setFont(self.look.small(bold=row.wins and bars))
            painter.setPen(ink)
            painter.drawText(QRectF(left, y - 10, number, 20), flags, row.text)
            if bars and row.true:
                self._paint_truth(painter, left + number + 2, float(y))

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
