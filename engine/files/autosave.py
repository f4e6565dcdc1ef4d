"""Autosave: unsaved work is written beside its file now and then, and offered back after a crash.

Every open project has an entry in the data folder for as long as it is open: a lock that the system
releases when the process dies, and a note that says where the autosave is. An entry without a living owner is
abandoned: its work is offered. The autosave of a saved project lies beside it, `.name.synapscope.autosave`;
that of an untitled one, or where one may not write, lies in the data folder. It is deleted only by `discard`,
after a save or a clean close.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any

import msgspec
from platformdirs import user_data_path

from engine.design import Project
from engine.files.atomic import write_atomically
from engine.files.faults import FileFault, writing_fault
from engine.files.locks import LockFile
from engine.files.project import SUFFIX, save_project
from engine.training.checkpoint import Checkpoint

AUTOSAVE_SUFFIX = ".autosave"


class Note(msgspec.Struct, frozen=True):
    """An entry's note: where the autosave is, and which file it belongs to (none while untitled)."""

    autosave: str
    original: str | None = None


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """Work that a crash has left: an autosave without a living owner; `load_project(path)` opens it.

    Attributes:
        path: the autosave; saved_at: when it was written.
        original_path: the project's own file, None if it never had one; original_saved_at: when that was last
            written, None if it is gone.
    """

    path: Path
    saved_at: datetime
    original_path: Path | None = None
    original_saved_at: datetime | None = None
    token: str = ""
    folder: Path | None = None

    @property
    def newer(self) -> bool:
        """Whether it is newer than the project's own file."""
        return self.original_saved_at is None or self.saved_at >= self.original_saved_at

    def discard(self) -> None:
        """Delete it: the user does not want it, or has saved it."""
        _delete(self.path)
        if self.folder and self.token:
            _delete_entry(self.folder, self.token)


class Autosave:
    """The autosave of one open project; every method may be called from any thread.

    `project_path` is the project's own file, None while untitled. `generation` counts what `discard` has made
    obsolete: take it together with the state to be written, and `write` refuses what was saved meanwhile.
    """

    def __init__(self, project_path: Path | str | None = None, *, folder: Path | None = None) -> None:
        self.folder = folder or data_folder() / "autosave"
        self.token = uuid.uuid4().hex
        self.generation = 0
        self._guard = RLock()
        self._lock = LockFile(self.folder / f"{self.token}.lock")
        self._adopted: Recovery | None = None
        self._written: Path | None = None
        self._closed = False
        self._project_path = None if project_path is None else _absolute(project_path)

    @property
    def project_path(self) -> Path | None:
        """The project's own file."""
        return self._project_path

    def belong_to(self, project_path: Path | str | None) -> None:
        """The project has another file now; what was written stays until it is written anew or discarded."""
        with self._guard:
            self._project_path = None if project_path is None else _absolute(project_path)

    def write(
        self,
        project: Project,
        checkpoint: Checkpoint | None = None,
        *,
        trained: Project | None = None,
        view: Mapping[str, Any] | None = None,
        generation: int | None = None,
    ) -> Path | None:
        """Write the work down; returns where, or None if it is obsolete; FileFault if it is impossible."""
        with self._guard:
            if self._closed or generation not in (None, self.generation):
                return None
            fault: FileFault | None = None
            for path in self._places():
                try:
                    self._enter(path)
                    save_project(path, project, checkpoint, trained=trained, view=view, backup=False)
                except FileFault as error:
                    fault = error
                    continue
                self._moved_to(path)
                return path
            assert fault is not None
            raise fault

    def discard(self) -> None:
        """Delete what was written, after a save: the project's own file holds it all."""
        with self._guard:
            self.generation += 1
            for path in {self._written} - {None}:
                assert path is not None
                _delete(path)
            self._written = None
            if self._adopted is not None:
                self._adopted.discard()
                self._adopted = None
            _delete(self.folder / f"{self.token}.json")

    def close(self) -> None:
        """A clean close: discard, and write nothing from now on."""
        with self._guard:
            self.discard()
            self._closed = True
            self._lock.release(remove=True)

    def adopt(self, recovery: Recovery) -> None:
        """Its work is open in this project now: it is deleted as soon as it is written anew, or discarded."""
        with self._guard:
            self._adopted = recovery

    def _places(self) -> list[Path]:
        """Where it may be written, best first."""
        inside = self.folder / f"{self.token}{SUFFIX}{AUTOSAVE_SUFFIX}"
        if self._project_path is None:
            return [inside]
        beside = beside_of(self._project_path)
        return [inside] if self._is_taken(beside) else [beside, inside]

    def _is_taken(self, beside: Path) -> bool:
        """Whether another open window has the same project, or an unanswered recovery lies there."""
        if beside == self._written or (self._adopted is not None and self._adopted.path == beside):
            return False
        notes = (_note(self.folder, token) for token in _tokens(self.folder) - {self.token})
        return any(note is not None and Path(note.autosave) == beside for note in notes) and beside.exists()

    def _enter(self, path: Path) -> None:
        """Take the lock and write the note, before there is anything to find."""
        if path == self._written and self._lock.held:
            return
        note = Note(str(path), None if self._project_path is None else str(self._project_path))
        target = self.folder / f"{self.token}.json"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock.take()
            write_atomically(target, lambda file: file.write(msgspec.json.encode(note)))
        except OSError as error:
            raise writing_fault(target, error) from None

    def _moved_to(self, path: Path) -> None:
        """The work is at `path`: what is elsewhere is old."""
        if self._written not in (None, path):
            assert self._written is not None
            _delete(self._written)
        if self._adopted is not None:
            if self._adopted.path == path:
                _delete_entry(self.folder, self._adopted.token)
            else:
                self._adopted.discard()
            self._adopted = None
        self._written = path


def find_abandoned(*, folder: Path | None = None) -> list[Recovery]:
    """What crashes have left, newest first; work of programs that still run is not in it."""
    folder = folder or data_folder() / "autosave"
    found = [_abandoned(folder, token) for token in _tokens(folder)]
    return sorted((item for item in found if item is not None), key=lambda item: item.saved_at, reverse=True)


def beside_of(project_path: Path) -> Path:
    """Where the autosave of a saved project lies."""
    return project_path.with_name(f".{project_path.name}{AUTOSAVE_SUFFIX}")


def data_folder() -> Path:
    """Where the program keeps what is not settings: $SYNAPSCOPE_HOME, or the platform's own place."""
    chosen = os.environ.get("SYNAPSCOPE_HOME")
    return Path(chosen) if chosen else user_data_path("synapscope", appauthor=False)


def _abandoned(folder: Path, token: str) -> Recovery | None:
    """The work of an entry without a living owner; an entry without work is swept away."""
    lock = LockFile(folder / f"{token}.lock")
    try:
        if not lock.take():
            return None
    except OSError:
        return None
    note = _note(folder, token)
    inside = folder / f"{token}{SUFFIX}{AUTOSAVE_SUFFIX}"
    path = Path(note.autosave) if note is not None else inside
    original = Path(note.original) if note is not None and note.original is not None else None
    saved_at = _modified(path)
    if saved_at is None and path != inside:
        path, saved_at = inside, _modified(inside)
    lock.release(remove=saved_at is None)
    if saved_at is None:
        _delete(folder / f"{token}.json")
        return None
    return Recovery(
        path=path,
        saved_at=saved_at,
        original_path=original,
        original_saved_at=None if original is None else _modified(original),
        token=token,
        folder=folder,
    )


def _tokens(folder: Path) -> set[str]:
    """The entries of a data folder."""
    try:
        names = [entry.name for entry in os.scandir(folder)]
    except OSError:
        return set()
    suffixes = (".lock", ".json", f"{SUFFIX}{AUTOSAVE_SUFFIX}")
    return {
        name[: -len(suffix)]
        for name in names
        for suffix in suffixes
        if name.endswith(suffix) and name[0] != "."
    }


def _note(folder: Path, token: str) -> Note | None:
    try:
        return msgspec.json.decode((folder / f"{token}.json").read_bytes(), type=Note)
    except (OSError, msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _modified(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (OSError, ValueError, OverflowError):
        return None


def _delete_entry(folder: Path, token: str) -> None:
    for suffix in (".json", ".lock"):
        _delete(folder / f"{token}{suffix}")


def _delete(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


def _absolute(path: Path | str) -> Path:
    return Path(os.path.abspath(path))
