"""The flyouts beside the rail: layers, data and examples, each made when it is first opened."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from gui.panels.data import DataPanel
from gui.panels.examples import ExamplesPanel
from gui.panels.layers import LayersPanel
from gui.panels.rail import Rail
from gui.parts import Parts


class Flyouts(QObject):
    """Adds the panels to a rail.

    Signals:
        layer_chosen(str): a kind of layer is to be added; data_chosen(DataConfig): it is to learn from these.
        opened(str, str): what of another kind was chosen, an “example” say, and its name.
        file_wanted(): data are to be read from a file.
    """

    layer_chosen = Signal(str)
    data_chosen = Signal(object)
    opened = Signal(str, str)
    file_wanted = Signal()

    def __init__(self, rail: Rail, parts: Parts, parent: QWidget) -> None:
        super().__init__(parent)
        self._rail, self._parts, tr = rail, parts, self.tr
        rail.add("layers", "layers", tr("Layers"), tr("Layers to put into the network"), self._make_layers)
        rail.add("data", "data", tr("Data"), tr("The data it learns from"), self._make_data)
        rail.add("examples", "examples", tr("Examples"), tr("Ready networks to open"), self._make_examples)

    @property
    def layers(self) -> LayersPanel:
        """The palette of layers."""
        return cast(LayersPanel, self._rail.body("layers"))

    @property
    def data(self) -> DataPanel:
        """The data to choose from."""
        return cast(DataPanel, self._rail.body("data"))

    @property
    def examples(self) -> ExamplesPanel:
        """The examples to open."""
        return cast(ExamplesPanel, self._rail.body("examples"))

    def _make_layers(self) -> LayersPanel:
        panel = LayersPanel(self._parts.document)
        panel.chosen.connect(self.layer_chosen)
        panel.opened.connect(self.opened)
        return panel

    def _make_data(self) -> DataPanel:
        panel = DataPanel(self._parts.document, self._parts.controller)
        panel.chosen.connect(self.data_chosen)
        panel.file_wanted.connect(self.file_wanted)
        return panel

    def _make_examples(self) -> ExamplesPanel:
        panel = ExamplesPanel(self._parts.document)
        panel.chosen.connect(lambda name: self.opened.emit("example", name))
        panel.chosen.connect(self._rail.close_all)
        return panel
