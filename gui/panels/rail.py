"""The rail at the left: one button per flyout, which opens over the canvas; the picture may make room."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from gui import theme
from gui.widgets.chrome import Flyout
from gui.widgets.focus import give_back
from gui.widgets.icons import icon

WIDTH = 64


class Rail(QWidget):
    """Buttons that open and close flyouts over `host`; at most one is open.

    A flyout is made when it is first opened or asked for: the window does not wait for it.

    Signals:
        changed(): another one is open, or none.
    """

    changed = Signal()

    def __init__(self, host: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.host = host
        self.buttons: dict[str, QToolButton] = {}
        self.flyouts: dict[str, Flyout] = {}
        self._icons: dict[str, str] = {}
        self._makers: dict[str, Callable[[], QWidget]] = {}
        self._bodies: dict[str, QWidget] = {}
        self._focused_before: QWidget | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(3, 8, 4, 8)
        self._layout.setSpacing(4)
        self._layout.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        host.installEventFilter(self)
        self._restyle()
        theme.manager().changed.connect(self._restyle)

    def add(self, name: str, icon_name: str, text: str, tip: str, make: Callable[[], QWidget]) -> None:
        """Add a flyout with its button; `make` makes what is in it."""
        button = QToolButton(self)
        button.setText(text)
        button.setCheckable(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setToolTip(tip)
        button.setAccessibleName(text)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda on: self._on_clicked(name, on))
        self._layout.insertWidget(self._layout.count() - 1, button)
        self.buttons[name], self._makers[name], self._icons[name] = button, make, icon_name
        self._restyle()

    def body(self, name: str) -> QWidget:
        """What is in a flyout, made now if it is not there yet."""
        if name not in self._bodies:
            flyout = self.flyouts[name] = Flyout(self.buttons[name].text(), self.host)
            flyout.hide()
            flyout.closed.connect(self.close_all)
            self._bodies[name] = self._makers[name]()
            flyout.set_body(self._bodies[name])
        return self._bodies[name]

    def _on_clicked(self, name: str, on: bool) -> None:
        """Open or close; an open one has the keyboard, so that Esc closes it and Tab goes into it."""
        if not on:
            self.close_all()
            return
        if not self.opened:
            self._focused_before = QApplication.focusWidget()
        self.open(name)
        self.flyouts[name].setFocus(Qt.FocusReason.OtherFocusReason)

    def open(self, name: str) -> None:
        """Open a flyout, and close the others."""
        self.body(name)
        for other, flyout in self.flyouts.items():
            flyout.setVisible(other == name)
        for other, button in self.buttons.items():
            button.setChecked(other == name)
        self._place()
        self.flyouts[name].raise_()
        self.changed.emit()

    def close_all(self) -> None:
        """Close whatever is open."""
        if not self.opened:
            return
        flyout, before = self.flyouts[self.opened], self._focused_before
        had_focus = flyout.isAncestorOf(QApplication.focusWidget() or self) or flyout.hasFocus()
        self._focused_before = None
        for name, flyout in self.flyouts.items():
            flyout.hide()
            self.buttons[name].setChecked(False)
        if had_focus:
            give_back(before)
        self.changed.emit()

    @property
    def opened(self) -> str:
        """The name of the open flyout, "" for none."""
        return next((name for name, flyout in self.flyouts.items() if not flyout.isHidden()), "")

    def covered(self) -> int:
        """How many pixels of the host's left edge lie below an open flyout."""
        return next((flyout.width() for flyout in self.flyouts.values() if not flyout.isHidden()), 0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _place(self) -> None:
        for flyout in self.flyouts.values():
            flyout.setGeometry(0, 0, min(flyout.sizeHint().width(), self.host.width()), self.host.height())

    def _restyle(self) -> None:
        look = theme.current()
        self.setFixedWidth(look.px(WIDTH))
        for name, button in self.buttons.items():
            button.setIcon(icon(self._icons[name]))
            button.setIconSize(QSize(look.px(20), look.px(20)))
            button.setFont(look.font(theme.SMALL))
            button.setStyleSheet(
                f"QToolButton {{ font-size: {look.px(theme.SMALL)}px; padding: 4px 0; border-width: 1px; }}"
            )
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        look = theme.current()
        painter.fillRect(self.rect(), look.color("panel"))
        painter.fillRect(self.width() - 1, 0, 1, self.height(), look.color("line"))
