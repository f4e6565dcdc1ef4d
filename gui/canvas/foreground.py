"""What is written over the picture and does not move with it: what travels now, and how to begin."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from gui.canvas.look import Look, tr

_LEFT, _TOP, _HIGH = 14, 3, 16  # unscaled pixels


def paint_wave_label(painter: QPainter, room: QRect, look: Look, label: str, green: bool) -> None:
    """What a wave carries, in the corner."""
    painter.save()
    painter.resetTransform()
    painter.setFont(look.small(bold=True))
    painter.setPen(look.pen("gradient_text" if green else "secondary"))
    px = look.theme.px
    place = QRectF(room.left() + px(_LEFT), px(_TOP), room.width(), px(_HIGH))
    painter.drawText(place, Qt.AlignmentFlag.AlignLeft, label)
    painter.restore()


def paint_beginning(painter: QPainter, room: QRect, look: Look) -> None:
    """An empty canvas says how to begin."""
    painter.save()
    painter.resetTransform()
    painter.setFont(look.large())
    painter.setPen(look.pen("secondary"))
    text = tr("Drag a layer here, or choose an example.")
    painter.drawText(QRectF(room), Qt.AlignmentFlag.AlignCenter, text)
    painter.setFont(look.text())
    below = QRectF(room).translated(0.0, look.theme.px(30))
    hint = tr("Both are at the left. Ctrl+L adds a layer, Ctrl+Shift+P finds every command.")
    painter.drawText(below, Qt.AlignmentFlag.AlignCenter, hint)
    painter.restore()
