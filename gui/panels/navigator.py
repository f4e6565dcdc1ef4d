"""The example navigator: which example the picture is computed for, and how to get to another."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QIntValidator, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QToolButton, QWidget

from gui import theme
from gui.actions import Actions
from gui.session.browser import ExampleBrowser
from gui.widgets.buttons import IconButton
from gui.widgets.controls import Choice
from gui.widgets.icons import icon
from gui.widgets.numbers import count_text, parse_number

HEIGHT, MARGIN = 36, 8


class ExampleNavigator(QWidget):
    """◀ test example 1 of 10,000 ▶, any, only mistakes."""

    def __init__(self, browser: ExampleBrowser, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.browser = browser
        self.example = browser.example
        self._empty = False
        self.previous = IconButton("previous", action=actions["view.previous"])
        self.next = IconButton("next", action=actions["view.next"])
        self.any = IconButton("random", action=actions["view.random"])
        self.split = Choice((("test", self.tr("test example")), ("train", self.tr("training example"))))
        self.number = QLineEdit()
        self.total = QLabel()
        self.mistakes = QToolButton()
        self._make_split()
        self._make_number()
        self._make_mistakes()
        self._lay_out()
        self._restyle()
        theme.manager().changed.connect(self._restyle)
        self.example.changed.connect(self._show)
        browser.only_mistakes_changed.connect(self.mistakes.setChecked)
        self._show()

    def _make_split(self) -> None:
        self.split.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.split.setMinimumContentsLength(15)
        self.split.setAccessibleName(self.tr("Set of examples"))
        self.split.setToolTip(self.tr("Show an example of the training set or of the test set"))
        self.split.activated.connect(lambda: self.example.show(self.example.index, self.split.value()))

    def _make_number(self) -> None:
        self.number.setValidator(QIntValidator(1, 2_000_000_000, self.number))
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.number.setAccessibleName(self.tr("Number of the example"))
        self.number.setToolTip(self.tr("Type a number and press Enter"))
        self.number.returnPressed.connect(self._on_number)
        self.number.editingFinished.connect(self._show)

    def _make_mistakes(self) -> None:
        self.mistakes.setText(self.tr("Only mistakes"))
        self.mistakes.setCheckable(True)
        self.mistakes.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.mistakes.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.mistakes.setAccessibleName(self.mistakes.text())
        self.mistakes.clicked.connect(self.browser.set_only_mistakes)

    def _lay_out(self) -> None:
        self._row = layout = QHBoxLayout(self)
        layout.setContentsMargins(MARGIN, 2, MARGIN, 2)
        layout.setSpacing(4)
        layout.addStretch(1)
        for widget in (
            self.previous,
            self.split,
            self.number,
            self.total,
            self.next,
            self.any,
            self.mistakes,
        ):
            layout.addWidget(widget)
        layout.addStretch(1)

    def _on_number(self) -> None:
        try:
            number = int(parse_number(self.number.text()))
        except (ValueError, OverflowError):
            self._show()
            return
        self.example.show(min(max(number, 1), max(self.example.count, 1)) - 1)
        self.number.selectAll()

    def set_empty(self, empty: bool) -> None:
        """Whether there is no network at all, so that no example is shown."""
        if empty != self._empty:
            self._empty = empty
            self._show()

    def make_room(self, covered: int) -> None:
        """Keep clear of so many pixels at the left, which lie below an open flyout."""
        self._row.setContentsMargins(MARGIN + covered, 2, MARGIN, 2)
        self._fit()

    def _fit(self) -> None:
        """Leave out words, and then the choice of the split, where the window is narrow or the text large."""
        margins = self._row.contentsMargins()
        room = self.width() - margins.left() - margins.right()
        parts = (self.previous, self.number, self.total, self.next, self.any)
        wide = (min(part.sizeHint().width(), part.maximumWidth()) for part in parts)
        room -= sum(wide) + len(parts) * self._row.spacing()
        room -= self.mistakes.iconSize().width() + theme.current().px(16)
        words = self.mistakes.fontMetrics().horizontalAdvance(self.mistakes.text()) + theme.current().px(4)
        self.split.setMinimumWidth(self.split.width_for_all())
        split = self.split.minimumWidth() + self._row.spacing()
        styles = Qt.ToolButtonStyle
        has_words = room >= split + words
        self.mistakes.setToolButtonStyle(
            styles.ToolButtonTextBesideIcon if has_words else styles.ToolButtonIconOnly
        )
        self.split.setVisible(room >= split)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:  # a part needs more room, or less
            self._fit()
        return handled

    def _show(self) -> None:
        example = self.example
        known = example.data is not None and not self._empty
        self.setEnabled(known)
        self.split.show_value(example.split_name)
        self.split.setEnabled(known and bool(example.data and len(example.data.test)))
        self.number.setText(str(example.index + 1) if known else "–")
        self.total.setText(f"/ {count_text(example.count)}" if known else "")
        can = self.browser.can_tell_mistakes
        self.mistakes.setEnabled(can)
        self.mistakes.setToolTip(
            self.tr("Pass over the examples that the network gets right")
            if can
            else self.tr("In regression no answer is simply right or wrong")
        )

    def _restyle(self) -> None:
        look = theme.current()
        self.mistakes.setIcon(icon("mistakes"))
        self.mistakes.setIconSize(QSize(look.px(18), look.px(18)))
        self.number.setFixedWidth(look.px(64))

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), theme.current().px(HEIGHT))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if theme.is_restyled(event):
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        look = theme.current()
        painter.fillRect(self.rect(), look.color("canvas"))
        painter.fillRect(0, 0, self.width(), 1, look.color("line"))
