"""Keeps the commands in step: which can be given now, and what they are called."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from gui.actions import Actions
from gui.canvas.byhand import ByHand
from gui.document.editing import Editing
from gui.parts import Parts


class Availability(QObject):
    """Follows the document, what is selected, and whether it plays."""

    def __init__(
        self, actions: Actions, parts: Parts, editing: Editing, byhand: ByHand, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._actions, self._document, self._editing, self._byhand = actions, parts.document, editing, byhand
        parts.controller.playing_changed.connect(self._on_playing)
        parts.document.selection.changed.connect(self._on_selection)
        parts.document.undo_stack.indexChanged.connect(self._on_undo)
        parts.document.replaced.connect(self._on_undo)
        byhand.possible_changed.connect(self._on_possible)
        self._on_undo()
        self._on_selection()
        self._on_possible()

    def _on_playing(self, playing: bool) -> None:
        self._actions["train.play"].setText(self.tr("Pause") if playing else self.tr("Play"))
        self._actions.set_icon("train.play", "pause" if playing else "play")

    def _on_undo(self) -> None:
        undo = self._document.undo_stack
        for name, can, what, verb in (
            ("edit.undo", undo.canUndo(), undo.undoText(), self.tr("Undo")),
            ("edit.redo", undo.canRedo(), undo.redoText(), self.tr("Redo")),
        ):
            self._actions[name].setEnabled(can)
            self._actions[name].setText(f"{verb} {what}".strip())

    def _on_selection(self) -> None:
        picked = self._document.selection.picked
        things = [p for p in picked if p.unit is None or p.unit >= 0]  # a bias is its layer's
        for name in ("edit.delete", "edit.cut", "edit.copy", "edit.duplicate"):
            self._actions[name].setEnabled(bool(things))
        for name in ("edit.deselect", "view.zoom_selection", "view.fold"):
            self._actions[name].setEnabled(bool(picked))

    def _on_possible(self) -> None:
        for name, can in (self._byhand.possible() | self._editing.possible()).items():
            self._actions[f"edit.{name}"].setEnabled(can)
