"""A filter's kernels as a picture whose cells can be picked: each is one weight."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from engine.design import NetworkDesign
from engine.layers.weighted import Weighted
from gui.canvas.look import Look
from gui.canvas.surface import image_over
from gui.document.selection import Picked

_ACROSS = 8  # kernels in a row
_WIDEST, _LARGEST, _SMALLEST = 260, 16, 3  # pixels: of all of them, of a cell
Array = NDArray[Any]


def kernel_side(design: NetworkDesign, layer: str) -> int:
    """The side of a layer's kernels, 0 if it has none with weights."""
    spec = next((spec for spec in design.layers if spec.id == layer), None)
    return int(getattr(spec, "kernel", 0)) if isinstance(spec, Weighted) else 0


@dataclass(frozen=True, slots=True)
class KernelGrid:
    """Where the weights of `count` kernels of side × side stand, the kernels one cell apart.

    A weight is counted as in its row of the weight matrix, from 0, the bias left out.
    """

    count: int
    side: int

    @property
    def across(self) -> int:
        """How many kernels stand in a row."""
        return min(self.count, _ACROSS)

    @property
    def cells(self) -> tuple[int, int]:
        """Rows and columns of cells, those between the kernels included."""
        down = -(-self.count // self.across)
        return down * (self.side + 1) - 1, self.across * (self.side + 1) - 1

    @property
    def cell(self) -> int:
        """Pixels across a cell."""
        return max(min(_WIDEST // self.cells[1], _LARGEST), _SMALLEST)

    @property
    def size(self) -> QSize:
        """Pixels of the whole."""
        rows, columns = self.cells
        return QSize(columns * self.cell, rows * self.cell)

    def place(self, weight: int) -> tuple[int, int]:
        """Row and column of a weight's cell."""
        kernel, rest = divmod(weight, self.side**2)
        (down, right), (row, column) = divmod(kernel, self.across), divmod(rest, self.side)
        return down * (self.side + 1) + row, right * (self.side + 1) + column

    def rect(self, weight: int) -> QRect:
        """The pixels of a weight's cell."""
        row, column = self.place(weight)
        return QRect(column * self.cell, row * self.cell, self.cell, self.cell)

    def weight_in(self, row: int, column: int) -> int | None:
        """Which weight's cell it is, None between the kernels and outside."""
        (down, y), (right, x) = divmod(row, self.side + 1), divmod(column, self.side + 1)
        kernel = down * self.across + right
        rows, columns = self.cells
        inside = 0 <= row < rows and 0 <= column < columns and y < self.side and x < self.side
        return kernel * self.side**2 + y * self.side + x if inside and kernel < self.count else None

    def neighbor(self, weight: int, key: Qt.Key) -> int:
        """The weight that an arrow leads to, over the gaps; itself at the edge."""
        steps = {
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
        }
        (row, column), (down, right) = self.place(weight), steps[key]
        for far in (1, 2):
            found = self.weight_in(row + far * down, column + far * right)
            if found is not None:
                return found
        return weight


@dataclass(frozen=True, slots=True, eq=False)
class Kernels:
    """What is shown: values (n, k, k) and the limit of their colors, which are pruned, and the chosen one."""

    values: Array
    limit: float
    absent: Array | None = None
    chosen: int | None = None

    @property
    def grid(self) -> KernelGrid:
        """Where they stand."""
        return KernelGrid(len(self.values), self.values.shape[1])


class KernelPicture(QWidget):
    """Shows kernels; a click picks a weight.

    Signals:
        picked(int): the weight, counted as in its row, the bias left out.
    """

    picked = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.kernels: Kernels | None = None
        self._look: Look | None = None
        self.setAccessibleName(self.tr("Kernels"))
        self.setToolTip(self.tr("Click a cell: its weight can be dragged and typed"))

    def show_kernels(self, kernels: Kernels | None, look: Look) -> None:
        """Show these, or nothing."""
        self.kernels, self._look = kernels, look
        self.setVisible(kernels is not None)
        if kernels is not None:
            self.setFixedSize(kernels.grid.size)
        self.update()

    def colors(self) -> NDArray[np.uint32]:
        """The color of every cell, (rows, columns); pruned ones, and those between, are as the ground."""
        assert self.kernels is not None
        assert self._look is not None
        grid = self.kernels.grid
        cells = np.full(grid.cells, self._look.theme.color("field").rgb(), np.uint32)
        colors = self._look.solid.look_up(self.kernels.values, self.kernels.limit)
        if self.kernels.absent is not None:
            colors[self.kernels.absent] = self._look.theme.color("field").rgb()
        for k in range(grid.count):
            y, x = grid.place(k * grid.side**2)
            cells[y : y + grid.side, x : x + grid.side] = colors[k]
        return np.ascontiguousarray(cells)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.kernels is None or self._look is None:
            return
        painter, grid = QPainter(self), self.kernels.grid
        cells = self.colors()
        image = image_over(cells)
        painter.drawImage(QRectF(0, 0, *grid.size.toTuple()), image, QRectF(image.rect()))
        if self.kernels.absent is not None:
            painter.setPen(QPen(QColor(self._look.theme.color("secondary")), 1.0, Qt.PenStyle.DotLine))
            for weight in np.flatnonzero(self.kernels.absent.ravel()):
                painter.drawRect(grid.rect(int(weight)).adjusted(0, 0, -1, -1))
        if self.kernels.chosen is not None and self.kernels.chosen >= 0:
            painter.setPen(QPen(self._look.theme.color("text"), 2.0))
            painter.drawRect(grid.rect(self.kernels.chosen).adjusted(0, 0, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.kernels is None or event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        grid, at = self.kernels.grid, event.position()
        found = grid.weight_in(int(at.y()) // grid.cell, int(at.x()) // grid.cell)
        if found is not None:
            self.picked.emit(found)


def cell_beside(
    picked: Picked, source: str, key: Qt.Key, kernels: Kernels | None, shift: bool
) -> Picked | None:
    """Where an arrow leads among the weights of a filter: from it (Shift+←) to its first one, and on."""
    arrows = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right)
    if kernels is None or key not in arrows:
        return None
    if picked.source is None:
        return replace(picked, source=0, source_layer=source) if shift and key == Qt.Key.Key_Left else None
    return replace(picked, source=kernels.grid.neighbor(max(picked.source, 0), key))


def kernel_weight(design: NetworkDesign, picked: Picked, weight: int) -> Picked:
    """One weight of the filter that is picked, or one of whose weights is."""
    return Picked(picked.layer, picked.unit, weight, next(iter(design.sources(picked.layer)), ""))
