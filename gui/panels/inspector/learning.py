"""The learning page, shown while nothing is selected: the curves, what is chosen, what is learned."""

from __future__ import annotations

from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from gui import theme
from gui.charts.place import CurvesPlace
from gui.document.building import asks_for_more
from gui.document.document import Document
from gui.document.facts import count_of, errors_of, parameter_count, said_of_pruned
from gui.panels.inspector.chosen import ChosenSection
from gui.session.controller import SessionController
from gui.session.frame_clock import FrameClock
from gui.widgets import labels
from gui.widgets.chrome import SectionHeading
from gui.widgets.numbers import count_text

LOSS_HEIGHT, SCORE_HEIGHT = 150, 112


class LearningPage(QWidget):
    """Curves, hyperparameters, parameters."""

    def __init__(
        self,
        document: Document,
        controller: SessionController,
        clock: FrameClock,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.controller = controller
        self.charts = CurvesPlace(document, controller, clock, QBoxLayout.Direction.TopToBottom)
        self.chosen = ChosenSection(document, controller)
        self.learned = SectionHeading("")
        self.explained = labels.secondary()
        self.fault = labels.fault()
        self._lay_out()
        self._restyle()
        theme.manager().changed.connect(self._restyle)
        document.project_changed.connect(self.refresh)
        document.replaced.connect(self.refresh)
        controller.opened.connect(self.refresh)
        controller.found.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the project's numbers and faults."""
        project = self.document.project
        data = self.controller.data_of(project)
        count = parameter_count(project.design)
        self.learned.set_text(self.tr("Learned: {count} parameters").format(count=count_text(count.total)))
        explained = self.tr(
            "{weights} and {biases}. You choose hyperparameters; training finds the parameters."
        ).format(
            weights=count_of(count.weights, self.tr("weight"), self.tr("weights")),
            biases=count_of(count.biases, self.tr("bias"), self.tr("biases")),
        )
        self.explained.setText(" ".join(filter(None, (explained, said_of_pruned(count)))))
        errors = errors_of(project, data)
        errors = errors if project.design.layers else ()  # the empty canvas says how to begin
        calm = asks_for_more(project, data)
        labels.say_faults(self.fault, tuple(fault.message for fault in errors), calm=calm)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 0, 12, 8)
        layout.setSpacing(0)
        layout.addWidget(SectionHeading(self.tr("Learning")))
        layout.addWidget(self.fault)
        layout.addWidget(self.charts)
        layout.addWidget(self.chosen)
        layout.addWidget(self.learned)
        layout.addWidget(self.explained)
        layout.addStretch(1)

    def _restyle(self) -> None:
        look = theme.current()
        self.charts.set_heights(look.px(LOSS_HEIGHT), look.px(SCORE_HEIGHT))
