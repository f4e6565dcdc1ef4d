"""The worker: the one thread that owns a session and drives it, answering commands between chunks of steps.

Nothing is pushed per step. Whoever watches asks for a snapshot and takes the newest from the mailbox; what
happens rarely (opened, edited, stopped, failed) is put into a queue of events, and `notify` is called.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.datasets import load_data
from engine.datasets.ahead import take_data
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
from engine.training.orders import Command, Orders
from engine.training.playing import Playing
from engine.training.resuming import resume
from engine.training.session import Session
from engine.training.snapshot import Snapshot
from engine.transfer import Memory

LONGEST_REST = 2.0
"""Seconds for which it rests at most when it is asked to."""


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
        self._orders = Orders()
        self._playing = Playing()
        self._wanted: set[str] | None = None
        self._measuring = Measuring()
        self._owed: Memory | None = None  # removed, and undone into an unfinished design

    # -- commands, from any thread

    def open(self, project: Project, checkpoint: Checkpoint | None = None, data: Data | None = None) -> int:
        """Open a project, fresh or as saved; loads its data. Answered by Opened or Refused."""
        return self._submit(lambda: self._open(project, checkpoint, data))

    def edit(
        self,
        project: Project,
        *,
        donor: Keepsake | None = None,
        keep: Keepsake | None = None,
        text: str = "",
        gesture: str = "",
    ) -> int:
        """Go on with an edited project. Answered by Edited or Refused; by Opened where nothing could run yet.

        What an earlier edit removed is restored from `donor`; what this one removes is left in `keep`; `text`
        is what the edit is called; all edits of one `gesture` are marked as one.
        """
        return self._submit(
            lambda: self._edit(project, donor or Keepsake(), keep or Keepsake(), text, gesture)
        )

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
        return self._submit(self._playing.stop)

    def step_phase(self) -> int:
        """Do the next phase of a step, and pause."""
        return self._submit(lambda: self._step(Session.run_phase))

    def step_batch(self) -> int:
        """Do one batch (or finish the begun one), and pause."""
        return self._submit(lambda: self._step(lambda session: session.run(1)))

    def step_epoch(self) -> int:
        """Train to the end of the epoch, and pause."""
        return self._submit(self._step_epoch)

    def reset(self) -> int:
        """Back to the same initial weights. Answered by Opened."""
        return self._submit(self._reset)

    def set_pace(self, batches_per_second: float) -> int:
        """How fast it plays; infinity is as fast as the machine goes."""
        return self._submit(lambda: self._playing.set_pace(batches_per_second))

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
        self._submit(self._orders.close)
        if self.is_alive():
            self.join(timeout)
        return not self.is_alive()

    def _submit(self, command: Command) -> int:
        return self._orders.give(command)

    # -- the thread

    def run(self) -> None:
        """The thread's life: answer commands, then do a little work, again and again."""
        while not self._orders.closed:
            try:
                self._orders.carry_out(self._patience())
                self._answer_request()
                if not self._orders.closed:
                    self._work()
            except Exception as error:  # a fault of ours: report it, keep the session, stop training
                self._playing.stop()
                self._measuring.drop()
                self._emit(Failed(self._token, error))

    def _patience(self) -> float:
        """How many seconds to wait for a command."""
        if self.session is None:
            return 3600.0
        if self._playing.on:
            return 0.0 if self._measuring.busy else self._playing.wait
        return 0.0 if self._measuring.pending(self.session) else 3600.0

    def _work(self) -> None:
        session = self.session
        if session is None:
            return
        playing = self._playing
        if playing.on:
            self._measuring.earn(playing.train(session))
            if session.stopped_because is not None:
                self._stopped(session, playing.token)
            elif playing.last_epoch is not None and session.epoch >= playing.last_epoch:
                playing.stop()
                self._emit(Stopped(playing.token, ""))
        self._measuring.advance(session, training=playing.on, flat_out=playing.at_full_speed)

    def _stopped(self, session: Session, token: int) -> None:
        """It has stopped by itself."""
        self._playing.stop()
        layer = session.diverged_at[0] if session.diverged_at else ""
        if session.stopping.restored:
            self._measuring.drop()  # what was measured is of other weights
        self._emit(Stopped(token, session.stopped_because or "", layer))

    # -- commands, in the thread

    def _open(self, project: Project, checkpoint: Checkpoint | None, data: Data | None) -> None:
        loaded = data
        try:
            loaded = loaded or take_data(project.data)
            session = resume(project, loaded, checkpoint) if checkpoint else Session(project, loaded)
        except (ValueError, MemoryError) as error:  # an edit may complete the network, or bring other data
            self.session = None  # the old one belongs to another project
            self._emit(Refused(self._token, _sentence(error), loaded))
            return
        self.session, self._owed = session, None
        self._begin(session)

    def _begin(self, session: Session) -> None:
        self._playing.stop()
        self._measuring = Measuring()
        marks = tuple(session.records.marks)
        self._emit(Opened(self._token, session.project, session.data, session.run_number, marks))

    def _edit(self, project: Project, donor: Keepsake, keep: Keepsake, text: str, gesture: str) -> None:
        session = self.session
        if session is None:
            self._open(project, None, None)
            return
        data: Data | None = None
        try:
            data = load_data(project.data) if project.data != session.project.data else None
            owed = donor.kept() or self._owed
            report, memory = session.edit(project, data=data, donor=owed, text=text, gesture=gesture)
        except (ValueError, MemoryError) as error:
            self._owed = donor.kept() or self._owed
            self._emit(Refused(self._token, _sentence(error), data))
            return
        self._owed = None
        if report is not None:
            keep.memory = memory
        self._measuring.drop()
        run, step, marks = session.run_number, session.step, tuple(session.records.marks)
        self._emit(Edited(self._token, project, session.data, run, step, report, text, marks))

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
        self._playing.last_epoch, self._playing.token = None, self._token
        if self.session is None:
            self._emit(Stopped(self._token, "There is no open session."))
        elif self.session.stopped_because is not None:
            self._stopped(self.session, self._token)
        else:
            self._playing.begin()

    def _step(self, step: Callable[[Session], Any]) -> None:
        self._playing.stop()
        if self.session is None:
            return
        if self.session.stopped_because is None:
            step(self.session)
        if self.session.stopped_because is not None:
            self._stopped(self.session, self._token)

    def _step_epoch(self) -> None:
        self._play()
        if self._playing.on and self.session is not None:
            self._playing.last_epoch = self.session.epoch + 1

    def _reset(self) -> None:
        if self.session is not None:
            self.session.reset()
            self._begin(self.session)

    def _want(self, wanted: set[str]) -> None:
        self._wanted = (self._wanted or set()) | wanted

    def _answer_request(self) -> None:
        if self._wanted is None or self.session is None:
            return
        gradients, curves = "gradients" in self._wanted, "curves" in self._wanted
        self._wanted = None
        settled = not self._playing.on  # while it plays the vitals are sampled by their own clock
        snapshot = self.session.snapshot(gradients=gradients, curves=curves, vitals=settled)
        self.mailbox.put(replace(snapshot, playing=self._playing.on))

    def _take_checkpoint(self) -> None:
        checkpoint = self.session.checkpoint() if self.session is not None else None
        self._emit(CheckpointTaken(self._token, checkpoint))

    def _rest(self, until: threading.Event) -> None:
        until.wait(LONGEST_REST)
        self._playing.let_go()

    @property
    def _token(self) -> int:
        """The number of the command that is being carried out."""
        return self._orders.token

    def _emit(self, event: Event) -> None:
        self.events.put(event)
        self._notify()


def _sentence(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "There is not enough memory for this network."
    return str(error)
