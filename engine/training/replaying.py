"""Replaying: a session that lives through a run's log once more, bit for bit as it was."""

from __future__ import annotations

from collections.abc import Callable

from engine.datasets import load_data
from engine.datasets.base import Data, DataError
from engine.design import DataConfig
from engine.training.resuming import resume
from engine.training.runlog import LogEntry, RunLog, fingerprint
from engine.training.session import Session

Load = Callable[[DataConfig], Data]


def replay(log: RunLog, step: int, load: Load = load_data) -> Session:
    """The run of a log, brought to `step`, with all that happened up to there.

    Args:
        log: what is lived through; it begins with fresh weights or with a checkpoint.
        step: how many steps shall be finished at the end.
        load: fetches the data of a config, as the run did.

    Raises:
        DataError: data cannot be loaded, or a file has changed since.
        ValueError: the run came to another end than before, on another machine or another NumPy.
    """
    first, *rest = log.entries
    data = _loaded(first, load)
    session = resume(first.project, data, log.start) if log.start else Session(first.project, data)
    session.stopping.timed = False  # this machine may be slower; when time was up is in the log
    for entry in rest:
        if entry.step <= step:
            session.run(entry.step - session.step)
            _live_through(session, entry, load)
    session.run(step - session.step)
    session.finish_check()  # if this was the end of the run, the best weights come back, as they did then
    session.stopping.timed = True
    return session


def _live_through(session: Session, entry: LogEntry, load: Load) -> None:
    if session.step != entry.step:
        raise ValueError(
            f"The replay ends at step {session.step:,}, before step {entry.step:,}: it was recorded with "
            "another program or on another processor."
        )
    if entry.incident == "given up":
        session.advance(1)
    elif entry.incident == "time up":
        session.end_by_time()
    elif entry.change is not None:
        session.set_parameters(entry.change)
    else:
        data = None if entry.data is None else _loaded(entry, load)
        session.edit(entry.project, data=data, donor=entry.donor)


def _loaded(entry: LogEntry, load: Load) -> Data:
    data = load(entry.project.data)
    if fingerprint(data) != entry.data:
        raise DataError(f"{data.title} has changed since the run; bring back the file as it was.")
    return data
