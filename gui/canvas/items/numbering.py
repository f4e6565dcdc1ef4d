"""Numbering: writes the weights of a bundle's synapses on their curves, none over another."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from gui.canvas.boxes import Bundle
from gui.canvas.look import Look
from gui.canvas.mapping import SPARSE
from gui.canvas.strokes import along
from gui.widgets.numbers import number_text

Array = NDArray[Any]

_NUMBERED = 9  # up to so many synapses their weights are written on them
_LABEL = (62.0, 34.0)  # pixels: two lines of numbers
_SHARES = (0.3, 0.22, 0.7, 0.5, 0.78, 0.4, 0.6)  # of the way where a weight may stand


def spots(bundle: Bundle) -> list[tuple[int, tuple[float, float]]]:
    """Where the weights of few synapses are written: on their curves, none over another."""
    found: list[tuple[int, tuple[float, float]]] = []
    if len(bundle) > _NUMBERED:
        return found
    for k in range(len(bundle)):
        (x0, y0), (x1, y1) = bundle.starts[k], bundle.ends[k]
        for share in _SHARES:
            x, y = float(x0 + share * (x1 - x0)), float(y0 + (y1 - y0) * along(share, True))
            if x1 - x0 > 110 and all(abs(x - a) > 44 or abs(y - b) > 17 for _, (a, b) in found):
                found.append((k, (x, y)))
                break
    return found


def near_spots(bundle: Bundle, zoom: float) -> list[tuple[int, QRectF]]:
    """Where two lines fit on synapses seen from near: on their curves, none over another."""
    found: list[tuple[int, QRectF]] = []
    if len(bundle) > SPARSE:
        return found
    width, height = _LABEL[0] / zoom, _LABEL[1] / zoom
    taken = np.empty((0, 2))
    x0, y0, x1, y1 = *bundle.starts.T, *bundle.ends.T
    for k in range(len(bundle)):
        if (x1[k] - x0[k]) < 2.5 * width:
            continue
        for share in _SHARES:
            x = float(x0[k] + share * (x1[k] - x0[k]))
            y = float(y0[k] + (y1[k] - y0[k]) * along(share, True))
            apart = (np.abs(taken[:, 0] - x) >= width) | (np.abs(taken[:, 1] - y) >= height)
            if apart.all():
                found.append((k, QRectF(x - width / 2, y - height / 2, width, height)))
                taken = np.vstack([taken, (x, y)])
                break
    return found


def write_weights(
    painter: QPainter,
    look: Look,
    zoom: float,
    labels: list[tuple[int, QRectF]],
    weights: Array,
    slopes: Array | None,
) -> None:
    """Write the weights of some synapses (n,), and below each ∂L/∂w if `slopes` (n,) are known."""
    painter.setFont(look.small())
    for k, spot in labels:
        lines = [(number_text(float(weights[k]), 2), "secondary")]
        if slopes is not None:
            lines.append((_slope_text(float(slopes[k])), "gradient_text"))
        painter.save()
        painter.translate(spot.center())
        painter.scale(1 / zoom, 1 / zoom)
        _write(painter, look, lines)
        painter.restore()


def _slope_text(slope: float) -> str:
    """The size of a derivative, and its sign as an arrow."""
    return f"{'▲' if slope > 0 else '▼'} {number_text(abs(slope), 2)}" if slope else "0"


def _write(painter: QPainter, look: Look, lines: list[tuple[str, str]]) -> None:
    """Write lines, each with the role of its color, around the origin, on a ground of their own."""
    metrics = painter.fontMetrics()
    width, line = max(metrics.horizontalAdvance(text) for text, _ in lines) + 6, metrics.height()
    place = QRectF(-width / 2, -line * len(lines) / 2, width, line * len(lines))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.theme.color("canvas"))
    painter.drawRoundedRect(place, 4, 4)
    for text, role in lines:
        painter.setPen(look.pen(role))
        painter.drawText(QRectF(place.left(), place.top(), width, line), Qt.AlignmentFlag.AlignCenter, text)
        place.setTop(place.top() + line)
