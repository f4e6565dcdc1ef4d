"""The session controller: play, pause and step for the window, and what the worker answers, as signals."""

from __future__ import annotations

import math
import queue
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from engine.datasets.base import Data
from engine.design import Project
from engine.training.checkpoint import Checkpoint
from engine.training.events import (
    CheckpointTaken,
    Edited,
    Event,
    Failed,
    Opened,
    Refused,
    Stopped,
)
from engine.training.worker import Worker
from gui.document.commands import EditCommand
from gui.document.document import Document


class SessionController(QObject):
    """Commands to the worker, and its rare answers.

    Signals:
        opened(): a session is ready (after open and after reset); `data` and `project` are new.
        edited(Edited): an edit took effect in the worker.
        stopped(str, str): training stopped by itself: the reason, empty at the end of an epoch that was asked
            for, and the layer where it lies, if any.
        refused(str, bool): a command could not be carried out: why, and whether it trained until then.
        found(): the data are known, although no run could be made of the project, see `data_of`.
        failed(object): a fault of the program in the worker: the exception.
        playing_changed(bool)
        woken(): something was asked of the worker; whoever draws should look again.

    Attributes:
        run: the number of the network that the worker trains; project, data: what it was compiled from.
        marks: (step, what was edited) of the run so far, for charts that come later.
        playing: whether it trains; pace: batches a second, infinity for as fast as the machine goes.
        refusal: why the worker could not take the project over, "" if it has.
    """

    opened = Signal()
    edited = Signal(object)
    stopped = Signal(str, str)
    refused = Signal(str, bool)
    found = Signal()
    failed = Signal(object)
    playing_changed = Signal(bool)
    woken = Signal()
    _answered = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.run = 0
        self.project: Project = document.project
        self.data: Data | None = None
        self._found: Data | None = None
        self.marks: tuple[tuple[int, str], ...] = ()
        self.playing = False
        self.refusal = ""
        self.pace = math.inf
        self._played = 0
        self._asked = 0
        self._eager = False  # play was asked for while the very first file was still being read
        self._waiting: dict[int, Callable[[Checkpoint | None], None]] = {}
        self._answered.connect(self._drain)  # queued: the worker emits it from its own thread
        self.worker = Worker(notify=self._answered.emit)
        self.worker.start()
        document.applied.connect(self._on_applied)

    # -- commands

    def open(self, project: Project, checkpoint: Checkpoint | None = None, data: Data | None = None) -> None:
        """Load the project's data and make a session of it, fresh or as saved."""
        self._set_playing(False)
        self.run, self.marks = -1, ()  # whatever still comes from the run before is late
        self._asked = self.worker.open(project, checkpoint, data)
        self.woken.emit()
        if self._eager:
            self._eager = False
            self.play()

    def play(self) -> None:
        """Train until told otherwise, or as soon as there is something to train."""
        if not self._asked:
            self._eager = True
            return
        self._played = self.worker.play()
        self._set_playing(True)
        self.woken.emit()

    def pause(self) -> None:
        """Stop at the next batch boundary."""
        self.worker.pause()
        self._set_playing(False)
        self.woken.emit()

    def toggle(self) -> None:
        """Play or pause."""
        self.pause() if self.playing else self.play()

    def step_phase(self) -> None:
        """One phase of a step."""
        self._step(self.worker.step_phase)

    def step_batch(self) -> None:
        """One batch."""
        self._step(self.worker.step_batch)

    def step_epoch(self) -> None:
        """To the end of the epoch."""
        self._played = self.worker.step_epoch()
        self._set_playing(True)
        self.woken.emit()

    def reset(self) -> None:
        """Back to the same initial weights."""
        self._step(self.worker.reset)

    def let_go(self) -> None:
        """The optimizer may move again the weights that were held."""
        self.worker.edit_parameters(())

    def set_pace(self, batches_per_second: float) -> None:
        """How fast it plays; infinity is as fast as the machine goes."""
        self.pace = batches_per_second
        self.worker.set_pace(batches_per_second)

    def take_checkpoint(self, then: Callable[[Checkpoint | None], None]) -> None:
        """Call `then`, in the window's thread, with the state of the run."""
        self._waiting[self.worker.take_checkpoint()] = then

    def shut_down(self) -> bool:
        """End the worker, in whatever state it is."""
        return self.worker.close()

    def data_of(self, project: Project) -> Data | None:
        """The data of a project where they are loaded, whether a run could be made of it or not."""
        known = (self.data, self._found)
        return next((data for data in known if data is not None and data.config == project.data), None)

    # -- answers

    def _drain(self) -> None:
        while True:
            try:
                event = self.worker.events.get_nowait()
            except queue.Empty:
                return
            self._take(event)

    def _take(self, event: Event) -> None:
        match event:
            case Opened() | Edited() | Refused() if event.token < self._asked:
                pass  # it is about the project before
            case Opened():
                self.refusal = ""
                self.run, self.project, self.data = event.run, event.project, event.data
                self.marks = event.marks
                self.opened.emit()
            case Edited():
                self.refusal = ""
                self.run, self.project, self.data = event.run, event.project, event.data
                self.marks = event.marks
                self.edited.emit(event)
            case CheckpointTaken():
                self._waiting.pop(event.token)(event.checkpoint)
            case Stopped() if event.token >= self._played:  # an older one is about an earlier play
                self._set_playing(False)
                self.stopped.emit(event.reason, event.layer)
            case Refused():
                self.refusal = event.reason
                if self.run < 0:  # it could not be opened: the data of the project before are not its own
                    self.data = None
                self._find(event.data)
                was_playing = self.playing
                self.pause()
                self.refused.emit(event.reason, was_playing)
            case Failed():
                self._set_playing(False)
                self.failed.emit(event.error)
        self.woken.emit()

    def _find(self, data: Data | None) -> None:
        if data is not None and data is not self._found:
            self._found = data
            self.found.emit()

    def _on_applied(self, command: EditCommand) -> None:
        if not command.edits:
            project, donor, keep = self.document.project, command.donor, command.keepsake
            gesture = "" if command.undoing else command.gesture
            self.worker.edit(project, donor=donor, keep=keep, text=command.said, gesture=gesture)
        elif command.undoing:
            self.worker.edit_parameters((), donor=command.donor, keep=command.keepsake)
        else:
            self.worker.edit_parameters(command.edits, hold=command.hold, keep=command.keepsake)
        self.woken.emit()

    def _step(self, command: Callable[[], int]) -> None:
        command()
        self._set_playing(False)
        self.woken.emit()

    def _set_playing(self, playing: bool) -> None:
        if playing != self.playing:
            self.playing = playing
            self.playing_changed.emit(playing)
