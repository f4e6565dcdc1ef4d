"""The canvas: the picture on which a network is designed and watched."""

from __future__ import annotations

import math
import time
from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGestureEvent, QGraphicsView, QPinchGesture, QWidget

from gui.canvas import waves as w
from gui.canvas.byhand import ByHand
from gui.canvas.camera import Camera
from gui.canvas.cards import Card
from gui.canvas.faultcard import FaultCard
from gui.canvas.focus import Focus
from gui.canvas.look import Look
from gui.canvas.maps import Maps
from gui.canvas.plan import Plan, plan, truly_known
from gui.canvas.probes import PixelProbe, probes_of
from gui.canvas.refresh import Refresh
from gui.canvas.scene import FACES, CanvasScene
from gui.canvas.strip import Strip
from gui.canvas.surface import is_sparse
from gui.canvas.tools.drop import DropTool
from gui.canvas.tools.toolbox import Toolbox
from gui.canvas.wavedirector import WaveDirector
from gui.canvas.words import Caption, caption
from gui.document.document import Document
from gui.session.controller import SessionController
from gui.session.example import ShownExample
from gui.session.frame_clock import Frame, FrameClock
from gui.theme import PRESENTATION_SCALE, Theme, ThemeManager

_PINCH = Qt.NativeGestureType.ZoomNativeGesture
_WAVE_SECONDS = 0.028
MOST_SYNAPSES = 150_000  # of an unfolded layer


class CanvasView(QGraphicsView):
    """The picture.

    Signals:
        status_text(str): what the mouse would do here.
        add_layer_requested(str): a ＋ was clicked; the id of the layer that the edit has put there.
        menu_wanted(str, QPoint): a right click on a layer, neuron, bundle or the canvas, and where on screen.
        dropped(str, str): something to open was dropped: “data”, “example” or “file”, and its name.
        settled(): all pictures have been worked out for what is in view.

    Attributes:
        document, controller, clock, example: what it shows; canvas: the scene.
        camera, maps, focus, waves, refresh, tools, drops, strip: its parts, one task each.
        mouse: where the mouse was last, in the viewport; moving: whether layers are being dragged.
    """

    status_text = Signal(str)
    add_layer_requested = Signal(str)
    menu_wanted = Signal(str, QPoint)
    dropped = Signal(str, str)
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
        self._plan: Plan | None = None
        self._set_up_view()
        self.maps, self.camera = Maps(self), Camera(self)
        self.strip = Strip(self.look, self)
        self.legend, self.caption = self.strip.legend, self.strip.caption
        self.card = Card(self.look, self.viewport())
        self.fault_card = FaultCard(document, self.look, self.viewport())
        self.refresh = Refresh(self.canvas)
        self.waves = WaveDirector(self.canvas, self.clock, self)
        self.waves.changed.connect(self._on_wave)
        self.focus = Focus(self)
        self.mouse = QPoint()
        self.moving = False
        self.unfolded: set[str] = set()
        self._settled_zoom = 0.0
        self._gliding: dict[str, tuple[float, float]] = {}
        self._waved_at = 0.0
        self.tools = Toolbox(self)
        self.drops = DropTool(self)
        self._connect()
        self._use_look()
        self._replan()
        self.byhand = ByHand(self)
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
        self.viewport().grabGesture(Qt.GestureType.PinchGesture)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(320, 240)
        self.setAcceptDrops(True)
        self.setAccessibleName(self.tr("Canvas"))

    def _connect(self) -> None:
        self.document.project_changed.connect(self._on_project)
        self.document.replaced.connect(self._on_replaced)
        self.document.selection.changed.connect(self.focus.update)
        self.document.selection.hover_changed.connect(self.focus.update)
        self.document.selection.hover_changed.connect(self._update_legend)
        self.controller.opened.connect(self._on_opened)
        self.controller.edited.connect(self._on_edited)
        self.controller.playing_changed.connect(self._on_playing)
        self.clock.frame_ready.connect(self._on_frame)
        self.clock.tick.connect(self._on_tick)
        self._themes.changed.connect(self._on_theme)
        self.maps.settling.connect(self.focus.rebuild)
        self.maps.settling.connect(self._on_settling)
        self.maps.settled.connect(self.settled)

    # -- what others call

    def fit(self) -> None:
        """Show the whole network."""
        self.camera.fit()

    def zoom_in(self) -> None:
        """A step nearer."""
        self.camera.zoom_by(1.25)

    def zoom_out(self) -> None:
        """A step further away."""
        self.camera.zoom_by(0.8)

    def zoom_to_selection(self) -> None:
        """Show what is selected as large as it fits; everything if nothing is."""
        rect = self.focus.selected_rect()
        if rect is None:
            self.camera.fit()
        else:
            self.camera.show(rect)

    def fold(self, layer: str, folded: bool) -> None:
        """Show every neuron of a large layer, or its first and last ones."""
        if folded:
            self.unfolded.discard(layer)
        elif self._too_many(layer):
            self.status_text.emit(self.tr("There are too many synapses to draw them all; it stays folded."))
            return
        else:
            self.unfolded.add(layer)
        self.camera.fitted = False
        self._replan()

    def toggle_fold(self) -> None:
        """Fold the selected layers, or unfold them if none is unfolded."""
        layers = {picked.layer for picked in self.document.selection.picked}
        folded = bool(layers & self.unfolded)
        for layer in layers:
            self.fold(layer, folded)

    def _too_many(self, layer: str) -> bool:
        counts = {key: len(item.box.units) for key, item in self.canvas.layers.items()}
        box = self.canvas.layers[layer].box
        counts[layer] = len(box.units) + box.hidden
        wires = [(b.bundle.source, b.bundle.target) for b in self.canvas.bundles.values()]
        return any(counts[a] * counts[b] > MOST_SYNAPSES for a, b in wires if layer in (a, b))

    def begin_wire(self) -> None:
        """Wire from the selected layer with the keyboard."""
        self.tools.wire.begin()

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
        self.waves.calm = self.camera.calm = reduced

    def set_presentation(self, presenting: bool) -> None:
        """Text one and a half times as large, for a projector."""
        if presenting != self._presenting:
            self._presenting = presenting
            self._on_theme(self._themes.theme)

    def set_neuron_face(self, face: str) -> None:
        """What a neuron shows: one of FACES; "weights", as a picture, where it sees a picture."""
        if face not in FACES:
            raise ValueError(f"a neuron shows one of {', '.join(FACES)}, not {face!r}")
        self.refresh.face = self.canvas.face = face
        self._update_legend()
        self._show_at_once()

    def places(self) -> dict[str, tuple[float, float]]:
        """Where every layer is now, as `Project.positions` would hold it, by layer id."""
        return {} if self._plan is None else {k: b.anchor for k, b in self._plan.layout.boxes.items()}

    def show_places(self, places: dict[str, tuple[float, float]]) -> None:
        """Show layers at other places than the project says, while they glide; none: as it says."""
        self._gliding, self.moving = places, bool(places)
        self._replan()

    def pixel_probes(self) -> list[PixelProbe]:
        """Places in the grabbed viewport whose color follows from the engine's numbers."""
        return probes_of(self)

    @property
    def is_settled(self) -> bool:
        """Whether everything in view has been worked out and painted with the newest numbers."""
        return self.maps.is_settled

    @property
    def frame(self) -> Frame | None:
        """What is shown, None as long as it does not fit the design."""
        return self.refresh.frame

    @property
    def zoom(self) -> float:
        """Logical pixels per scene unit."""
        return self.camera.zoom

    def layer_number(self, layer: str) -> int:
        """The number of a layer, 0 for the inputs."""
        assert self._plan is not None
        order = [spec.id for spec in self._plan.inference.order]
        return order.index(layer) if layer in order else len(order)

    # -- the plan

    def _replan(self) -> None:
        project = self.document.project
        if self._gliding:
            project = replace(project, positions=tuple((k, *at) for k, at in self._gliding.items()))
        data = self.controller.data
        if data is not None and data.config != project.data:
            data = None
        size = self.viewport().size()
        scale = self.look.theme.scale
        labels, names = self.focus.label_width(project, data), self.focus.name_width(data)
        self._plan = plan(
            project,
            data,
            size.width(),
            size.height(),
            labels=labels,
            names=names,
            scale=scale,
            unfolded=self.unfolded,
        )
        self.canvas.set_plan(self._plan)
        if self.moving:  # nothing but places is another
            self.maps.settle_soon()
            return
        self.canvas.set_blank(self._unknown())
        self._show_titles()
        self.camera.set_bounds(self._plan.layout.bounds)
        self.focus.update()
        self._update_legend()
        self._show_at_once()
        self.maps.settle()

    def _unknown(self) -> frozenset[str]:
        """The layers of an unfinished design of which the last run says nothing."""
        design, frame = self.document.project.design, self.refresh.frame
        if frame is None or self._plan is None or not self._plan.inference.errors:
            return frozenset()
        return frozenset(spec.id for spec in design.layers) - truly_known(design, frame.project.design)

    def _show_titles(self) -> None:
        specs = {spec.id: spec for spec in self.document.project.design.layers}
        boxes = self.canvas.plan.layout.boxes if self.canvas.plan else {}
        sizes = {key: len(box.units) + box.hidden for key, box in boxes.items()}
        self.canvas.show_titles(self.refresh.frame, specs, sizes)

    def _on_project(self, before: object, after: object) -> None:
        self.fault_card.close_now()
        self.waves.stop()
        self._replan()

    def _on_edited(self, _event: object) -> None:
        if not self.moving:  # the worker has nothing to say of places
            self._replan()

    def _on_replaced(self) -> None:
        self.camera.fitted = True
        self.unfolded.clear()
        self.waves.stop()
        self.refresh.frame = None
        self.strip.say(Caption("", None))
        self._replan()

    def _on_opened(self) -> None:
        self.waves.fresh = True
        self._replan()

    # -- frames

    def _on_frame(self, frame: Frame) -> None:
        first = self.refresh.frame is None
        self.refresh.take(frame, self.controller.playing)
        self.waves.take(frame, self.controller.playing)
        if first:
            self._show_titles()
            self._show_at_once()
        if not self.controller.playing:
            self.strip.say(caption(frame, False))
            self._show_at_once()

    def _on_tick(self, now: float) -> None:
        # While it plays, every other tick moves a wave: what paints holds the interpreter, and so the worker.
        pause = _WAVE_SECONDS * (2 if self.controller.pace == math.inf else 1)
        if not self.controller.playing or now - self._waved_at >= pause:
            self._waved_at = now
            if self.waves.tick(now, self.controller.playing):
                self._update_legend()
        flat_out = self.controller.playing and self.controller.pace == math.inf
        if self.refresh.tick(now, self.waves.fills, flat_out=flat_out):
            self.focus.repaint(now)
            self._update_legend()
        if self.refresh.neurons_painted and self.refresh.frame is not None:
            self.strip.say(caption(self.refresh.frame, self.controller.playing))

    def _on_settling(self) -> None:
        """The camera stands still: from near, numbers are written."""
        room = self.viewport().rect()
        self.canvas.set_seen(self.mapToScene(room).boundingRect(), room.height())
        if self.zoom != self._settled_zoom:
            self._settled_zoom = self.zoom
            self._show_at_once()

    def _show_at_once(self) -> None:
        self.refresh.show_all(time.perf_counter(), self.waves.fills)
        self.focus.repaint(math.inf)

    def _on_playing(self, playing: bool) -> None:
        if self.refresh.frame is not None:
            self.strip.say(caption(self.refresh.frame, playing))
        if not playing:
            self._show_at_once()

    def _on_wave(self) -> None:
        self._update_legend()
        self.refresh.show_neurons(self.waves.fills)
        self.viewport().update(QRect(0, 0, self.viewport().width(), self.look.theme.px(20)))

    def _update_legend(self) -> None:
        single = all(is_sparse(item.bundle) for item in self.canvas.bundles.values())
        green = self.waves.green or self.canvas.face == "gradient"
        self.legend.show_scale(green, self.focus.limit_text(), single)

    # -- the look

    def _on_theme(self, theme: Theme) -> None:
        scale = max(theme.scale, PRESENTATION_SCALE) if self._presenting else theme.scale
        self.look = Look.of(replace(theme, scale=scale))
        self._use_look()
        self._replan()
        self.byhand.set_look()

    def _use_look(self) -> None:
        self.setBackgroundBrush(self.look.theme.color("canvas"))
        self.canvas.set_look(self.look)
        self.strip.set_look(self.look)
        self.card.set_look(self.look)
        self.fault_card.set_look(self.look)
        palette = self.palette()
        palette.setColor(self.backgroundRole(), self.look.theme.color("canvas"))
        self.setPalette(palette)
        self.setAutoFillBackground(True)
        self._lay_out_strip()

    def _lay_out_strip(self) -> None:
        height = self.strip.height(self.width())
        if self.viewportMargins().bottom() != height:
            self.setViewportMargins(0, 0, 0, height)
        self.strip.place(QRect(0, self.height() - height, self.width(), height))

    # -- Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out_strip()
        if hasattr(self, "focus"):
            self._replan()

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        if self._plan is not None and not self._plan.layout.boxes:
            self._paint_beginning(painter)
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

    def _paint_beginning(self, painter: QPainter) -> None:
        """An empty canvas says how to begin."""
        painter.save()
        painter.resetTransform()
        room = QRectF(self.viewport().rect())
        painter.setFont(self.look.large())
        painter.setPen(self.look.pen("secondary"))
        text = self.tr("Drag a layer here, or choose an example.")
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)
        painter.restore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.tools.press(event, self._follow(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.tools.move(event, self._follow(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.tools.release(event, self._follow(event))

    def _follow(self, event: QMouseEvent) -> QPointF:
        self.mouse = event.position().toPoint()
        return self.mapToScene(self.mouse)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.tools.busy:
            return
        picked = self.tools.pick(self.mapToScene(event.pos()))
        if picked is not None and picked not in self.document.selection.picked:
            self.document.selection.select(picked)
        kind = "canvas"
        if picked is not None:
            kind = "bundle" if picked.source is not None else "layer" if picked.unit is None else "neuron"
        self.menu_wanted.emit(kind, event.globalPos())
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.dragMoveEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if self.drops.accepts(event.mimeData()):
            self.drops.over(event.mimeData(), self.mapToScene(event.position().toPoint()))
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.drops.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        if self.drops.accepts(event.mimeData()):
            event.acceptProposedAction()
            self.drops.drop(event.mimeData(), self.mapToScene(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        self.tools.leave()
        super().leaveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta().y() or event.angleDelta().x()
        if turn:
            self.camera.zoom_by(1.0015**turn, event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F and not event.modifiers():
            self.fit()
        elif self.tools.wire.key(event) or self.byhand.key(event):
            pass
        elif event.key() == Qt.Key.Key_Escape:
            self.tools.cancel()
            self.fault_card.close_now()
            self.document.selection.select()
        elif not self.focus.walk(event.key()):
            event.ignore()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange and hasattr(self, "focus"):
            self.maps.settle()

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == _PINCH:
            self.camera.zoom_by(1.0 + event.value(), event.position())
            return True
        if isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                at = QPointF(self.viewport().mapFromGlobal(pinch.centerPoint().toPoint()))
                self.camera.zoom_by(pinch.scaleFactor(), at)
                return True
        return super().viewportEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.maps.close()
        super().closeEvent(event)
