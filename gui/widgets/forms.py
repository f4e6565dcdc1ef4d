"""Forms generated from `engine.fields`: one row per setting, the less common ones folded under "More"."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.fields import Setting, settings_of
from gui import theme
from gui.widgets.chrome import Disclosure, ElidedLabel
from gui.widgets.complaint import Complaint
from gui.widgets.controls import Choice, Switch
from gui.widgets.editors import SliderField, editor_for
from gui.widgets.words import translated

Wanted = Callable[[Setting], bool]
_WIDEST = 160  # unscaled pixels that an editor takes for its words, so that names keep some room


class Form(QWidget):
    """The settings of a spec (a layer, an optimizer, a training config, …), ready to edit.

    The less common of those `wanted` are folded under the title `more`.

    Signals:
        edited(name, value): a setting was given another value in one go.
        editing(name, value, gesture): the same while dragging or holding; one gesture is one undo step, and
            no `edited` follows it.
    """

    edited = Signal(str, object)
    editing = Signal(str, object, str)

    def __init__(
        self, spec: Any, parent: QWidget | None = None, *, wanted: Wanted | None = None, more: str = ""
    ) -> None:
        super().__init__(parent)
        self._more_name = more or self.tr("More")
        self._wanted = wanted or (lambda setting: True)
        self._settings: tuple[Setting, ...] = ()
        self.rows: dict[str, Row] = {}
        self.more: Disclosure | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self.show_spec(spec)

    def show_spec(self, spec: Any) -> None:
        """Show the values of a spec without telling anybody; of another kind, the rows are built anew."""
        settings = tuple(setting for setting in settings_of(spec) if self._wanted(setting))
        if settings != self._settings:
            self._build(settings)
        for name, row in self.rows.items():
            row.editor.show_value(getattr(spec, name))

    def editor(self, name: str) -> Any:
        """The editor of one setting (KeyError)."""
        return self.rows[name].editor

    def _build(self, settings: tuple[Setting, ...]) -> None:
        self._settings = settings
        while (item := self._layout.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.rows = {setting.name: self._row(setting) for setting in settings}
        for setting in settings:
            if setting.basic:
                self._layout.addWidget(self.rows[setting.name])
        rest = [self.rows[setting.name] for setting in settings if not setting.basic]
        self.more = Disclosure(self._more_name) if rest else None
        if self.more is not None:
            for row in rest:
                self.more.add(row)
            self._layout.addWidget(self.more)
        self._set_tab_order()
        self._align()

    def _align(self) -> None:
        """All editors as wide as the longest words of a choice need, or half a row."""
        choices = [row.editor for row in self.rows.values() if isinstance(row.editor, Choice)]
        needed = max((choice.width_for_all() for choice in choices), default=0)
        for row in self.rows.values():
            if not isinstance(row.field, Switch):
                row.field.setMinimumWidth(min(needed, theme.current().px(_WIDEST)))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if theme.is_restyled(event):
            self._align()

    def _row(self, setting: Setting) -> Row:
        row = Row(setting)
        row.editor.changed.connect(lambda value, gesture: self._on_changed(setting.name, value, gesture))
        return row

    def _on_changed(self, name: str, value: object, gesture: str) -> None:
        if gesture:
            self.editing.emit(name, value, gesture)
        else:
            self.edited.emit(name, value)

    def _set_tab_order(self) -> None:
        chain = [
            widget for setting in self._settings if setting.basic for widget in self.rows[setting.name].chain
        ]
        if self.more is not None:
            chain.append(self.more.button)
        chain += [w for setting in self._settings if not setting.basic for w in self.rows[setting.name].chain]
        for first, second in pairwise(chain):
            QWidget.setTabOrder(first, second)


class Row(QWidget):
    """A label, an editor, and a sentence that floats under them where something was refused."""

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor: Any = editor_for(setting)
        name = translated(setting.label)
        if setting.unit:
            name = f"{name}, {translated(setting.unit)}"
        self.label = ElidedLabel(name)
        self.label.setToolTip(translated(setting.help))
        self.fault = Complaint(self)
        self.editor.refused.connect(self.show_fault)
        self.editor.changed.connect(lambda: self.show_fault(""))
        self._describe(setting, name)
        self._lay_out()

    @property
    def field(self) -> QWidget:
        """What stands beside the label."""
        return self.editor.field if isinstance(self.editor, SliderField) else self.editor

    @property
    def chain(self) -> list[QWidget]:
        """What takes the focus, in order."""
        if isinstance(self.editor, SliderField):
            return [self.field, self.editor.slider]
        return [self.editor]

    def show_fault(self, sentence: str) -> None:
        """Show a sentence, or nothing."""
        self.fault.say(sentence)
        self.editor.setAccessibleDescription(sentence or self._help)

    def _describe(self, setting: Setting, name: str) -> None:
        self._help = translated(setting.help)
        focused = self.editor.focusProxy() or self.editor
        for widget in {self.editor, focused}:
            widget.setAccessibleName(name)
            widget.setAccessibleDescription(self._help)
            if not widget.toolTip():
                widget.setToolTip(self._help)
        self.label.setBuddy(focused)

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.label, 6)
        line.addWidget(self.field, 6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(line)
        if self.field is not self.editor:
            self.editor.setParent(self)  # the field and the slider stand in two places
            self.editor.hide()
            layout.addWidget(self.editor.slider)
