"""Why a field has not taken what was entered: a sentence that floats under it and moves nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QLabel, QWidget

from gui import theme

_SHORTEST_MS, _PER_CHARACTER_MS = 4000, 60


class Complaint(QLabel):
    """A sentence over the form, under the widget it is about.

    While somebody is still in the field it stays; it goes with the focus. Said only as the field was being
    left, it passes by itself once it can have been read.
    """

    def __init__(self, about: QWidget) -> None:
        super().__init__(about, wordWrap=True)
        self._about = about
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", "complaint")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(lambda: self.say(""))
        about.installEventFilter(self)
        about.destroyed.connect(self.deleteLater)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._on_focus)
        self.hide()

    def say(self, sentence: str) -> None:
        """Show a sentence; "" takes it away."""
        self._timer.stop()
        self.setText(sentence)
        if not sentence:
            self.hide()
            return
        if not self._has_focus(QApplication.focusWidget()):
            self._timer.start(_SHORTEST_MS + _PER_CHARACTER_MS * len(sentence))
        form = self._ground()
        if form is not None and self.parentWidget() is not form:
            self.setParent(form)  # around the field, so that it scrolls with it and is not cut off
        self._place()
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Hide:
            self.say("")
        elif event.type() in (QEvent.Type.Move, QEvent.Type.Resize) and not self.isHidden():
            self._place()
        return False

    def _ground(self) -> QWidget | None:
        """What it is laid over: the nearest part around the field that has room, within what scrolls."""
        ground = self._about.parentWidget()
        while ground is not None and not ground.isWindow():
            around, top = ground.parentWidget(), self._about.mapTo(ground, QPoint()).y()
            height = self.heightForWidth(self._width(ground))
            room = max(top, ground.height() - top - self._about.height())
            scrolls = around is not None and isinstance(around.parentWidget(), QAbstractScrollArea)
            if around is None or scrolls or room >= height + theme.current().px(3):
                return ground
            ground = around
        return ground

    def _width(self, form: QWidget) -> int:
        return min(max(self._about.width(), theme.current().px(160)), form.width())

    def _place(self) -> None:
        """Under the field, or above it where there is no room."""
        form, look = self.parentWidget(), theme.current()
        if form is None:
            return
        self.ensurePolished()
        box = QRect(self._about.mapTo(form, QPoint()), self._about.size())
        width = self._width(form)
        height = self.heightForWidth(width)
        below = box.bottom() + 1 + look.px(2)
        above = box.top() - height - look.px(2)
        fits = below + height <= form.height() or above < 0
        corner = QPoint(max(0, min(box.left(), form.width() - width)), below if fits else above)
        self.setGeometry(corner.x(), corner.y(), width, height)

    def _on_focus(self, before: QWidget | None, now: QWidget | None) -> None:
        left = self._has_focus(before) and now is not None and not self._has_focus(now)
        if left and not self._timer.isActive():
            self.say("")

    def _has_focus(self, focused: QWidget | None) -> bool:
        return focused is not None and (focused is self._about or self._about.isAncestorOf(focused))
