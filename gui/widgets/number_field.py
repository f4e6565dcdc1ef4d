"""A field for one number, which reads numbers as people write them and refuses nonsense in place."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from engine.fields import Setting
from gui import theme
from gui.widgets.gestures import Bursts, new_gesture
from gui.widgets.numbers import MINUS, full_text, number_text, parse_number
from gui.widgets.stepping import stepped
from gui.widgets.words import translated

MOST_TEXT = 400  # characters taken from a clipboard
_AROUND = 5  # pixels beside a number in a narrow field: its frame, Qt's own margin, the cursor


class NumberField(QLineEdit):
    """A number, typed (0.03, 3e-4, 1/8, 13,002), stepped with ↑ ↓ or the wheel where the focus is.

    Enter or leaving the field takes what was typed, Esc takes it back.
    """

    changed = Signal(object, str)
    refused = Signal(str)

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setting = setting
        self._value: Any = None
        self._bursts = Bursts()
        self._key_gesture = ""
        self._narrow = False
        self.setMaxLength(MOST_TEXT)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.returnPressed.connect(self._on_return)
        self.textEdited.connect(self._on_text_edited)

    def value(self) -> Any:
        """The last good value."""
        return self._value

    def show_value(self, value: Any) -> None:
        """Show a value; what a person is just typing stays while the value is the same."""
        if value == self._value and self.isModified() and self.hasFocus():
            return
        self._value = value
        self._rewrite()

    def step_by(self, steps: int, gesture: str = "") -> None:
        """Go to the next round values, as far as the limits allow."""
        self._commit()
        if self._value is not None:
            self._offer(stepped(self.setting, self._value, steps), gesture)

    def sizeHint(self) -> QSize:
        look = theme.current()
        if self._narrow:
            return self.minimumSizeHint()
        return QSize(look.px(88), look.px(28))

    def minimumSizeHint(self) -> QSize:
        look = theme.current()
        said = number_text(self._value, 6) if self._narrow and self._value is not None else ""
        needed = self.fontMetrics().horizontalAdvance(said) + 2 * _AROUND
        return QSize(max(look.px(40 if self._narrow else 44), needed), look.px(28))

    def be_narrow(self) -> None:
        """Stand in a small place, with little around the number, and be wide enough for it all the same."""
        self.setProperty("kind", "narrow")
        self._narrow = True

    def event(self, event: QEvent) -> bool:
        # After Enter the number stays selected: Space then plays, instead of typing over it.
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Space
            and not self.isModified()
        ):
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps: dict[int, int] = {
            Qt.Key.Key_Up: 1,
            Qt.Key.Key_Down: -1,
            Qt.Key.Key_PageUp: 10,
            Qt.Key.Key_PageDown: -10,
        }
        if event.key() in steps:
            if not event.isAutoRepeat():
                self._key_gesture = new_gesture()
            self.step_by(steps[event.key()], self._key_gesture)
            self.selectAll()
        elif event.key() == Qt.Key.Key_Escape and (self.isModified() or self._faulty):
            self._rewrite()
            self.selectAll()
            self.refused.emit("")
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y()
        if self.hasFocus() and turned:
            self.step_by(1 if turned > 0 else -1, self._bursts.gesture())
            event.accept()
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self._commit()
            self._rewrite()

    def _on_text_edited(self) -> None:
        if self._faulty:
            self._set_faulty(False)
            self.refused.emit("")

    def _on_return(self) -> None:
        self._commit()
        self.selectAll()

    def _commit(self) -> None:
        """Take what was typed, or say why not."""
        if not self.isModified():
            return
        self.setModified(False)
        text = self.text().strip()
        try:
            number = parse_number(text)
        except ValueError:
            label = translated(self.setting.label)
            shown = text if len(text) <= 24 else text[:23] + "…"
            nothing = self.tr("{label} needs a number.").format(label=label)
            nonsense = self.tr("{label} must be a number, not “{text}”.").format(label=label, text=shown)
            self._refuse(nonsense if text else nothing)
            return
        self._offer(int(number) if self.setting.kind == "int" and number.is_integer() else number)

    def _offer(self, value: Any, gesture: str = "") -> None:
        fault = self.setting.fault_of(value)
        if fault is not None:
            self._refuse(fault)
            return
        self.refused.emit("")
        moved = value != self._value
        self._value = value
        self._rewrite()
        if moved:
            self.changed.emit(value, gesture)

    def _refuse(self, sentence: str) -> None:
        if self._value is not None:
            sentence += " " + self.tr("{value} is kept.").format(value=number_text(self._value, 4))
        self._set_faulty(True)
        self.refused.emit(re.sub(r"-(?=[\d.])", MINUS, sentence))

    def _rewrite(self) -> None:
        self._set_faulty(False)
        self.setText("" if self._value is None else number_text(self._value, 6))
        self.setCursorPosition(0)
        self.setModified(False)
        if self._narrow:
            self.updateGeometry()
        tip = translated(self.setting.help) or translated(self.setting.label)
        self.setToolTip(f"{tip}\n{full_text(self._value)}".strip() if self._value is not None else tip)

    @property
    def _faulty(self) -> bool:
        """Whether what stands in the field was refused."""
        return bool(self.property("faulty"))

    def _set_faulty(self, faulty: bool) -> None:
        if self._faulty != faulty:
            self.setProperty("faulty", faulty)
            self.style().polish(self)
