"""Keeps the bundles' pictures in step with the camera: what is in view is worked out, off the GUI thread."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QRectF, QTimer, Signal

from gui.canvas.items.bundle import BundleItem
from gui.canvas.surface import Builder, Region, Surface

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView

_SETTLE_MS = 120  # after the last change of zoom or place
_MARGIN = 0.1  # of the viewport, worked out beyond its edges


class Maps(QObject):
    """Asks for surfaces and hands them to the bundles.

    Signals:
        settling(): the zoom is another one; settled(): everything in view has been worked out.
    """

    settling = Signal()
    settled = Signal()

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self._builder = Builder(self)
        self._builder.built.connect(self._on_built)
        self._timer = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._timer.timeout.connect(self.settle)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.close)

    @property
    def is_settled(self) -> bool:
        """Whether everything in view has been worked out."""
        items = [item for item in self._view.canvas.bundles.values() if len(item.bundle)]
        shown = all(item.surface is not None or self.region_of(item) is None for item in items)
        at_rest = not self._builder.busy and not self._timer.isActive() and not self._view.transition.running
        return shown and at_rest

    def settle_soon(self) -> None:
        """Work out what is in view when nothing has moved for a moment."""
        self._timer.start()

    def settle(self) -> None:
        """Work out what is in view and has not been worked out for this zoom."""
        self._timer.stop()
        for item in self._view.canvas.bundles.values():
            region = self.region_of(item)
            if region is None:
                continue
            visible = self._visible_part(item, region)
            if item.surface is None or not item.surface.region.contains(visible):
                self._builder.request(item.key, item.bundle, region)
        self.settling.emit()
        if self.is_settled:
            self.settled.emit()

    def region_of(self, item: BundleItem) -> Region | None:
        """The device pixels of a bundle that are in view or near it, None if none are."""
        ratio = self._view.viewport().devicePixelRatioF()
        zoom = self._view.zoom * ratio
        room = self._view.viewport().rect()
        dx, dy = int(room.width() * _MARGIN), int(room.height() * _MARGIN)
        seen = self._view.mapToScene(room.adjusted(-dx, -dy, dx, dy)).boundingRect()
        rect = item.extent().intersected(seen)
        if rect.isEmpty():
            return None
        left, top, right, bottom = _pixels(rect, zoom)
        return Region(left, top, max(right - left, 1), max(bottom - top, 1), zoom, ratio)

    def close(self) -> None:
        """Stop working."""
        self._timer.stop()
        self._builder.close()

    def _visible_part(self, item: BundleItem, region: Region) -> Region:
        """The part of a region that is in view now, without the margin around it."""
        room = self._view.mapToScene(self._view.viewport().rect()).boundingRect()
        rect = item.extent().intersected(room)
        if rect.isEmpty():
            return replace(region, width=0, height=0)
        left, top, right, bottom = _pixels(rect, region.zoom)
        left, top = max(left, region.left), max(top, region.top)
        right = min(right, region.left + region.width)
        bottom = min(bottom, region.top + region.height)
        return replace(region, left=left, top=top, width=right - left, height=bottom - top)

    def _on_built(self, key: str, surface: Surface) -> None:
        item = next((b for b in self._view.canvas.bundles.values() if b.key == key), None)
        if item is not None and surface.mapping.synapses == len(item.bundle):
            item.take(surface)
        if self.is_settled:
            self.settled.emit()


def _pixels(rect: QRectF, zoom: float) -> tuple[int, int, int, int]:
    """The whole pixels around a rectangle: left, top, right, bottom."""
    return (
        math.floor(rect.left() * zoom),
        math.floor(rect.top() * zoom),
        math.ceil(rect.right() * zoom),
        math.ceil(rect.bottom() * zoom),
    )
