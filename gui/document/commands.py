"""The one undo command of the whole program: it keeps the project, or some weights, before and after."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QUndoCommand

from engine.design import Project
from engine.edits.parameters import ParameterEdit
from engine.training.events import Keepsake

Take = Callable[[Project, "EditCommand"], None]
"""Puts a project in place and announces the command."""


class EditCommand(QUndoCommand):
    """Swaps one project value for another, or sets learned weights by hand, which are no part of a project.

    The learned weights that an application removes are put into a keepsake by the worker, at the batch
    boundary where the edit takes effect; the opposite direction restores them from it. Likewise what weights
    set by hand were before, with the optimizer's memory of them.

    Attributes:
        undoing: the direction of the application that is being announced.
        donor: where it finds what the opposite direction removed; keepsake: where it leaves what it removes.
        edits: the weights that it sets; hold: whether the optimizer shall not move them for the time being.
        forgotten: undone, it is no step any more, not even one to redo.
    """

    def __init__(
        self,
        take: Take,
        text: str,
        before: Project,
        after: Project,
        gesture: str,
        edits: tuple[ParameterEdit, ...] = (),
        hold: bool = False,
    ) -> None:
        super().__init__(text)
        self.edits = edits
        self.hold = hold
        self.forgotten = False
        self._take = take
        self.before = before
        self.after = after
        self.gesture = gesture
        self.undoing = False
        self._lost_by_redo = Keepsake()
        self._lost_by_undo = Keepsake()

    @property
    def donor(self) -> Keepsake:
        """What the opposite direction removed."""
        return self._lost_by_redo if self.undoing else self._lost_by_undo

    @property
    def keepsake(self) -> Keepsake:
        """Where this direction leaves what it removes."""
        return self._lost_by_undo if self.undoing else self._lost_by_redo

    @property
    def said(self) -> str:
        """What is being done, in plain words: “add Dense(8)”, or that it is undone."""
        undone = QCoreApplication.translate("EditCommand", "undo {what}")
        return undone.format(what=self.text()) if self.undoing else self.text()

    def id(self) -> int:
        """The same for the parts of one gesture, so that Qt offers to merge them."""
        return zlib.crc32(self.gesture.encode()) & 0x7FFFFFFF if self.gesture else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Become one step with a later part of the same gesture; the first keepsake has everything."""
        if not isinstance(other, EditCommand) or not self.gesture or other.gesture != self.gesture:
            return False
        if _cells(self.edits) != _cells(other.edits):
            return False
        self.after, self.edits = other.after, other.edits
        if other.before.design is not other.after.design:
            self._lost_by_redo.go_on_with(other._lost_by_redo)
        self.setText(other.text())
        self.setObsolete(not self.edits and self.before == self.after)
        return True

    def redo(self) -> None:
        """Put the later project in place."""
        self.undoing = False
        self._take(self.after, self)
        self.hold = False  # done again, it is not under a hand

    def undo(self) -> None:
        """Put the earlier project in place."""
        self.undoing = True
        self._take(self.before, self)
        self.setObsolete(self.forgotten)


def _cells(edits: tuple[ParameterEdit, ...]) -> list[tuple[str, str, int, int]]:
    return [(edit.layer, edit.tensor, edit.row, edit.column) for edit in edits]
