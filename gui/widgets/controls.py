"""The controls that are painted here, because a style sheet cannot: slider, switch and choice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QSizePolicy,
    QSlider,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionSlider,
    QToolTip,
    QWidget,
)

from engine.registry import Registry
from gui import theme
from gui.theme import Theme
from gui.widgets.icons import pixmap

Options = Iterable[tuple[str, str]]

_BEFORE, _ARROW, _AFTER = 6, 14, 8  # unscaled pixels beside the text of a choice


def options_of(registry: Registry[Any]) -> list[tuple[str, str]]:
    """The (name, label) pairs of a registry's entries, for a `Choice`."""
    return [(name, getattr(entry, "label", name)) for name, entry in registry.items()]


class Slider(QSlider):
    """A horizontal slider: a click goes there at once, the wheel only counts where the focus is.

    With a `zero` position the filled part starts there instead of at the left.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.zero: int | None = None
        self.stops: tuple[int, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        look = theme.current()
        return QSize(look.px(96), look.px(24))

    def minimumSizeHint(self) -> QSize:
        look = theme.current()
        return QSize(look.px(48), look.px(24))

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        event.accept()
        self.setSliderDown(True)
        self.setSliderPosition(self._position_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self.setSliderPosition(self._position_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown() and event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)

    def x_of(self, position: int) -> float:
        """Where a position is, in pixels from the left."""
        radius = self._radius()
        span = max(self.maximum() - self.minimum(), 1)
        share = (position - self.minimum()) / span
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            share = 1 - share
        return radius + 2 + share * (self.width() - 2 * radius - 4)

    def _position_at(self, x: float) -> int:
        left, right = self.x_of(self.minimum()), self.x_of(self.maximum())
        share = min(max((x - left) / ((right - left) or 1), 0.0), 1.0)
        return round(self.minimum() + share * (self.maximum() - self.minimum()))

    def _radius(self) -> float:
        return theme.current().px(7)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, radius = self.height() / 2, self._radius()
        here = self.x_of(self.sliderPosition())
        start = self.x_of(self.minimum() if self.zero is None else self.zero)
        filled = look.accent if self.isEnabled() else look.control
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("control"))
        left, right = sorted((self.x_of(self.minimum()), self.x_of(self.maximum())))
        painter.drawRoundedRect(QRectF(left, middle - 1, right - left, 2), 1, 1)
        for stop in self.stops:
            painter.drawRoundedRect(QRectF(self.x_of(stop) - 1, middle - 4, 2, 8), 1, 1)
        painter.setBrush(QColor(filled))
        painter.drawRoundedRect(QRectF(min(start, here), middle - 1.5, abs(here - start), 3), 1.5, 1.5)
        grown = radius - 1 + (1 if hovered or self.isSliderDown() else 0)
        if self.hasFocus():
            painter.setBrush(look.color("focus", 0.3))
            painter.drawEllipse(QPointF(here, middle), radius + 2, radius + 2)
        painter.setBrush(QColor(filled))
        painter.setPen(QPen(look.color("panel"), 1.5))
        painter.drawEllipse(QPointF(here, middle), grown, grown)


class Switch(QAbstractButton):
    """On or off."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setText(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        look = theme.current()
        text = self.fontMetrics().horizontalAdvance(self.text()) + look.px(8) if self.text() else 0
        return QSize(look.px(36) + text, look.px(24))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if theme.is_restyled(event):
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width, height = look.px(30), look.px(16)
        track = QRectF(3, (self.height() - height) / 2, width, height)
        if self.hasFocus():
            _ring(painter, look, track.adjusted(-2, -2, 2, 2), height / 2 + 2)
        on = self.isChecked()
        color = look.color("control") if not self.isEnabled() or not on else look.color("accent")
        painter.setPen(Qt.PenStyle.NoPen if on else QPen(color, 1.5))
        painter.setBrush(color if on else look.color("field"))
        painter.drawRoundedRect(track.adjusted(0.75, 0.75, -0.75, -0.75), height / 2, height / 2)
        knob = height / 2 - look.px(4 if not on else 3)
        x = track.right() - height / 2 if on else track.left() + height / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("on_accent") if on else color)
        painter.drawEllipse(QPointF(x, track.center().y()), knob, knob)
        if self.text():
            painter.setPen(look.color("text" if self.isEnabled() else "control"))
            rest = self.rect().adjusted(look.px(40), 0, 0, 0)
            painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextShowMnemonic, self.text())


class Choice(QComboBox):
    """One of several named values; `value` is the name, what is read is the label.

    Signals:
        chosen(str): a person chose another value.
    """

    chosen = Signal(str)

    def __init__(self, options: Options = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setMaxVisibleItems(16)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setItemDelegate(QStyledItemDelegate(self))  # the default one ignores the style sheet
        self._shown: str | None = None
        self.activated.connect(self._on_activated)
        self.set_options(options)

    def setAccessibleName(self, name: str) -> None:
        super().setAccessibleName(name)
        self.view().setAccessibleName(name)

    def setToolTip(self, tip: str) -> None:
        super().setToolTip(tip)
        self.view().setToolTip(tip)

    def set_options(self, options: Options) -> None:
        """Offer other values, (value, label) each; the chosen one stays if it can. Emits nothing."""
        before = self.value()
        blocked = self.blockSignals(True)
        self.clear()
        for value, label in options:
            self.addItem(label, value)
            self.setItemData(self.count() - 1, label, Qt.ItemDataRole.ToolTipRole)
        self.blockSignals(blocked)
        self.show_value(before)

    def value(self) -> str | None:
        """The chosen value."""
        return self.currentData()

    def show_value(self, value: str | None) -> None:
        """Show another value without telling anybody; one not on offer goes by its own name."""
        blocked = self.blockSignals(True)
        index = self.findData(value)
        if index < 0 and value is not None:
            self.addItem(value, value)
            index = self.count() - 1
        if self.count():
            self.setCurrentIndex(max(index, 0))
        self._shown = self.value()
        self.blockSignals(blocked)
        self.update()

    def say_for(self, value: str, label: str, tip: str = "") -> None:
        """Call one of the values by another label, explained by a tip."""
        index = self.findData(value)
        if index >= 0 and self.itemText(index) != label:
            self.setItemText(index, label)
        if index >= 0:
            self.setItemData(index, tip or label, Qt.ItemDataRole.ToolTipRole)

    def _on_activated(self) -> None:
        value = self.value()
        if value is not None and value != self._shown:
            self._shown = value
            self.chosen.emit(value)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), theme.current().px(28))

    def minimumSizeHint(self) -> QSize:
        look = theme.current()
        return QSize(look.px(72), look.px(28))

    def width_for_all(self) -> int:
        """The width, in pixels, at which none of its labels is cut."""
        look = theme.current()
        return self._widest() + look.px(_BEFORE) + look.px(_ARROW) + look.px(_AFTER)

    def showPopup(self) -> None:
        # wide enough for every label, though the field itself may be narrow
        self.view().setMinimumWidth(max(self.width(), self._widest() + theme.current().px(48)))
        super().showPopup()

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QHelpEvent)
            and event.type() == QEvent.Type.ToolTip
            and self._shown_text() != self.currentText()
        ):
            QToolTip.showText(event.globalPos(), "\n".join((self.currentText(), self.toolTip())), self)
            return True
        return super().event(event)

    def _text_box(self) -> QRect:
        look = theme.current()
        return self.rect().adjusted(look.px(_BEFORE), 0, -look.px(_ARROW) - look.px(_AFTER), 0)

    def _shown_text(self) -> str:
        """Its label, ending in … where it has no room."""
        width = self._text_box().width()
        return self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, width)

    def _widest(self) -> int:
        metrics = self.fontMetrics()
        return max((metrics.horizontalAdvance(self.itemText(i)) for i in range(self.count())), default=0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(look.color("control" if self.underMouse() else "line"), 1))
        painter.setBrush(look.color("field" if self.isEnabled() else "panel"))
        painter.drawRoundedRect(box, 4, 4)
        if self.hasFocus():
            _ring(painter, look, box.adjusted(0.5, 0.5, -0.5, -0.5), 3.5)
        else:
            painter.setPen(QPen(look.color("control"), 1))
            painter.drawLine(QPointF(4, self.height() - 0.5), QPointF(self.width() - 4, self.height() - 0.5))
        arrow = look.px(_ARROW)
        color = look.text if self.isEnabled() else look.control
        picture = pixmap("down", color, arrow, self.devicePixelRatioF())
        edge = self.width() - arrow - look.px(6)
        painter.drawPixmap(QPointF(edge, (self.height() - arrow) / 2), picture)
        painter.setPen(QColor(color))
        painter.drawText(self._text_box(), Qt.AlignmentFlag.AlignVCenter, self._shown_text())


def _ring(painter: QPainter, look: Theme, box: QRectF, radius: float) -> None:
    painter.save()
    painter.setPen(QPen(look.color("focus"), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box, radius, radius)
    painter.restore()
