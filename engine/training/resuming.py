"""Resuming: a session that goes on from a checkpoint, or that lives through a run's log once more."""

from __future__ import annotations

from engine.datasets.base import Data
from engine.design import Project
from engine.training.checkpoint import Checkpoint
from engine.training.runlog import LogEntry, RunLog
from engine.training.session import Session


def resume(project: Project, data: Data, checkpoint: Checkpoint) -> Session:
    """A session that goes on from a checkpoint; ValueError if it does not belong to this project."""
    session = Session(project, data)
    checkpoint.check(session.network, session.slots)
    _restore_learned(session, checkpoint)
    session.step, session.epoch = checkpoint.step, checkpoint.epoch
    session.batches.restore(checkpoint.epoch_state, checkpoint.position)
    session.network.rng.bit_generator.state = checkpoint.dropout_state
    session.records.restore(checkpoint.curves)
    stopping = session.stopping
    stopping.reason, stopping.seconds = checkpoint.stopped_because, checkpoint.seconds
    stopping.observed, stopping.best = checkpoint.observed, checkpoint.best
    session.log = RunLog([LogEntry(checkpoint.step, project)])
    return session


def _restore_learned(session: Session, checkpoint: Checkpoint) -> None:
    """Parameters, running statistics, and the optimizer's memory."""
    session.network.parameters[...] = checkpoint.parameters
    session.network.state[...] = checkpoint.state
    for name, vector in checkpoint.vectors.items():
        session.slots.vectors[name][...] = vector
    session.slots.count = checkpoint.count
    session.slots.rate[...] = checkpoint.rate


def replay(log: RunLog, data: Data, step: int) -> Session:
    """The run of a log that begins with fresh weights, brought to `step`, bit for bit as it was.

    `data` is what all of the run was trained on: a log does not keep the data that an edit changed.
    """
    first, *edits = log.entries
    session = Session(first.project, data)
    for entry in edits:
        if entry.step <= step:
            session.run(entry.step - session.step)
            if entry.change is not None:
                session.set_parameters(entry.change)
            else:
                session.edit(entry.project, donor=entry.donor)
    session.run(step - session.step)
    return session
