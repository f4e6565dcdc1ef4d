"""Dragging from lists onto the canvas: what is dragged is named by a short text, “layer/dense”."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QWidget

MIME = "application/x-synapscope-item"
LAYER, ARCHITECTURE, EXAMPLE, DATA = "layer", "architecture", "example", "data"
_LONGEST = 200


def mime_of(payload: str) -> QMimeData:
    """What a drag carries."""
    mime = QMimeData()
    mime.setData(MIME, payload.encode())
    return mime


def payload_of(mime: QMimeData) -> tuple[str, str]:
    """What kind of thing is dragged, and its name; ("", "") for a stranger's."""
    if not mime.hasFormat(MIME):
        return "", ""
    text = bytes(mime.data(MIME).data())[:_LONGEST].decode(errors="replace")
    what, _, name = text.partition("/")
    return what, name


def drag(widget: QWidget, payload: str) -> None:
    """Drag something from a widget until it is dropped; the canvas shows what would happen."""
    dragging = QDrag(widget)
    dragging.setMimeData(mime_of(payload))
    dragging.exec(Qt.DropAction.CopyAction)
