"""A place for the curves of the run, filled once it is seen, so that the window does not wait for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from gui.charts.loading import Loading
from gui.document.document import Document
from gui.session.controller import SessionController
from gui.session.frame_clock import Frame, FrameClock

if TYPE_CHECKING:
    from gui.charts.run import RunCurves

PATIENCE_MS = 500
"""For how long the first picture of the network goes before the charts; without a network there is none."""


class CurvesPlace(QWidget):
    """The chart of the loss and that of the score in one direction, made after the place was first painted
    and the network is there.

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
        self._making: Iterator[None] | None = None
        self._loading = Loading(self)
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._begin)
        clock.frame_ready.connect(self._on_frame)

    @property
    def is_filled(self) -> bool:
        """Whether the charts are there."""
        return self._curves is not None

    @property
    def curves(self) -> RunCurves:
        """The curves with their charts, made now if they are not there yet."""
        if self._curves is None:
            self._loading.stop()
            for _piece in self._making or self._make():
                pass
        assert self._curves is not None
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
        if self._making is None and self._curves is None and not self._soon.isActive():
            self._soon.start(PATIENCE_MS if self._sources[2].frame is None else 0)

    def _on_frame(self, _frame: Frame) -> None:
        """The network is drawn, so that the charts may follow."""
        if self._curves is None and self._soon.isActive():
            self._soon.start(0)

    def _begin(self) -> None:
        if self._curves is None:
            self._making = self._make()
            self._loading.start(self._making)

    def _on_log(self, on: bool) -> None:
        if on != self._log:
            self._log = on
            self.log_changed.emit(on)

    def _make(self) -> Iterator[None]:
        """Make the charts in pieces, between which the event loop may go on: each chart is a lot of work."""
        from gui.charts.run import RunCurves, loss_chart, score_chart  # here, since it loads pyqtgraph

        yield
        loss = loss_chart()
        yield
        score = score_chart()
        yield
        self._soon.stop()
        self._sources[2].frame_ready.disconnect(self._on_frame)
        curves = self._curves = RunCurves(*self._sources, loss, score, self)
        for chart in (loss, score):
            self._charts.addWidget(chart, 1)
        loss.set_log(self._log)
        loss.log_changed.connect(self._on_log)
        self._take_place_in_tab_order(curves)
        self._fit()

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
