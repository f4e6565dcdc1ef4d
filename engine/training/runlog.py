"""The run log: a run is its initial state plus what happened to it, and when.

What happened is what a person did (an edit, of data too; weights set by hand) and what follows from no rule
alone (a batch that was given up, time that was up). Replaying the log from the start gives the same numbers,
bit for bit, on the same NumPy, processor kernel and number of BLAS threads.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.datasets.base import Data
from engine.design import Project
from engine.training.byhand import ParameterChange
from engine.training.checkpoint import Checkpoint
from engine.transfer import Memory

Incident = Literal["", "given up", "time up"]


@dataclass(frozen=True, slots=True)
class LogEntry:
    """At `step` finished steps the project became `project`; the first entry is the start.

    Attributes:
        donor: what the edit gave back, if it undid one.
        data: the `fingerprint` of the data that the edit brought, loaded from the project's config; None
            where it stayed.
        change: weights were set by hand instead.
        incident: or the run met this instead: the next batch was given up, since its loss was not finite, or
            the training time was up.
    """

    step: int
    project: Project
    donor: Memory | None = None
    data: int | None = None
    change: ParameterChange | None = None
    incident: Incident = ""


@dataclass(slots=True)
class RunLog:
    """Everything since the start of a run, in order.

    `start` is the checkpoint that it went on from, None where it began with fresh weights.
    """

    entries: list[LogEntry]
    start: Checkpoint | None = None

    @classmethod
    def starting(cls, project: Project, data: Data, start: Checkpoint | None = None) -> RunLog:
        """The log of a run that begins, or goes on from a checkpoint."""
        return cls([LogEntry(start.step if start else 0, project, data=fingerprint(data))], start)

    def record(
        self, step: int, project: Project, donor: Memory | None = None, data: Data | None = None
    ) -> None:
        """Note an edit; several at the same step stay in their order, since each carries weights over."""
        mark = None if data is None else fingerprint(data)
        self.entries.append(LogEntry(step, project, donor, mark))

    def record_change(self, step: int, project: Project, change: ParameterChange) -> None:
        """Note weights set by hand; the same ones set again at the same step count once."""
        last = self.entries[-1]
        again = last.change is not None and last.step == step and last.change.cells == change.cells
        if again and change.edits:
            self.entries.pop()
        self.entries.append(LogEntry(step, project, change=change))

    def record_incident(self, step: int, project: Project, incident: Incident) -> None:
        """Note what no rule foretells."""
        self.entries.append(LogEntry(step, project, incident=incident))


def fingerprint(data: Data) -> int:
    """A number that tells whether data loaded again from the same config is the same.

    0 for what is drawn from a seed or comes with the program; of a file, a checksum of what was read from it.
    """
    if not data.config.path:
        return 0
    found = 0
    for split in (data.train, data.test):
        for array in (split.rows, split.targets):
            found = zlib.crc32(np.ascontiguousarray(array).data, found)
    return found
