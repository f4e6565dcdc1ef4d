"""The command palette: every command, searchable; Enter does it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui import theme
from gui.actions import Actions
from gui.widgets.focus import give_back
from gui.widgets.naming import name_control

WIDTH, ROWS = 520, 10


class CommandPalette(QFrame):
    """A field and a list over the window; Esc or a click elsewhere closes it."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._before: QWidget | None = None
        self.hide()
        self.actions_ = actions
        self._found: list[tuple[str, QAction]] = []
        self.field = QLineEdit(placeholderText=self.tr("What do you want to do?"))
        name_control(self.field, self.tr("Find a command"), self.tr("Type a part of its name; Enter does it"))
        self.list = QListWidget()
        self.list.setProperty("role", "plain")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusProxy(self.field)  # whose ↑ and ↓ move through it
        name_control(self.list, self.tr("Commands"), self.tr("A click or Enter does it"))
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(lambda _item: self._do())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(4)
        layout.addWidget(self.field)
        layout.addWidget(self.list)

    def open(self) -> None:
        """Show it at the head of the window, with everything that can be done now."""
        look = theme.current()
        self.field.clear()
        self._search("")
        window = self._window
        self._before = QApplication.focusWidget()
        height = min(look.px(44 + 28 * ROWS), window.height() - look.px(80))
        self.resize(min(look.px(WIDTH), window.width()), height)
        self.move((window.width() - self.width()) // 2, look.px(64))
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)  # it may not come back: nothing stays selected

    def close_again(self) -> None:
        """Hide it, and give the keyboard back to what had it."""
        if self.isHidden():
            return
        self.hide()
        give_back(self._before)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut and self.window().isActiveWindow():
            self.hide()  # a click elsewhere; a click into the list keeps the focus here
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            moves = {
                Qt.Key.Key_Down: 1,
                Qt.Key.Key_Up: -1,
                Qt.Key.Key_PageDown: ROWS,
                Qt.Key.Key_PageUp: -ROWS,
            }
            if event.key() in moves:
                row = self.list.currentRow() + moves[Qt.Key(event.key())]
                self.list.setCurrentRow(min(max(row, 0), self.list.count() - 1))
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.close_again()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._do()
                return True
        return False

    def _search(self, text: str) -> None:
        words = text.lower().split()
        found = [
            (path, action)
            for path, action in self.actions_.for_palette()
            if all(word in f"{path} {action.toolTip()}".lower() for word in words)
        ]
        name = text.lower().strip()
        self._found = sorted(found, key=lambda entry: name not in entry[0].rpartition("▸")[2].lower())
        self.list.clear()
        for path, action in self._found:
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            item = QListWidgetItem(f"{path}    {keys}" if keys else path)
            item.setToolTip(action.toolTip())
            self.list.addItem(item)
        if not self._found:
            item = QListWidgetItem(self.tr("Nothing is called “{text}”.").format(text=text))
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _do(self) -> None:
        row = self.list.currentRow()
        self.close_again()
        if 0 <= row < len(self._found):
            self._found[row][1].trigger()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.color("panel"))
        painter.setPen(QPen(look.color("control"), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
