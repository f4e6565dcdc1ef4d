"""The ghost of a drop: a dashed layer with its wires, and a sentence, before anything has happened."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gui.canvas.items.item import Item
from gui.canvas.look import Look

_WIDTH, _HEIGHT = 56.0, 72.0
_LONGEST = 340.0


class GhostItem(Item):
    """What would be there.

    Attributes:
        at: its middle; starts, ends: where its wires would begin and lead to; refused: whether it cannot be.
        box: whether a layer is shown, not only wires and words; room: where the words must stay, if anywhere.
    """

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.at = QPointF()
        self.starts: list[QPointF] = []
        self.ends: list[QPointF] = []
        self.sentence = ""
        self.refused = False
        self.box = True
        self.room = QRectF()
        self.setZValue(20)
        self.hide()

    def show_ghost(
        self,
        at: QPointF,
        sentence: str,
        *,
        starts: list[QPointF] | None = None,
        ends: list[QPointF] | None = None,
        refused: bool = False,
        box: bool = True,
    ) -> None:
        """Show it there."""
        self.at, self.sentence, self.refused, self.box = at, sentence, refused, box
        self.starts, self.ends = starts or [], ends or []
        self.show()
        self.measure()

    def _body(self) -> QRectF:
        return QRectF(self.at.x() - _WIDTH / 2, self.at.y() - _HEIGHT / 2, _WIDTH, _HEIGHT)

    def _paths(self) -> list[QPainterPath]:
        body, half = self._body(), 0.0 if not self.box else _WIDTH / 2
        left, right = QPointF(self.at.x() - half, body.center().y()), QPointF(self.at.x() + half, self.at.y())
        return [_curve(start, left) for start in self.starts] + [_curve(right, end) for end in self.ends]

    def _label(self) -> QRectF:
        measure = QFontMetricsF(self.look.text())
        room = QRectF(0, 0, _LONGEST * self.look.theme.scale, 400)
        size = measure.boundingRect(room, int(Qt.TextFlag.TextWordWrap), self.sentence).size()
        rect = QRectF(0, 0, size.width() + 16, size.height() + 10)
        top = self._body().bottom() + 8 if self.box else self.at.y() + 18
        rect.moveTopLeft(QPointF(self.at.x() - rect.width() / 2, top))
        if not self.room.isEmpty():
            rect.moveLeft(max(min(rect.left(), self.room.right() - rect.width()), self.room.left()))
            if rect.bottom() > self.room.bottom():
                rect.moveBottom(self.room.bottom())
        return rect

    # -- Qt

    def reach(self) -> QRectF:
        rect = self._body().united(self._label())
        for path in self._paths():
            rect = rect.united(path.boundingRect())
        return rect.adjusted(-6, -6, 6, 6)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        role = "fault" if self.refused else "accent"
        pen = self.look.pen(role, 2.0)
        pen.setDashPattern([3, 3])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for path in self._paths():
            painter.drawPath(path)
        if self.box:
            painter.setBrush(self.look.theme.color(role, 0.12))
            painter.drawRoundedRect(self._body(), 8, 8)
        if self.sentence:
            label = self._label()
            painter.setPen(self.look.pen(role, 1.0))
            painter.setBrush(self.look.theme.color("field"))
            painter.drawRoundedRect(label, 5, 5)
            painter.setFont(self.look.text())
            painter.setPen(self.look.pen("text"))
            flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignCenter
            painter.drawText(label.adjusted(8, 5, -8, -5), int(flags), self.sentence)


def _curve(start: QPointF, end: QPointF) -> QPainterPath:
    path = QPainterPath(start)
    bend = max(abs(end.x() - start.x()) / 2, 20.0)
    path.cubicTo(start + QPointF(bend, 0), end - QPointF(bend, 0), end)
    return path
