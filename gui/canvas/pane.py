"""A bare pane onto a scene: no frame, no scroll bars, to be panned anywhere, zoomed by wheel and by pinch."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QPainter, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QWidget

from gui.canvas.pinch import Pinch

_PER_TURN = 1.0015  # zoom per eighth of a degree of the wheel


class _Leaving(QObject):
    """Tells a pane that the mouse has left its viewport; a filter for the reason given in `pinch`."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            pane = self.parent()
            assert isinstance(pane, Pane)
            pane.mouse_left.emit()
        return False


class Pane(QGraphicsView):
    """Shows a scene.

    Signals:
        zoom_wanted(float, QPointF): by how much, and around which point of the viewport.
        mouse_left(): the mouse is over something else now, if only over what lies on the pane.
    """

    zoom_wanted = Signal(float, QPointF)
    mouse_left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
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
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(320, 240)
        self.setAcceptDrops(True)
        self.pinch = Pinch(self.viewport())
        self.pinch.zoom_wanted.connect(self.zoom_wanted)
        self.viewport().installEventFilter(_Leaving(self))

    def show_scene(self, scene: QGraphicsScene) -> None:
        """Look at a scene."""
        self.setScene(scene)
        self.viewport().setMouseTracking(True)

    # -- Qt

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta().y() or event.angleDelta().x()
        if turn:
            self.zoom_wanted.emit(_PER_TURN**turn, event.position())
        event.accept()
