"""What the pages of one neuron, one map and one bias share: they follow the frames, readably."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from gui.document.document import Document
from gui.document.facts import layer_number, truly_known
from gui.document.selection import Picked
from gui.session.frame_clock import Frame, FrameClock
from gui.widgets import labels
from gui.widgets.chrome import SectionHeading
from gui.widgets.numbers import full_text, number_text

TEXT_SECONDS = 0.1
"""Numbers that change faster cannot be read."""
Row = tuple[str, str, str]


class Numbers(QWidget):
    """Numbers with their names, one below the other; `rows` are (key, name, tooltip).

    Attributes:
        names, values: the labels, by key.
    """

    def __init__(self, rows: tuple[Row, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.names: dict[str, QLabel] = {}
        self.values: dict[str, QLabel] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 4, 0, 0)
        grid.setVerticalSpacing(4)
        for row, (key, text, tip) in enumerate(rows):
            name, value = QLabel(text), QLabel("–")
            name.setToolTip(tip)
            name.setProperty("role", "secondary")
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.names[key], self.values[key] = name, value
            grid.addWidget(name, row, 0)
            grid.addWidget(value, row, 1)

    def show_number(self, key: str, value: float | None) -> None:
        """Show a number; without one, hide its row."""
        if value is None:
            self.show_text(key, "")
        else:
            self.show_text(key, number_text(value, 4), full_text(value))

    def show_text(self, key: str, text: str, tip: str = "") -> None:
        """Show a text for a number; without one, hide its row."""
        self.names[key].setVisible(bool(text))
        self.values[key].setVisible(bool(text))
        self.values[key].setText(text)
        self.values[key].setToolTip(tip)


class LivePage(QWidget):
    """Shows what is picked in a layer, with the numbers of the newest frame.

    A page says in `_is_there` whether a frame knows what is picked, in `_title` what it is called, and shows
    it in `_show`; its `parts` are hidden while there is nothing to show.

    Attributes:
        picked: what is shown.
    """

    def __init__(
        self, document: Document, clock: FrameClock, rows: tuple[Row, ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.clock = clock
        self.picked = Picked("", 0)
        self._shown_at = 0.0
        self._waiting = False
        self.heading = SectionHeading("")
        self.address = labels.secondary()
        self.empty = labels.secondary(self.tr("Its numbers appear as soon as the data is loaded."))
        self.numbers = Numbers(rows)
        self.values = self.numbers.values
        self.parts: list[QWidget] = [self.numbers]
        self.place = QVBoxLayout(self)
        self.place.setContentsMargins(16, 0, 16, 16)
        self.place.setSpacing(4)
        for widget in (self.heading, self.address, self.empty, self.numbers):
            self.place.addWidget(widget)
        clock.frame_ready.connect(self._on_frame)
        clock.tick.connect(self._on_tick)
        clock.controller.refused.connect(self._on_refused)

    @property
    def layer(self) -> str:
        """The layer in which it is picked."""
        return self.picked.layer

    @property
    def unit(self) -> int:
        """Which neuron or map of the layer, −1 for its bias."""
        return -1 if self.picked.unit is None else self.picked.unit

    def show_picked(self, picked: Picked) -> None:
        """Show another neuron, map or bias."""
        self.picked = picked
        self.refresh()

    def refresh(self) -> None:
        """Show it as it is now."""
        frame = self.clock.frame
        fits = frame is not None and self._fits(frame)
        for widget in self.parts:
            widget.setVisible(fits)
        self.empty.setVisible(not fits)
        number = layer_number(self.document.project.design, self.layer)
        self.heading.set_text(self._title())
        where = self.tr("input") if number == 0 else self.tr("layer {number}").format(number=number)
        self.heading.set_remark(where)
        if fits and frame is not None:
            self._show_now(frame)

    def _title(self) -> str:
        raise NotImplementedError

    def _is_there(self, frame: Frame) -> bool:
        raise NotImplementedError

    def _show(self, frame: Frame) -> None:
        raise NotImplementedError

    def _on_frame(self, frame: Frame) -> None:
        if not self.isVisible() or not self._fits(frame):
            return
        if frame.snapshot.playing and time.perf_counter() - self._shown_at < TEXT_SECONDS:
            self._waiting = True  # where frames are rare, the next one may be long in coming
        elif self.numbers.isHidden():
            self.refresh()
        else:
            self._show_now(frame)

    def _on_tick(self, _seconds: float) -> None:
        if self._waiting and time.perf_counter() - self._shown_at >= TEXT_SECONDS:
            self._waiting = False
            if self.clock.frame is not None:
                self._on_frame(self.clock.frame)

    def _on_refused(self, _sentence: str, _was_playing: bool) -> None:
        if any(spec.id == self.layer for spec in self.document.project.design.layers):
            self.refresh()

    def _fits(self, frame: Frame) -> bool:
        """Whether the frame says something of it, even where the design cannot run now."""
        controller, design = self.clock.controller, self.document.project.design
        if controller.run < 0 or self.layer not in frame.trace.layers:  # it may be of the project before
            return False
        if controller.refusal and self.layer not in truly_known(design, frame.project.design):
            return False
        return self._is_there(frame)

    def _show_now(self, frame: Frame) -> None:
        self._shown_at, self._waiting = time.perf_counter(), False
        self._show(frame)
