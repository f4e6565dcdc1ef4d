"""Buttons that show an icon and say in their tooltip what they do and by which key."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QToolButton, QWidget

from gui import theme
from gui.widgets.icons import SIZE, icon


class IconButton(QToolButton):
    """A flat button with an icon that follows the look; `text` is its name, tooltip and accessible name.

    `color` names a theme color for the icon, "" the text's. With an `action` it does, shows and allows what
    the action does; the action's own icon is not used.
    """

    def __init__(
        self,
        icon_name: str,
        text: str = "",
        parent: QWidget | None = None,
        *,
        shortcut: str = "",
        action: QAction | None = None,
        color: str = "",
        size: int = SIZE,
    ) -> None:
        super().__init__(parent)
        self._icon_name, self._shortcut, self._color, self._size = icon_name, shortcut, color, size
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoRaise(True)
        self.setText(text)
        self._action = action
        if action is not None:
            self._adopt(action)
        self._describe()
        self._restyle()
        theme.manager().changed.connect(self._restyle)

    def set_icon_name(self, name: str) -> None:
        """Show another icon."""
        if name != self._icon_name:
            self._icon_name = name
            self._restyle()

    def set_text(self, text: str) -> None:
        """Give it another name and tooltip."""
        self.setText(text)
        self._describe()

    def _adopt(self, action: QAction) -> None:
        self.setCheckable(action.isCheckable())
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        action = self._action
        assert action is not None
        self.setEnabled(action.isEnabled())
        self.setChecked(action.isChecked())
        self._shortcut = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        self.setText(action.iconText() or action.text().replace("&", ""))
        self._describe(action.toolTip())

    def _describe(self, tip: str = "") -> None:
        name = self.text()
        tip = tip or name
        self.setAccessibleName(name)
        self.setToolTip(f"{tip} ({self._shortcut})" if self._shortcut else tip)

    def _restyle(self) -> None:
        look = theme.current()
        self.setIcon(icon(self._icon_name, getattr(look, self._color) if self._color else ""))
        self.setIconSize(QSize(look.px(self._size), look.px(self._size)))
