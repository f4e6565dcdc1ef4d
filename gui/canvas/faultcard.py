"""The card of a fault's badge: what is wrong, in a sentence, and the button that repairs it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt, QTimer
from PySide6.QtGui import QEnterEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.edits.outcome import Edit
from engine.edits.repairs import repair, repair_label
from engine.validation import Fault
from gui.canvas.cards import beside
from gui.canvas.look import Look
from gui.document.document import Document
from gui.widgets.naming import name_control, name_picture

_LINGER_MS = 350
_WIDTH = 280


class FaultCard(QFrame):
    """Opens beside a badge: while the mouse is there, or after a click until the next one.

    Attributes:
        layer: whose faults are shown; buttons: one per repair.
        grave: whether they keep the network from being trained, and are no mere steps yet to do.
    """

    def __init__(self, document: Document, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._document = document
        self.look = look
        self.layer = ""
        self.faults: tuple[Fault, ...] = ()
        self.buttons: list[QPushButton] = []
        self.pinned = self.grave = False
        self._inside = False
        self._timer = QTimer(self, singleShot=True, interval=_LINGER_MS)
        self._timer.timeout.connect(self._maybe_close)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(12, 10, 12, 10)
        self._layout.setSpacing(8)
        self.setObjectName("faultCard")
        name_picture(self, self.tr("What is wrong"), self.tr("Tab goes to what repairs it, Esc closes it"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_look(look)
        self.hide()

    def set_look(self, look: Look) -> None:
        """Another theme."""
        self.look = look
        t = look.theme
        edge = t.fault if self.grave else t.control
        self.setStyleSheet(
            f"#faultCard {{ background: {t.field}; border: 1px solid {edge}; border-radius: 6px; }}"
            f"#faultCard QLabel {{ background: transparent; color: {t.text}; }}"
        )

    def show_faults(
        self,
        layer: str,
        faults: tuple[Fault, ...],
        place: QRect,
        room: QRect,
        *,
        grave: bool = True,
        pinned: bool = False,
    ) -> None:
        """Open beside a badge at `place`, within a room of the viewport; its edge is as red as the badge."""
        self._timer.stop()
        if grave != self.grave:
            self.grave = grave
            self.set_look(self.look)
        self.pinned = pinned or (self.pinned and layer == self.layer and self.isVisible())
        if (layer, faults) != (self.layer, self.faults) or not self.isVisible():
            self.layer, self.faults = layer, faults
            self._fill()
        self.move(beside(place, self.size(), room))
        self.show()
        self.raise_()

    def leave(self) -> None:
        """The mouse has left the badge; the card stays long enough to be reached."""
        if self.isVisible() and not self.pinned and not self._timer.isActive():
            self._timer.start()

    def take_focus(self) -> None:
        """Let the keyboard press the first button, or scroll what there is to read."""
        self.pinned = True
        (self.buttons[0] if self.buttons else self).setFocus(Qt.FocusReason.TabFocusReason)

    def close_now(self) -> None:
        """Hide it, pinned or not; the keyboard goes back to the canvas."""
        parent, focused = self.parentWidget(), QApplication.focusWidget()
        if parent is not None and focused is not None and (focused is self or self.isAncestorOf(focused)):
            parent.setFocus(Qt.FocusReason.OtherFocusReason)
        self._timer.stop()
        self.pinned = False
        self.hide()

    def _fill(self) -> None:
        while (entry := self._layout.takeAt(0)) is not None:
            widget = entry.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        self.buttons = []
        for fault in self.faults:
            self._write(fault.message)
            for wrong in fault.choices:
                if not (text := repair_label(wrong)):
                    continue
                button = QPushButton(text)
                button.setAutoDefault(True)  # Enter presses it
                name_control(button, text, fault.message)
                button.clicked.connect(lambda _on=False, wrong=wrong: self._repair(wrong))
                self._layout.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
                self.buttons.append(button)
                button.show()  # at once, or it could not take the focus yet
        self._layout.activate()
        self.adjustSize()

    def _write(self, sentence: str) -> None:
        label = QLabel(sentence, self, wordWrap=True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setFont(self.look.text())
        label.setFixedWidth(self.look.theme.px(_WIDTH))
        self._layout.addWidget(label)
        label.show()  # at once, or an open card would leave no room for it

    def _repair(self, fault: Fault) -> None:
        outcome = repair(self._document.project, fault)
        if isinstance(outcome, Edit):
            self.close_now()
            self._document.edit(outcome.text, outcome.project)
        else:
            self._write(outcome.sentence)
            self.adjustSize()

    def _maybe_close(self) -> None:
        if not self._inside and not self.pinned:
            self.hide()

    # -- Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_now()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._inside = True
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._inside = False
        self.leave()
        super().leaveEvent(event)
