"""One curve of a chart: its samples and the pyqtgraph items that draw it."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPen
from PySide6.QtWidgets import QGraphicsPathItem

from gui import theme
from gui.charts.legend import DASHES
from gui.charts.scales import SMALLEST
from gui.charts.thinning import Samples, thin


class Drawn:
    """One curve: its samples, and the items that draw it."""

    def __init__(self, view: pg.ViewBox, samples: Samples, label: str, style: int) -> None:
        self.samples, self.label, self.style = samples, label, style
        self.seen = samples
        self.band = QGraphicsPathItem()
        self.band.setPen(QPen(Qt.PenStyle.NoPen))
        self.line = pg.PlotCurveItem(antialias=True)
        for item in (self.band, self.line):
            view.addItem(item, ignoreBounds=True)
        self.band.setZValue(-1)

    def restyle(self, look: theme.Theme) -> None:
        color = QColor(self.color(look))
        pen = QPen(color, look.scale * (1.6 if self.style else 1.8))
        pen.setCosmetic(True)
        if DASHES[self.style % len(DASHES)]:
            pen.setDashPattern(DASHES[self.style % len(DASHES)])
        self.line.setPen(pen)
        color.setAlphaF(0.22)
        self.band.setBrush(QBrush(color))

    def color(self, look: theme.Theme) -> str:
        return look.curves[self.style % len(look.curves)]

    def redraw(self, start: float, end: float, columns: int, logarithmic: bool) -> None:
        """Give the items what is seen between two steps."""
        seen = self.seen = thin(self.samples, start, end, columns)
        x, y, low, high = seen.x, seen.y, seen.low, seen.high
        if logarithmic:
            x, y = x[y > SMALLEST], np.log10(y[y > SMALLEST])
        self.line.setData(x, y, skipFiniteCheck=True)
        if low is None or high is None or len(seen) < 2:
            self.band.setPath(pg.arrayToQPath(np.empty(0), np.empty(0)))
            return
        edge_x = np.concatenate([seen.x, seen.x[::-1]])
        edge_y = np.concatenate([high, low[::-1]])
        if logarithmic:
            edge_y = np.log10(np.maximum(edge_y, SMALLEST))
        self.band.setPath(pg.arrayToQPath(edge_x, edge_y, finiteCheck=False))

    def remove(self, view: pg.ViewBox) -> None:
        for item in (self.band, self.line):
            view.removeItem(item)
