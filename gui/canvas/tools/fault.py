"""Badges: hovering says what is wrong and offers the repair, a click keeps it open."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QMouseEvent

from gui.canvas.items.badge import BadgeItem
from gui.canvas.look import tr
from gui.canvas.tools.base import Tool

_SLACK = 4.0


class FaultTool(Tool):
    """Opens the card of a badge."""

    cursor = Qt.CursorShape.PointingHandCursor

    def hint(self, point: QPointF) -> str:
        badge = self._at(point)
        for item in self.view.canvas.badges.values():
            item.set_hot(item is badge)
        if badge is None:
            self.view.fault_card.leave()
            return ""
        self._open(badge)
        return tr("what is wrong here · click: keep it open")

    def press(self, event: QMouseEvent, point: QPointF) -> bool:
        badge = self._at(point)
        if badge is None or event.button() != Qt.MouseButton.LeftButton:
            self.view.fault_card.close_now()
            return False
        self._open(badge, pinned=True)
        return True

    def leave(self) -> None:
        for item in self.view.canvas.badges.values():
            item.set_hot(False)
        self.view.fault_card.leave()

    def _open(self, badge: BadgeItem, pinned: bool = False) -> None:
        self.view.faults.open(badge, pinned)

    def _at(self, point: QPointF) -> BadgeItem | None:
        zoom = self.view.zoom
        for item in self.view.canvas.badges.values():
            if QLineF(item.pos(), point).length() * zoom <= item.radius + _SLACK:
                return item
        return None
