"""The pace slider: from one batch in eight seconds, over one batch a frame, to as fast as it goes."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from gui import theme
from gui.widgets.controls import Slider
from gui.widgets.numbers import count_text, number_text

ONE_A_FRAME = 60.0
FULL_SPEED = math.inf
PACES = (
    0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, ONE_A_FRAME,
    125.0, 250.0, 500.0, 1000.0, 2000.0, 5000.0, FULL_SPEED,
)  # fmt: skip
"""Batches per second at each stop of the slider."""


class PaceSlider(QWidget):
    """Chooses how many batches a second are trained, on a logarithmic scale, and says it in words.

    Signals:
        pace_changed(float): batches per second; `FULL_SPEED` (infinity) is as fast as possible.
    """

    pace_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None, *, pace: float = ONE_A_FRAME) -> None:
        super().__init__(parent)
        self.slider = Slider()
        self.slider.setRange(0, len(PACES) - 1)
        self.slider.setPageStep(3)
        self.slider.stops = (PACES.index(1.0), PACES.index(ONE_A_FRAME))
        self.slider.setAccessibleName(self.tr("Speed"))
        self.slider.valueChanged.connect(self._on_slid)
        self.caption = QLabel()
        self.caption.setProperty("role", "secondary")
        self.setFocusProxy(self.slider)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.caption)
        self.set_pace(pace)
        self._reserve()

    def pace(self) -> float:
        """Batches per second; infinity is full speed."""
        return PACES[self.slider.value()]

    def set_pace(self, pace: float) -> None:
        """Show the stop nearest to a pace, without telling anybody."""
        blocked = self.slider.blockSignals(True)
        self.slider.setValue(nearest_stop(pace))
        self.slider.blockSignals(blocked)
        self._describe()

    def faster(self) -> None:
        """One stop up."""
        self.slider.setValue(self.slider.value() + 1)

    def slower(self) -> None:
        """One stop down."""
        self.slider.setValue(self.slider.value() - 1)

    def pace_text(self, pace: float) -> str:
        """A pace in words."""
        if pace == FULL_SPEED:
            return self.tr("full speed")
        if pace == ONE_A_FRAME:
            return self.tr("1 batch a frame")
        if pace < 1:
            return self.tr("1 batch in {count} s").format(count=number_text(1 / pace))
        if pace == 1:
            return self.tr("1 batch a second")
        return self.tr("{count} batches/s").format(count=count_text(round(pace)))

    def sizeHint(self) -> QSize:
        return QSize(theme.current().px(240), super().sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if theme.is_restyled(event):
            self._reserve()

    def _reserve(self) -> None:
        """Keep room for the longest caption, so that nothing beside it moves."""
        self.caption.ensurePolished()
        widths = (self.caption.fontMetrics().horizontalAdvance(self.pace_text(pace)) for pace in PACES)
        self.caption.setFixedWidth(max(widths) + 2)

    def _on_slid(self) -> None:
        self._describe()
        self.pace_changed.emit(self.pace())

    def _describe(self) -> None:
        text = self.pace_text(self.pace())
        self.caption.setText(text)
        self.slider.setAccessibleDescription(text)
        self.slider.setToolTip(self.tr("Speed: {pace}").format(pace=text))
        self.caption.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)


def nearest_stop(pace: float) -> int:
    """The stop whose pace is nearest by ratio; full speed only for infinity."""
    if not pace < math.inf:
        return len(PACES) - 1
    finite = PACES[:-1]
    return min(range(len(finite)), key=lambda stop: abs(math.log(finite[stop] / max(pace, 1e-9))))
