"""A neuron's weights: its strongest terms w·a as bars, and all as a picture where an image feeds it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui import theme
from gui.canvas.color import ColorTable
from gui.canvas.look import Look
from gui.widgets.numbers import full_text, number_text

ROW = 20


@dataclass(frozen=True, slots=True)
class WeightRow:
    """One term of a neuron's sum: from where, the weight, what it is multiplied by, and ∂L/∂w."""

    name: str
    weight: float
    value: float
    gradient: float


class WeightBars(QWidget):
    """The strongest terms, one row each: source, weight as a colored bar, w × a."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[WeightRow] = []
        self.limit = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Strongest terms of the sum"))

    def show_rows(self, rows: list[WeightRow], limit: float) -> None:
        """Show these terms; bars are drawn on the scale ±limit."""
        if len(rows) != len(self.rows):
            self.updateGeometry()
        self.rows, self.limit = rows, limit
        self.setAccessibleDescription(", ".join(f"{row.name} {number_text(row.weight)}" for row in rows))
        self.update()

    def sizeHint(self) -> QSize:
        look = theme.current()
        return QSize(look.px(240), look.px(ROW) * (len(self.rows) + 1))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            number = event.pos().y() // theme.current().px(ROW) - 1
            row = self.rows[number] if 0 <= number < len(self.rows) else None
            text = ""
            if row is not None:
                numbers = (("w", row.weight), ("a", row.value), ("∂L/∂w", row.gradient))
                text = "\n".join(f"{name} = {full_text(value)}" for name, value in numbers)
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        table = Look.of(look).solid
        painter = QPainter(self)
        font = look.font(theme.SMALL)
        painter.setFont(font)
        metrics, height = QFontMetrics(font), look.px(ROW)
        columns = self._columns()
        painter.setPen(look.color("secondary"))
        heads = (self.tr("from"), "w", "", "× a", "= w·a")
        for text, box in zip(heads, columns, strict=True):
            align = Qt.AlignmentFlag.AlignLeft if text == heads[0] else Qt.AlignmentFlag.AlignRight
            painter.drawText(box, align | Qt.AlignmentFlag.AlignVCenter, text)
        names = told_apart([row.name for row in self.rows], metrics, round(columns[0].width()) - 4)
        for number, (row, name) in enumerate(zip(self.rows, names, strict=True), 1):
            boxes = [box.translated(0, number * height) for box in columns]
            painter.setPen(look.color("secondary"))
            painter.drawText(boxes[0], Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
            self._paint_row(painter, row, boxes, table)

    def _columns(self) -> list[QRectF]:
        look = theme.current()
        width, height = self.width(), look.px(ROW)
        shares = (0.24, 0.21, 0.1, 0.22, 0.23)  # room for 1.79×10⁻⁴
        boxes, x = [], 0.0
        for share in shares:
            boxes.append(QRectF(x, 0, share * width, height))
            x += share * width
        return boxes

    def _paint_row(
        self,
        painter: QPainter,
        row: WeightRow,
        boxes: list[QRectF],
        table: ColorTable,
    ) -> None:
        look = theme.current()
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(look.color("text"))
        texts = (number_text(row.weight), "", number_text(row.value), number_text(row.weight * row.value))
        for text, box in zip(texts, boxes[1:], strict=True):
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | middle, text)
        bar = boxes[2].adjusted(look.px(6), look.px(5), 0, -look.px(5))
        center, half = bar.center().x(), bar.width() / 2
        length = half * min(abs(row.weight) / self.limit, 1.0) if np.isfinite(row.weight) else half
        left = center if row.weight >= 0 else center - length
        painter.fillRect(
            QRectF(left, bar.y(), max(length, 1), bar.height()), QColor(table.hex(row.weight, self.limit))
        )
        painter.fillRect(QRectF(center - 0.5, bar.y() - 1, 1, bar.height() + 2), look.color("control"))


def told_apart(names: list[str], metrics: QFontMetrics, room: int) -> list[str]:
    """Names as they fit; where one does not, without the first word that all longer ones share (“pixel”)."""

    def cut(texts: list[str]) -> list[str]:
        return [metrics.elidedText(text, Qt.TextElideMode.ElideRight, room) for text in texts]

    first = {name.partition(" ")[0] for name in names if " " in name}
    if len(first) == 1 and cut(names) != names:
        names = [name.partition(" ")[2] or name for name in names]
    return cut(names)


class WeightPicture(QWidget):
    """A weight per pixel of the input image, on the scale of the picture: orange, gray, blue."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._weights = np.zeros((1, 1))
        self.limit = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Weights as a picture"))

    def show_weights(self, weights: np.ndarray, shape: tuple[int, ...]) -> None:
        """Show weights (height · width,), or those of the first channel of (channels, height, width)."""
        height, width = shape[-2:]
        self._weights = weights[: height * width].reshape(height, width)
        self.limit = float(np.percentile(np.abs(weights), 99.0)) or 1.0 if np.isfinite(weights).all() else 1.0
        self.setToolTip(
            self.tr("Orange below zero, blue above; the scale ends at ±{limit}").format(
                limit=number_text(self.limit)
            )
        )
        self.update()

    def sizeHint(self) -> QSize:
        side = theme.current().px(168)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = np.ascontiguousarray(Look.of(theme.current()).solid.look_up(self._weights, self.limit))
        height, width = colors.shape
        image = QImage(colors.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
        scale = min(self.width() / width, self.height() / height)
        QPainter(self).drawImage(QRectF(0, 0, scale * width, scale * height), image)
