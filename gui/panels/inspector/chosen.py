"""“Chosen by you”: the hyperparameters, every one of them applied at once, also while it trains."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from engine.design import Project
from engine.fields import Setting
from engine.losses import LOSSES
from engine.optimizers import OPTIMIZERS
from gui.document.document import Document
from gui.document.edits import with_loss, with_training
from gui.panels.inspector.stack import LayerStack
from gui.session.controller import SessionController
from gui.widgets.chrome import Disclosure, SectionHeading
from gui.widgets.controls import Choice, options_of
from gui.widgets.forms import Form
from gui.widgets.numbers import number_text
from gui.widgets.words import translated


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
        self.rates = Form(project.training.optimizer)
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
        for form, apply in (
            (self.rates, self._with_rate),
            (self.training, self._with_training),
            (self.stopping, self._with_stop),
        ):
            form.edited.connect(lambda name, value, make=apply: self._edit(name, value, "", make))
            form.editing.connect(
                lambda name, value, gesture, make=apply: self._edit(name, value, gesture, make)
            )

    def _edit(self, name: str, value: Any, gesture: str, apply: Any) -> None:
        shown = (
            number_text(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
        )
        text = self.tr("set {name} to {value}").format(name=name.replace("_", " "), value=shown)
        self.document.edit(text, apply(self.document.project, name, value), gesture)

    @staticmethod
    def _with_rate(project: Project, name: str, value: Any) -> Project:
        return with_training(project, optimizer=replace(project.training.optimizer, **{name: value}))

    @staticmethod
    def _with_training(project: Project, name: str, value: Any) -> Project:
        return with_training(project, **{name: value})

    @staticmethod
    def _with_stop(project: Project, name: str, value: Any) -> Project:
        return with_training(project, stop=replace(project.training.stop, **{name: value}))

    def _on_optimizer(self) -> None:
        project = self.document.project
        cls = OPTIMIZERS[self.optimizer.value() or ""]
        if cls is not type(project.training.optimizer):
            text = self.tr("use {name}").format(name=translated(cls.label))
            self.document.edit(text, with_training(project, optimizer=cls()))

    def _on_loss(self) -> None:
        project = self.document.project
        cls = LOSSES[self.loss.value() or ""]
        if cls is not type(project.training.loss):
            text = self.tr("use {name}").format(name=translated(cls.label))
            self.document.edit(text, with_loss(project, cls()))


def _is_training(setting: Setting) -> bool:
    return setting.name not in ("loss", "optimizer", "stop")
