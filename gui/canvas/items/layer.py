"""One layer: its neurons, its picture if it is one, its bias, and what has been folded away."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.canvas.boxes import IMAGE, MAPS, LayerBox
from gui.canvas.color import ScaleLimit
from gui.canvas.items.beside import paint_bias, paint_fold, paint_foot
from gui.canvas.items.cells import CellsItem, Shapes
from gui.canvas.items.inscription import NUMBER_FROM, write_numbers, write_value
from gui.canvas.items.item import Item
from gui.canvas.items.lettering import shortened, thin, write
from gui.canvas.items.pixels import Pixels
from gui.canvas.look import Look
from gui.canvas.near import NUMBERS, Numbers, equation_html, paint_equation
from gui.canvas.rects import to_qt
from gui.canvas.surface import image_over

Array = NDArray[Any]

BAR = 4.0  # width of the bar beside a weight picture that shows the activation
NAME_ROOM = 140.0  # left of the inputs, at most
_MOST_PICTURED = 512  # neurons: the shapes of more would take long at each zoom; those in view are painted
_RING_STEPS = 8  # in which a ring grows
_THICKEST = 4.0  # of the ring |δ|
_BESIDE = 60.0  # what is said below a layer, or between its neurons, is wider than they are
_AROUND = 24.0  # around a neuron: rings, bar, and a name's height


@dataclass(frozen=True, eq=False)
class Faces:
    """The weights of each visible neuron as pictures, (visible, rows, columns)."""

    weights: Array
    limit: float


class LayerItem(Item):
    """A layer. The fills of its neurons are a picture for Qt alone, as long as no numbers stand in them.

    Attributes:
        box: where it is; drawn: where its neurons are drawn, elsewhere while they glide.
        values: the activations of the visible units; color_scale: their colors' limit.
        faces: weight pictures, None where neurons show their activation only.
        silent: whether nothing is written in them, see `silence`.
        names: what the units are called (input features), written at the left.
    """

    def __init__(self, box: LayerBox, look: Look) -> None:
        super().__init__(look)
        self.box = self.drawn = box
        self.values: Array | None = None
        self.color_scale = ScaleLimit()
        self.faces: Faces | None = None
        self.names: tuple[str, ...] = ()
        self.marked: set[tuple[int, str]] = set()  # (unit, "hover" | "selected")
        self.foot = ""
        self.green = False  # whether its values are gradients
        self._scale = (0.0, False)  # limit and kind of the values as rendered
        self.numbers: Numbers | None = None
        self.silent = False
        self.equations_from = 0.0  # pixels across a neuron, 0: never
        self.seen = QRectF()  # the part of the scene in view
        self._atlas: Array | None = None
        self._atlas_image: QImage | None = None
        self._pixels: Pixels | None = None
        self._rings: tuple[Array, float, float] | None = None
        self._fills: list[QColor] = []  # of the visible units' activations, where they are painted here
        self._cells = CellsItem(self)
        self._shapes: Shapes | None = None
        self._grid: tuple[float, float] | None = None  # zoom and device pixel ratio of the screen at rest
        self._zoom = 1.0
        self._drawn_as_shapes = False
        self.setZValue(2)
        self.setFlag(
            QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption
        )  # painted where it is exposed
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.measure()

    def set_box(self, box: LayerBox) -> None:
        """The same layer in another place or of another size."""
        if (
            (box.kind, box.maps) != (self.box.kind, self.box.maps)
            or len(box.units) != len(self.box.units)
            or not np.array_equal(box.units, self.box.units)
        ):
            self.values, self.faces, self._rings, self._pixels = None, None, None, None
        before, self.box, self.drawn = self.drawn, box, box
        if self.values is None or not self._cells.moved(before, box):
            self._place_cells()
        self.measure()

    def draw_as(self, box: LayerBox | None) -> None:
        """Draw its neurons as in another box while they glide; None: in their places."""
        self.drawn = box or self.box
        self._place_cells()
        self.measure()

    def set_names(self, names: tuple[str, ...]) -> None:
        """What its units are called."""
        if names != self.names:
            self.names = names
            self.measure()

    def set_foot(self, text: str) -> None:
        """What is said below it: how many parameters it has."""
        if text != self.foot:
            self.foot = text
            self.update()

    def set_look(self, look: Look) -> None:
        """Another theme."""
        super().set_look(look)
        self._drop_cells()  # a neuron may have room for its number now, or no more
        self._render()

    def draw_as_shapes(self, wanted: bool) -> None:
        """Draw the neurons one by one, sharp at any resolution; or as on the screen again."""
        self._drawn_as_shapes = wanted
        self._place_cells()

    def show_values(self, values: Array, limit: float | None) -> None:
        """Show activations (size of the layer,); limit: where it is known, else it follows them."""
        if self.box.maps is not None and values.size != math.prod(self.box.maps):
            return
        if self.box.units.size and values.size <= int(self.box.units.max()):
            return
        if limit is None:
            self.color_scale.update(values)
        else:
            self.color_scale.limit = limit
        shown = (values if self.box.maps is None else values.reshape(self.box.maps))[self.box.units]
        scale = self.color_scale.limit, self.green
        if self.values is None or scale != self._scale or not np.array_equal(shown, self.values):
            self.values, self._scale = shown, scale  # the picture of an input need not be painted each time
            self._render()

    def show_nothing(self) -> None:
        """Draw outlines: no value is known."""
        self.values, self.faces, self._rings, self._pixels = None, None, None, None
        self._place_cells()
        self.update()

    def show_numbers(self, numbers: Numbers | None) -> None:
        """The numbers to write in the neurons from near."""
        if numbers is not None or self.numbers is not None:
            self.numbers = numbers
            self.update()

    def silence(self, silent: bool) -> None:
        """Write nothing in the neurons: a wave is still filling them, and what fills them is no value yet."""
        if silent != self.silent:
            self.silent = silent
            self.update()

    def show_faces(self, faces: Faces | None) -> None:
        """Show the neurons' weights as pictures, or not."""
        bars, self.faces = 0 if self.faces is None else len(self.faces.weights), faces
        if bars != (0 if faces is None else len(faces.weights)):
            self._place_cells()
        if faces is not None:
            columns = faces.weights.shape[2]
            colors = self.look.solid.look_up(faces.weights, faces.limit).reshape(-1, columns)
            self._atlas = np.ascontiguousarray(colors)
            self._atlas_image = image_over(self._atlas)
        self.update()

    def show_rings(self, delta: Array | None, limit: float = 1.0, share: float = 1.0) -> None:
        """Show |δ| of all units as rings, `share` of the way; None: no rings."""
        if self.box.maps is not None:
            delta = None  # a map has a δ at every pixel
        step = round(share * _RING_STEPS) / _RING_STEPS
        rings = None if delta is None or step == 0 else (delta[self.box.units], limit, step)
        if rings is not None and self._rings is not None and rings[2] == self._rings[2]:
            if np.array_equal(rings[0], self._rings[0]):
                return  # the neurons need not be painted anew
        elif rings is None and self._rings is None:
            return
        self._rings = rings
        self.update()

    def mark(self, marked: set[tuple[int, str]]) -> None:
        """Ring hovered and selected units."""
        if marked != self.marked:
            self.marked = marked
            self.update()

    def _render(self) -> None:
        shape = self.box.shape if self.box.kind == IMAGE else self.box.maps
        if self.box.kind in (IMAGE, MAPS) and self.values is not None and shape is not None:
            self._pixels = Pixels(self.values, shape[-1], self.look.solid, self.color_scale.limit)
        if self.box.kind in (IMAGE, MAPS) or not self._fill_cells():
            self.update()

    # -- fills

    def set_zoom(self, zoom: float) -> None:
        """While the zoom changes, the picture is stretched; from near there are numbers in the neurons."""
        if zoom != self._zoom:
            lettered, self._zoom = self._lettered, zoom
            if self._lettered != lettered:
                self._place_cells()

    def settle(self, zoom: float, ratio: float) -> None:
        """The camera stands still."""
        self._zoom = zoom
        if self._grid != (zoom, ratio) or self._cells.displaced:
            self._grid = zoom, ratio
            self._place_cells()

    @property
    def _lettered(self) -> bool:
        """Whether a neuron has room for its number."""
        return self._zoom * self.drawn.radius >= NUMBER_FROM * self.look.theme.scale

    def _place_cells(self) -> None:
        """The neurons' fills are elsewhere, of another shape, or not a picture any more."""
        self._drop_cells()
        if self.values is not None and self.box.kind not in (IMAGE, MAPS):
            self._fill_cells()
            self.update()

    def _drop_cells(self) -> None:
        self._cells.drop()
        self._shapes = None

    def _fill_cells(self) -> bool:
        """Color the neurons; True if that is all there is to paint."""
        if self.values is None:
            return False
        table = self.look.solid_green if self.green else self.look.solid
        shapes = self._lettered or self._drawn_as_shapes or len(self.values) > _MOST_PICTURED
        if shapes or self._grid is None or self.drawn is not self.box:
            colors = table.look_up(self.values, self.color_scale.limit)
            self._fills = [QColor.fromRgb(color) for color in colors.tolist()]
            return False
        if self._shapes is None:
            r, faces = self.drawn.radius, 0 if self.faces is None else len(self.faces.weights)
            self._shapes = Shapes(self.drawn.centers, r, faces, QRectF(r + 1, -r, BAR, 2 * r))
        self._cells.prepare(self._shapes, *self._grid)
        self._cells.show_values(self.values, table, self.color_scale.limit)
        if not self._cells.isVisible():
            self.update()
        self._cells.show()
        return True

    # -- Qt

    def reach(self) -> QRectF:
        r = self.box.rect.united(self.drawn.rect)
        left = NAME_ROOM if self.names else _BESIDE
        return QRectF(r.x - left, r.y - 4, r.width + left + _BESIDE, r.height + 8)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        if self.box.kind == IMAGE:
            self._paint_image(painter, option.exposedRect)
        elif self.box.kind == MAPS:
            self._paint_maps(painter, option.exposedRect)
        else:
            self._paint_units(painter, option.exposedRect)
        t = thin(painter)
        hovered = (-1, "hover") in self.marked
        pen = self._mark_pen("hover", t) if hovered else self.look.pen("secondary", t)
        paint_bias(painter, self.look, self.drawn, pen)
        paint_fold(painter, self.look, self.drawn)
        paint_foot(painter, self.look, self.drawn, self.foot)

    def _paint_image(self, painter: QPainter, exposed: QRectF) -> None:
        body, shape = to_qt(self.drawn.body), self.box.shape
        if self._pixels is not None and shape is not None:
            self._pixels.paint(painter, self.look, body, exposed, slice(0, shape[0]))
        else:
            painter.fillRect(body, self.look.theme.color("zero"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        t = thin(painter)
        for unit, how in self.marked:
            x, y = self.drawn.centers[unit]
            w, h = self.drawn.cell
            painter.setPen(self._mark_pen(how, t))
            painter.drawRect(QRectF(x - w / 2 - t, y - h / 2 - t, w + 2 * t, h + 2 * t))

    def _paint_maps(self, painter: QPainter, exposed: QRectF) -> None:
        """Every channel's activations as a picture."""
        (w, h), shape, t = self.drawn.cell, self.box.maps, thin(painter)
        assert shape is not None
        for row, (x, y) in self._within(exposed, max(w, h) / 2):
            place = QRectF(x - w / 2, y - h / 2, w, h)
            if self._pixels is None:
                painter.fillRect(place, self.look.theme.color("zero"))
            else:
                rows = slice(row * shape[1], (row + 1) * shape[1])
                self._pixels.paint(painter, self.look, place, QRectF() if self.silent else exposed, rows)
            for how in ("selected", "hover") if self.marked else ():
                if (int(self.box.units[row]), how) in self.marked:
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.setPen(self._mark_pen(how, t))
                    painter.drawRect(place.adjusted(-t, -t, t, t))
                    break

    def _within(self, exposed: QRectF, radius: float) -> list[tuple[int, tuple[float, float]]]:
        """The rows and centers of the neurons that, with all around them, reach into a part of the scene."""
        centers, r = self.drawn.centers, radius + _AROUND
        (x, y), e = centers.T, exposed.adjusted(-r - NAME_ROOM, -r, r + NAME_ROOM, r)
        rows = np.flatnonzero((x >= e.left()) & (x <= e.right()) & (y >= e.top()) & (y <= e.bottom()))
        return list(zip(rows.tolist(), map(tuple, centers[rows].tolist()), strict=True))

    def _paint_units(self, painter: QPainter, exposed: QRectF) -> None:
        r, t = self.drawn.radius, thin(painter)
        painter.setFont(self.look.small())
        rings, pictured = self._rings, self._cells.isVisible()
        zoom, values, unknown = painter.worldTransform().m11(), self.values, self.look.theme.color("zero")
        for row, (x, y) in self._within(exposed, r):
            center = QPointF(x, y)
            fill = unknown if values is None or pictured else self._fills[row]
            for how in ("selected", "hover") if self.marked else ():
                if (int(self.box.units[row]), how) in self.marked:
                    self._outline(painter, center, r + 3.0 * t, self._mark_pen(how, t))
                    break
            if rings is not None:
                self._paint_ring(painter, center, row, rings)
            if self.faces is not None and row < len(self.faces.weights):
                self._paint_face(painter, center, row, None if pictured else fill)
            elif not pictured:
                painter.setPen(self.look.pen("control", t) if values is None else Qt.PenStyle.NoPen)
                painter.setBrush(self.look.theme.color("canvas") if values is None else fill)
                painter.drawEllipse(center, r, r)
                if self.silent:
                    pass
                elif self._paint_near(painter, center, row, fill):
                    painter.setFont(self.look.small())
                elif values is not None and zoom * r >= NUMBER_FROM * self.look.theme.scale:
                    write_value(painter, center, r, float(values[row]), self.look.ink_on(fill))
            if row < len(self.names):
                self._paint_name(painter, center, self.names[row])

    def _paint_near(self, painter: QPainter, center: QPointF, row: int, fill: QColor) -> bool:
        """Write a neuron's numbers, or its equation; False if it is not near enough."""
        r, unit, numbers = self.drawn.radius, int(self.box.units[row]), self.numbers
        across = 2 * r * painter.worldTransform().m11()
        if numbers is None or self.values is None or unit >= len(numbers.a):
            return False
        if across < NUMBERS * self.look.theme.scale:
            return False
        ink = self.look.ink_on(fill)
        if not self.equations_from or across < self.equations_from:
            write_numbers(painter, self.look, center, r, numbers, unit, ink)
        elif self.seen.intersects(QRectF(center.x() - r, center.y() - r, 2 * r, 2 * r)):
            room = QRectF(center.x() - 0.76 * r, center.y() - 0.6 * r, 1.52 * r, 1.2 * r)
            html = equation_html(numbers, self.box.id, unit)
            paint_equation(painter, self.look, room, ink.name(), html)
        return True

    def _paint_face(self, painter: QPainter, center: QPointF, row: int, fill: QColor | None) -> None:
        assert self.faces is not None
        assert self._atlas_image is not None
        r = self.drawn.radius
        rows, columns = self.faces.weights.shape[1:]
        body = QRectF(center.x() - r, center.y() - r, 2 * r, 2 * r)
        smooth = painter.worldTransform().m11() * 2 * r < columns
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(body, self._atlas_image, QRectF(0, row * rows, columns, rows))
        if fill is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(fill)
            painter.drawRect(QRectF(body.right() + 1, body.top(), BAR, 2 * r))

    def _paint_name(self, painter: QPainter, center: QPointF, name: str) -> None:
        r = self.drawn.radius
        painter.setPen(self.look.pen("text"))
        width = NAME_ROOM - 10
        place = QRectF(center.x() - r - 8 - width, center.y() - 12, width, 24)
        text = shortened(name, painter.font(), int(width))
        write(painter, place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_ring(
        self, painter: QPainter, center: QPointF, row: int, rings: tuple[Array, float, float]
    ) -> None:
        delta, limit, share = rings
        width = min(abs(float(delta[row])) / limit, 1.0) * _THICKEST * share
        if width > 0.2:
            t = thin(painter)
            pen = self.look.pen("gradient", width * t)
            self._outline(painter, center, self.drawn.radius + (1.0 + width / 2) * t, pen)

    def _outline(self, painter: QPainter, center: QPointF, radius: float, pen: QPen) -> None:
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.faces is None:
            painter.drawEllipse(center, radius, radius)
            return
        extra = BAR + 1
        rect = QRectF(center.x() - radius, center.y() - radius, 2 * radius + extra, 2 * radius)
        painter.drawRoundedRect(rect, 3, 3)

    def _mark_pen(self, how: str, thinner: float) -> QPen:
        if how == "selected":
            return self.look.pen("accent", 2.0 * thinner)
        return self.look.pen("text", 1.5 * thinner)
