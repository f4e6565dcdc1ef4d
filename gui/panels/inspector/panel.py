"""The inspector: a page for learning, for a layer, a neuron, a map, a bias, several things, as selected."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QScrollBar, QSizePolicy, QStackedLayout, QWidget

from gui import theme
from gui.actions import Actions
from gui.document.document import Document
from gui.document.selection import Picked
from gui.panels.inspector.bias import BiasPage
from gui.panels.inspector.layer import LayerPage
from gui.panels.inspector.learning import LearningPage
from gui.panels.inspector.live import LivePage
from gui.panels.inspector.map import MapPage, is_map
from gui.panels.inspector.neuron import NeuronPage
from gui.panels.inspector.several import SeveralPage
from gui.session.controller import SessionController
from gui.session.frame_clock import FrameClock
from gui.widgets.chrome import scrolling

WIDTH = 296


class Inspector(QWidget):
    """Shows the page that suits the selection."""

    def __init__(
        self,
        document: Document,
        controller: SessionController,
        clock: FrameClock,
        actions: Actions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.learning = LearningPage(document, controller, clock)
        self.layer = LayerPage(document, controller)
        self.neuron = NeuronPage(document, clock)
        self.map = MapPage(document, clock)
        self.bias = BiasPage(document, clock)
        self.several = SeveralPage(document, actions)
        self._areas: dict[QWidget, QScrollArea] = {}
        self._stack = QStackedLayout(self)
        pages = (self.learning, self.layer, self.neuron, self.map, self.bias, self.several)
        for page in pages:
            page.setProperty("role", "page")
            page.setContentsMargins(0, 0, 0, 0)
            self._areas[page] = area = scrolling(page)
            self._stack.addWidget(area)
            keep_width(page, area.verticalScrollBar())
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Inspector"))
        document.selection.changed.connect(self._follow)
        document.replaced.connect(self._follow)
        self._follow()
        self._resize()

    @property
    def page(self) -> QWidget:
        """The page that is shown."""
        area = self._stack.currentWidget()
        return next(page for page, own in self._areas.items() if own is area)

    def _follow(self) -> None:
        picked = self.document.selection.current
        if picked is None:
            page: QWidget = self.learning
        elif len(self.document.selection.picked) > 1:
            self.several.refresh()
            page = self.several
        elif picked.unit is None:
            self.layer.show_layer(picked.layer)
            page = self.layer
        else:
            page = self._live_page(picked)
            page.show_picked(picked)
        self._stack.setCurrentWidget(self._areas[page])

    def _live_page(self, picked: Picked) -> LivePage:
        """The page for a part of a layer."""
        if picked.unit is not None and picked.unit < 0:
            return self.bias
        return self.map if is_map(self.document.project.design, picked.layer) else self.neuron

    def _resize(self) -> None:
        self.setFixedWidth(theme.current().px(WIDTH))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if theme.is_restyled(event):
            self._resize()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        look = theme.current()
        painter.fillRect(self.rect(), look.color("panel"))
        painter.fillRect(0, 0, 1, self.height(), look.color("line"))


def keep_width(page: QWidget, bar: QScrollBar) -> None:
    """Let a scroll bar take its room from the margin beside it, so that nothing on the page gets narrower."""
    layout = page.layout()
    assert layout is not None
    margins = layout.contentsMargins()

    def give_way(_lowest: int, highest: int) -> None:
        taken = bar.sizeHint().width() if highest else 0
        right = max(margins.right() - taken, 0)
        layout.setContentsMargins(margins.left(), margins.top(), right, margins.bottom())

    bar.rangeChanged.connect(give_way)
