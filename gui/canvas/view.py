"""The canvas: the picture on which a network is designed and watched."""

from __future__ import annotations

import math
import time
from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, QTimer, QVariantAnimation, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent, QTransform, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsView, QWidget

from gui.canvas import waves as w
from gui.canvas.cards import Card
from gui.canvas.focus import Focus
from gui.canvas.items.bundle import BundleItem
from gui.canvas.legend import CaptionLabel, Legend
from gui.canvas.look import Look
from gui.canvas.plan import Plan, plan
from gui.canvas.probes import PixelProbe, probes_of
from gui.canvas.refresh import Refresh
from gui.canvas.scene import CanvasScene
from gui.canvas.surface import Builder, Region, Surface, is_sparse
from gui.canvas.tools.base import Tool
from gui.canvas.tools.pan import PanTool
from gui.canvas.tools.plus import PlusTool
from gui.canvas.tools.select import SelectTool
from gui.canvas.tools.stepper import StepperTool
from gui.canvas.wavedirector import WaveDirector
from gui.canvas.words import caption
from gui.document.document import Document
from gui.session.controller import SessionController
from gui.session.example import ShownExample
from gui.session.frame_clock import Frame, FrameClock
from gui.theme import PRESENTATION_SCALE, Theme, ThemeManager

_ZOOM_MS = 200
_SETTLE_MS = 120  # after the last change of zoom or place, pictures are worked out anew
_SMALLEST, _LARGEST = 0.05, 24.0
_MARGIN = 0.1  # of the viewport, worked out beyond its edges


class CanvasView(QGraphicsView):
    """The picture.

    Signals:
        status_text(str): what the mouse would do here.
        add_layer_requested(str): a ＋ was clicked; the id of the layer that the edit has put there.
        settled(): all pictures have been worked out for what is in view.

    Attributes:
        document, controller, clock, example: what it shows; canvas: the scene.
    """

    status_text = Signal(str)
    add_layer_requested = Signal(str)
    settled = Signal()

    def __init__(
        self,
        document: Document,
        controller: SessionController,
        clock: FrameClock,
        example: ShownExample,
        theme: ThemeManager,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.document, self.controller, self.clock, self.example = document, controller, clock, example
        self._themes = theme
        self._presenting = False
        self.look = Look.of(theme.theme)
        self.canvas = CanvasScene(self.look, self)
        self.fitted = True
        self._plan: Plan | None = None
        self._zoom_animation: QVariantAnimation | None = None
        self._set_up_view()
        self._builder = Builder(self)
        self._builder.built.connect(self._on_built)
        self._settle_timer = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle_timer.timeout.connect(self._settle)
        self.legend, self.caption = Legend(self.look, self), CaptionLabel(self.look, self)
        self.card = Card(self.look, self.viewport())
        self.refresh = Refresh(self.canvas)
        self.waves = WaveDirector(self.canvas, self.clock, self)
        self.waves.changed.connect(self._on_wave)
        self.focus = Focus(self)
        self._select, self._pan_tool = SelectTool(self), PanTool(self)
        self._tools: tuple[Tool, ...] = (StepperTool(self), PlusTool(self), self._select, self._pan_tool)
        self._active: Tool | None = None
        self._connect()
        self._use_look()
        self._replan()
        if clock.frame is not None:
            self._on_frame(clock.frame)

    def _set_up_view(self) -> None:
        self.setScene(self.canvas)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing, True)
        self.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(320, 240)
        self.setAccessibleName(self.tr("Canvas"))

    def _connect(self) -> None:
        self.document.project_changed.connect(self._on_project)
        self.document.replaced.connect(self._on_replaced)
        self.document.selection.changed.connect(self.focus.update)
        self.document.selection.hover_changed.connect(self.focus.update)
        self.document.selection.hover_changed.connect(self._update_legend)
        self.controller.opened.connect(self._on_opened)
        self.controller.edited.connect(lambda _event: self._replan())
        self.controller.playing_changed.connect(self._on_playing)
        self.clock.frame_ready.connect(self._on_frame)
        self.clock.tick.connect(self._on_tick)
        self._themes.changed.connect(self._on_theme)

    # -- what others call

    def fit(self) -> None:
        """Show the whole network."""
        self.fitted = True
        target = self._fit_transform()
        self._animate_to(*target)

    def zoom_in(self) -> None:
        """A step nearer."""
        self._zoom_by(1.25, QPointF(self.viewport().rect().center()))

    def zoom_out(self) -> None:
        """A step further away."""
        self._zoom_by(0.8, QPointF(self.viewport().rect().center()))

    def zoom_to_selection(self) -> None:
        """Show what is selected as large as it fits; everything if nothing is."""
        rect = self.focus.selected_rect()
        if rect is None:
            self.fit()
            return
        room = self.viewport().rect()
        zoom = min(room.width() / (rect.width() * 1.6), room.height() / (rect.height() * 1.6), 8.0)
        self.fitted = False
        self._animate_to(zoom, rect.center())

    def set_waves(self, shown: bool) -> None:
        """Whether sampled passes run while it plays."""
        self.waves.enabled = shown

    def play_forward_wave(self) -> None:
        """One forward pass of the example shown."""
        self.waves.play(w.FORWARD_PASS)

    def play_backward_wave(self) -> None:
        """One whole pass: forward, the loss, backward, the update."""
        self.waves.play(w.BACKWARD_PASS)

    def set_reduce_motion(self, reduced: bool) -> None:
        """Highlights instead of sweeps, no gliding."""
        self.waves.calm = reduced

    def set_presentation(self, presenting: bool) -> None:
        """Text one and a half times as large, for a projector."""
        if presenting != self._presenting:
            self._presenting = presenting
            self._on_theme(self._themes.theme)

    def set_neuron_face(self, face: str) -> None:
        """What neurons that see a picture show: "weights" (a picture of them) or "activation"."""
        if face not in ("activation", "weights"):
            raise ValueError(f"a neuron shows its activation or its weights, not {face!r}")
        self.refresh.face = face
        self._show_at_once()

    def pixel_probes(self) -> list[PixelProbe]:
        """Places in the grabbed viewport whose color follows from the engine's numbers."""
        return probes_of(self)

    @property
    def is_settled(self) -> bool:
        """Whether everything in view has been worked out and painted with the newest numbers."""
        ready = all(item.surface is not None for item in self.canvas.bundles.values() if len(item.bundle))
        return ready and not self._builder.busy and not self._settle_timer.isActive()

    @property
    def frame(self) -> Frame | None:
        """What is shown, None as long as it does not fit the design."""
        return self.refresh.frame

    @property
    def zoom(self) -> float:
        """Logical pixels per scene unit."""
        return self.transform().m11()

    def layer_number(self, layer: str) -> int:
        """The number of a layer, 0 for the inputs."""
        assert self._plan is not None
        order = [spec.id for spec in self._plan.inference.order]
        return order.index(layer) if layer in order else len(order)

    # -- the plan

    def _replan(self) -> None:
        project = self.document.project
        data = self.controller.data
        if data is not None and data.config != project.data:
            data = None
        size = self.viewport().size()
        scale = self.look.theme.scale
        labels, names = self.focus.label_width(project, data), self.focus.name_width(data)
        self._plan = plan(project, data, size.width(), size.height(), labels=labels, names=names, scale=scale)
        self.canvas.set_plan(self._plan)
        self._show_titles()
        if self.fitted:
            self._apply(*self._fit_transform())
        self.focus.update()
        self._update_legend()
        self._show_at_once()
        self._settle()

    def _show_titles(self) -> None:
        specs = {spec.id: spec for spec in self.document.project.design.layers}
        boxes = self.canvas.plan.layout.boxes if self.canvas.plan else {}
        sizes = {key: len(box.units) + box.hidden for key, box in boxes.items()}
        self.canvas.show_titles(self.refresh.frame, specs, sizes)

    def _on_project(self, before: object, after: object) -> None:
        self.waves.stop()
        self._replan()

    def _on_replaced(self) -> None:
        self.fitted = True
        self.waves.stop()
        self.refresh.frame = None
        self._replan()

    def _on_opened(self) -> None:
        self.waves.fresh = True
        self._replan()

    # -- frames

    def _on_frame(self, frame: Frame) -> None:
        first = self.refresh.frame is None
        self.refresh.take(frame, self.controller.playing)
        self.waves.take(frame, self.controller.playing)
        self.caption.show_caption(caption(frame, self.controller.playing))
        if first:
            self._show_titles()
            self._show_at_once()
        if not self.controller.playing:
            self._show_at_once()

    def _on_tick(self, now: float) -> None:
        if self.waves.tick(now, self.controller.playing):
            self._update_legend()
        if self.refresh.tick(now, self.waves.fills):
            self.focus.repaint(now)
            self._update_legend()

    def _show_at_once(self) -> None:
        self.refresh.show_all(time.perf_counter(), self.waves.fills)
        self.focus.repaint(math.inf)

    def _on_playing(self, playing: bool) -> None:
        if self.refresh.frame is not None:
            self.caption.show_caption(caption(self.refresh.frame, playing))
        if not playing:
            self._show_at_once()

    def _on_wave(self) -> None:
        self._update_legend()
        self.refresh.show_neurons(self.waves.fills)
        self.viewport().update(QRect(0, 0, self.viewport().width(), self.look.theme.px(20)))

    def _update_legend(self) -> None:
        single = all(is_sparse(item.bundle) for item in self.canvas.bundles.values())
        self.legend.show_scale(self.waves.green, self.focus.limit_text(), single)

    # -- zoom and place

    def pan(self, step: QPoint) -> None:
        """Move the picture by logical pixels."""
        self.fitted = False
        self._scroll(step)
        self._settle_timer.start()
        self.card.hide()

    def _scroll(self, step: QPoint) -> None:
        horizontal, vertical = self.horizontalScrollBar(), self.verticalScrollBar()
        horizontal.setValue(horizontal.value() - step.x())
        vertical.setValue(vertical.value() - step.y())

    def _fit_transform(self) -> tuple[float, QPointF]:
        assert self._plan is not None
        b = self._plan.layout.bounds
        size = self.viewport().size()
        zoom = min(size.width() / max(b.width, 1.0), size.height() / max(b.height, 1.0), 1.0)
        return max(zoom, _SMALLEST), QPointF(*b.center)

    def _apply(self, zoom: float, center: QPointF) -> None:
        """Look at a scene point with this zoom, on whole pixels."""
        self.setTransform(QTransform.fromScale(zoom, zoom))
        size = self.viewport().size()
        self.horizontalScrollBar().setValue(round(center.x() * zoom - size.width() / 2))
        self.verticalScrollBar().setValue(round(center.y() * zoom - size.height() / 2))
        self._settle_timer.start()

    def _center(self) -> QPointF:
        return self.mapToScene(self.viewport().rect().center())

    def _animate_to(self, zoom: float, center: QPointF) -> None:
        if self._zoom_animation is not None:
            self._zoom_animation.stop()
        if self.waves.calm or not self.isVisible():
            self._apply(zoom, center)
            return
        begin_zoom, begin = self.zoom, self._center()
        animation = QVariantAnimation(self, duration=_ZOOM_MS, startValue=0.0, endValue=1.0)

        def step(share: float) -> None:
            eased = 1.0 - (1.0 - share) ** 3
            now = math.exp(math.log(begin_zoom) + (math.log(zoom) - math.log(begin_zoom)) * eased)
            self._apply(now if share < 1.0 else zoom, begin + (center - begin) * eased)

        animation.valueChanged.connect(step)
        animation.start(QVariantAnimation.DeletionPolicy.DeleteWhenStopped)
        self._zoom_animation = None

    def _zoom_by(self, factor: float, at: QPointF) -> None:
        """Zoom so that the scene point under `at` (viewport) stays where it is."""
        zoom = min(max(self.zoom * factor, _SMALLEST), _LARGEST)
        point = self.mapToScene(at.toPoint())
        middle = QPointF(self.viewport().width() / 2, self.viewport().height() / 2)
        self.fitted = False
        self._apply(zoom, point + (middle - at) / zoom)

    def region_of(self, item: BundleItem) -> Region | None:
        """The device pixels of a bundle that are in view, None if none are."""
        ratio = self.viewport().devicePixelRatioF()
        zoom = self.zoom * ratio
        room = self.viewport().rect()
        margin_x, margin_y = int(room.width() * _MARGIN), int(room.height() * _MARGIN)
        seen = self.mapToScene(room.adjusted(-margin_x, -margin_y, margin_x, margin_y)).boundingRect()
        rect = item.extent().intersected(seen)
        if rect.isEmpty():
            return None
        left, top = math.floor(rect.left() * zoom), math.floor(rect.top() * zoom)
        right, bottom = math.ceil(rect.right() * zoom), math.ceil(rect.bottom() * zoom)
        return Region(left, top, max(right - left, 1), max(bottom - top, 1), zoom, ratio)

    def _settle(self) -> None:
        """Work out what is in view and has not been worked out for this zoom."""
        self._settle_timer.stop()
        for item in self.canvas.bundles.values():
            region = self.region_of(item)
            if region is None:
                continue
            visible = self._visible_part(item, region)
            if item.surface is None or not item.surface.region.contains(visible):
                self._builder.request(item.key, item.bundle, region)
        self.focus.rebuild()

    def _visible_part(self, item: BundleItem, region: Region) -> Region:
        """The part of a region that is in view now, without the margin around it."""
        room = self.mapToScene(self.viewport().rect()).boundingRect()
        rect = item.extent().intersected(room)
        z = region.zoom
        if rect.isEmpty():
            return replace(region, width=0, height=0)
        left = max(math.floor(rect.left() * z), region.left)
        top = max(math.floor(rect.top() * z), region.top)
        right = min(math.ceil(rect.right() * z), region.left + region.width)
        bottom = min(math.ceil(rect.bottom() * z), region.top + region.height)
        return replace(region, left=left, top=top, width=right - left, height=bottom - top)

    def _on_built(self, key: str, surface: Surface) -> None:
        item = next((b for b in self.canvas.bundles.values() if b.key == key), None)
        if item is not None and surface.mapping.synapses == len(item.bundle):
            item.take(surface)
        if self.is_settled:
            self.settled.emit()

    # -- the look

    def _on_theme(self, theme: Theme) -> None:
        scale = max(theme.scale, PRESENTATION_SCALE) if self._presenting else theme.scale
        self.look = Look.of(replace(theme, scale=scale))
        self._use_look()
        self._replan()

    def _use_look(self) -> None:
        self.setBackgroundBrush(self.look.theme.color("canvas"))
        self.canvas.set_look(self.look)
        for part in (self.legend, self.caption, self.card):
            part.set_look(self.look)
        palette = self.palette()
        palette.setColor(self.backgroundRole(), self.look.theme.color("canvas"))
        self.setPalette(palette)
        self.setAutoFillBackground(True)
        self._lay_out_strip()

    def _lay_out_strip(self) -> None:
        """Caption and legend stand below the viewport: in one row where there is room, else in two."""
        px = self.look.theme.px
        wide = self.width() >= px(900)
        caption, legend = px(34), px(26)
        height = caption + 4 if wide else caption + legend + 4
        if self.viewportMargins().bottom() != height:
            self.setViewportMargins(0, 0, 0, height)
        top = self.height() - height
        pad = px(16)
        if wide:
            half = self.width() // 2
            self.legend.setGeometry(pad, top + (height - legend) // 2, half - pad, legend)
            self.caption.setGeometry(half, top, self.width() - half - pad, caption)
        else:
            self.caption.setGeometry(pad, top, self.width() - 2 * pad, caption)
            self.legend.setGeometry(pad, top + caption, self.width() - 2 * pad, legend)

    # -- Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out_strip()
        if hasattr(self, "focus"):
            self._replan()

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        label = self.waves.label if hasattr(self, "waves") else ""
        if not label:
            return
        painter.save()
        painter.resetTransform()
        painter.setFont(self.look.small(bold=True))
        painter.setPen(self.look.pen("gradient" if self.waves.green else "secondary"))
        px = self.look.theme.px
        painter.drawText(
            QRectF(px(14), px(3), self.viewport().width(), px(16)), Qt.AlignmentFlag.AlignLeft, label
        )
        painter.restore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        point = self.mapToScene(event.position().toPoint())
        if event.button() == Qt.MouseButton.MiddleButton:
            self._active = self._pan_tool if self._pan_tool.press(event, point) else None
            return
        self._active = next((tool for tool in self._tools if tool.press(event, point)), None)
        self._say_hint(point)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = self.mapToScene(event.position().toPoint())
        if self._active is not None and event.buttons():
            self._active.move(event, point)
            return
        self._say_hint(point)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._active is not None:
            self._active.release(event, self.mapToScene(event.position().toPoint()))
            self._active = None

    def _say_hint(self, point: QPointF) -> None:
        chosen, text = None, ""
        for tool in self._tools:
            if chosen is None:
                text = tool.hint(point)
                chosen = tool if text else None
            else:
                tool.leave()
        if chosen is not None:
            self.viewport().setCursor(chosen.cursor)
        self.status_text.emit(text)

    def leaveEvent(self, event: QEvent) -> None:
        for tool in self._tools:
            tool.leave()
        self.status_text.emit("")
        super().leaveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta().y() or event.angleDelta().x()
        if turn:
            self._zoom_by(1.0015**turn, event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F and not event.modifiers():
            self.fit()
        elif event.key() == Qt.Key.Key_Escape:
            if self._active is not None:
                self._active.cancel()
            self.document.selection.select()
        elif not self.focus.walk(event.key()):
            event.ignore()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange and hasattr(self, "focus"):
            self._settle()

    def closeEvent(self, event: QEvent) -> None:  # type: ignore[override]
        self._builder.close()
        super().closeEvent(event)  # type: ignore[arg-type]
