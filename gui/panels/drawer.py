"""The drawer at the bottom: the curves of the run, large, side by side. Closed at first."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QWidget

from gui import theme
from gui.actions import Actions
from gui.charts.place import CurvesPlace
from gui.document.document import Document
from gui.session.controller import SessionController
from gui.session.frame_clock import FrameClock
from gui.widgets.buttons import IconButton

HEIGHT = 240


class Drawer(QWidget):
    """Two large charts and a button that closes them."""

    def __init__(
        self,
        document: Document,
        controller: SessionController,
        clock: FrameClock,
        actions: Actions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.charts = CurvesPlace(document, controller, clock, QBoxLayout.Direction.LeftToRight)
        self.charts.set_spacing(24)
        self.close_button = IconButton("close", self.tr("Close the charts"), size=14)
        self.close_button.clicked.connect(actions["view.drawer"].trigger)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(self.tr("Charts"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 8, 8, 8)
        layout.addWidget(self.charts, 1)
        layout.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)

    def sizeHint(self) -> QSize:
        return QSize(600, theme.current().px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, theme.current().px(140))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if theme.is_restyled(event):
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        look = theme.current()
        painter.fillRect(self.rect(), look.color("panel"))
        painter.fillRect(0, 0, self.width(), 1, look.color("line"))
