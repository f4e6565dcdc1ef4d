"""What stands beside the output neurons: class names, bars of what the network says, ◁ at what is true."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.canvas.boxes import LayerBox
from gui.canvas.items.item import Item
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

    @property
    def kept(self) -> tuple[object, ...]:
        """What of it stays from frame to frame."""
        return self.name, self.share is None, self.wins, self.true


class Columns(NamedTuple):
    """The widths of the name, the bar (0: none) and the number; ◁ is behind it, or instead of a bar."""

    name: float
    bar: float
    number: float

    def trough(self, y: float) -> QRectF:
        """Where the bar of a row runs."""
        return QRectF(self.name, y - 4, self.bar, 8)

    @property
    def truth(self) -> float:
        """Where ◁ stands."""
        return self.number_left(False) + self.number + 2 if self.bar else self.name

    def number_left(self, true: bool) -> float:
        """Where the number of a row begins."""
        if self.bar:
            return self.name + self.bar + 6
        return self.name + (_MARKER if true else 0.0)


class OutputItem(Item):
    """The answers; `rows` has one entry per output of the network. What each frame changes is apart."""

    def __init__(self, box: LayerBox, look: Look) -> None:
        super().__init__(look)
        self.box = box
        self.rows: tuple[Row, ...] = ()
        self._widths: tuple[float, float | None] | None = None  # of the names, and of a number beside a bar
        self._shares = _SharesItem(self)
        self.setZValue(3)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.measure()

    def set_box(self, box: LayerBox) -> None:
        """The same layer elsewhere."""
        self.box = box
        self.measure()

    def set_look(self, look: Look) -> None:
        self._widths = None
        super().set_look(look)

    def setCacheMode(self, mode: QGraphicsItem.CacheMode, *size: QSize) -> None:
        super().setCacheMode(mode, *size)
        self._shares.setCacheMode(mode, *size)

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        """Say something else."""
        if rows != self.rows:
            before, self.rows = self.rows, rows
            if [row.kept for row in before] != [row.kept for row in rows]:
                self._widths = None
                self.update()
            self._shares.update()

    def measure(self) -> None:
        super().measure()
        self._shares.measure()

    def reach(self) -> QRectF:
        side = self.box.side
        if side is None:
            return QRectF()
        return QRectF(side.x - 2, side.y - 14, side.width + 8, side.height + 28)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        look, flags = self.look, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        bold, text, trough = look.text(bold=True), look.text(), look.theme.color("zero", 0.6)
        for row, columns, y in self.lines(painter):
            painter.setFont(bold if row.wins else text)
            painter.setPen(look.pen("text" if row.wins or row.true else "secondary"))
            name = shortened(row.name, bold, columns.name)
            write_line(painter, QRectF(0, y - 10, columns.name, 20), flags, name)
            if row.share is not None:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(trough)
                painter.drawRoundedRect(columns.trough(y), 2, 2)
            if row.true:
                self._paint_truth(painter, columns.truth, y)

    def lines(self, painter: QPainter) -> Iterator[tuple[Row, Columns, float]]:
        """Each row, its columns and the height of its middle, to be painted at once from x = 0 on."""
        side = self.box.side
        if side is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        # written larger in the scene where the picture is shrunk, it must still fit into its room
        columns = self._columns(side.width / max(least_scale(painter.worldTransform().m11()), 1.0))
        with unmagnified(painter, QPointF(side.x, side.y)) as zoom:
            for y, unit in zip(self.box.centers[:, 1].tolist(), self.box.units.tolist(), strict=True):
                if unit < len(self.rows):
                    yield self.rows[unit], columns, (y - side.y) * zoom

    def _columns(self, room: float) -> Columns:
        if self._widths is None:
            bold, small = self.look.text(bold=True), self.look.small(bold=True)
            names = max((width_of(row.name, bold) for row in self.rows), default=0.0) + 8
            bars = any(row.share is not None for row in self.rows)
            self._widths = names, width_of("99.9%", small) + 4 if bars else None
        names, number = min(self._widths[0], room * 0.5), self._widths[1]
        if number is None:
            return Columns(names, 0.0, room - names - _MARKER)
        return Columns(names, max(room - names - number - _MARKER - 8, 12.0), number)

    def _paint_truth(self, painter: QPainter, x: float, y: float) -> None:
        """◁, drawn, since not every font has it."""
        painter.setPen(self.look.pen("text", 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(QPolygonF([QPointF(x, y), QPointF(x + 9, y - 5), QPointF(x + 9, y + 5)]))


class _SharesItem(Item):
    """The bars of the answers, and their numbers."""

    def __init__(self, answers: OutputItem) -> None:
        super().__init__(answers.look, answers)
        self._answers = answers

    def reach(self) -> QRectF:
        return self._answers.reach()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        look, flags = self.look, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        fonts = look.small(), look.small(bold=True)
        for row, columns, y in self._answers.lines(painter):
            strong = row.wins or row.true
            if row.share:
                color = look.theme.color("text" if row.wins else "secondary")
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(color)
                bar = columns.trough(y)
                bar.setWidth(max(bar.width() * min(max(row.share, 0.0), 1.0), 1.5))
                painter.drawRoundedRect(bar, 2, 2)
            painter.setFont(fonts[row.wins and columns.bar > 0])
            painter.setPen(look.pen("text" if strong else "secondary"))
            left = columns.number_left(row.true)
            write_line(painter, QRectF(left, y - 10, columns.number, 20), flags, row.text)
