"""A place for the curves of the run, filled once it is seen, so that the window does not wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from gui.document.document import Document
from gui.session.controller import SessionController
from gui.session.frame_clock import FrameClock

if TYPE_CHECKING:
    from gui.charts.run import RunCurves


class CurvesPlace(QWidget):
    """The chart of the loss and that of the score in one direction, made after the place was first painted.

    Signals:
        log_changed(bool): the loss was asked for on a logarithmic axis, or on a linear one.

    Loading pyqtgraph takes a quarter of the time until the window is there, and an empty chart says little.
    """

    log_changed = Signal(bool)

    def __init__(
        self,
        document: Document,
        controller: SessionController,
        clock: FrameClock,
        direction: QBoxLayout.Direction,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._sources = (document, controller, clock)
        self._curves: RunCurves | None = None
        self._log = False
        self._heights: tuple[int, int] | None = None
        self._charts = QBoxLayout(direction, self)
        self._charts.setContentsMargins(0, 0, 0, 0)
        self._charts.setSpacing(0)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._fill)

    @property
    def curves(self) -> RunCurves:
        """The curves with their charts, made now if they are not there yet."""
        if self._curves is None:
            from gui.charts.run import RunCurves  # here, since it loads pyqtgraph

            self._curves = RunCurves(*self._sources, self)
            self._charts.addWidget(self._curves.loss, 1)
            self._charts.addWidget(self._curves.score, 1)
            self._curves.loss.set_log(self._log)
            self._curves.loss.log_changed.connect(self._on_log)
            self._take_place_in_tab_order(self._curves)
            self._fit()
        return self._curves

    def set_spacing(self, pixels: int) -> None:
        """Leave so much room between the charts."""
        self._charts.setSpacing(pixels)

    def set_log(self, on: bool) -> None:
        """Show the loss on a logarithmic axis, or on a linear one."""
        self._log = on
        if self._curves is not None:
            self._curves.loss.set_log(on)

    def set_heights(self, loss: int, score: int) -> None:
        """Give both charts a height of their own, in pixels; without, they share what there is."""
        self._heights = (loss, score)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._curves is None:
            self._soon.start()

    def _on_log(self, on: bool) -> None:
        if on != self._log:
            self._log = on
            self.log_changed.emit(on)

    def _fill(self) -> None:
        self.curves  # noqa: B018  asking for them makes them

    def _fit(self) -> None:
        if self._heights is None:
            return
        self.setFixedHeight(sum(self._heights))
        if self._curves is not None:
            self._curves.loss.setFixedHeight(self._heights[0])
            self._curves.score.setFixedHeight(self._heights[1])

    def _take_place_in_tab_order(self, curves: RunCurves) -> None:
        """What is made later stands at the end of the window's tab order, unless it is told otherwise."""
        before: QWidget = self
        for chart in (curves.loss, curves.score):
            for widget in (chart.plot, chart.legend.log_button):
                QWidget.setTabOrder(before, widget)
                before = widget
