"""One bundle of synapses: its resting picture, and the wave that travels along it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QImage,
    QPainter,
    QPainterPath,
    QPolygonF,
    QTransform,
)
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.canvas.boxes import Bundle, LayerBox
from gui.canvas.color import ColorTable, ScaleLimit
from gui.canvas.items.flowlabel import FlowLabel
from gui.canvas.items.item import Item
from gui.canvas.items.lettering import least_scale, thin
from gui.canvas.items.over import Over
from gui.canvas.items.passing import Passing
from gui.canvas.items.picture import PictureItem
from gui.canvas.items.placing import covered_by
from gui.canvas.items.ribbons import outline, paint_between, paint_curves, paint_means
from gui.canvas.look import Look
from gui.canvas.rects import to_qt
from gui.canvas.stretching import carried, corners, stretch
from gui.canvas.surface import Surface, is_sparse

Array = NDArray[Any]

_PLAIN = QGraphicsItem.GraphicsItemFlag.ItemHasNoContents
_FEW = 64  # up to so many synapses are drawn one by one while their layers are dragged


class BundleItem(Item):
    """A wire's synapses. At rest they are a picture that Qt paints alone; all else is painted here.

    Attributes:
        bundle: where they are; surface: their pictures, None until they are built; values: their weights.
        color_scale: the limit of their colors; strength: how visible they are at rest, 0 … 1.
        wave: what passes along it; over: paints that over its picture, and numbers.
    """

    def __init__(self, bundle: Bundle, look: Look) -> None:
        super().__init__(look)
        self.bundle = bundle
        self._extent = _extent(bundle)
        self.surface: Surface | None = None
        self._last: tuple[Surface, QPolygonF] | None = None  # the picture before the last move, and its place
        self._carried: QPolygonF | None = None  # where it is drawn while its layers glide
        self.values: Array | None = None
        self.color_scale = ScaleLimit()
        self.strength = 1.0
        self.cost = 0.0  # the seconds that it took to paint it last
        self.painted_at = 0.0
        self.stale = 0  # combs that are yet to be painted from the newest weights
        self.awaits = False  # a picture that is being painted aside
        self.wave = Passing()
        self.marked = ""  # "hover" or "selected": the whole wire
        self._picture = PictureItem(self)
        self.over = Over(self)
        self._settled = False, False, False, 1.0, 1.0  # as it was painted last (see `_settle`)
        self._label = FlowLabel(self, look)
        self.far, self.near = 0.0, False
        self.gradients: Array | None = None
        self._ends: tuple[LayerBox, LayerBox] | None = None
        self.setZValue(0)
        self.measure()

    @property
    def key(self) -> str:
        """What names it: the wire."""
        return f"{self.bundle.source}→{self.bundle.target}"

    @property
    def table(self) -> ColorTable:
        """The scale of its synapses at rest."""
        return self.look.line if is_sparse(self.bundle) else self.look.dense

    def extent(self) -> QRectF:
        """Where its synapses are, in scene units."""
        return self._extent

    def set_bundle(self, bundle: Bundle) -> None:
        """The same wire in another place or of another size."""
        if len(bundle) != len(self.bundle) or not np.array_equal(bundle.column, self.bundle.column):
            self.values = None
        if self.surface is not None:
            self._catch_up(self.surface)
            self._last = self.surface, corners(self.bundle)
        self.bundle = bundle
        self._extent = _extent(bundle)
        self.over.place(bundle)
        self.surface = None
        self.clear_wave()
        self._show_scale()
        self._settle()
        self.measure()

    def take(self, surface: Surface) -> None:
        """Show newly built pictures."""
        self.surface, self._last = surface, None
        self.repaint_values()
        self.wave.repaint(surface)
        self.over.update()

    def set_shape(self, text: str, short: str = "") -> None:
        """Another shape flows along it; short: how it is written where there is little room."""
        if (text, short) != (self._label.shape, self._label.short):
            self._label.shape, self._label.short = text, short
            self._show_scale()

    @property
    def shape_text(self) -> str:
        """The shape that flows along it."""
        return self._label.shape

    def set_mark(self, marked: str) -> None:
        """Hovered or selected as a whole."""
        if marked != self.marked:
            self.marked = marked
            self._settle()

    def show_nothing(self) -> None:
        """Draw outlines: no weight is known."""
        self.values = self._last = None
        self.clear_wave()
        self._show_scale()
        self._settle()

    def label_rect(self) -> QRectF:
        """Where its shape and scale are written, in scene units."""
        return self._label.rect()

    def outline(self) -> QPainterPath:
        """The area of its synapses, in scene units."""
        return outline(self.bundle)

    def show_values(self, values: Array) -> None:
        """Show weights (n,)."""
        self.values = values
        self.repaint_values()

    def repaint_comb(self) -> bool:
        """Paint the weights into the next comb of the picture; True if their scale has moved."""
        if self.far >= 1:
            self.stale, self.awaits = 0, False
            self.update()  # a ribbon; the picture is painted when it is near again
            return False
        surface = self.surface
        own = surface is not None and self._picture.image is surface.image
        if surface is None or self.values is None or not self.resting or not own:
            self.repaint_values()
            return False
        self.stale, self.awaits = max(self.stale - 1, 0), False
        moved = surface.paint_comb(self.values, self.table, self.color_scale)
        self._show_picture(surface, surface.image)
        if moved:
            self._show_scale()
        return moved

    def take_picture(self, image: QImage, limit: float) -> bool:
        """Show a picture of its surface's region, painted aside on the scale ±limit; True if that moved."""
        assert self.surface is not None
        self.awaits = False
        moved, self.color_scale.limit = limit != self.color_scale.limit, limit
        self._show_picture(self.surface, image)
        if moved:
            self._show_scale()
        return moved

    def _catch_up(self, surface: Surface) -> None:
        """Let the surface's own picture show what one painted aside has shown so far."""
        own = self._picture.image is None or self._picture.image is surface.image
        if not own and self.values is not None:
            self.repaint_values()

    def _show_picture(self, surface: Surface, image: QImage) -> None:
        if self.far:
            self.update()
        self._picture.show_image(image, surface.region, surface.mapping.resolution)
        self.over.update()

    def repaint_values(self) -> None:
        """Paint the weights again (after a change of theme or zoom)."""
        self.stale, self.awaits = 0, False
        if self.surface is not None and self.values is not None:
            self.surface.paint(self.values, self.table, self.color_scale)
            self._show_picture(self.surface, self.surface.image)
            self._show_scale()
            self._label.item.show()
        elif self._last is not None and self.values is not None:
            before = self._last[0]
            if before.mapping.synapses == len(self.values):
                before.paint(self.values, self.table, self.color_scale)
        self._settle()

    def carry(self, source: QTransform | None, target: QTransform | None) -> None:
        """Draw it between layers that glide; None: in its place."""
        at = None if source is None or target is None else carried(corners(self.bundle), source, target)
        if at == self._carried:
            return
        if self.surface is not None:
            self._catch_up(self.surface)
        self._carried = at
        self._label.item.setVisible(at is None and bool(self._label.item.text()))
        self._settle()
        self.measure()

    def set_look(self, look: Look) -> None:
        """Another theme."""
        super().set_look(look)
        self._label.set_look(look)
        self.repaint_values()

    def set_strength(self, strength: float) -> None:
        """Fade the resting synapses."""
        if strength != self.strength:
            self.strength = strength
            self._settle()

    def set_ends(self, source: LayerBox, target: LayerBox) -> None:
        """The layers that it joins, for the ribbon that it is from afar."""
        self._ends = source, target
        if self.far:
            self.measure()

    def set_near(self, near: bool, zoom: float) -> None:
        """Whether its numbers are written on it; what is below it does not grow with the zoom."""
        scale = least_scale(zoom)
        if (near, scale) != (self.near, self._label.item.scale()):
            self.near = near
            self._label.item.setScale(scale)
            self._show_scale()
            self._settle()

    def set_far(self, far: float) -> None:
        """How much of a ribbon it is, 0 … 1."""
        if far != self.far:
            self.far, before = far, self.far
            if before >= 1 and self.surface is not None and self.values is not None:
                self.repaint_values()  # it was not while it could not be seen
            self._label.item.setOpacity(1.0 - far)
            self._settle()
            self.measure()

    # -- waves

    def begin_wave(self, name: str, values: Array, table: ColorTable, scale: ScaleLimit) -> None:
        """Prepare what a wave will show as its FLOW, or leave as its MARKS."""
        self.wave.prepare(name, self.surface, values, table, scale)

    def move(
        self, name: str, envelope: Callable[[Array], Array], opacity: float = 1.0, shift: float | None = None
    ) -> None:
        """Show what an envelope, a function of scene x, lets through of FLOW or MARKS."""
        if self.surface is None or name not in self.wave.known:
            return
        before = dict(self.wave.opacity)
        changed = self.wave.move(name, self.surface, envelope, opacity, shift)
        if self.wave.opacity != before:
            self._settle()
        if not changed.isEmpty():
            self.over.update(changed)

    def clear_wave(self) -> None:
        """Forget the wave and its marks."""
        if self.wave.clear(self.surface):
            self.over.update()
            self._settle()

    # -- Qt

    @property
    def resting(self) -> bool:
        """Whether it is in its place, and its picture known."""
        return self._carried is None and self.surface is not None and self.values is not None

    def _settle(self) -> None:
        """Let Qt alone paint what is a mere picture; whatever there is beside it is painted here."""
        near, resting = 1.0 - self.far, self.resting
        plain = resting and not self.far and not self.marked
        covered = resting and near > 0 and (self.wave.is_seen or self.over.is_numbered)
        state = resting, plain, covered, near, self.strength
        if not plain:
            self.update()
        if state == self._settled:
            return
        if plain != self._settled[1] and self.scene() is not None:
            self.scene().update(self.sceneBoundingRect())
        self._settled = state
        self._picture.setVisible(resting and near * self.strength > 0)
        self._picture.setOpacity(self.strength * near)
        self.over.setVisible(covered)
        self.over.setOpacity(near)
        self.setFlag(_PLAIN, plain)

    def measure(self) -> None:
        super().measure()
        self.over.measure()

    def reach(self) -> QRectF:
        rect = self.extent()
        if self._carried is not None:
            rect = rect.united(self._carried.boundingRect())
        for box in self._ends if self.far and self._ends is not None else ():
            rect = rect.united(to_qt(box.body))  # a ribbon is as high as the layers
        return rect.adjusted(-2, -2, 2, 22)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if self.far > 0:
            self._paint_far(painter)
        near = 1.0 - self.far
        if near <= 0:
            return
        self._paint_mark(painter)
        if not self.resting:
            painter.save()
            self._paint_moving(painter)
            painter.restore()
        painter.setOpacity(1.0)

    def _paint_far(self, painter: QPainter) -> None:
        """A ribbon from block to block, in the color of the mean of its weights."""
        if self._ends is None:
            return
        a, b = self._ends[0].body, self._ends[1].body
        mean = 0.0 if self.values is None or not len(self.values) else float(self.values.mean())
        color = QColor.fromRgb(int(self.look.solid.look_up(np.array([mean]), self.color_scale.limit)[0]))
        painter.setOpacity(self.far * self.strength)
        paint_between(painter, a, b, color)
        painter.setOpacity(1.0)

    def _paint_mark(self, painter: QPainter) -> None:
        """A quiet ground behind the whole wire while it is hovered or selected."""
        if self.marked:
            role, alpha = ("accent", 0.16) if self.marked == "selected" else ("zero", 0.35)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            edge = self.look.pen("accent", 1.5 * thin(painter))
            painter.setPen(edge if self.marked == "selected" else Qt.PenStyle.NoPen)
            painter.setBrush(self.look.theme.color(role, alpha))
            painter.drawPath(self.outline())

    def _paint_moving(self, painter: QPainter) -> None:
        """While it moves, or is being worked out: few synapses as they are, many as the last picture."""
        b, own = self.bundle, corners(self.bundle)
        place = own if self._carried is None else self._carried
        known = self.values is not None and len(self.values) == len(b)
        surface, made_for = self._last or (self.surface if known else None, own)
        if known and len(b) <= _FEW:
            surface, made_for = None, own
        moved = stretch(made_for if surface is not None else own, place)
        if not len(b) or moved is None:
            return
        painter.setWorldTransform(moved, True)
        painter.setOpacity(self.strength * (1.0 - self.far))
        if surface is not None:
            size = QRectF(0, 0, surface.image.width(), surface.image.height())
            rect = covered_by(surface.image, surface.region, surface.mapping.resolution)
            painter.drawImage(rect, surface.image, size)
        elif self.values is None or not known:
            painter.fillPath(self.outline(), self.look.theme.color("zero", 0.45))
        elif len(b) <= _FEW:
            painter.setOpacity(self.strength)
            paint_curves(painter, b, self.values, self.table, self.color_scale.limit)
        else:
            paint_means(painter, b, self.values, self.look.solid, self.color_scale.limit)

    def _show_scale(self) -> None:
        """What flows along it and the limit of its colors, quietly below it."""
        limit = None if self.values is None else self.color_scale.limit
        self._label.show(self.bundle, self._extent, limit, self.near)


def _extent(bundle: Bundle) -> QRectF:
    points = np.concatenate([bundle.starts, bundle.ends])
    if not len(points):
        return QRectF()
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return QRectF(left, top, right - left, bottom - top).adjusted(-1, -3, 1, 3)
