"""Sentences that do not interrupt: a banner that stays in its place, and toasts that pass by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from gui import theme
from gui.widgets.buttons import IconButton
from gui.widgets.icons import pixmap
from gui.widgets.naming import name_control

Kind = Literal["info", "warning"]

MOST_TOASTS = 3
_SHORTEST_MS, _PER_CHARACTER_MS = 2500, 45
_WIDEST = 420  # unscaled pixels: a corner of the picture, rather than all of its foot


class Notice(QFrame):
    """A sentence with an icon, one optional action and a button that closes it.

    Signals:
        acted(): the action was chosen.
        closed(): it went away, by itself or not.
    """

    acted = Signal()
    closed = Signal()

    def __init__(
        self, text: str, parent: QWidget | None = None, *, kind: Kind = "info", action: str = ""
    ) -> None:
        super().__init__(parent)
        self.kind: Kind = kind
        self.picture = QLabel()
        self.label = QLabel(text, wordWrap=True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.button = QPushButton(action)
        if not action:
            self.button.hide()
        name_control(self.button, action)
        self.button.setProperty("kind", "quiet")
        self.button.clicked.connect(self._on_acted)
        self.close_button = IconButton("close", self.tr("Dismiss"), size=14)
        self.close_button.clicked.connect(self.dismiss)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.setSpacing(8)
        layout.addWidget(self.picture)
        layout.addWidget(self.label, 1)
        layout.addWidget(self.button)
        layout.addWidget(self.close_button)
        self._restyle()
        theme.manager().changed.connect(self._restyle)

    def text(self) -> str:
        """The sentence."""
        return self.label.text()

    def dismiss(self) -> None:
        """Make it go away."""
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    def _on_acted(self) -> None:
        self.acted.emit()
        self.dismiss()

    def _restyle(self) -> None:
        look = theme.current()
        self.setAccessibleName(self.text())
        color = look.fault if self.kind == "warning" else look.accent
        size = look.px(18)
        self.picture.setPixmap(pixmap(self.kind, color, size, self.devicePixelRatioF()))
        self.picture.setFixedWidth(size)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(look.color("field"))
        painter.setPen(QPen(look.color("control" if self.isWindow() else "line"), 1))
        box = self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, 8, 8)


class Banner(Notice):
    """A notice with a fixed place in a layout, hidden while it has nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._do: Callable[[], object] | None = None
        self.acted.connect(self._on_done)
        self.hide()

    def say(
        self,
        text: str,
        *,
        kind: Kind = "info",
        action: str = "",
        do: Callable[[], object] | None = None,
        tip: str = "",
    ) -> None:
        """Show a sentence, in place of what it said before; `do` is called when the action is chosen.

        `tip` says what the action will do, where its name does not.
        """
        self.kind = kind
        self._do = do
        self.label.setText(text)
        self.button.setText(action)
        name_control(self.button, action, tip)
        self.button.setVisible(bool(action))
        self._restyle()
        self.show()

    def _on_done(self) -> None:
        if self._do is not None:
            self._do()


class Toast(Notice):
    """A notice that floats above a window and goes by itself, unless the mouse is on it or it warns."""

    def __init__(self, text: str, parent: QWidget, *, kind: Kind = "info", action: str = "") -> None:
        super().__init__(text, parent, kind=kind, action=action)
        self._timer = QTimer(self, singleShot=True, interval=_SHORTEST_MS + _PER_CHARACTER_MS * len(text))
        self._timer.timeout.connect(self.dismiss)
        if kind == "info":
            self._timer.start()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        if self.kind == "info":
            self._timer.start()
        super().leaveEvent(event)


class PassingLabel(QLabel):
    """A quiet sentence in the status bar, which can go by itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "secondary")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._timer = QTimer(self, singleShot=True, interval=_SHORTEST_MS)
        self._timer.timeout.connect(self.clear)

    def say(self, text: str, *, passing: bool = False) -> None:
        """Show a sentence until the next one, or for a while."""
        self._timer.stop()
        self.setText(text)
        if passing:
            self._timer.start()


class Toasts(QObject):
    """Shows toasts at the left foot of a widget, the newest lowest, never more than a few.

    What only informs makes way for the next one that does; warnings stay.

    `room` says which part of the widget they may cover (all of it); `place` when that has changed, or
    let them watch what bounds it, as an event filter.
    """

    def __init__(self, over: QWidget, *, room: Callable[[], QRect] | None = None) -> None:
        super().__init__(over)
        self._over = over
        self._room = room or over.rect
        self.shown: list[Toast] = []
        over.installEventFilter(self)

    def say(
        self, text: str, *, kind: Kind = "info", action: str = "", do: Callable[[], object] | None = None
    ) -> Toast:
        """Show a sentence for as long as it takes to read; the same sentence is not shown twice."""
        for toast in self.shown:
            if toast.text() == text:
                return toast
        if kind == "info":
            self.make_way()
        toast = Toast(text, self._over, kind=kind, action=action)
        if do is not None:
            toast.acted.connect(do)
        toast.closed.connect(lambda: self._forget(toast))
        self.shown.append(toast)
        for old in self.shown[:-MOST_TOASTS]:
            old.dismiss()
        toast.show()
        self.place()
        return toast

    def make_way(self) -> None:
        """Take away what goes by itself anyway: there is news, or something is about to be dropped there."""
        for toast in [toast for toast in self.shown if toast.kind == "info"]:
            toast.dismiss()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self.place()
        return False

    def _forget(self, toast: Toast) -> None:
        if toast in self.shown:
            self.shown.remove(toast)
            toast.deleteLater()
            self.place()

    def place(self) -> None:
        """Put all into the part that they may cover."""
        look = theme.current()
        room = self._room()
        left, bottom = room.left() + look.px(8), room.bottom() - look.px(8)
        for toast in reversed(self.shown):
            size = self._size(toast, room.width())
            toast.setGeometry(left, bottom - size.height(), size.width(), size.height())
            toast.raise_()
            bottom -= size.height() + look.px(8)

    def _size(self, toast: Toast, room: int) -> QSize:
        look = theme.current()
        most = min(room - look.px(16), look.px(_WIDEST))
        toast.ensurePolished()
        line = toast.label.fontMetrics().horizontalAdvance(toast.text()) + look.px(8)
        others = toast.sizeHint().width() - toast.label.sizeHint().width()
        width = max(min(line + others, most), look.px(160))
        height = toast.heightForWidth(width)
        return QSize(width, max(height, toast.minimumSizeHint().height()))
