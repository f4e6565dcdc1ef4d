"""Two fingers on the touch pad or the screen zoom the picture.

A filter, because a `viewportEvent` of our own would hold the interpreter, and so the training, while Qt
paints.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QNativeGestureEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

_NATIVE = Qt.NativeGestureType.ZoomNativeGesture


class Pinch(QObject):
    """Watches a widget for pinches.

    Signals:
        zoom_wanted(float, QPointF): by how much, and around which point of the widget.
    """

    zoom_wanted = Signal(float, QPointF)

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        widget.grabGesture(Qt.GestureType.PinchGesture)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == _NATIVE:
            self.zoom_wanted.emit(1.0 + event.value(), event.position())
            return True
        if isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                at = QPointF(self._widget.mapFromGlobal(pinch.centerPoint().toPoint()))
                self.zoom_wanted.emit(pinch.scaleFactor(), at)
                return True
        return False
