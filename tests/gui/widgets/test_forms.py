"""Forms: a row per setting of any spec, edited with mouse and keyboard, and nonsense refused in place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.activations import ACTIVATIONS
from engine.design import DataConfig, StopRules, TrainingConfig, chain
from engine.fields import Setting, setting, settings_of
from engine.layers.base import LAYERS
from engine.losses import LOSSES
from engine.optimizers import OPTIMIZERS
from engine.optimizers.descent import SGD, Momentum
from gui.widgets.editors import OptionalEditor, SliderField, Stepper
from gui.widgets.forms import Form
from gui.widgets.stepping import slider_range, stepped

CLICK = Qt.MouseButton.LeftButton
DENSE = chain((2,), (4, {"activation": "tanh"})).layers[1]


class Heard:
    """What a form said."""

    def __init__(self, form: Form) -> None:
        self.edited: list[tuple[str, Any]] = []
        self.editing: list[tuple[str, Any, str]] = []
        form.edited.connect(lambda *said: self.edited.append(said))
        form.editing.connect(lambda *said: self.editing.append(said))


def shown(qtbot: QtBot, spec: Any) -> tuple[Form, Heard]:
    form = Form(spec)
    qtbot.addWidget(form)
    form.resize(280, 400)
    form.show()
    form.activateWindow()  # without a window manager nobody else would
    qtbot.waitUntil(form.isActiveWindow)
    return form, Heard(form)


def retype(qtbot: QtBot, field: Any, text: str, key: Qt.Key | None = Qt.Key.Key_Return) -> None:
    field.setFocus()
    field.selectAll()
    for sign in text:  # QTest aborts on keys that are not Latin
        QApplication.sendEvent(
            field, QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, sign)
        )
    if key is not None:
        qtbot.keyClick(field, key)


SPECS = [
    *(entry() for entry in OPTIMIZERS._entries.values()),
    *(entry() for entry in LOSSES._entries.values()),
    TrainingConfig(),
    DataConfig(),
    StopRules(),
    StopRules(max_epochs=3, error_threshold=0.5),
    DENSE,
]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: type(spec).__name__)
def test_every_spec_has_a_form_that_shows_its_values(qtbot: QtBot, spec: Any) -> None:
    form, heard = shown(qtbot, spec)
    assert list(form.rows) == [info.name for info in settings_of(spec)]
    for name, row in form.rows.items():
        assert row.editor.value() == getattr(spec, name)
        focused = row.editor.focusProxy() or row.editor
        assert focused.accessibleName()
        assert focused.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert heard.edited == heard.editing == []


def test_every_kind_of_layer_has_only_settings_that_a_form_can_edit() -> None:
    for layer in LAYERS._entries.values():
        for info in settings_of(layer):
            assert info.kind in ("int", "float", "bool", "choice", "text", "ints")


def test_typing_a_number_edits_once(qtbot: QtBot) -> None:
    form, heard = shown(qtbot, SGD(learning_rate=0.1))
    retype(qtbot, form.editor("learning_rate").field, "3e-3")
    assert heard.edited == [("learning_rate", 0.003)]
    assert heard.editing == []
    assert form.editor("learning_rate").field.text() == "0.003"
    qtbot.keyClick(form.editor("learning_rate").field, Qt.Key.Key_Return)
    assert len(heard.edited) == 1, "Enter without a change is no edit"


def test_leaving_a_field_takes_what_was_typed_and_escape_takes_it_back(qtbot: QtBot) -> None:
    form, heard = shown(qtbot, TrainingConfig())
    field = form.editor("batch_size").field
    retype(qtbot, field, "64", key=None)
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert heard.edited == [("batch_size", 64)]
    retype(qtbot, field, "99", key=Qt.Key.Key_Escape)
    assert field.text() == "64"
    assert len(heard.edited) == 1


@pytest.mark.parametrize(
    ("text", "word"),
    [("-3", "at least 1"), ("abc", "must be a number"), ("2.5", "whole number"), ("1e12", "at most"),
     ("nan", "must be a number"), ("1e999", "not inf"), ("", "needs a number")],
)  # fmt: skip
def test_nonsense_is_refused_in_place_with_a_sentence(qtbot: QtBot, text: str, word: str) -> None:
    form, heard = shown(qtbot, TrainingConfig(batch_size=32))
    row = form.rows["batch_size"]
    field = row.editor.field
    field.setFocus()
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert heard.edited == heard.editing == []
    assert row.fault.isVisible()
    assert word in row.fault.text()
    assert "32 is kept." in row.fault.text()
    assert "-" not in row.fault.text()
    assert row.editor.value() == 32
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert field.text() == "32"
    assert not row.fault.isVisible()
    retype(qtbot, field, "16")
    assert not row.fault.isVisible()
    assert heard.edited == [("batch_size", 16)]


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Up, Qt.Key.Key_Backspace])
def test_what_is_said_of_nonsense_moves_nothing_and_goes_with_it(qtbot: QtBot, key: Qt.Key) -> None:
    form, _ = shown(qtbot, TrainingConfig(batch_size=32))
    row = form.rows["batch_size"]
    places = {name: other.geometry() for name, other in form.rows.items()}
    size, field = form.sizeHint(), row.editor.field
    retype(qtbot, field, "many")
    QApplication.processEvents()
    assert row.fault.isVisible()
    assert form.rect().contains(row.fault.geometry())
    assert not row.fault.geometry().intersects(row.geometry())
    assert {name: other.geometry() for name, other in form.rows.items()} == places
    assert form.sizeHint() == size
    qtbot.keyClick(field, key)
    assert not row.fault.isVisible()
    assert row.editor.accessibleDescription() != row.fault.text()
    assert field.text() == {Qt.Key.Key_Up: "33", Qt.Key.Key_Backspace: ""}.get(key, "32")
    assert not field.property("faulty")


def test_nonsense_that_is_left_behind_is_told_of_and_then_forgotten(qtbot: QtBot) -> None:
    form, _ = shown(qtbot, TrainingConfig(batch_size=32))
    row = form.rows["batch_size"]
    retype(qtbot, row.editor.field, "many", key=None)
    qtbot.keyClick(row.editor.field, Qt.Key.Key_Tab)
    assert row.editor.field.text() == "32"
    assert row.fault.isVisible()
    assert row.fault._timer.isActive()
    row.fault._timer.timeout.emit()
    assert not row.fault.isVisible()


def test_a_complaint_goes_with_its_form(qtbot: QtBot) -> None:
    form, _ = shown(qtbot, TrainingConfig())
    row = form.rows["batch_size"]
    retype(qtbot, row.editor.field, "many")
    assert row.fault.isVisible()
    form.show_spec(SGD())
    assert "batch_size" not in form.rows
    assert not [label for label in form.findChildren(type(row.fault)) if label.isVisible()]


def test_the_wheel_counts_only_where_the_focus_is(qtbot: QtBot) -> None:
    form, heard = shown(qtbot, DENSE)
    training, said = shown(qtbot, TrainingConfig(batch_size=32))
    field, choice = training.editor("batch_size").field, form.editor("activation")
    training.editor("batch_size").fewer.setFocus()

    def turn(widget: QWidget) -> bool:
        where = QPointF(widget.rect().center())
        event = QWheelEvent(
            where, widget.mapToGlobal(where), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, event)
        return event.isAccepted()

    for widget in (field, choice):
        widget.clearFocus()
        assert not turn(widget), "so that the panel scrolls instead"
    assert said.editing == heard.edited == []
    training.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    assert turn(field)
    assert turn(field)
    assert [value for _, value, _ in said.editing] == [33, 34]
    assert len({gesture for *_, gesture in said.editing}) == 1, "one turn of the wheel undoes as one"


def test_arrow_keys_step_through_round_learning_rates(qtbot: QtBot) -> None:
    form, heard = shown(qtbot, SGD(learning_rate=0.03))
    field = form.editor("learning_rate").field
    field.setFocus()
    for _ in range(3):
        qtbot.keyClick(field, Qt.Key.Key_Up)
    qtbot.keyClick(field, Qt.Key.Key_Down)
    assert [value for _, value, _ in heard.editing] == [0.05, 0.1, 0.2, 0.1]
    assert len({gesture for *_, gesture in heard.editing}) == 4, "each press is its own step"


def test_dragging_a_slider_is_one_gesture(qtbot: QtBot) -> None:
    form, heard = shown(qtbot, Momentum(learning_rate=0.1, momentum=0.5))
    slider = form.editor("momentum").slider
    y = slider.height() // 2
    places = [QPoint(round(slider.x_of(position)), y) for position in (200, 240, 320, 400)]
    qtbot.mousePress(slider, CLICK, pos=places[0])
    for place in places[1:]:
        qtbot.mouseMove(slider, place)
    qtbot.mouseRelease(slider, CLICK, pos=places[-1])
    values = [value for _, value, _ in heard.editing]
    assert values == sorted(values)
    assert values[-1] == 0.99, "1 itself is not allowed"
    assert len({gesture for *_, gesture in heard.editing}) == 1
    assert heard.edited == []
    first = heard.editing[0][2]
    qtbot.mouseClick(slider, CLICK, pos=places[0])
    assert heard.editing[-1][2] != first


def test_a_logarithmic_slider_moves_in_powers_of_ten(qtbot: QtBot) -> None:
    form, heard = shown(qtbot, SGD(learning_rate=0.1))
    editor = form.editor("learning_rate")
    assert isinstance(editor, SliderField)
    for value in (1e-5, 1e-3, 0.1, 1.0, 10.0):
        assert editor.value_at(editor.position_of(value)) == pytest.approx(value, rel=0.05)
    editor.slider.setFocus()
    before = editor.slider.value()
    qtbot.keyClick(editor.slider, Qt.Key.Key_Right)
    assert editor.slider.value() > before
    assert heard.editing[-1][1] > 0.1
    assert editor.field.text() == str(heard.editing[-1][1])


def test_a_value_beyond_the_slider_is_kept_as_typed(qtbot: QtBot) -> None:
    form, heard = shown(qtbot, SGD(learning_rate=0.1))
    editor = form.editor("learning_rate")
    retype(qtbot, editor.field, "5000")
    assert heard.edited == [("learning_rate", 5000.0)]
    assert heard.editing == []
    assert editor.slider.value() == editor.slider.maximum()
    assert editor.value() == 5000.0


def test_holding_a_stepper_repeats_as_one_gesture(qtbot: QtBot) -> None:
    form, heard = shown(qtbot, TrainingConfig(batch_size=3))
    stepper = form.editor("batch_size")
    assert isinstance(stepper, Stepper)
    qtbot.mousePress(stepper.more, CLICK)
    qtbot.waitUntil(lambda: len(heard.editing) >= 3, timeout=5000)
    qtbot.mouseRelease(stepper.more, CLICK)
    assert [value for _, value, _ in heard.editing][:3] == [4, 5, 6]
    assert len({gesture for *_, gesture in heard.editing}) == 1
    assert heard.editing[0][2]


def test_a_stepper_stops_at_its_limits(qtbot: QtBot) -> None:
    form, heard = shown(qtbot, TrainingConfig(batch_size=2))
    stepper = form.editor("batch_size")
    qtbot.mouseClick(stepper.fewer, CLICK)
    assert stepper.value() == 1
    assert not stepper.fewer.isEnabled()
    qtbot.mouseClick(stepper.fewer, CLICK)
    assert len(heard.editing) == 1


def test_a_switch_and_a_choice_edit(qtbot: QtBot) -> None:
    form, heard = shown(qtbot, DENSE)
    qtbot.mouseClick(form.editor("bias"), CLICK)
    choice = form.editor("activation")
    labels = [choice.itemText(index) for index in range(choice.count())]
    assert labels == [ACTIVATIONS[name].label for name in ACTIVATIONS]
    assert choice.currentText() == ACTIVATIONS["tanh"].label
    choice.setFocus()
    qtbot.keyClick(choice, Qt.Key.Key_Home)
    assert heard.edited == [("bias", False), ("activation", ACTIVATIONS.names()[0])]


def test_an_optional_setting_is_a_switch_and_a_value(qtbot: QtBot) -> None:
    form, heard = shown(qtbot, StopRules())
    editor = form.editor("max_epochs")
    assert isinstance(editor, OptionalEditor)
    assert not editor.inner.isEnabled()
    qtbot.mouseClick(editor.switch, CLICK)
    assert heard.edited == [("max_epochs", 10)]
    retype(qtbot, editor.inner, "25")
    qtbot.mouseClick(editor.switch, CLICK)
    qtbot.mouseClick(editor.switch, CLICK)
    assert [value for _, value in heard.edited] == [10, 25, None, 25], "the value is remembered while off"


def test_showing_a_spec_says_nothing_and_rebuilds_for_another_kind(qtbot: QtBot) -> None:
    form, heard = shown(qtbot, SGD(learning_rate=0.1))
    form.show_spec(SGD(learning_rate=0.5))
    assert form.editor("learning_rate").field.text() == "0.5"
    kept = form.editor("learning_rate")
    form.show_spec(Momentum(learning_rate=0.2, momentum=0.7))
    assert list(form.rows) == ["learning_rate", "momentum"]
    assert form.editor("momentum").value() == 0.7
    assert form.editor("learning_rate") is not kept
    assert heard.edited == heard.editing == []


def test_what_is_being_typed_survives_a_refresh_of_the_same_value(qtbot: QtBot) -> None:
    form, heard = shown(qtbot, TrainingConfig(batch_size=32))
    field = form.editor("batch_size").field
    retype(qtbot, field, "6", key=None)
    qtbot.waitUntil(field.hasFocus)
    form.show_spec(TrainingConfig(batch_size=32))
    qtbot.keyClicks(field, "4")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert heard.edited == [("batch_size", 64)]


def test_less_common_settings_are_folded_under_more(qtbot: QtBot) -> None:
    form, _ = shown(qtbot, TrainingConfig())
    assert form.editor("batch_size").isVisible()
    assert not form.editor("seed").isVisible()
    assert form.more is not None
    qtbot.mouseClick(form.more.button, CLICK)
    assert form.editor("seed").isVisible()


def test_tab_walks_the_rows_in_order(qtbot: QtBot) -> None:
    form, _ = shown(qtbot, Momentum())
    form.activateWindow()
    rate, momentum = form.editor("learning_rate"), form.editor("momentum")
    rate.field.setFocus()
    walked = []
    for _ in range(3):
        qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        walked.append(QApplication.focusWidget())
    assert walked == [rate.slider, momentum.field, momentum.slider]


@dataclass(frozen=True, kw_only=True)
class Odd:
    """Settings at the edges of what a form must bear."""

    sizes: tuple[int, ...] = setting((3, 3), label="Sizes", minimum=1)
    note: str = setting("", label="Note")
    free: float = setting(0.0, label="Free")
    share: float = setting(0.5, label="Share", above=0.0, below=1.0)


def test_lists_texts_and_free_numbers(qtbot: QtBot) -> None:
    form, heard = shown(qtbot, Odd())
    retype(qtbot, form.editor("sizes"), "5 × 7")
    retype(qtbot, form.editor("sizes"), "5, 0")
    assert "at least 1" in form.rows["sizes"].fault.text()
    retype(qtbot, form.editor("note"), "hello")
    retype(qtbot, form.editor("free"), "−1e6")
    retype(qtbot, form.editor("share").field, "1")
    assert heard.edited == [("sizes", (5, 7)), ("note", "hello"), ("free", -1e6)]
    assert "less than 1" in form.rows["share"].fault.text()


def test_steps_stay_within_the_limits() -> None:
    rate = settings_of(SGD)[0]
    assert slider_range(rate) == (1e-5, 10.0)
    assert [stepped(rate, 0.1, steps) for steps in (-1, 1, -4, 4)] == [0.05, 0.2, 0.005, 2.0]
    share = Setting("share", "float", "Share", minimum=0.0, maximum=0.9, step=0.05)
    assert slider_range(share) == (0.0, 0.9)
    assert stepped(share, 0.88, 1) == 0.9
    assert stepped(share, 0.0, -1) == 0.0
    count = replace(share, kind="int", minimum=1, maximum=10, step=None)
    assert [stepped(count, 9, 5), stepped(count, 2, -5)] == [10, 1]
