"""The menu of recent files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from gui.settings import SettingsStore


class RecentMenu(QObject):
    """Lists the recent files in a menu, above the command that forgets them, whenever it opens.

    Signals:
        chosen(Path): one is to be opened.
    """

    chosen = Signal(object)

    def __init__(self, menu: QMenu, forget: QAction, settings: SettingsStore) -> None:
        super().__init__(menu)
        self._menu, self._forget, self._settings = menu, forget, settings
        menu.aboutToShow.connect(self._fill)

    def _fill(self) -> None:
        for action in self._menu.actions():
            if action is not self._forget:
                self._menu.removeAction(action)
        paths = self._settings.recent_files()
        names = [path.name for path in paths]
        for path in paths:
            alike = names.count(path.name) > 1
            self._add(path, f"{path.name} ({path.parent.name})" if alike else path.name)
        self._menu.insertSeparator(self._forget)
        self._forget.setEnabled(bool(paths))

    def _add(self, path: Path, text: str) -> None:
        action = self._menu.addAction(text.replace("&", "&&"))
        action.setToolTip(str(path))
        action.setStatusTip(str(path))
        action.triggered.connect(lambda: self.chosen.emit(path))
        self._menu.insertAction(self._forget, action)
