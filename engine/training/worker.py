"""The worker: the one thread that owns a session and drives it, answering commands between chunks of steps.

Nothing is pushed per step. Whoever watches asks for a snapshot and takes the newest from the mailbox; what
happens rarely (opened, edited, stopped, failed) is put into a queue of events, and `notify` is called.
"""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.datasets import load_data
from engine.datasets.base import Data
from engine.design import Project
from engine.edits.parameters import ParameterEdit
from engine.training.byhand import ParameterChange
from engine.training.checkpoint import Checkpoint
from engine.training.events import (
    CheckpointTaken,
    Edited,
    Event,
    Failed,
    Keepsake,
    Opened,
    ParametersSet,
    Refused,
    Stopped,
)
from engine.training.mailbox import Mailbox
from engine.training.measuring import Measuring
from engine.training.resuming import resume
from engine.training.session import Session
from engine.training.snapshot import Snapshot
from engine.transfer import Memory

CHUNK_SECONDS = 0.002
"""About how long the worker trains before it looks for commands."""

LONGEST_REST = 2.0
"""Seconds for which it rests at most when it is asked to."""

Command = Callable[[], None]


class Worker(threading.Thread):
    """Drives one session at a time.

    Attributes:
        mailbox: the newest snapshot; events: what happened rarely.
        session: the open session; only the worker's own thread may touch it while it lives.
    """

    def __init__(self, notify: Callable[[], None] = lambda: None) -> None:
        super().__init__(name="synapscope-training", daemon=True)
        self.mailbox: Mailbox[Snapshot] = Mailbox()
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.session: Session | None = None
        self._notify = notify
        self._commands: queue.SimpleQueue[tuple[int, Command]] = queue.SimpleQueue()
        self._tokens = 0
        self._token = 0
        self._closing = False
        self._playing = False
        self._play_token = 0
        self._last_epoch: int | None = None  # play no further than the end of this epoch, at full speed
        self._pace = math.inf
        self._due = 0.0
        self._chunk = 1
        self._wanted: set[str] | None = None
        self._measuring = Measuring()
        self._owed: Memory | None = None  # removed, and undone into an unfinished design

    # -- commands, from any thread

    def open(self, project: Project, checkpoint: Checkpoint | None = None, data: Data | None = None) -> int:
        """Open a project, fresh or as saved; loads its data. Answered by Opened or Refused."""
        return self._submit(lambda: self._open(project, checkpoint, data))

    def edit(
        self, project: Project, *, donor: Keepsake | None = None, keep: Keepsake | None = None, text: str = ""
    ) -> int:
        """Go on with an edited project. Answered by Edited or Refused; by Opened where nothing could run yet.

        What an earlier edit removed is restored from `donor`; what this one removes is left in `keep`; `text`
        is what the edit is called.
        """
        return self._submit(lambda: self._edit(project, donor or Keepsake(), keep or Keepsake(), text))

    def edit_parameters(
        self,
        edits: tuple[ParameterEdit, ...],
        *,
        hold: bool = False,
        donor: Keepsake | None = None,
        keep: Keepsake | None = None,
    ) -> int:
        """Set weights by hand; with `hold` the optimizer does not move them until the next such command.

        Answered by ParametersSet or Refused. What was there is left in `keep`; where `donor` holds a change,
        that is put back instead of `edits`. No edits: what was held is let go.
        """
        change = ParameterChange(edits, hold=hold)
        return self._submit(lambda: self._edit_parameters(change, donor, keep or Keepsake()))

    def play(self) -> int:
        """Train until told otherwise."""
        return self._submit(self._play)

    def pause(self) -> int:
        """Stop training at the next batch boundary, at once."""
        return self._submit(self._pause)

    def step_phase(self) -> int:
        """Do the next phase of a step, and pause."""
        return self._submit(lambda: self._step(Session.run_phase))

    def step_batch(self) -> int:
        """Do one batch (or finish the begun one), and pause."""
        return self._submit(lambda: self._step(_one_batch))

    def step_epoch(self) -> int:
        """Train to the end of the epoch, and pause."""
        return self._submit(self._step_epoch)

    def reset(self) -> int:
        """Back to the same initial weights. Answered by Opened."""
        return self._submit(self._reset)

    def set_pace(self, batches_per_second: float) -> int:
        """How fast it plays; infinity is as fast as the machine goes."""
        return self._submit(lambda: self._set_pace(batches_per_second))

    def request_snapshot(self, *, gradients: bool = False, curves: bool = False) -> None:
        """Ask for a snapshot, to be taken from the mailbox."""
        wanted = {name for name, asked in (("gradients", gradients), ("curves", curves)) if asked}
        self._submit(lambda: self._want(wanted))

    def rest(self, until: threading.Event) -> int:
        """Do nothing until then (at most LONGEST_REST seconds): somebody else needs the interpreter."""
        return self._submit(lambda: self._rest(until))

    def take_checkpoint(self) -> int:
        """Ask for a checkpoint. Answered by CheckpointTaken."""
        return self._submit(self._take_checkpoint)

    def close(self, timeout: float | None = 10.0) -> bool:
        """End the thread in whatever state it is; True when it has ended."""
        self._submit(self._close)
        if self.is_alive():
            self.join(timeout)
        return not self.is_alive()

    def _submit(self, command: Command) -> int:
        self._tokens += 1
        self._commands.put((self._tokens, command))
        return self._tokens

    # -- the thread

    def run(self) -> None:
        """The thread's life: answer commands, then do a little work, again and again."""
        while not self._closing:
            try:
                self._answer_commands()
                self._answer_request()
                if not self._closing:
                    self._work()
            except Exception as error:  # a fault of ours: report it, keep the session, stop training
                self._playing = False
                self._measuring.drop()
                self._emit(Failed(self._token, error))

    def _answer_commands(self) -> None:
        wait = self._patience()
        try:
            self._token, command = self._commands.get(timeout=wait) if wait else self._commands.get_nowait()
            command()
            while not self._closing:
                self._token, command = self._commands.get_nowait()
                command()
        except queue.Empty:
            pass

    def _patience(self) -> float | None:
        """How long to wait for a command: None or 0 for not at all."""
        if self.session is None:
            return 3600.0
        if self._playing:
            at_once = self._at_full_speed or self._measuring.busy
            return 0.0 if at_once else max(0.0, self._due - time.perf_counter())
        return 0.0 if self._measuring.pending(self.session) else 3600.0

    @property
    def _at_full_speed(self) -> bool:
        return self._pace == math.inf or self._last_epoch is not None

    def _work(self) -> None:
        session = self.session
        if session is None:
            return
        if self._playing:
            self._train(session)
            self._stop_if_due(session)
        self._measuring.advance(session, training=self._playing, flat_out=self._at_full_speed)

    def _stop_if_due(self, session: Session) -> None:
        if session.stopped_because is not None:
            self._playing = False
            layer = session.diverged_at[0] if session.diverged_at else ""
            if session.stopping.restored:
                self._measuring.drop()  # what was measured is of other weights
            self._emit(Stopped(self._play_token, session.stopped_because, layer))
        elif self._last_epoch is not None and session.epoch >= self._last_epoch:
            self._playing = False
            self._emit(Stopped(self._play_token, ""))

    def _train(self, session: Session) -> None:
        start = time.perf_counter()
        if not self._at_full_speed:
            if start < self._due:
                return
            self._due = max(self._due, start - 0.1) + 1 / self._pace
            session.advance(1)
        else:
            done = session.advance(self._chunk)
            elapsed = time.perf_counter() - start
            if done == self._chunk:
                self._chunk = max(1, min(1024, int(done * CHUNK_SECONDS / max(elapsed, 1e-6))))
        self._measuring.earn(time.perf_counter() - start)

    # -- commands, in the thread

    def _open(self, project: Project, checkpoint: Checkpoint | None, data: Data | None) -> None:
        loaded = data
        try:
            loaded = loaded or load_data(project.data)
            session = resume(project, loaded, checkpoint) if checkpoint else Session(project, loaded)
        except (ValueError, MemoryError) as error:  # an edit may complete the network, or bring other data
            self.session = None  # the old one belongs to another project
            self._emit(Refused(self._token, _sentence(error), loaded))
            return
        self.session, self._owed = session, None
        self._begin(session)

    def _begin(self, session: Session) -> None:
        self._playing = False
        self._measuring = Measuring()
        marks = tuple(session.records.marks)
        self._emit(Opened(self._token, session.project, session.data, session.run_number, marks))

    def _edit(self, project: Project, donor: Keepsake, keep: Keepsake, text: str = "") -> None:
        session = self.session
        if session is None:
            self._open(project, None, None)
            return
        data: Data | None = None
        try:
            data = load_data(project.data) if project.data != session.project.data else None
            owed = donor.kept() or self._owed
            report, memory = session.edit(project, data=data, donor=owed, text=text)
        except (ValueError, MemoryError) as error:
            self._owed = donor.kept() or self._owed
            self._emit(Refused(self._token, _sentence(error), data))
            return
        self._owed = None
        if report is not None:
            keep.memory = memory
        self._measuring.drop()
        run, step = session.run_number, session.step
        self._emit(Edited(self._token, project, session.data, run, step, report, text))

    def _edit_parameters(self, change: ParameterChange, donor: Keepsake | None, keep: Keepsake) -> None:
        session = self.session
        if donor is not None:
            if donor.change is None:  # the edit was refused: there is nothing to put back
                return
            change = donor.change
        try:
            if session is None:
                raise ValueError("There is no open session.")
            keep.change = session.set_parameters(change)
        except ValueError as error:
            self._emit(Refused(self._token, str(error)))
            return
        self._measuring.drop()
        self._emit(ParametersSet(self._token, session.run_number, session.step))

    def _play(self) -> None:
        self._last_epoch = None
        self._play_token = self._token
        if self.session is not None and self.session.stopped_because is None:
            self._playing = True
            self._due = time.perf_counter()
            return
        reason = "There is no open session." if self.session is None else self.session.stopped_because
        self._emit(Stopped(self._token, reason or ""))

    def _pause(self) -> None:
        self._playing = False

    def _step(self, step: Callable[[Session], Any]) -> None:
        self._playing = False
        if self.session is None:
            return
        if self.session.stopped_because is None:
            step(self.session)
        if self.session.stopped_because is not None:
            layer = self.session.diverged_at[0] if self.session.diverged_at else ""
            if self.session.stopping.restored:
                self._measuring.drop()
            self._emit(Stopped(self._token, self.session.stopped_because, layer))

    def _step_epoch(self) -> None:
        self._play()
        if self._playing and self.session is not None:
            self._last_epoch = self.session.epoch + 1

    def _reset(self) -> None:
        if self.session is not None:
            self.session.reset()
            self._begin(self.session)

    def _set_pace(self, pace: float) -> None:
        self._pace = pace if pace > 0 else 1.0
        self._due = time.perf_counter()

    def _want(self, wanted: set[str]) -> None:
        self._wanted = (self._wanted or set()) | wanted

    def _answer_request(self) -> None:
        if self._wanted is None or self.session is None:
            return
        gradients, curves = "gradients" in self._wanted, "curves" in self._wanted
        self._wanted = None
        settled = not self._playing  # while it plays the vitals are sampled by their own clock
        snapshot = self.session.snapshot(gradients=gradients, curves=curves, vitals=settled)
        self.mailbox.put(replace(snapshot, playing=self._playing))

    def _take_checkpoint(self) -> None:
        checkpoint = self.session.checkpoint() if self.session is not None else None
        self._emit(CheckpointTaken(self._token, checkpoint))

    def _rest(self, until: threading.Event) -> None:
        until.wait(LONGEST_REST)
        self._due = max(self._due, time.perf_counter())  # nothing is to be caught up

    def _close(self) -> None:
        self._closing = True

    def _emit(self, event: Event) -> None:
        self.events.put(event)
        self._notify()


def _one_batch(session: Session) -> None:
    """A whole batch, or the rest of a begun one."""
    session.run(1)


def _sentence(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "There is not enough memory for this network."
    return str(error)
