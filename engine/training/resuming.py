"""Resuming: a session that goes on from a checkpoint, exactly where it was taken."""

from __future__ import annotations

from engine.datasets.base import Data
from engine.design import Project
from engine.training.checkpoint import Checkpoint
from engine.training.runlog import RunLog
from engine.training.session import Session


def resume(project: Project, data: Data, checkpoint: Checkpoint) -> Session:
    """A session that goes on from a checkpoint; ValueError if it does not belong to this project."""
    session = Session(project, data)
    checkpoint.check(session.network, session.slots)
    _restore_learned(session, checkpoint)
    session.step, session.epoch = checkpoint.step, checkpoint.epoch
    session.batches.restore(checkpoint.epoch_state, checkpoint.position)
    session.network.rng.bit_generator.state = checkpoint.dropout_state
    session.records.restore(checkpoint.curves, checkpoint.marks)
    stopping = session.stopping
    stopping.reason, stopping.seconds = checkpoint.stopped_because, checkpoint.seconds
    stopping.observed, stopping.best = checkpoint.observed, checkpoint.best
    session.log = RunLog.starting(project, data, checkpoint)
    return session


def _restore_learned(session: Session, checkpoint: Checkpoint) -> None:
    """Parameters, running statistics, and the optimizer's memory."""
    session.network.parameters[...] = checkpoint.parameters
    session.network.state[...] = checkpoint.state
    for name, vector in checkpoint.vectors.items():
        session.slots.vectors[name][...] = vector
    session.slots.count = checkpoint.count
    session.slots.rate[...] = checkpoint.rate
