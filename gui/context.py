"""Right-click menus: the same commands as in the menu bar, those that fit what was clicked."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QMenu, QWidget

from gui.actions import Actions

MENUS: dict[str, tuple[str, ...]] = {
    "layer": (
        "edit.cut", "edit.copy", "edit.duplicate", "edit.delete", "",
        "edit.add_layer", "edit.residual", "edit.part_activation", "edit.absorb_activation", "",
        "edit.wire", "edit.next_fault", "view.fold", "edit.freeze", "edit.unfreeze", "",
        "view.zoom_selection",
    ),
    "neuron": (
        "edit.set_value", "edit.clamp.0", "edit.clamp.1", "edit.unclamp", "", "edit.freeze", "edit.unfreeze",
        "edit.restore", "edit.delete", "", "view.zoom_selection", "edit.copy", "edit.deselect",
    ),
    "bundle": (
        "edit.set_value", "edit.prune", "edit.restore", "edit.freeze", "edit.unfreeze", "",
        "edit.delete", "edit.add_layer", "edit.residual", "",
        "view.zoom_selection", "edit.deselect",
    ),
    "canvas": (
        "edit.undo", "edit.redo", "", "edit.paste", "edit.add_layer", "edit.select_all", "edit.tidy",
        "edit.find", "edit.next_fault", "", "view.fit", "view.forward", "view.backward",
        "edit.copy_png", "edit.copy_svg",
    ),
}  # fmt: skip
"""By what was clicked; "" is a line."""


class ContextMenus(QObject):
    """Opens them.

    Attributes:
        open_menu: the one that is, or was last, open.
    """

    def __init__(self, actions: Actions, window: QWidget) -> None:
        super().__init__(window)
        self._actions = actions
        self._window = window
        self.open_menu: QMenu | None = None

    def show(self, kind: str, place: QPoint) -> None:
        """Open the menu of a kind of thing at a place on the screen."""
        if self.open_menu is not None:
            self.open_menu.deleteLater()
        self._actions.dress()
        menu = QMenu(self._window)
        for name in MENUS[kind]:
            if not name:
                menu.addSeparator()
            else:
                menu.addAction(self._actions[name])
        self.open_menu = menu
        menu.popup(place)
