"""The canvas: the picture on which a network is designed and watched."""

from __future__ import annotations

from collections.abc import Callable
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
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from gui.canvas import waves as w
from gui.canvas.aside.painter import Painter
from gui.canvas.byhand import ByHand
from gui.canvas.camera import Camera
from gui.canvas.cards import Card
from gui.canvas.faultcard import FaultCard
from gui.canvas.faultwalk import FaultWalk
from gui.canvas.focus import Focus
from gui.canvas.folds import Folds
from gui.canvas.foreground import paint_beginning, paint_wave_label
from gui.canvas.live import Live
from gui.canvas.look import Look
from gui.canvas.maps import Maps
from gui.canvas.pane import Pane
from gui.canvas.planner import Planner
from gui.canvas.probes import PixelProbe, probes_of
from gui.canvas.refresh import Refresh
from gui.canvas.scene import FACES, CanvasScene
from gui.canvas.strip import Strip
from gui.canvas.tools.drop import DropTool
from gui.canvas.tools.toolbox import Toolbox
from gui.canvas.transition import Transition
from gui.canvas.wavedirector import WaveDirector
from gui.document.document import Document
from gui.session.controller import SessionController
from gui.session.example import ShownExample
from gui.session.frame_clock import Frame, FrameClock
from gui.theme import PRESENTATION_SCALE, Theme, ThemeManager


class CanvasView(Pane):
    """The picture.

    Signals:
        status_text(str): what the mouse would do here.
        add_layer_requested(str): a ＋ was clicked; the id of the layer that the edit has put there.
        menu_wanted(str, QPoint): a right click on a layer, neuron, bundle or the canvas, and where on screen.
        drag_entered(): something is being dragged over it.
        dropped(str, str): something to open was dropped: “data”, “example” or “file”, and its name.
        settled(): all pictures have been worked out for what is in view.

    Attributes:
        document, controller, clock, example: what it shows; canvas: the scene.
        planner, folds, camera, maps, focus, waves, refresh, live, tools, drops, strip: parts, a task each.
        mouse: where the mouse was last, in the viewport.
        covered: how many pixels at the left something lies over.
    """

    status_text = Signal(str)
    add_layer_requested = Signal(str)
    menu_wanted = Signal(str, QPoint)
    drag_entered = Signal()
    dropped = Signal(str, str)
    settled = Signal()

    _built = False  # Qt resizes and paints while the parts are still being made

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
        self.covered: Callable[[], int] = lambda: 0
        self._themes = theme
        self._presenting = False
        self.look = Look.of(theme.theme)
        self.canvas = CanvasScene(self.look, self)
        self.show_scene(self.canvas)
        self.setAccessibleName(self.tr("Canvas"))
        self.planner, self.folds = Planner(self), Folds(self)
        self.maps, self.camera = Maps(self), Camera(self)
        self.transition = Transition(self)
        self.strip = Strip(self.look, self)
        self.legend, self.caption = self.strip.legend, self.strip.caption
        self.card = Card(self.look, self.viewport())
        self.fault_card = FaultCard(document, self.look, self.viewport())
        self.faults = FaultWalk(self)
        self.refresh = Refresh(self.canvas, Painter(self))
        self.waves = WaveDirector(self.canvas, self.clock, self)
        self.focus = Focus(self)
        self.card.picture.picked.connect(self.focus.pick_kernel)
        self.maps.settling.connect(self.focus.rebuild)
        self.live = Live(self)
        self.mouse = QPoint()
        self.tools = Toolbox(self)
        self.drops = DropTool(self)
        self._connect()
        self._built = True
        self._use_look()
        self.planner.follow(document, controller)
        self.byhand = ByHand(self)
        self.document.project_changed.connect(self.tools.look_again)
        if clock.frame is not None:
            self.live.take(clock.frame)

    def _connect(self) -> None:
        selection = self.document.selection
        self.document.project_changed.connect(self.fault_card.close_now)
        selection.changed.connect(self.focus.update)
        selection.hover_changed.connect(self.focus.update)
        for moved in (selection.changed, selection.hover_changed):
            moved.connect(self.live.update_legend)
        self._themes.changed.connect(self._on_theme)
        self.zoom_wanted.connect(self.camera.zoom_by)
        self.mouse_left.connect(self.tools.leave)
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

    def toggle_fold(self) -> None:
        """Fold the selected layers, or unfold them if none is unfolded."""
        self.folds.toggle()

    def make_room(self) -> None:
        """Something else covers the left of the canvas: where everything was seen, it is to be seen still."""
        if self.camera.fitted:
            self.camera.fit()
        self._lay_out_strip()
        self.focus.place_card()
        self.viewport().update()

    def insist(self) -> None:
        """Somebody wanted to train it: what is missing is marked as what keeps it from that."""
        self.canvas.insist(True)

    def next_fault(self) -> None:
        """Go to the next badge of something wrong, and open its card."""
        self.faults.next()

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
        self.refresh.face = self.canvas.coloring.face = face
        self.live.update_legend()
        self.live.show_at_once()

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
    def room(self) -> QRect:
        """The part of the viewport over which nothing lies."""
        return self.viewport().rect().adjusted(self.covered(), 0, 0, 0)

    @property
    def zoom(self) -> float:
        """Logical pixels per scene unit."""
        return self.camera.zoom

    # -- the look

    def _on_theme(self, theme: Theme) -> None:
        scale = max(theme.scale, PRESENTATION_SCALE) if self._presenting else theme.scale
        self.look = Look.of(replace(theme, scale=scale))
        self._use_look()
        self.planner.replan()
        self.byhand.set_look()

    def _use_look(self) -> None:
        self.setBackgroundBrush(self.look.theme.color("canvas"))
        self.canvas.set_look(self.look)
        self.strip.set_look(self.look)
        self.card.set_look(self.look)
        self.fault_card.set_look(self.look)
        self._lay_out_strip()

    def _lay_out_strip(self) -> None:
        height = self.strip.height(self.width())
        if self.viewportMargins().bottom() != height:
            self.setViewportMargins(0, 0, 0, height)
        self.strip.place(QRect(0, self.height() - height, self.width(), height), self.covered())

    # -- Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out_strip()
        if self._built:
            self.planner.replan()

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        label = self.waves.label
        if label:
            paint_wave_label(painter, self.room, self.look, label, self.waves.green)
        if self.planner.is_empty and not self.drops.ghost.isVisible():
            paint_beginning(painter, self.room, self.look)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.tools.press(event, self._follow(event))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.tools.press_again(event, self._follow(event))

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
        point = self.mapToScene(event.pos())
        picked = self.tools.pick(point) or self.tools.pick_wire(point)
        if picked is not None and picked not in self.document.selection.picked:
            self.document.selection.select(picked)
        kind = "canvas"
        if picked is not None:
            of_wire = picked.source is not None or picked.is_wire
            kind = "bundle" if of_wire else "layer" if picked.unit is None else "neuron"
        self.menu_wanted.emit(kind, event.globalPos())
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.drag_entered.emit()
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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F and not event.modifiers():
            self.fit()
        elif self.faults.key(event) or self.tools.wire.key(event) or self.byhand.key(event):
            pass
        elif event.key() == Qt.Key.Key_Escape:
            event.setAccepted(bool(self.document.selection.picked))  # else whoever is outside may leave
            self.tools.cancel()
            self.faults.leave()
            self.fault_card.close_now()
            self.document.selection.select()
        elif not self.focus.walk(event.key()):
            event.ignore()

    def focusNextPrevChild(self, forward: bool) -> bool:
        return self.faults.tab(forward) or super().focusNextPrevChild(forward)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange and self._built:
            self.maps.settle()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.maps.close()
        self.refresh.painter.close()
        super().closeEvent(event)
