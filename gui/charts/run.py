"""The curves of the run: loss and score of the training and the test set, kept in two charts."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject

from engine.datasets.base import Data
from engine.training.events import Edited
from engine.training.history import CurveData
from gui.charts.curves import CurveChart
from gui.document.document import Document
from gui.session.controller import SessionController
from gui.session.frame_clock import FrameClock


def loss_chart() -> CurveChart:
    """An empty chart for the loss."""
    return CurveChart(QCoreApplication.translate("RunCurves", "loss"))


def score_chart() -> CurveChart:
    """An empty chart for the accuracy, which regression turns into one for R²."""
    return CurveChart(QCoreApplication.translate("RunCurves", "accuracy"), share=True)


class RunCurves(QObject):
    """Feeds a chart of the loss and a chart of the score (accuracy, or R² in regression)."""

    def __init__(
        self,
        document: Document,
        controller: SessionController,
        clock: FrameClock,
        loss: CurveChart,
        score: CurveChart,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.controller = controller
        self.loss, self.score = loss, score
        score.empty_text = self._empty_text("classes")
        self._task = "classes"
        self._begin()
        document.replaced.connect(self._prepare)
        controller.opened.connect(self._begin)
        controller.edited.connect(self._on_edited)
        clock.curves_ready.connect(self.show_curves)
        self.show_curves(clock.curves)

    def show_curves(self, curves: dict[str, CurveData]) -> None:
        """Show curves by the names that a session gives them."""
        for chart, name in self._places():
            curve = curves.get(name)
            if curve is not None and len(curve) and not _is_shown(chart, name, curve):
                low, high = (curve.low, curve.high) if name == "loss" else (None, None)
                chart.set_curve(name, curve.step, curve.mean, low, high)

    def _places(self) -> tuple[tuple[CurveChart, str], ...]:
        return (
            (self.loss, "loss"),
            (self.loss, "test_loss"),
            (self.score, "train_score"),
            (self.score, "test_score"),
        )

    def _prepare(self) -> None:
        """Empty charts, in which each curve has its color from the start, whichever comes first."""
        for chart in (self.loss, self.score):
            chart.clear()
        for chart, name in self._places():
            chart.set_curve(name, (), (), label=self.tr("test") if "test" in name else self.tr("training"))

    def _begin(self) -> None:
        self._fit_task(self.controller.data)
        self._prepare()
        self._mark()

    def _mark(self) -> None:
        for chart in (self.loss, self.score):
            chart.set_marks(self.controller.marks)

    def _on_edited(self, event: Edited) -> None:
        self._fit_task(event.data)
        self._mark()

    def _empty_text(self, task: str) -> str:
        if task == "regression":
            return self.tr("R², the share of the variance explained, takes more than one example.")
        return self.tr("The share of right answers will appear here.")

    def _fit_task(self, data: Data | None) -> None:
        """Classes have an accuracy, regression has R²."""
        task = data.task if data is not None else self._task
        if (task == "regression") != (self._task == "regression"):
            self.score.share = task != "regression"
            self.score.y_label = "R²" if task == "regression" else self.tr("accuracy")
            self.score.empty_text = self._empty_text(task)
            self._task = task
            self._prepare()


def _is_shown(chart: CurveChart, name: str, curve: CurveData) -> bool:
    """Whether a chart shows a curve as it is: the score is measured less often than the loss."""
    if name not in chart.curves:
        return False
    shown = chart.curves[name].samples
    if len(shown) != len(curve):
        return False
    return bool(shown.x[-1] == curve.step[-1] and shown.y[-1] == curve.mean[-1])
