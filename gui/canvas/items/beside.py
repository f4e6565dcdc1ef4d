"""What stands beside the neurons of a layer: its bias, how many are folded away, how many parameters."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from gui.canvas.boxes import LayerBox
from gui.canvas.items.lettering import least_scale, width_of, write
from gui.canvas.look import Look

_FOOT = 10.0  # between a layer and what is said below it


def paint_bias(painter: QPainter, look: Look, box: LayerBox, pen: QPen) -> None:
    """Draw the neuron of the bias, x₀ = 1, if the layer feeds one; its outline is dashed."""
    if box.bias is None:
        return
    center, r = QPointF(*box.bias), max(box.bias_radius, 8.5 * look.theme.scale)
    pen.setStyle(Qt.PenStyle.CustomDashLine)
    pen.setDashPattern([2.2, 2.2])
    painter.setBrush(look.theme.color("canvas"))
    painter.setPen(pen)
    painter.drawEllipse(center, r, r)
    painter.setFont(look.small())
    painter.setPen(look.pen("secondary"))
    write(painter, QRectF(center.x() - 12, center.y() - 12, 24, 24), Qt.AlignmentFlag.AlignCenter, "1")


def paint_fold(painter: QPainter, look: Look, box: LayerBox) -> None:
    """Say how many neurons are folded away, if any are."""
    if box.ellipsis is None:
        return
    x, y = box.ellipsis
    painter.setFont(look.small())
    painter.setPen(look.pen("secondary"))
    place = QRectF(x - 60, y - 12, 120, 24)
    write(painter, place, Qt.AlignmentFlag.AlignCenter, f"⋮ {box.hidden:,} ⋮")


def paint_foot(painter: QPainter, look: Look, box: LayerBox, text: str) -> None:
    """Say something below the layer."""
    if not text:
        return
    b, small, least = box.body, look.small(), least_scale(painter.worldTransform().m11())
    painter.setFont(small)
    half = width_of(text, small) * least / 2 + 3
    top = b.bottom + _FOOT * max(least, 1.0)  # as what flows beside it lies lower then
    ground = QRectF(b.center[0] - half, top - 2, 2 * half, 18 * least)
    painter.fillRect(ground, look.theme.color("canvas"))  # a wire may pass behind
    painter.setPen(look.pen("secondary"))
    place = QRectF(b.center[0] - 80, top, 160, 16 * look.theme.scale)
    write(painter, place, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, text)
