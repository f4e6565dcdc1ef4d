"""Pixel probes: places of the grabbed picture whose color follows from the engine's numbers, for checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF

from gui.canvas import values
from gui.canvas.boxes import IMAGE
from gui.canvas.color import rgb, unpack
from gui.canvas.coverage import CoverageMap
from gui.canvas.items.bundle import BundleItem
from gui.canvas.items.layer import BAR, LayerItem

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView

_PER_BUNDLE = 24
_CLEAR = 6.0  # scene units to stay away from what is drawn over a bundle


@dataclass(frozen=True, slots=True)
class PixelProbe:
    """Pixel (x, y), in device pixels of the grabbed viewport, must have a color (each part ± 3 of 255)."""

    x: int
    y: int
    expected_rgb: tuple[int, int, int]
    what: str


def probes_of(view: CanvasView) -> list[PixelProbe]:
    """The probes of what is at rest: no wave runs, no fan is shown alone."""
    frame = view.frame
    if frame is None or not view.is_settled or view.waves.player.stage is not None or view.canvas.focused:
        return []
    found = []
    for item in view.canvas.bundles.values():
        if values.fits(frame, item.bundle):
            found += _bundle_probes(view, item, values.weights(frame, item.bundle))
    for key, layer in view.canvas.layers.items():
        trace = frame.trace.layers.get(key)
        if trace is not None:
            found += _layer_probes(view, layer, trace.a)
    room = view.viewport().rect()
    ratio = view.viewport().devicePixelRatioF()
    card = view.card.geometry() if view.card.isVisible() else None
    return [
        probe
        for probe in found
        if 0 <= probe.x < room.width() * ratio
        and 0 <= probe.y < room.height() * ratio
        and not (card is not None and card.contains(int(probe.x / ratio), int(probe.y / ratio)))
    ]


def _bundle_probes(view: CanvasView, item: BundleItem, weights: np.ndarray) -> list[PixelProbe]:
    """Covered pixels between the layers: the color table of the mean weight over the pixel."""
    surface = item.surface
    if surface is None or surface.mapping.resolution != 1 or not isinstance(surface.mapping, CoverageMap):
        return []
    mapping, region = surface.mapping, surface.region
    mean = mapping.mean(weights.astype(np.float32)).copy()
    rows, columns = np.divmod(mapping.pixels, mapping.shape[1])
    x = (columns + region.left + 0.5) / region.zoom
    y = (rows + region.top + 0.5) / region.zoom
    inner = (mapping.alpha >= 1.0) & np.isfinite(mean)
    for layer in view.canvas.layers.values():
        b = layer.box.rect
        inner &= ~((x > b.x - _CLEAR) & (x < b.right + _CLEAR) & (y > b.y - _CLEAR) & (y < b.bottom + _CLEAR))
    for plus in view.canvas.pluses.values():
        inner &= np.hypot(x - plus.center.x(), y - plus.center.y()) > plus.radius + _CLEAR
    chosen = np.flatnonzero(inner)
    if not chosen.size:
        return []
    strongest = chosen[np.argsort(-np.abs(mean[chosen]), kind="stable")[: _PER_BUNDLE // 2]]
    spread = chosen[np.linspace(0, chosen.size - 1, _PER_BUNDLE // 2).astype(int)]
    table = item.table.over(view.look.theme.canvas)
    colors = unpack(table.look_up(mean, item.color_scale.limit))
    found = []
    for i in np.unique(np.concatenate([strongest, spread])):
        place = _pixel(view, columns[i] + region.left, rows[i] + region.top)
        what = f"synapses {item.key}, mean weight {mean[i]:.4g}"
        found.append(PixelProbe(*place, _triple(colors[i][1:]), what))
    return found


def _pixel(view: CanvasView, left: int, top: int) -> tuple[int, int]:
    """Device pixel of the viewport for device pixels counted from the scene's origin."""
    ratio = view.viewport().devicePixelRatioF()
    origin = view.viewportTransform()
    return int(left) + round(origin.dx() * ratio), int(top) + round(origin.dy() * ratio)


def _layer_probes(view: CanvasView, item: LayerItem, activations: np.ndarray) -> list[PixelProbe]:
    """Neurons' fills: the color table of their activation; on some pixels of a picture likewise."""
    box = item.box
    ratio = view.viewport().devicePixelRatioF()
    if box.maps is not None:
        return _map_probes(view, item, activations.reshape(box.maps))
    rows = range(len(box.units))
    offset = QPointF(0.0, 0.0)
    if box.kind == IMAGE:
        rows = range(0, len(box.units), max(len(box.units) // 40, 1))
    elif item.faces is not None:
        offset = QPointF(box.radius + 1 + BAR / 2, 0.0)
    else:
        offset = QPointF(0.0, -0.75 * box.radius)  # above the number
    found = []
    for row in rows:
        unit = int(box.units[row])
        point = view.viewportTransform().map(QPointF(*box.centers[row]) + offset)
        color = rgb(view.look.solid.hex(float(activations[unit]), item.color_scale.limit)) * 255
        what = f"neuron {unit + 1} of {box.id}, a = {activations[unit]:.4g}"
        found.append(PixelProbe(int(point.x() * ratio), int(point.y() * ratio), _triple(color), what))
    return found


def _map_probes(view: CanvasView, item: LayerItem, maps: np.ndarray) -> list[PixelProbe]:
    """Feature maps: the color table of the activation in the middle of each."""
    box = item.box
    ratio = view.viewport().devicePixelRatioF()
    row, column = maps.shape[1] // 2, maps.shape[2] // 2
    offset = QPointF(
        ((column + 0.5) / maps.shape[2] - 0.5) * box.cell[0],
        ((row + 0.5) / maps.shape[1] - 0.5) * box.cell[1],
    )
    found: list[PixelProbe] = []
    if view.zoom * ratio * box.cell[0] < 2 * maps.shape[2]:
        return found  # a pixel of a map is less than two on screen
    for unit, center in zip(box.units, box.centers, strict=True):
        point = view.viewportTransform().map(QPointF(*center) + offset)
        value = float(maps[int(unit), row, column])
        color = rgb(view.look.solid.hex(value, item.color_scale.limit)) * 255
        what = f"middle of map {int(unit) + 1} of {box.id}, a = {value:.4g}"
        found.append(PixelProbe(int(point.x() * ratio), int(point.y() * ratio), _triple(color), what))
    return found


def _triple(color: np.ndarray) -> tuple[int, int, int]:
    red, green, blue = (round(float(c)) for c in color)
    return red, green, blue
