"""Storage: opens and saves the document, in the background, and says what happened in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.datasets import Data, config_for_file, load_data
from engine.design import DataConfig, Project
from engine.edits.data import use_data
from engine.edits.outcome import Outcome
from engine.files import SUFFIX, FileFault, backup_of, original_of, save_project
from engine.training.checkpoint import Checkpoint
from gui.document.document import Document
from gui.files.background import Background
from gui.files.reading import FAULTS, Opening, read_example, read_file, sentence_of
from gui.session.controller import SessionController
from gui.session.example import ShownExample
from gui.session.frame_clock import Frame, FrameClock

Stamp = tuple[int, int] | None
Done = Callable[[bool], object]
"""Told whether it went well."""


def _nobody(_well: bool) -> None:
    """Nobody waits for the end of it."""


class Storage(QObject):
    """Opens and saves.

    Signals:
        told(str): something is worth knowing: a sentence.
        failed(str): a file cannot be read or written: a sentence; what is open is as it was.
        damaged(str, Path): a file cannot be read, but its backup may be: a sentence, and the backup.
        opened(Opening): another project is open.
        saved(Path): the project is in this file now.
        file_used(Path): a file was opened or saved: it belongs among the recent ones.

    Attributes:
        background: the thread for the disk.
        view: gives what else is to be remembered with the project (JSON values); restore: takes it back.
        place: puts the input that other data bring somewhere on the canvas.
    """

    told = Signal(str)
    failed = Signal(str)
    damaged = Signal(str, object)
    opened = Signal(object)
    saved = Signal(object)
    file_used = Signal(object)

    def __init__(
        self,
        document: Document,
        controller: SessionController,
        clock: FrameClock,
        example: ShownExample,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.controller = controller
        self.example = example
        self.background = Background(self)
        self.view: Callable[[], dict[str, Any]] = dict
        self.restore: Callable[[dict[str, Any]], object] = lambda _view: None
        self.place: Callable[[Outcome, Data], Outcome] = lambda made, _data: made
        self._saved_step = 0
        self._seen: tuple[Path, Stamp] | None = None  # the open file, as it was read or written last
        self._opening = False
        self._pending: Opening | None = None
        self._without_data: Opening | None = None
        controller.opened.connect(self._on_session_opened)
        controller.refused.connect(self._on_refused)
        clock.frame_ready.connect(self._on_frame)

    # -- opening

    def begin(self, project: Project) -> None:
        """Show a project at once, and load its data meanwhile: for the start of the program."""
        self._adopt(Opening(project=project, trained=project))

    def open_example(self, name: str, done: Done = _nobody) -> None:
        """Open an example."""
        self._read(lambda: read_example(name), name, done)

    def open_file(self, path: Path | str, done: Done = _nobody) -> None:
        """Open a project or a data file; the backup of a project is unsaved work of that project."""
        place = Path(path).absolute()
        original = original_of(place)
        if original is not None:
            self.open_recovered(place, original, lambda well: self._on_backup(original, done, well))
            return
        self._read(lambda: read_file(place), place.name, done)

    def open_recovered(self, path: Path, original: Path | None, done: Done = _nobody) -> None:
        """Open work that a crash has left, as unsaved work of its original file."""

        def adopt_unsaved(well: bool) -> None:
            if well:
                self._saved_step = -1
                self.document.note_learning()
            done(well)

        self._read(lambda: replace(read_file(path), path=original), path.name, adopt_unsaved)

    def _on_backup(self, original: Path, done: Done, well: bool) -> None:
        done(well)
        if well:
            self.told.emit(
                self.tr("This is {name} before it was saved last; saving puts it back in its place.").format(
                    name=original.name
                )
            )

    @property
    def lacks_data(self) -> bool:
        """Whether the open project's data are missing."""
        return self._without_data is not None

    def use_data_file(self, path: Path | str) -> None:
        """Train the open network on a data file, read as its missing one was where it is of that kind."""
        config, before = config_for_file(path), self.document.project.data
        self.use_data(replace(before, path=config.path) if config.name == before.name else config)

    def use_data(self, config: DataConfig) -> None:
        """Train the open network on other data, as one edit; its first and last layer are fitted to it."""

        def take(data: Data) -> None:
            waiting = self._without_data
            self.document.apply(self.place(use_data(self.document.project, data), data))
            if waiting is not None and (found := waiting.with_data(data)) is not None:
                self._take_up(found)

        self.background.run(
            self.tr("Loading data …"),
            lambda: load_data(config),
            take,
            lambda error: self.failed.emit(sentence_of(error)),
            FAULTS,
        )

    def _read(self, read: Callable[[], Opening], name: str, done: Done) -> None:
        def take(opening: Opening) -> None:
            self._adopt(opening)
            if opening.warnings:
                self.told.emit(" ".join(opening.warnings))
            done(True)

        def fail(error: Exception) -> None:
            done(False)  # before it is said: what is opened instead takes away what was said before
            if isinstance(error, FileFault) and error.backup is not None:
                self.damaged.emit(str(error), error.backup)
            else:
                self.failed.emit(sentence_of(error))

        self.background.run(self.tr("Opening {name} …").format(name=name), read, take, fail, FAULTS)

    def _adopt(self, opening: Opening) -> None:
        self._saved_step = opening.checkpoint.step if opening.checkpoint is not None else 0
        self.document.open(opening.project, opening.path)
        self._take_up(opening)
        if opening.project.design.input is None:
            self.example.forget()  # nothing could take one
        if opening.path is not None:
            self._seen = (opening.path, stamp_of(opening.path))
            self.file_used.emit(opening.path)
        self.opened.emit(opening)

    def _take_up(self, opening: Opening) -> None:
        """Let the worker have it; what was learned is kept here for as long as the data are missing."""
        self._pending = opening
        self._opening = True
        self._without_data = opening if opening.fault else None
        self.controller.open(opening.trained, opening.checkpoint, opening.data)
        if self.document.project != opening.trained:  # unfinished: the worker says why, and waits
            self.controller.worker.edit(self.document.project)

    def _on_session_opened(self) -> None:
        self._opening = False
        self._without_data = None
        opening, self._pending = self._pending, None
        if opening is None:  # a reset
            return
        shown = opening.view.get("example", {})
        index, split = shown.get("index", 0), shown.get("split", "test")
        if isinstance(index, int) and split in ("train", "test"):
            self.example.show(index, split)
        self.restore(opening.view)

    def _on_refused(self, _sentence: str, _was_playing: bool) -> None:
        self._opening = False

    # -- saving

    def save(self, done: Done = _nobody) -> bool:
        """Save to the project's own file; False where it has none yet."""
        if self.document.path is None:
            return False
        self.save_as(self.document.path, done)
        return True

    def save_as(self, path: Path | str, done: Done = _nobody) -> None:
        """Save to a file, with the weights as they are at a batch boundary."""
        place = Path(path).absolute()
        if not place.name.endswith(SUFFIX):
            place = place.with_name(place.name + SUFFIX)
        project, view, revision = self.document.project, self.view_now(), self.document.revision

        def written(step: int) -> None:
            self._note_saved(place, step, self.document.revision == revision)
            done(True)

        self.take_state(
            lambda checkpoint, trained: self._write(place, project, view, checkpoint, trained, written, done)
        )

    def take_state(self, then: Callable[[Checkpoint | None, Project], None]) -> None:
        """Call `then` with the state of the run and the project that it belongs to."""
        waiting = self._without_data
        if waiting is not None:  # the worker has nothing, but what was learned must not be lost
            then(waiting.checkpoint, waiting.trained)
            return
        self.controller.take_checkpoint(lambda checkpoint: then(checkpoint, self.controller.project))

    def view_now(self) -> dict[str, Any]:
        """What is remembered besides the project."""
        return {"example": {"index": self.example.index, "split": self.example.split_name}, **self.view()}

    def _write(
        self,
        path: Path,
        project: Project,
        view: dict[str, Any],
        checkpoint: Checkpoint | None,
        trained: Project,
        written: Callable[[int], None],
        done: Done,
    ) -> None:
        def write() -> None:
            save_project(path, project, checkpoint, trained=trained, view=view)

        step = checkpoint.step if checkpoint is not None else 0
        foreign = self._seen is not None and self._seen[0] == path and self._seen[1] != stamp_of(path)

        def wrote() -> None:
            written(step)
            if foreign and (backup := backup_of(path)).is_file():
                self.told.emit(
                    self.tr(
                        "{name} had been changed elsewhere meanwhile; that version is kept as {backup}."
                    ).format(name=path.name, backup=backup.name)
                )

        def fail(error: Exception) -> None:
            self.failed.emit(sentence_of(error))
            done(False)

        self.background.run(
            self.tr("Saving {name} …").format(name=path.name),
            write,
            lambda _nothing: wrote(),
            fail,
            (FileFault,),
        )

    def _note_saved(self, path: Path, step: int, complete: bool) -> None:
        self._saved_step = step
        self._seen = (path, stamp_of(path))
        if complete:
            self.document.saved(path)
        else:  # edited while it was being written: that is still unsaved
            self.document.path = path
            self.document.path_changed.emit()
        self.file_used.emit(path)
        self.saved.emit(path)

    def _on_frame(self, frame: Frame) -> None:
        if not self._opening and frame.snapshot.step != self._saved_step:
            self.document.note_learning()

    def close(self) -> None:
        """Finish what is being written."""
        self.background.close()


def stamp_of(path: Path) -> Stamp:
    """When a file was written and its size, by which a change is noticed; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
