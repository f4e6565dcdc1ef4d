"""A bare pane onto a scene: no frame, no scroll bars, to be panned anywhere, zoomed by wheel and by pinch."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QNativeGestureEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QFrame, QGestureEvent, QGraphicsScene, QGraphicsView, QPinchGesture, QWidget

_PINCH = Qt.NativeGestureType.ZoomNativeGesture
_HEARD = {QEvent.Type.Leave, QEvent.Type.NativeGesture, QEvent.Type.Gesture}
_PER_TURN = 1.0015  # zoom per eighth of a degree of the wheel


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

    def show_scene(self, scene: QGraphicsScene) -> None:
        """Look at a scene."""
        self.setScene(scene)
        self.viewport().setMouseTracking(True)
        self.viewport().installEventFilter(self)
        self.viewport().grabGesture(Qt.GestureType.PinchGesture)

    # -- Qt

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta().y() or event.angleDelta().x()
        if turn:
            self.zoom_wanted.emit(_PER_TURN**turn, event.position())
        event.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hear of pinches and of the mouse leaving.

        Not in `viewportEvent`, which is there for painting too: whoever has a hand in that holds the
        interpreter until everything is painted.
        """
        kind = event.type()
        if kind not in _HEARD or watched is not self.viewport():
            return False
        if kind == QEvent.Type.Leave:
            self.mouse_left.emit()
        elif isinstance(event, QNativeGestureEvent):
            if event.gestureType() == _PINCH:
                self.zoom_wanted.emit(1.0 + event.value(), event.position())
                return True
        elif isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                at = QPointF(self.viewport().mapFromGlobal(pinch.centerPoint().toPoint()))
                self.zoom_wanted.emit(pinch.scaleFactor(), at)
                return True
        return False
