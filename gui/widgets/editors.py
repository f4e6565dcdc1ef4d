"""One editor per kind of setting: a field with a stepper or a slider, a switch, a choice, a text.

All have `value()`, `show_value(value)` (which tells nobody), and the signals `changed(value, gesture)` and
`refused(sentence)`. A gesture is "" for a single change, else the id shared by all changes of one drag. What
a person enters passes `Setting.fault_of` first; nonsense is refused in a sentence and the good value stays.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from engine.fields import Setting
from engine.registry import Registry
from gui import theme
from gui.widgets.buttons import IconButton
from gui.widgets.controls import Choice, Slider, Switch
from gui.widgets.gestures import Bursts, new_gesture
from gui.widgets.naming import name_control
from gui.widgets.number_field import MOST_TEXT, NumberField
from gui.widgets.stepping import first_value, slider_range, stepped
from gui.widgets.words import translated

SLIDER_STEPS = 400


class _HeldButton(IconButton):
    """A button that repeats while it is held; all of one press is one gesture."""

    gesture = ""

    def __init__(self, icon_name: str, text: str, parent: QWidget, *, size: int) -> None:
        super().__init__(icon_name, text, parent, size=size)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # ↑ and ↓ in the field do the same
        self.setProperty("kind", "beside")
        self.setAutoRepeat(True)
        self.setAutoRepeatDelay(350)
        self.setAutoRepeatInterval(60)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.gesture = new_gesture()
        super().mousePressEvent(event)


class Stepper(QWidget):
    """[− 16 +]: holding a button repeats, the number can be typed."""

    changed = Signal(object, str)
    refused = Signal(str)

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setting = setting
        self.field = NumberField(setting)
        self.field.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        label = translated(setting.label)
        name_control(self.field, label, translated(setting.help))
        self.fewer = self._button("minus", self.tr("Less: {label}").format(label=label), -1)
        self.more = self._button("plus", self.tr("More: {label}").format(label=label), 1)
        self.field.changed.connect(self.changed)
        self.field.changed.connect(self._on_changed)
        self.field.refused.connect(self.refused)
        self.setFocusProxy(self.field)
        self._row = layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.fewer)
        layout.addWidget(self.field, 1)
        layout.addWidget(self.more)

    def value(self) -> Any:
        """The last good value."""
        return self.field.value()

    def show_value(self, value: Any) -> None:
        """Show a value without telling anybody."""
        self.field.show_value(value)
        self._on_changed()

    def be_narrow(self) -> None:
        """Stand in a small place."""
        self.field.be_narrow()
        self._row.setSpacing(0)

    def _button(self, icon_name: str, text: str, steps: int) -> _HeldButton:
        button = _HeldButton(icon_name, text, self, size=14)
        button.setFocusProxy(self.field)
        button.clicked.connect(lambda: self.field.step_by(steps, button.gesture))
        return button

    def _on_changed(self) -> None:
        value = self.field.value()
        if value is not None:
            for button, steps in ((self.fewer, -1), (self.more, 1)):
                button.setEnabled(stepped(self.setting, value, steps) != value)


class SliderField(QWidget):
    """A number field with a slider under it, logarithmic where the setting says so."""

    changed = Signal(object, str)
    refused = Signal(str)

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setting = setting
        self.low, self.high = slider_range(setting)
        self.field = NumberField(setting)
        self.slider = Slider()
        self.slider.setRange(0, SLIDER_STEPS)
        self.slider.setSingleStep(SLIDER_STEPS // 40)
        self.slider.setPageStep(SLIDER_STEPS // 10)
        name_control(self.slider, translated(setting.label), translated(setting.help))
        self._gesture = ""
        self._bursts = Bursts()
        self.slider.sliderPressed.connect(self._on_pressed)
        self.slider.valueChanged.connect(self._on_slid)
        self.field.changed.connect(self._on_typed)
        self.field.refused.connect(self.refused)
        self.setFocusProxy(self.field)

    def value(self) -> Any:
        """The last good value."""
        return self.field.value()

    def show_value(self, value: Any) -> None:
        """Show a value without telling anybody."""
        self.field.show_value(value)
        if not self.slider.isSliderDown():
            self._place_slider(value)

    def value_at(self, position: int) -> float:
        """The value of a slider position, rounded to two or three digits."""
        share = position / SLIDER_STEPS
        if self.setting.logarithmic:
            value = math.exp(math.log(self.low) + share * math.log(self.high / self.low))
            return float(f"{value:.1e}")
        span = self.high - self.low
        decimals = max(2 - math.ceil(math.log10(span)), 0)  # a hundredth of the span, or finer
        return round(self.low + share * span, decimals)

    def position_of(self, value: float) -> int:
        """The slider position nearest to a value."""
        if self.setting.logarithmic:
            share = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return round(min(max(share, 0.0), 1.0) * SLIDER_STEPS)

    def _on_pressed(self) -> None:
        self._gesture = new_gesture()

    def _on_slid(self, position: int) -> None:
        gesture = self._gesture if self.slider.isSliderDown() else self._bursts.gesture()
        value = self.value_at(position)
        if self.setting.fault_of(value) is None and value != self.field.value():
            self.refused.emit("")
            self.field.show_value(value)
            self.changed.emit(value, gesture)

    def _on_typed(self, value: float, gesture: str) -> None:
        self._place_slider(value)
        self.changed.emit(value, gesture)

    def _place_slider(self, value: float | None) -> None:
        if value is not None:
            blocked = self.slider.blockSignals(True)
            self.slider.setValue(self.position_of(value))
            self.slider.blockSignals(blocked)


class SwitchEditor(Switch):
    """On or off."""

    changed = Signal(object, str)
    refused = Signal(str)

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setting = setting
        self.clicked.connect(lambda on: self.changed.emit(bool(on), ""))

    def value(self) -> bool:
        """Whether it is on."""
        return self.isChecked()

    def show_value(self, value: Any) -> None:
        """Show a value without telling anybody."""
        self.setChecked(bool(value))


class ChoiceEditor(Choice):
    """One of the setting's choices, under the labels of their registry."""

    changed = Signal(object, str)
    refused = Signal(str)

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(choice_options(setting), parent)
        self.setting = setting
        self.chosen.connect(lambda value: self.changed.emit(value, ""))


class TextEditor(QLineEdit):
    """A text, or a list of whole numbers (16, 16, 10)."""

    changed = Signal(object, str)
    refused = Signal(str)

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setting = setting
        self._value: Any = None
        self.setMaxLength(MOST_TEXT)
        self.editingFinished.connect(self._commit)
        self.textEdited.connect(lambda: self.refused.emit(""))

    def value(self) -> Any:
        """The last good value."""
        return self._value

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self.show_value(self._value)
            self.selectAll()
            self.refused.emit("")
        else:
            super().keyPressEvent(event)

    def show_value(self, value: Any) -> None:
        """Show a value without telling anybody."""
        self._value = value
        text = ", ".join(map(str, value)) if isinstance(value, tuple) else value or ""
        self.setText(text)
        self.setModified(False)

    def sizeHint(self) -> QSize:
        look = theme.current()
        return QSize(look.px(120), look.px(28))

    def _commit(self) -> None:
        if not self.isModified():
            return
        value = self._read()
        fault = self.setting.fault_of(value)
        self.refused.emit(fault or "")
        moved = fault is None and value != self._value
        self.show_value(self._value if fault else value)
        if moved:
            self.changed.emit(value, "")

    def _read(self) -> Any:
        text = self.text().strip()
        if self.setting.kind != "ints":
            return text
        try:
            return tuple(int(part) for part in text.replace("×", ",").split(",") if part.strip())
        except ValueError:
            return text


class OptionalEditor(QWidget):
    """A switch, and beside it the value while it is on; off is None."""

    changed = Signal(object, str)
    refused = Signal(str)

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setting = setting
        self.switch = Switch()
        name_control(self.switch, translated(setting.label), translated(setting.help))
        inner = replace(setting, optional=False)
        self.inner: Any = NumberField(inner) if setting.kind in ("int", "float") else editor_for(inner)
        name_control(self.inner, translated(setting.label), translated(setting.help))
        self._last: Any = first_value(setting)
        self.switch.clicked.connect(self._on_switched)
        self.inner.changed.connect(self._on_changed)
        self.inner.refused.connect(self.refused)
        self.setFocusProxy(self.switch)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.switch)
        layout.addWidget(self.inner, 1)
        self.show_value(None)

    def value(self) -> Any:
        """The value, None while it is off."""
        return self.inner.value() if self.switch.isChecked() else None

    def show_value(self, value: Any) -> None:
        """Show a value without telling anybody."""
        self.switch.setChecked(value is not None)
        self.inner.setEnabled(value is not None)
        if value is not None:
            self._last = value
        self.inner.show_value(self._last)

    def _on_switched(self, on: bool) -> None:
        self.refused.emit("")
        self.show_value(self._last if on else None)
        self.changed.emit(self.value(), "")

    def _on_changed(self, value: Any, gesture: str) -> None:
        self._last = value
        self.changed.emit(value, gesture)


Editor = NumberField | Stepper | SliderField | SwitchEditor | ChoiceEditor | TextEditor | OptionalEditor


def editor_for(setting: Setting) -> Editor:
    """The editor that suits a setting."""
    if setting.optional:
        return OptionalEditor(setting)
    if setting.kind == "float" and slider_range(setting) != (0.0, 0.0):
        return SliderField(setting)
    kinds: dict[str, type[Editor]] = {
        "int": Stepper,
        "float": NumberField,
        "bool": SwitchEditor,
        "choice": ChoiceEditor,
    }
    if setting.kind == "int" and (setting.maximum or 0) > 10_000_000:
        return NumberField(setting)  # a seed is no quantity to step through
    return kinds.get(setting.kind, TextEditor)(setting)


def choice_options(setting: Setting) -> list[tuple[str, str]]:
    """The choices of a setting with their labels, which a registry knows."""
    registry = getattr(setting.choices_source, "__self__", None)
    labels = {}
    if isinstance(registry, Registry):
        labels = {name: getattr(entry, "label", name) for name, entry in registry.items()}
    return [(name, translated(labels.get(name, name))) for name in setting.choices]
