"""What passes along a bundle, seen through windows: a wave's flow, and the marks that it leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from gui.canvas.color import ColorTable, ScaleLimit
from gui.canvas.items.placing import draw
from gui.canvas.pulse import column_positions
from gui.canvas.surface import Surface

FLOW, MARKS = "flow", "marks"
Array = NDArray[Any]


class Passing:
    """The moving pictures of one bundle, FLOW and MARKS; its surface holds their pixels.

    Attributes:
        known: values (synapses,), table and scale of each that has been prepared; opacity: of each shown.
    """

    def __init__(self) -> None:
        self.opacity: dict[str, float] = {}
        self.known: dict[str, tuple[Array, ColorTable, ScaleLimit]] = {}

    @property
    def is_seen(self) -> bool:
        """Whether anything is shown."""
        return any(self.opacity.values())

    def prepare(
        self, name: str, surface: Surface | None, values: Array, table: ColorTable, scale: ScaleLimit
    ) -> None:
        """Keep the values (synapses,) that a window will show, and paint them if there is a surface."""
        self.known[name] = values, table, scale
        self._paint(name, surface)

    def repaint(self, surface: Surface) -> None:
        """Paint all again, on another surface."""
        for name in self.known:
            self._paint(name, surface)

    def move(
        self,
        name: str,
        surface: Surface,
        envelope: Callable[[Array], Array],
        opacity: float,
        shift: float | None,
    ) -> QRectF:
        """Show what an envelope, a function of scene x, lets through; returns what has changed, in the scene.

        shift: how far chevrons have moved, in scene units; None: there are none.
        """
        pulse, _ = surface.pulse(name)
        region = surface.region
        zoom = region.zoom / surface.mapping.resolution
        x = column_positions(pulse.shown.shape[1], region.left / region.zoom, zoom)
        begin, end = pulse.show(envelope(x), None if shift is None else round(shift * zoom))
        rect, before = region.scene_rect, self.opacity.get(name)
        self.opacity[name] = opacity
        if before != opacity:
            return rect
        return QRectF(rect.left() + begin / zoom, rect.top(), (end - begin) / zoom, rect.height())

    def clear(self, surface: Surface | None) -> bool:
        """Forget both; whether there was anything."""
        there = bool(self.known)
        self.known.clear()
        self.opacity.clear()
        if there and surface is not None:
            surface.drop_pulses()
        return there

    def paint(self, painter: QPainter, surface: Surface) -> None:
        """Draw what is shown, the flow over the marks."""
        whole = painter.opacity()
        for name in (MARKS, FLOW):
            if self.opacity.get(name, 0.0) > 0:
                painter.setOpacity(self.opacity[name] * whole)
                draw(painter, surface.pulse(name)[1], surface.region, surface.mapping.resolution)
        painter.setOpacity(whole)

    def _paint(self, name: str, surface: Surface | None) -> None:
        if surface is not None:
            pulse, _ = surface.pulse(name)
            surface.paint(*self.known[name], pulse.picture)
            pulse.renew()
