"""The transport bar: reset, play, step, the pace, and the few numbers that say how far training is."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from engine.training.snapshot import Evaluation, Snapshot
from gui import theme
from gui.actions import Actions
from gui.session.frame_clock import Frame, FrameClock
from gui.session.training import STEP_KINDS, Training
from gui.widgets.buttons import IconButton
from gui.widgets.icons import icon
from gui.widgets.numbers import count_text, fixed_text, number_text, percent_text, si_text
from gui.widgets.pace import PaceSlider
from gui.widgets.phases import PhaseStrip

HEIGHT = 40
TEXT_SECONDS = 0.25
"""Numbers that change faster cannot be read."""


class Transport(QWidget):
    """Plays, pauses, steps and resets by the actions; shows what the clock brings."""

    def __init__(
        self, actions: Actions, training: Training, clock: FrameClock, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.actions_ = actions
        self.training = training
        self.controller = training.controller
        self._clock = clock
        self._shown_at = 0.0
        self._was_playing = self._waiting = False
        self._measure: Evaluation | None = None
        self.reset = IconButton("reset", action=actions["train.reset"])
        self.play = QToolButton()
        self.step = QToolButton()
        self.kinds = QToolButton()
        self.phases = PhaseStrip()
        self.pace = PaceSlider()
        self.figures = {
            "step": Figure(self.tr("step"), "9,999,999"),
            "epoch": Figure(self.tr("epoch"), "9,999"),
            "speed": Figure(self.tr("examples/s"), "999.9k"),
            "score": Figure(self.tr("test"), "100.0%"),
        }
        self._make_play()
        self._make_step()
        self._lay_out()
        self._restyle()
        theme.manager().changed.connect(self._restyle)
        self.pace.set_pace(training.pace)
        self.pace.pace_changed.connect(training.set_pace)
        training.pace_changed.connect(self.pace.set_pace)
        self.controller.playing_changed.connect(self._on_playing)
        self.controller.opened.connect(self._on_opened)
        training.document.replaced.connect(self._show_nothing)
        training.document.project_changed.connect(self._on_project)
        clock.frame_ready.connect(self.show_frame)
        clock.tick.connect(self._on_tick)
        if clock.frame is not None:
            self.show_frame(clock.frame)

    def show_step_kind(self, kind: str) -> None:
        """Show what the step button does."""
        self.actions_[f"train.kind.{kind}"].setChecked(True)
        names = {"phase": self.tr("phase"), "batch": self.tr("batch"), "epoch": self.tr("epoch")}
        self.kinds.setText(names[kind])
        self.kinds.setAccessibleDescription(names[kind])

    def show_frame(self, frame: Frame) -> None:
        """Show a frame's numbers, at most four times a second while it plays; a new measure at once.

        Frames may be far apart, and the chart beside has the measure: what is left out here follows.
        """
        snapshot = frame.snapshot
        if self._is_empty:
            return
        now, measure = time.perf_counter(), snapshot.evaluations.get(_split(frame))
        soon = snapshot.playing and self._was_playing and now - self._shown_at < TEXT_SECONDS
        self._waiting = soon and measure is self._measure
        if self._waiting:
            return
        self._shown_at, self._was_playing, self._measure = now, snapshot.playing, measure
        self.figures["step"].show(count_text(snapshot.step))
        self.figures["epoch"].show(count_text(snapshot.epoch))
        self.figures["speed"].show(self._speed_text(frame), self.tr("Training examples a second, measured"))
        self._show_score(frame)
        self.phases.set_phase(
            "" if snapshot.playing or not snapshot.step + _begun(snapshot) else snapshot.phase
        )

    def _on_tick(self, _seconds: float) -> None:
        if self._waiting and self._clock.frame is not None:
            self.show_frame(self._clock.frame)

    def _speed_text(self, frame: Frame) -> str:
        batch = min(frame.project.training.batch_size, len(frame.data.train))
        return si_text(frame.snapshot.steps_per_second * batch) if frame.snapshot.playing else "–"

    def _show_score(self, frame: Frame) -> None:
        split = _split(frame)
        measure = frame.snapshot.evaluations.get(split)
        name = self.tr("test") if split == "test" else self.tr("training")
        if frame.data.task == "regression":
            text = (
                "–" if measure is None or not math.isfinite(measure.score) else fixed_text(measure.score, 3)
            )
            self.figures["score"].set_name(f"{name} R²")
            tip = self.tr("Share of the variance that is explained, over the whole {name} set")
        else:
            text = "–" if measure is None else percent_text(measure.score)
            self.figures["score"].set_name(name)
            tip = self.tr("Share of the {name} examples that it gets right")
        self.figures["score"].show(text, "\n".join([tip.format(name=name), *self._beside(measure)]))

    def _beside(self, measure: Evaluation | None) -> list[str]:
        """What else is known of how good it is, a line each."""
        lines = []
        if measure is not None and measure.top_5 is not None:
            share = percent_text(measure.top_5)
            lines.append(
                self.tr("The right class is among its five largest outputs: {share}").format(share=share)
            )
        if measure is not None and measure.absolute_error is not None:
            off = number_text(measure.absolute_error)
            lines.append(self.tr("How far it is off on average (mean absolute error): {off}").format(off=off))
        return lines

    def _on_playing(self, playing: bool) -> None:
        self.play.setText(self.tr("Pause") if playing else self.tr("Play"))
        self.play.setAccessibleName(self.play.text())
        self._was_playing = self._waiting = False
        if not playing:
            self.figures["speed"].show("–")
        self._restyle()

    def _show_nothing(self) -> None:
        """Another project is open, of which nothing is known yet; or there is no network any more."""
        self._waiting = False
        for figure in self.figures.values():
            figure.show("–")
        self.phases.set_phase("")

    def _on_project(self) -> None:
        frame, project = self._clock.frame, self.training.document.project
        if self._is_empty:
            self._show_nothing()
        elif frame is not None and frame.project.design == project.design:
            self.show_frame(frame)  # it is there again

    @property
    def _is_empty(self) -> bool:
        """Whether the canvas is; the worker still has what was there, but nothing of it is shown."""
        return not self.training.document.project.design.layers

    def _on_opened(self) -> None:
        self._was_playing = False

    def _make_play(self) -> None:
        action = self.actions_["train.play"]
        self.play.setProperty("kind", "primary")
        self.play.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.play.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.play.clicked.connect(action.trigger)
        self.play.setText(self.tr("Play"))
        self.play.setAccessibleName(self.tr("Play"))
        self.play.setToolTip(self.tr("Play or pause (Space)"))

    def _make_step(self) -> None:
        action = self.actions_["train.step"]
        self.step.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.step.setText(self.tr("Step"))
        self.step.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.step.setAutoRepeat(True)
        self.step.setAutoRepeatDelay(400)
        self.step.setAutoRepeatInterval(120)
        self.step.clicked.connect(action.trigger)
        self.step.setToolTip(self.tr("Do one step of the kind at the right (.)"))
        self.step.setAccessibleName(self.tr("Step"))
        menu = QMenu(self.kinds)
        for kind in STEP_KINDS:
            menu.addAction(self.actions_[f"train.kind.{kind}"])
        self.kinds.setMenu(menu)
        self.kinds.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.kinds.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.kinds.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.kinds.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.kinds.setToolTip(self.tr("What one step is: a phase, a batch or an epoch"))
        self.kinds.setAccessibleName(self.tr("Kind of step"))
        self.show_step_kind(self.training.step_kind)
        self.training.kind_changed.connect(self.show_step_kind)

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 16, 0)
        layout.setSpacing(4)
        for widget in (self.reset, self.play, self.step, self.kinds, self.phases):
            layout.addWidget(widget)
        layout.addSpacing(8)
        layout.addWidget(self.pace)
        layout.addStretch(1)
        for figure in self.figures.values():
            layout.addWidget(figure)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), theme.current().px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, theme.current().px(HEIGHT))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:  # a part needs more room, or less
            self._make_room()
        return handled

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if theme.is_restyled(event):
            self.updateGeometry()

    def _make_room(self) -> None:
        """Leave out what matters least where the window is narrow or the text large."""
        spare = self.width() - 24
        kept = (self.reset, self.play, self.step, self.kinds, self.figures["step"], self.figures["score"])
        spare -= sum(widget.sizeHint().width() + 4 for widget in kept)
        for widget in (self.pace, self.figures["epoch"], self.figures["speed"], self.phases):
            spare -= widget.sizeHint().width() + 4
            widget.setVisible(spare >= 0)

    def _restyle(self) -> None:
        look = theme.current()
        name = "pause" if self.controller.playing else "play"
        self.play.setIcon(icon(name, look.on_accent))
        self.step.setIcon(icon("step"))
        self.kinds.setIcon(icon("down", look.secondary))
        for button, size in ((self.play, 20), (self.step, 20), (self.kinds, 12)):
            button.setIconSize(QSize(look.px(size), look.px(size)))
        width = max(
            self.play.fontMetrics().horizontalAdvance(text) for text in (self.tr("Play"), self.tr("Pause"))
        )
        self.play.setFixedWidth(width + look.px(20 + 34))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        look = theme.current()
        painter.fillRect(self.rect(), look.color("panel"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, look.color("line"))


class Figure(QWidget):
    """A number with its name in small print, with room for the largest, so that nothing beside it moves."""

    def __init__(self, name: str, widest: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._widest = widest
        self.name = QLabel(name)
        self.name.setProperty("role", "secondary")
        self.value = QLabel("–")
        self.value.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.name)
        layout.addWidget(self.value)
        self._reserve()

    def show(self, text: str | None = None, tip: str = "") -> None:
        """Show a number; without one, show the widget itself."""
        if text is None:
            super().show()
            return
        if text != self.value.text():
            self.value.setText(text)
        if tip and tip != self.toolTip():
            self.setToolTip(tip)
        self.setAccessibleName(f"{self.name.text()} {text}")

    def set_name(self, name: str) -> None:
        """Call it otherwise."""
        if name != self.name.text():
            self.name.setText(name)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if theme.is_restyled(event):
            self._reserve()

    def _reserve(self) -> None:
        self.value.ensurePolished()
        self.value.setMinimumWidth(self.value.fontMetrics().horizontalAdvance(self._widest))


def _split(frame: Frame) -> str:
    """Which examples the score is of."""
    return "test" if len(frame.data.test) else "train"


def _begun(snapshot: Snapshot) -> int:
    return int(snapshot.phase != "update")
