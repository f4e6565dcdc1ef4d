"""Faults by keyboard: Tab goes from badge to badge, Enter to the repair, Esc back; F8 finds the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QKeyEvent

from gui.canvas.look import tr

if TYPE_CHECKING:
    from gui.canvas.items.badge import BadgeItem
    from gui.canvas.view import CanvasView


class FaultWalk:
    """Which badge the keyboard is at.

    Attributes:
        at: the layer whose badge it is, "" for that of the whole network; None where it is at none.
    """

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self.at: str | None = None

    def tab(self, forward: bool) -> bool:
        """Go to the next badge or the one before; False behind the last one, so that Tab goes on."""
        order = self._order()
        if not order:
            return False
        step, first = (1, 0) if forward else (-1, len(order) - 1)
        row = order.index(self.at) + step if self.at in order else first
        if not 0 <= row < len(order):
            self.leave()
            return False
        self._go(order[row])
        return True

    def next(self) -> None:
        """Go to the next badge, the first one behind the last; say so where nothing is wrong."""
        if not self._order():
            self._view.status_text.emit(tr("Nothing is wrong with this network."))
            return
        self._view.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if not self.tab(True):
            self.tab(True)

    def key(self, event: QKeyEvent) -> bool:
        """Enter goes into the open card, to its first button; whether it was pressed at a badge."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return False
        if self.at not in self._view.canvas.badges or not self._view.fault_card.isVisible():
            return False
        self._view.fault_card.take_focus()
        return True

    def leave(self) -> None:
        """The keyboard is elsewhere."""
        badge = self._view.canvas.badges.get(self.at) if self.at is not None else None
        self.at = None
        if badge is not None:
            badge.set_hot(False)
            self._view.fault_card.close_now()

    def open(self, badge: BadgeItem, pinned: bool) -> None:
        """Show the card of a badge beside it."""
        view = self._view
        at, r = view.mapFromScene(badge.pos()), round(badge.radius)
        view.card.hide()
        place = QRect(at.x() - r, at.y() - r, 2 * r, 2 * r)
        how = {"grave": badge.grave, "pinned": pinned}
        view.fault_card.show_faults(badge.layer, badge.faults, place, view.room, **how)

    def _go(self, layer: str) -> None:
        view, badge = self._view, self._view.canvas.badges[layer]
        for item in view.canvas.badges.values():
            item.set_hot(item is badge)
        if not view.room.contains(view.mapFromScene(badge.pos())):
            view.camera.fitted = False
            view.centerOn(badge.pos())
            view.maps.settle_soon()
        self.at = layer
        self.open(badge, pinned=True)
        view.status_text.emit(tr("Enter: to the repair · Tab: the next fault · Esc: close"))

    def _order(self) -> list[str]:
        """The badges as one reads: from left to right."""
        badges = self._view.canvas.badges
        return sorted(badges, key=lambda layer: (badges[layer].x(), badges[layer].y()))
