"""The pill: one number on the picture that can be dragged and typed, such as “w 0.82” on a synapse."""

from __future__ import annotations

import math
import sys

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QWidget

from gui.canvas.look import Look
from gui.widgets.naming import name_control
from gui.widgets.numbers import full_text, number_text, parse_number

COARSE, FINE = 0.01, 0.001  # a pixel


class _Field(QLineEdit):
    """Where a number is typed; leaving it gives up."""

    cancelled = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)
            event.accept()  # or the canvas would take Enter too, and open the field again

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self.cancelled.emit()


class Pill(QFrame):
    """Shows a symbol and its number.

    Signals:
        dragged(float): the number under the hand; dropped(): the hand let it go.
        typed(float): a number was typed; refused(str): what was typed is no number: a sentence.
        closed(): the field is closed, the canvas may have the keys again.
        entered(bool): the mouse is over it, or has left.

    Attributes:
        value: the number shown; fixed: it can be neither dragged nor typed; largest: it may be, either way.
        dragging: whether it is being dragged.
    """

    dragged = Signal(float)
    dropped = Signal()
    typed = Signal(float)
    refused = Signal(str)
    closed = Signal()
    entered = Signal(bool)

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.value = 0.0
        self.fixed = False
        self.largest = math.inf
        self.dragging = False
        self._pressed_at: float | None = None
        self._exact = 0.0
        self.label = QLabel(self)
        self.label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.field = _Field(self)
        self.field.setMaxLength(60)
        name_control(self.field, self.tr("Value"), self.tr("Type a number; Enter takes it, Esc does not"))
        self.field.hide()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(9, 2, 9, 2)
        layout.addWidget(self.label)
        layout.addWidget(self.field)
        self.setObjectName("canvasPill")
        self.field.returnPressed.connect(self._on_return)
        self.field.cancelled.connect(self.close_field)
        self.set_look(look)
        self.hide()

    @property
    def text(self) -> str:
        """What stands on it."""
        return self.label.text()

    @property
    def typing(self) -> bool:
        """Whether its field is open."""
        return not self.field.isHidden()

    def set_look(self, look: Look) -> None:
        """Another theme."""
        t = look.theme
        self.setStyleSheet(
            f"#canvasPill {{ background: {t.field}; border: 1px solid {t.accent}; "
            f"border-radius: {t.px(11)}px; }}"
            f"#canvasPill QLabel {{ background: transparent; color: {t.text}; }}"
            f"#canvasPill QLineEdit {{ background: transparent; border: none; padding: 0; color: {t.text}; }}"
        )
        for widget in (self.label, self.field):
            widget.setFont(look.text(bold=True))
        self.field.setFixedWidth(t.px(78))
        self.adjustSize()

    def show_number(self, symbol: str, value: float, note: str = "", fixed: bool = False) -> None:
        """Show a number; one that is under the hand stays."""
        if not self.dragging:
            self.value = value
        self.fixed = fixed
        text = symbol if fixed else f"{symbol} {number_text(self.value)}"
        text = f"{text} · {note}" if note else text
        if text != self.label.text():
            self.label.setText(text)
            self.setAccessibleName(text)
            self.adjustSize()
        self.setToolTip("" if fixed else full_text(self.value))
        cursor = Qt.CursorShape.ArrowCursor if fixed else Qt.CursorShape.SizeHorCursor
        self.setCursor(cursor)

    def center_at(self, place: QPoint, room: QRect) -> None:
        """Stand at a place, within the room."""
        x = min(max(place.x() - self.width() // 2, room.left() + 2), room.right() - self.width() - 2)
        y = min(max(place.y() - self.height() // 2, room.top() + 2), room.bottom() - self.height() - 2)
        self.move(x, y)

    def open_field(self, text: str = "") -> None:
        """Let the number be typed, beginning with `text` or from the number that is there."""
        if self.fixed:
            return
        self.label.hide()
        self.field.setText(text or number_text(self.value, 6))
        self.field.show()
        self.adjustSize()
        self.field.setFocus()
        if not text:
            self.field.selectAll()

    def close_field(self) -> None:
        """Type no more; what was typed is given up."""
        if not self.typing:
            return
        self.field.hide()
        self.label.show()
        self.adjustSize()
        self.closed.emit()

    def cancel_drag(self) -> bool:
        """Forget the drag; whether there was one."""
        was, self.dragging, self._pressed_at = self.dragging, False, None
        return was

    def _on_return(self) -> None:
        text = self.field.text().strip()
        try:
            value = parse_number(text)
        except ValueError:
            shown = text if len(text) <= 24 else text[:23] + "…"
            self._refuse(self.tr("This must be a number, not “{text}”.").format(text=shown))
            return
        if not abs(value) <= min(self.largest, sys.float_info.max):
            most = self.largest
            known = self.tr("This must lie between −{most} and {most}.").format(most=f"{most:,.0f}")
            self._refuse(known if math.isfinite(most) else self.tr("This number is too large."))
            return
        self.close_field()
        self.typed.emit(value)

    def _refuse(self, sentence: str) -> None:
        self.refused.emit(sentence)
        self.field.selectAll()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self.fixed and not self.typing:
            self._pressed_at, self._exact = event.globalPosition().x(), self.value
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed_at is None:
            return
        x = event.globalPosition().x()
        moved, self._pressed_at = x - self._pressed_at, x
        if not moved:
            return
        self.dragging = True
        fine = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        self._exact += moved * (FINE if fine else COARSE)
        self.value = round(self._exact, 6)
        self.dragged.emit(self.value)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        was = self.cancel_drag()
        event.accept()
        if was:
            self.dropped.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = None
        self.open_field()
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        event.ignore()  # the canvas has the menu

    def enterEvent(self, event: QEnterEvent) -> None:
        self.entered.emit(True)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.entered.emit(False)
        super().leaveEvent(event)
