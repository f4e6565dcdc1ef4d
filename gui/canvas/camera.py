"""The camera: where the view looks at the scene, how near, and how it glides there."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QPointF, QRectF, QVariantAnimation
from PySide6.QtGui import QTransform

from gui.canvas.boxes import Rect

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView

Anchor = Callable[[], QPointF | None]
"""Where something is in the scene now, None if it is there no more."""

_ZOOM_MS = 200
_SMALLEST, _LARGEST = 0.05, 24.0
_NARROWEST = 120.0  # pixels that the whole picture keeps when zooming out
_AROUND = 24.0  # of a layer, where its ports and words may be
_BEYOND = 1e9  # no zoom and no place in a scene is
_NEAREST = 8.0  # when zooming to the selection


class Camera:
    """Moves a view, by whole pixels, so that pictures made for one place stay sharp at another.

    Attributes:
        fitted: whether it shows the whole network, and shall after a change of size or layout.
        calm: no gliding.
    """

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self._bounds = Rect(0.0, 0.0, 1.0, 1.0)
        self._first = math.inf
        self._animation: QVariantAnimation | None = None
        self._held: tuple[Anchor, QPointF] | None = None  # what stays, and where in the viewport
        self.fitted = True
        self.calm = False

    @property
    def zoom(self) -> float:
        """Logical pixels per scene unit."""
        return self._view.transform().m11()

    @property
    def moving(self) -> bool:
        """Whether it glides."""
        return self._animation is not None

    @property
    def fitting_zoom(self) -> float:
        """The zoom at which everything is seen."""
        return self._whole()[0]

    def set_bounds(self, bounds: Rect, first: float) -> None:
        """What there is to see, its first layer from x = `first` on; followed where everything was shown."""
        self._bounds, self._first = bounds, first
        if self._held is not None:
            self._keep(*self._held)
        elif self.fitted and self._animation is None:
            self._look(*self._whole())

    def hold(self, anchor: Anchor) -> None:
        """Keep something where it is in the viewport, whatever is laid out anew, until it is let go."""
        point = anchor()
        if self._held is None and point is not None:
            self._stop()
            self._held = anchor, self._view.viewportTransform().map(point)

    def let_go(self) -> None:
        """Hold it no more; where everything was shown, it is shown again."""
        held, self._held = self._held, None
        if held is not None and self.fitted:
            self.fit()

    def _keep(self, anchor: Anchor, place: QPointF) -> None:
        point, room = anchor(), self._view.viewport().size()
        if point is not None:
            middle = QPointF(room.width() / 2, room.height() / 2)
            self._look(self.zoom, point + (middle - place) / self.zoom)

    def fit(self) -> None:
        """Glide to where everything is seen."""
        self.fitted = True
        self._glide(*self._whole())

    def show(self, rect: QRectF) -> None:
        """Glide to a part of the scene."""
        room, covered = self._view.viewport().size(), self._view.covered()
        free = room.width() - covered
        zoom = min(free / (rect.width() * 1.6), room.height() / (rect.height() * 1.6), _NEAREST)
        self.fitted = False
        self._glide(zoom, rect.center() - QPointF(covered / 2 / zoom, 0.0))

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom so that the scene point under `at` (in the viewport; default: its middle) stays there."""
        room = self._view.viewport().rect()
        middle = QPointF(room.width() / 2, room.height() / 2)
        at = middle if at is None else at
        point = self._view.mapToScene(at.toPoint())
        zoom = min(max(self.zoom * factor, self._least), _LARGEST)
        self._stop()
        self._held, self.fitted = None, False
        self._look(zoom, point + (middle - at) / zoom)

    def state(self) -> dict[str, float] | None:
        """What is remembered with a project: zoom and center; None where everything is seen."""
        if self.fitted:
            return None
        center = self._view.mapToScene(self._view.viewport().rect().center())
        return {"zoom": self.zoom, "x": center.x(), "y": center.y()}

    def restore(self, state: Any) -> None:
        """Look where a remembered state says; anything odd is passed over."""
        if not isinstance(state, dict):
            return
        found = [state.get(name) for name in ("zoom", "x", "y")]
        numbers = [float(v) for v in found if isinstance(v, int | float) and abs(v) < _BEYOND]
        if len(numbers) < len(found):
            return
        zoom, x, y = numbers
        b = self._bounds
        self._stop()
        self._held, self.fitted = None, False
        inside = QPointF(min(max(x, b.x), b.right), min(max(y, b.y), b.bottom))
        self._look(min(max(zoom, _SMALLEST), _LARGEST), inside)
        seen = self._view.mapToScene(self._view.viewport().rect()).boundingRect()
        if not any(seen.intersects(item.sceneBoundingRect()) for item in self._view.canvas.layers.values()):
            self.fit()

    def pan(self, step: QPoint) -> None:
        """Move the picture by logical pixels."""
        self._stop()
        self._held, self.fitted = None, False
        horizontal, vertical = self._view.horizontalScrollBar(), self._view.verticalScrollBar()
        horizontal.setValue(horizontal.value() - step.x())
        vertical.setValue(vertical.value() - step.y())
        self._view.maps.settle_soon()

    @property
    def _least(self) -> float:
        """How far one may zoom out: further, nothing could be made out, and the picture be lost."""
        return min(max(_NARROWEST / max(self._bounds.width, 1.0), _SMALLEST), self.fitting_zoom, self.zoom)

    def _whole(self) -> tuple[float, QPointF]:
        """The zoom, at most 1, and the center at which everything is seen beside what covers the canvas."""
        b, size, covered = self._bounds, self._view.viewport().size(), self._view.covered()
        if self._first - b.x >= covered + _AROUND:
            covered = 0  # nothing lies there; an empty canvas is as large as it looks
        zoom = min((size.width() - covered) / max(b.width, 1.0), size.height() / max(b.height, 1.0), 1.0)
        zoom = max(zoom, _SMALLEST)
        return zoom, QPointF(b.center[0] - covered / 2 / zoom, b.center[1])

    def _look(self, zoom: float, center: QPointF) -> None:
        view, size = self._view, self._view.viewport().size()
        view.setTransform(QTransform.fromScale(zoom, zoom))
        view.canvas.set_zoom(zoom)
        view.horizontalScrollBar().setValue(round(center.x() * zoom - size.width() / 2))
        view.verticalScrollBar().setValue(round(center.y() * zoom - size.height() / 2))
        view.maps.settle_soon()

    def _glide(self, zoom: float, center: QPointF) -> None:
        self._stop()
        self._held = None
        if self.calm or not self._view.isVisible():
            self._look(zoom, center)
            return
        begin_zoom = self.zoom
        begin = self._view.mapToScene(self._view.viewport().rect().center())
        animation = QVariantAnimation(self._view, duration=_ZOOM_MS, startValue=0.0, endValue=1.0)

        def step(share: float) -> None:
            eased = 1.0 - (1.0 - share) ** 3
            between = math.exp(math.log(begin_zoom) + (math.log(zoom) - math.log(begin_zoom)) * eased)
            self._look(zoom if share >= 1.0 else between, begin + (center - begin) * eased)

        animation.valueChanged.connect(step)
        animation.finished.connect(self._arrive)
        self._animation = animation
        animation.start()

    def _arrive(self) -> None:
        self._stop()
        if self.fitted:
            self._look(*self._whole())  # there may be more, or less, to see since it set out

    def _stop(self) -> None:
        if self._animation is not None:
            animation, self._animation = self._animation, None
            animation.stop()
            animation.deleteLater()
