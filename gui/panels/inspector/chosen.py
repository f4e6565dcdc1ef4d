"""“Chosen by you”: the hyperparameters, every one of them applied at once, also while it trains."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from engine.edits.settings import choose, set_training_field
from engine.fields import Setting
from engine.losses import LOSSES
from engine.optimizers import OPTIMIZERS
from gui.document.document import Document
from gui.panels.inspector.stack import LayerStack
from gui.session.controller import SessionController
from gui.widgets.chrome import Disclosure, SectionHeading
from gui.widgets.controls import Choice, options_of
from gui.widgets.forms import Form


class ChosenSection(QWidget):
    """Optimizer, loss, batch size, layers and stop rules."""

    def __init__(
        self, document: Document, controller: SessionController, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.document = document
        project = document.project
        self.optimizer = Choice(options_of(OPTIMIZERS))
        self.loss = Choice(options_of(LOSSES))
        self.rates = Form(project.training.optimizer, more=self.tr("More of the optimizer"))
        self.training = Form(project.training, wanted=_is_training)
        self.layers = LayerStack(document, controller)
        self.stopping = Form(project.training.stop)
        self._name_choices()
        self._lay_out()
        self._connect()
        document.project_changed.connect(self.refresh)
        document.replaced.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the project's values."""
        training = self.document.project.training
        self.optimizer.show_value(training.optimizer.kind)
        self.loss.show_value(training.loss.kind)
        self.rates.show_spec(training.optimizer)
        self.training.show_spec(training)
        self.stopping.show_spec(training.stop)

    def _name_choices(self) -> None:
        tips = (
            (self.optimizer, self.tr("Optimizer"), self.tr("How a gradient becomes a change of the weights")),
            (self.loss, self.tr("Loss"), self.tr("What is measured as error, and made small")),
        )
        for choice, name, tip in tips:
            choice.setAccessibleName(name)
            choice.setToolTip(tip)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        heading = SectionHeading(self.tr("Chosen by you"))
        heading.set_remark(self.tr("hyperparameters"))
        layout.addWidget(heading)
        layout.addWidget(self.rates)
        layout.addWidget(self.training)
        choices = QGridLayout()
        choices.setContentsMargins(0, 0, 0, 0)
        choices.setSpacing(4)
        choices.setColumnStretch(1, 1)
        pairs = ((self.tr("Optimizer"), self.optimizer), (self.tr("Loss"), self.loss))
        for row, (text, choice) in enumerate(pairs):
            label = QLabel(text)
            label.setBuddy(choice)
            choices.addWidget(label, row, 0)
            choices.addWidget(choice, row, 1)
        layout.addLayout(choices)
        layout.addWidget(self.layers)
        self.stops = Disclosure(self.tr("When to stop"))
        self.stops.button.setToolTip(self.tr("Training goes on until you pause it, or until one of these"))
        self.stops.add(self.stopping)
        layout.addWidget(self.stops)

    def _connect(self) -> None:
        self.optimizer.activated.connect(self._on_optimizer)
        self.loss.activated.connect(self._on_loss)
        for form, part in ((self.rates, "optimizer"), (self.training, ""), (self.stopping, "stop")):
            form.edited.connect(lambda name, value, part=part: self._set(name, value, "", part))
            form.editing.connect(
                lambda name, value, gesture, part=part: self._set(name, value, gesture, part)
            )

    def _set(self, name: str, value: Any, gesture: str, part: str) -> None:
        self.document.apply(set_training_field(self.document.project, name, value, part), gesture)

    def _on_optimizer(self) -> None:
        self.document.apply(choose(self.document.project, "optimizer", self.optimizer.value() or ""))

    def _on_loss(self) -> None:
        self.document.apply(choose(self.document.project, "loss", self.loss.value() or ""))


def _is_training(setting: Setting) -> bool:
    return setting.name not in ("loss", "optimizer", "stop")
