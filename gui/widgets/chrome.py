"""What frames content: headings, foldable parts, a flyout's header, and the text of an empty place."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from gui import theme
from gui.widgets.buttons import IconButton
from gui.widgets.icons import icon


class ElidedLabel(QLabel):
    """A label of one line that ends in … where it has no room; its tooltip then has the whole text."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setMinimumWidth(theme.current().px(32))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.current().px(32), super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QHelpEvent)
            and event.type() == QEvent.Type.ToolTip
            and self._shown() != self.text()
        ):
            tip = "\n".join(filter(None, (self.text(), self.toolTip())))
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.contentsRect(), self.alignment(), self._shown())

    def _shown(self) -> str:
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())


class SectionHeading(QWidget):
    """The title of a part of a panel, with an optional quiet remark or widget at its right."""

    def __init__(self, text: str, parent: QWidget | None = None, *, trailing: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = QLabel(text)
        self.title.setProperty("role", "heading")
        self.remark = QLabel()
        self.remark.setProperty("role", "secondary")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 12, 0, 4)
        layout.setSpacing(8)
        layout.addWidget(self.title)
        layout.addStretch()
        layout.addWidget(self.remark)
        if trailing is not None:
            layout.addWidget(trailing)

    def set_text(self, text: str) -> None:
        """Change the title."""
        self.title.setText(text)

    def set_remark(self, text: str, tip: str = "") -> None:
        """Change the quiet text at the right."""
        self.remark.setText(text)
        self.remark.setToolTip(tip)


class Disclosure(QWidget):
    """A part that is folded away behind its title until it is asked for."""

    def __init__(self, text: str, parent: QWidget | None = None, *, unfolded: bool = False) -> None:
        super().__init__(parent)
        self.button = QToolButton()
        self.button.setText(text)
        self.button.setAccessibleName(text)
        self.button.setToolTip(self.tr("Show or hide: {part}").format(part=text))
        self.button.setCheckable(True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setAutoRaise(True)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.setProperty("kind", "disclosure")
        self.body = QWidget()
        self._content = QVBoxLayout(self.body)
        self._content.setContentsMargins(0, 0, 0, 0)
        self._content.setSpacing(4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.body)
        self.button.toggled.connect(self._on_toggled)
        self.button.setChecked(unfolded)
        self._on_toggled(unfolded)
        theme.manager().changed.connect(self._restyle)

    def add(self, widget: QWidget) -> None:
        """Put a widget into the folded part."""
        self._content.addWidget(widget)

    def _on_toggled(self, unfolded: bool) -> None:
        self.body.setVisible(unfolded)
        self._restyle()

    def _restyle(self) -> None:
        look = theme.current()
        self.button.setIcon(icon("down" if self.button.isChecked() else "next", look.secondary))
        self.button.setIconSize(QSize(look.px(12), look.px(12)))


class Flyout(QFrame):
    """A panel at the window's side: a title, a button that closes it, and content that scrolls.

    Signals:
        closed(): the person closed it; whoever shows it hides it.
    """

    closed = Signal()

    def __init__(self, title: str, parent: QWidget | None = None, *, width: int = 240) -> None:
        super().__init__(parent)
        self._width = width
        self.title = QLabel(title)
        self.title.setProperty("role", "heading")
        self.close_button = IconButton("close", self.tr("Close"), shortcut=self.tr("Esc"), size=14)
        self.close_button.clicked.connect(self.closed)
        self._area = scrolling()
        header = QHBoxLayout()
        header.setContentsMargins(16, 8, 8, 4)
        header.addWidget(self.title)
        header.addStretch()
        header.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 1, 0)  # the line at its right
        layout.setSpacing(0)
        layout.addLayout(header)
        layout.addWidget(self._area, 1)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(title)

    def set_body(self, body: QWidget) -> None:
        """Give it its content."""
        self._area.setWidget(body)

    def sizeHint(self) -> QSize:
        return QSize(theme.current().px(self._width), theme.current().px(480))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if theme.is_restyled(event):
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        look = theme.current()
        painter.fillRect(self.rect(), look.color("panel"))
        painter.fillRect(self.width() - 1, 0, 1, self.height(), look.color("line"))


class EmptyState(QWidget):
    """What an empty place says: what it is for and what to do next, with a button where one helps.

    Signals:
        asked(): the button was pressed.
    """

    asked = Signal()

    def __init__(
        self, text: str, parent: QWidget | None = None, *, icon_name: str = "", action: str = ""
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self.picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        if not icon_name:
            self.picture.hide()
        self.label = QLabel(text, wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self.label.setProperty("role", "secondary")
        self.button = QPushButton(action)
        if not action:
            self.button.hide()
        self.button.clicked.connect(self.asked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addStretch()
        layout.addWidget(self.picture)
        layout.addWidget(self.label)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch()
        self._restyle()
        theme.manager().changed.connect(self._restyle)

    def set_text(self, text: str) -> None:
        """Say something else."""
        self.label.setText(text)

    def _restyle(self) -> None:
        look = theme.current()
        if self._icon_name:
            self.picture.setPixmap(icon(self._icon_name, look.secondary).pixmap(look.px(20)))


def scrolling(body: QWidget | None = None) -> QScrollArea:
    """A frameless area that scrolls its content upright only."""
    area = QScrollArea(widgetResizable=True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.viewport().setAutoFillBackground(False)
    if body is not None:
        area.setWidget(body)
        body.setAutoFillBackground(False)
    return area


def separator() -> QFrame:
    """A thin level line; use few."""
    line = QFrame()
    line.setFixedHeight(1)
    line.setProperty("role", "line")
    return line
