"""Help: the command palette, the list of shortcuts and gestures, and what this program is."""

from __future__ import annotations

import html

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QTextBrowser, QVBoxLayout, QWidget

from engine.version import version
from gui import theme
from gui.actions import Actions, plain
from gui.widgets.icons import app_icon
from gui.widgets.naming import name_control


class Help(QObject):
    """What the actions of the Help menu do.

    Signals:
        commands_wanted(): the command palette is asked for.
        shown(QDialog): a dialog was opened.
    """

    commands_wanted = Signal()
    shown = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.window = window
        self.actions_: Actions | None = None

    def find_command(self) -> None:
        """Open the command palette."""
        self.commands_wanted.emit()

    def show_shortcuts(self) -> None:
        """Show every shortcut and gesture."""
        browser = QTextBrowser()
        browser.setHtml(self.shortcuts_html())
        name_control(browser, self.tr("Shortcuts and gestures"))
        self._show(self.tr("Shortcuts and gestures"), browser, 560, 620)

    def show_about(self) -> None:
        """Say what this program is."""
        text = QLabel(wordWrap=True)
        text.setText(
            f"<h2>Synapscope {version()}</h2><p>"
            + self.tr("A laboratory for neural networks: the picture you design is the picture that learns.")
            + "</p><p>"
            + self.tr("Every color, bar and number on screen is a number of the engine.")
            + "</p>"
        )
        picture = QLabel()
        picture.setPixmap(app_icon().pixmap(64, 64))
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.addWidget(picture)
        layout.addWidget(text)
        layout.addStretch(1)
        self._show(self.tr("About Synapscope"), body, 400, 280)

    def shortcuts_html(self) -> str:
        """All shortcuts by menu, then the gestures of the canvas."""
        assert self.actions_ is not None
        rows: dict[str, list[tuple[str, str]]] = {}
        for name, command in self.actions_.commands.items():
            action = self.actions_[name]
            keys = ", ".join(
                key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts()
            )
            if keys:
                rows.setdefault(command.menu.partition("/")[0], []).append((keys, plain(command.text)))
        rows[self.tr("On the canvas")] = self._gestures()
        look = theme.current()
        parts = []
        for title, entries in rows.items():
            lines = "".join(
                f"<tr><td width='190' style='color:{look.secondary}'>{html.escape(keys)}</td>"
                f"<td>{html.escape(text)}</td></tr>"
                for keys, text in entries
            )
            parts.append(f"<h3>{html.escape(title)}</h3><table cellpadding='2'>{lines}</table>")
        return "".join(parts)

    def _gestures(self) -> list[tuple[str, str]]:
        return [
            (self.tr("Click"), self.tr("Select a layer or a neuron")),
            (self.tr("Drag"), self.tr("Move the picture")),
            (self.tr("Wheel"), self.tr("Zoom at the mouse")),
            (self.tr("Hover a neuron"), self.tr("Its own synapses alone, and its numbers")),
            (self.tr("Click ＋ on a bundle"), self.tr("One more layer like its neighbor")),
            (self.tr("Arrow keys"), self.tr("From neuron to neuron")),
            (self.tr("Esc"), self.tr("Select nothing")),
        ]

    def _show(self, title: str, body: QWidget, width: int, height: int) -> None:
        dialog = QDialog(self.window)
        dialog.setWindowTitle(title)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(dialog.reject)
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        name_control(close, self.tr("Close"), self.tr("Back to the window"))
        layout = QVBoxLayout(dialog)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.addWidget(body, 1)
        layout.addWidget(buttons)
        look = theme.current()
        dialog.resize(look.px(width), look.px(height))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        self.shown.emit(dialog)
