"""The data: which set, drawn and split how. Everything takes effect at once, while training goes on."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from engine.datasets.base import DATASETS, Data, DataError, dataset_of
from engine.design import DataConfig
from engine.edits.data import set_data_field, set_data_option
from engine.fields import Setting
from gui.document.document import Document
from gui.session.controller import SessionController
from gui.widgets.chrome import SectionHeading
from gui.widgets.controls import Choice
from gui.widgets.forms import Form
from gui.widgets.naming import name_control
from gui.widgets.numbers import count_text
from gui.widgets.words import translated

OWN_TEST_SET = ("mnist", "xor", "single")
"""Data sets that are not split: they bring their own test examples, or have none."""
ONE_EXAMPLE = ("single", "xor")


class DataPanel(QWidget):
    """The data set with its options, and how it is prepared.

    Signals:
        chosen(DataConfig): another data set is wanted, which the network must be fitted to.
        file_wanted(): a data file is to be opened.
    """

    chosen = Signal(object)
    file_wanted = Signal()

    def __init__(
        self, document: Document, controller: SessionController, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.controller = controller
        self.which = Choice()
        self.which.setAccessibleName(self.tr("Data set"))
        self.which.setToolTip(self.tr("Train on other data; the first and last layer are fitted to it"))
        self.about = QLabel(wordWrap=True)
        self.about.setProperty("role", "secondary")
        self.counts = QLabel(wordWrap=True)
        self.counts.setProperty("role", "secondary")
        self.open_file = QPushButton(self.tr("Open a data file …"))
        tip = self.tr("A table (CSV), arrays (NPZ) or pictures (IDX) of your own")
        name_control(self.open_file, self.tr("Open a data file"), tip)
        self.options: Form | None = None
        self.preparing: Form | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(16, 4, 16, 16)
        self._layout.setSpacing(6)
        self._forms = QVBoxLayout()
        self._forms.setSpacing(4)
        for widget in (self.which, self.about, self.counts):
            self._layout.addWidget(widget)
        self._layout.addLayout(self._forms)
        self._layout.addSpacing(8)
        self._layout.addWidget(self.open_file)
        self._layout.addStretch(1)
        self._built_for = ""
        self.which.activated.connect(self._on_chosen)
        self.open_file.clicked.connect(self.file_wanted)
        document.project_changed.connect(self.refresh)
        document.replaced.connect(self.refresh)
        controller.opened.connect(self._show_counts)
        controller.edited.connect(self._show_counts)
        self.refresh()

    def refresh(self) -> None:
        """Show the project's data."""
        config = self.document.project.data
        if config.name != self._built_for:
            self._build(config)
        cls = dict(DATASETS.items()).get(config.name)
        self.which.show_value(config.name)
        self.about.setText(translated(cls.summary) if cls else "")
        try:
            spec = dataset_of(config)
        except DataError as error:
            self.about.setText(str(error))
            return
        if self.options is not None:
            self.options.show_spec(spec)
        if self.preparing is not None:
            self.preparing.show_spec(config)

    def _build(self, config: DataConfig) -> None:
        self._built_for = config.name
        offered = [
            (n, translated(c.label)) for n, c in DATASETS.items() if not c.from_file or n == config.name
        ]
        self.which.set_options(offered)
        while (item := self._forms.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.options = self.preparing = None
        if config.name in DATASETS:
            self._build_forms(config)

    def _build_forms(self, config: DataConfig) -> None:
        try:
            options = Form(dataset_of(config))
        except DataError:
            return
        if options.rows and config.name != "single":
            options.edited.connect(self._on_option)
            options.editing.connect(self._on_option)
            self.options = options
            self._forms.addWidget(options)
        self._forms.addWidget(SectionHeading(self.tr("Preparation")))
        self.preparing = Form(config, wanted=lambda setting: self._is_wanted(config.name, setting))
        self.preparing.edited.connect(self._on_prepared)
        self.preparing.editing.connect(self._on_prepared)
        self._forms.addWidget(self.preparing)

    def _is_wanted(self, name: str, setting: Setting) -> bool:
        if setting.name == "test_fraction":
            return name not in OWN_TEST_SET
        return name not in ONE_EXAMPLE

    def _on_option(self, name: str, value: Any, gesture: str = "") -> None:
        self.document.apply(set_data_option(self.document.project, name, value), gesture)

    def _on_prepared(self, name: str, value: Any, gesture: str = "") -> None:
        self.document.apply(set_data_field(self.document.project, name, value), gesture)

    def _on_chosen(self) -> None:
        name = self.which.value()
        design = self.document.project.design
        if name is not None and (name != self.document.project.data.name or design.input is None):
            self.chosen.emit(DataConfig(name=name))

    def _show_counts(self) -> None:
        data: Data | None = self.controller.data
        if data is not None:
            text = self.tr("{features} features, {train} examples to train, {test} to test")
            self.counts.setText(
                text.format(
                    features=count_text(data.features),
                    train=count_text(len(data.train)),
                    test=count_text(len(data.test)),
                )
            )
