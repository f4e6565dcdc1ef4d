"""The curves of the run: loss and score of the training and the test set, kept in two charts."""

from __future__ import annotations

from PySide6.QtCore import QObject

from engine.datasets.base import Data
from engine.training.history import CurveData
from engine.training.worker import Edited
from gui.charts.curves import CurveChart
from gui.document.document import Document
from gui.session.controller import SessionController
from gui.session.frame_clock import FrameClock


class RunCurves(QObject):
    """Feeds a chart of the loss and a chart of the score (accuracy, or R² in regression).

    Attributes:
        loss, score: the charts, to be put somewhere.
    """

    def __init__(
        self,
        document: Document,
        controller: SessionController,
        clock: FrameClock,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.controller = controller
        self.loss = CurveChart(self.tr("loss"))
        self.score = CurveChart(
            self.tr("accuracy"),
            share=True,
            empty_text=self.tr("The share of right answers will appear here."),
        )
        self._task = "classes"
        controller.opened.connect(self._on_opened)
        controller.edited.connect(self._on_edited)
        clock.curves_ready.connect(self.show_curves)
        self._fit_task(controller.data)
        self.show_curves(clock.curves)

    def show_curves(self, curves: dict[str, CurveData]) -> None:
        """Show curves by the names that a session gives them."""
        for name, label in (("loss", self.tr("training")), ("test_loss", self.tr("test"))):
            self._show(self.loss, curves.get(name), name, label, band=name == "loss")
        for name, label in (("train_score", self.tr("training")), ("test_score", self.tr("test"))):
            self._show(self.score, curves.get(name), name, label, band=False)

    def _show(self, chart: CurveChart, curve: CurveData | None, name: str, label: str, *, band: bool) -> None:
        if curve is not None and len(curve):
            low, high = (curve.low, curve.high) if band else (None, None)
            chart.set_curve(name, curve.step, curve.mean, low, high, label=label)

    def _on_opened(self) -> None:
        self._fit_task(self.controller.data)
        self.loss.clear()
        self.score.clear()

    def _on_edited(self, event: Edited) -> None:
        self._fit_task(event.data)
        if event.report is not None and event.step > 0:
            text = self.document.undo_stack.undoText() or self.tr("undone")
            self.loss.add_mark(event.step, text)
            self.score.add_mark(event.step, text)

    def _fit_task(self, data: Data | None) -> None:
        """Classes have an accuracy, regression has R²."""
        task = data.task if data is not None else self._task
        if (task == "regression") != (self._task == "regression"):
            self.score.share = task != "regression"
            self.score.y_label = "R²" if task == "regression" else self.tr("accuracy")
            self.score.clear()
        self._task = task
