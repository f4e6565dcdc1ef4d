"""The search field of the canvas: type a part of a layer's name, and the picture goes there."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit

from engine.edits.names import describe, title
from gui.canvas.rects import to_qt
from gui.canvas.view import CanvasView
from gui.document.selection import Picked
from gui.widgets.naming import name_control

_WIDTH = 280


class FindField(QFrame):
    """Finds layers; Enter goes on to the next one, Esc closes it.

    Attributes:
        field: where one types; found: the ids of the layers that fit, in the design's order.
    """

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self.found: list[str] = []
        self._at = 0
        self.field = QLineEdit(placeholderText=self.tr("Find a layer"))
        tip = self.tr("Type a part of its name or title; Enter goes to the next one, Esc closes")
        name_control(self.field, self.tr("Find a layer"), tip)
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.count = QLabel()
        self.count.setProperty("role", "secondary")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 6, 10, 6)
        layout.addWidget(self.field, 1)
        layout.addWidget(self.count)
        self.setAutoFillBackground(True)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.hide()

    def open(self) -> None:
        """Show it at the head of the canvas."""
        width = min(self._view.look.theme.px(_WIDTH), self._view.width() - 16)
        self.resize(width, self.sizeHint().height())
        self.move(self._view.width() - width - 8, 8)
        self.show()
        self.raise_()
        self.field.selectAll()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search(self.field.text())

    def _search(self, text: str) -> None:
        design = self._view.document.project.design
        words, boxes = text.lower().split(), self._view.canvas.layers
        self.found, self._at = [], 0
        for spec in design.layers if words else ():
            shown = boxes[spec.id].box.title if spec.id in boxes else ""
            names = f"{shown} {title(design, spec.id)} {describe(spec)} {spec.label} {spec.id}".lower()
            if all(word in names for word in words):
                self.found.append(spec.id)
        self._go()

    def _go(self) -> None:
        if not self.field.text().strip():
            self.count.setText("")
            return
        if not self.found:
            self.count.setText(self.tr("none"))
            return
        self.count.setText(f"{self._at + 1} / {len(self.found)}")
        layer = self.found[self._at]
        self._view.document.selection.select(Picked(layer))
        item = self._view.canvas.layers.get(layer)
        if item is not None:
            self._view.camera.show(to_qt(item.box.rect))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down) and self.found:
                self._at = (self._at + 1) % len(self.found)
                self._go()
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.hide()
                self._view.setFocus(Qt.FocusReason.OtherFocusReason)
                return True
        return False
