"""The autosaver: unsaved work goes to the disk a moment later, so that a crash loses seconds at most."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from engine.design import Project
from engine.files import Autosave, FileFault, Recovery, find_abandoned
from engine.training.checkpoint import Checkpoint
from gui.files.storage import Storage

EVERY_SECONDS = 2.5
"""How long unsaved work waits, where writing it costs little."""
SMALL_SHARE = 0.05
"""How much of the time writing may take: a large network is written less often than it is edited …"""
LONGEST_SECONDS = 4.5
"""… but this is how old the work in the finished file is at most, as long as the disk can do it."""
LOOK_MS = 250


class Autosaver(QObject):
    """Writes the open project's unsaved work, and finds what other runs have left.

    Signals:
        found(list): abandoned work, newest first (Recovery each).
        failed(str): it cannot be written: a sentence, said once.
    """

    found = Signal(object)
    failed = Signal(str)

    def __init__(self, storage: Storage, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.storage = storage
        self.document = storage.document
        self._save = Autosave()
        self._adopting: Recovery | None = None
        self._written: tuple[Project, int] | None = None
        self._revision = -1
        self._writing = False
        self._begun = 0.0
        self._not_before = 0.0
        self._told = False
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._on_timeout)
        self._timer.start()
        storage.controller.failed.connect(self._on_fault)
        storage.opened.connect(self._on_opened)
        storage.saved.connect(self._on_saved)

    def look_for_abandoned(self) -> None:
        """Look for what crashes have left; answered by `found`, if there is any."""
        self.storage.background.run(
            "", find_abandoned, lambda items: self.found.emit(items) if items else None, lambda _error: None
        )

    def restore(self, recovery: Recovery) -> None:
        """Open abandoned work; it stays on the disk until it is written anew or saved."""
        self._adopting = recovery
        self.storage.open_recovered(recovery.path, recovery.original_path, self._on_restored)

    def discard(self, recovery: Recovery) -> None:
        """Delete abandoned work."""
        self.storage.background.run("", recovery.discard, lambda _nothing: None, lambda _error: None)

    def hurry(self) -> None:
        """Write now what is not yet written: the program is about to end."""
        self._not_before = 0.0
        self._on_timeout()

    def stop(self) -> None:
        """Write nothing more, and leave what is written: it is offered at the next start."""
        self._timer.stop()

    def close(self) -> None:
        """A clean close: nothing is left behind. The storage must be closed first."""
        self._timer.stop()
        self._save.close()

    def _on_restored(self, _well: bool) -> None:
        self._adopting = None

    def _on_opened(self, _opening: object) -> None:
        old, self._save = self._save, Autosave(self.document.path)
        if self._adopting is not None:
            self._save.adopt(self._adopting)
            self._save.belong_to(self._adopting.original_path)
        self._written = None
        self._in_background(old.close)

    def _on_saved(self, path: Path) -> None:
        save = self._save
        self._written = None

        def clear() -> None:
            save.discard()
            save.belong_to(path)

        self._in_background(clear)

    def _on_timeout(self) -> None:
        if self._writing or not self.document.modified or time.perf_counter() < self._not_before:
            return
        self._writing = True
        self._begun = time.perf_counter()
        self._not_before = self._begun + EVERY_SECONDS
        save, generation = self._save, self._save.generation
        project, view, revision = self.document.project, self.storage.view_now(), self.document.revision

        def write(checkpoint: Checkpoint | None, trained: Project) -> None:
            state = (project, checkpoint.step if checkpoint is not None else 0)
            if (state, revision) == (self._written, self._revision):
                self._writing = False
                return
            self._written, self._revision = state, revision

            def to_disk() -> float:
                start = time.perf_counter()
                save.write(project, checkpoint, trained=trained, view=view, generation=generation)
                return time.perf_counter() - start

            self.storage.background.run("", to_disk, self._on_written, self._on_failed, (FileFault,))

        self.storage.take_state(write)

    def _on_written(self, seconds: float) -> None:
        self._writing = False
        cost = time.perf_counter() - self._begun
        pause = max(EVERY_SECONDS, min(seconds / SMALL_SHARE, LONGEST_SECONDS - cost))
        self._not_before = self._begun + pause

    def _on_failed(self, fault: FileFault) -> None:
        self._writing = False
        self._written = None
        if not self._told:
            self._told = True
            self.failed.emit(self._sentence(fault))

    def _sentence(self, fault: FileFault) -> str:
        """What it means for a person that what is written by itself cannot be written."""
        cause = fault.__context__
        why = str(fault).rstrip(".")
        if isinstance(cause, OSError) and cause.strerror and cause.filename:
            why = f"{cause.strerror}: {cause.filename}"
        return self.tr(
            "Unsaved work cannot be kept for the case of a crash ({why}), so save it now and then."
        ).format(why=why)

    def _on_fault(self, _error: object) -> None:
        """The worker failed: the answer that was being waited for may never come."""
        self._writing = False
        self._written = None

    def _in_background(self, call: object) -> None:
        assert callable(call)
        self.storage.background.run("", call, lambda _nothing: None, lambda _error: None)
