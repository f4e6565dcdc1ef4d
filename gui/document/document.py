"""The document: the project as designed, changed by `edit` only, with everything undoable."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from engine.design import Project
from engine.edits import Edit, Outcome
from engine.edits.parameters import ParameterEdit
from gui.document.commands import EditCommand
from gui.document.selection import Selection


class Document(QObject):
    """The open project.

    Signals:
        project_changed(Project, Project): before and after, for an edit, an undo or a redo.
        applied(EditCommand): after it, the command; what it removes is put into its keepsake.
        refused(str): an edit cannot be done: one sentence that says why, and what to do.
        replaced(): another project was opened; everything is new.
        path_changed(): saved under a name, or opened from one.
        modified_changed(bool): whether there is unsaved work.

    Attributes:
        undo_stack: what Edit ▸ Undo works on.
        selection: what is selected on the canvas.
        path: the file, None where it has none yet.
        revision: how many edits, undos and redos there have been: another one, and there is unsaved work.
    """

    project_changed = Signal(object, object)
    applied = Signal(object)
    refused = Signal(str)
    replaced = Signal()
    path_changed = Signal()
    modified_changed = Signal(bool)

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(500)
        self.undo_stack.cleanChanged.connect(self._tell_modified)
        self.selection = Selection(self)
        self.path: Path | None = None
        self.revision = 0
        self._project = project
        self._learned = False
        self._modified = False

    @property
    def project(self) -> Project:
        """The project as it is now: a frozen value."""
        return self._project

    @property
    def modified(self) -> bool:
        """Whether there is unsaved work: edits, or learned weights."""
        return self._learned or not self.undo_stack.isClean()

    def edit(self, text: str, project: Project, gesture: str = "") -> None:
        """Change the project as one undoable step, named in plain words (“add Dense(16) after Dense(8)”).

        Edits with the same non-empty `gesture` (an id made for one drag, one held button) become one step.
        """
        if project != self._project:
            self.undo_stack.push(EditCommand(self._take, text, self._project, project, gesture))

    def set_parameters(
        self, text: str, edits: tuple[ParameterEdit, ...], gesture: str = "", hold: bool = False
    ) -> None:
        """Set learned weights by hand, as one undoable step; the project stays as it is.

        With `hold` the optimizer does not move them until other ones are set, or they are let go.
        """
        project = self._project
        self.undo_stack.push(EditCommand(self._take, text, project, project, gesture, edits, hold))

    def take_back(self, gesture: str) -> bool:
        """Undo the last step for good if it is this gesture: it was cancelled."""
        index = self.undo_stack.index()
        command = self.undo_stack.command(index - 1) if index else None
        if not isinstance(command, EditCommand) or not gesture or command.gesture != gesture:
            return False
        command.forgotten = True
        self.undo_stack.undo()
        return True

    def apply(self, outcome: Outcome, gesture: str = "") -> Edit | None:
        """Do what an edit of `engine.edits` has come to, or say why it cannot be done (None)."""
        if not isinstance(outcome, Edit):
            self.refused.emit(outcome.sentence)
            return None
        self.edit(outcome.text, outcome.project, gesture)
        return outcome

    def open(self, project: Project, path: Path | None) -> None:
        """Put another project in place; nothing of the old one stays."""
        self.undo_stack.clear()
        self.selection.clear()
        self._project = project
        self._learned = False
        self.path = path
        self.replaced.emit()
        self.path_changed.emit()
        self._tell_modified()

    def saved(self, path: Path) -> None:
        """Note that everything up to now is in the file."""
        self.path = path
        self._learned = False
        self.undo_stack.setClean()
        self.path_changed.emit()
        self._tell_modified()

    def note_learning(self) -> None:
        """Note that training changed the weights: unsaved work."""
        if not self._learned:
            self._learned = True
            self._tell_modified()

    def _take(self, project: Project, command: EditCommand) -> None:
        """Called by the undo command: swap the project and tell everybody."""
        before, self._project = self._project, project
        self.revision += 1
        if not command.edits:
            self.selection.keep_only(project.design)
            self.project_changed.emit(before, project)
        self.applied.emit(command)

    def _tell_modified(self) -> None:
        if self.modified != self._modified:
            self._modified = self.modified
            self.modified_changed.emit(self._modified)
