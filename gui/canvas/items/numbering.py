"""Numbering: where the weights of a bundle's synapses are written, on their curves, none over another."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF

from gui.canvas.boxes import Bundle
from gui.canvas.strokes import along
from gui.canvas.surface import SPARSE

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
