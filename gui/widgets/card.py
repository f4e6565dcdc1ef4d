"""A card: something to choose from a list, with its title and a sentence about it, as one large button."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QApplication, QSizePolicy, QWidget

from gui import theme
from gui.widgets.dragging import drag
from gui.widgets.icons import pixmap

_WRAP = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop


class Card(QAbstractButton):
    """A button of a title, a sentence and an optional icon at its right; Enter and Space press it.

    Attributes:
        payload: what dragging it carries to the canvas (`gui.widgets.dragging`), "" if it cannot be dragged.
    """

    def __init__(
        self,
        title: str,
        about: str,
        parent: QWidget | None = None,
        *,
        icon_name: str = "",
        payload: str = "",
    ) -> None:
        super().__init__(parent)
        self.about = about
        self._icon_name = icon_name
        self.payload = payload
        self._pressed_at = QPoint()
        self.setText(title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(about)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        far = (event.position().toPoint() - self._pressed_at).manhattanLength()
        if self.payload and self.isDown() and far >= QApplication.startDragDistance():
            self.setDown(False)  # letting go is no click
            drag(self, self.payload)
        else:
            super().mouseMoveEvent(event)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        look = theme.current()
        inner = width - look.px(16) - self._icon_room()
        title = QFontMetrics(look.font(bold=True)).boundingRect(QRect(0, 0, inner, 999), _WRAP, self.text())
        about = QFontMetrics(look.font(theme.SMALL)).boundingRect(QRect(0, 0, inner, 999), _WRAP, self.about)
        return title.height() + about.height() + look.px(18)

    def sizeHint(self) -> QSize:
        width = theme.current().px(208)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.current().px(120), theme.current().px(40))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if theme.is_restyled(event):
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self.rect().toRectF().adjusted(1, 1, -1, -1)
        painter.setPen(QPen(look.color("focus"), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        fill = "pressed" if self.isDown() else "hover" if self.underMouse() or self.isChecked() else "panel"
        painter.setBrush(look.color(fill))
        painter.drawRoundedRect(box, 6, 6)
        if self.isChecked():
            painter.fillRect(0, look.px(8), look.px(3), self.height() - look.px(16), look.color("accent"))
        inner = self.rect().adjusted(look.px(8), look.px(7), -look.px(8) - self._icon_room(), -look.px(7))
        painter.setFont(look.font(bold=True))
        painter.setPen(look.color("text" if self.isEnabled() else "control"))
        painter.drawText(inner, _WRAP, self.text())
        title = painter.fontMetrics().boundingRect(inner, _WRAP, self.text())
        painter.setFont(look.font(theme.SMALL))
        painter.setPen(look.color("secondary" if self.isEnabled() else "control"))
        painter.drawText(inner.adjusted(0, title.height() + look.px(2), 0, 0), _WRAP, self.about)
        self._paint_icon(painter)

    def _icon_room(self) -> int:
        return theme.current().px(24) if self._icon_name else 0

    def _paint_icon(self, painter: QPainter) -> None:
        if self._icon_name:
            look = theme.current()
            size = look.px(16)
            color = look.accent if self.isEnabled() else look.control
            picture = pixmap(self._icon_name, color, size, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(self.width() - size - look.px(8), look.px(8)), picture)
