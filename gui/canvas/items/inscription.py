"""What is written in neurons: an activation, if it has room, as in pixels; from near all their numbers."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QTransform

from gui.canvas.items.lettering import width_of, write, write_line
from gui.canvas.look import Look
from gui.canvas.near import Numbers
from gui.widgets.numbers import fixed_text, number_text

NUMBER_FROM = 17.0  # radius in unscaled pixels from which a neuron has room for its number
_LARGEST = 15  # unscaled pixels, of the numbers in a neuron
_USUAL = "δ −0.0012"  # every neuron leaves room for it, so that all write in one size


def write_value(painter: QPainter, center: QPointF, radius: float, value: float, ink: QColor) -> None:
    """Write a neuron's activation into it, or a pixel's."""
    painter.setPen(ink)
    place = QRectF(center.x() - radius, center.y() - radius, 2 * radius, 2 * radius)
    write(painter, place, Qt.AlignmentFlag.AlignCenter, _short(value))


def write_numbers(
    painter: QPainter, look: Look, center: QPointF, radius: float, numbers: Numbers, unit: int, ink: QColor
) -> None:
    """Write the numbers of a unit into its neuron, as many as there is room for, the first one bold."""
    world = painter.worldTransform()
    across, middle = 2 * radius * world.m11(), world.map(center)
    font = look.small()
    font.setPixelSize(min(max(font.pixelSize(), round(across / 9)), round(_LARGEST * look.theme.scale)))
    line = 1.16 * font.pixelSize()
    lines = numbers.lines(unit)[: max(int(0.65 * across / line), 1)]
    texts = [f"{name} {_said(name, value)}" for name, value in lines]
    widest = max(width_of(text, font) for text in (*texts, _USUAL))
    shrink = min(1.0, 0.75 * across / max(widest, 1e-9))
    written = QFont(font)  # the other one names its widths
    written.setPixelSize(max(round(font.pixelSize() * shrink), 6))
    painter.setWorldTransform(QTransform.fromTranslate(middle.x(), middle.y()))
    painter.setPen(ink)
    for k, text in enumerate(texts):
        written.setBold(k == 0)
        painter.setFont(written)
        place = QRectF(-across / 2, (k - len(texts) / 2) * line, across, line)
        write_line(painter, place, Qt.AlignmentFlag.AlignCenter, text)
    painter.setWorldTransform(world)


def _short(value: float) -> str:
    """A number in the little room of a neuron: two decimals, or two digits of a large one."""
    return fixed_text(value) if 0 < abs(value) < 10 and value != int(value) else number_text(value, 2)


def _said(name: str, value: float) -> str:
    """A number in a neuron; a δ is often small, and 0.00 would say nothing of it."""
    return number_text(value, 2) if name == "δ" else _short(value)
