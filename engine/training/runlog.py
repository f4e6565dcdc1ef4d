"""The run log: a run is its initial state plus what a person did to it, and when.

Replaying the log from the start gives the same numbers, bit for bit, on the same NumPy, processor kernel and
number of BLAS threads.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.design import Project


@dataclass(frozen=True, slots=True)
class LogEntry:
    """At `step` finished steps the project became `project`; the first entry is the start, at step 0."""

    step: int
    project: Project


@dataclass(slots=True)
class RunLog:
    """Every change since the start of a run, in order."""

    entries: list[LogEntry]

    @classmethod
    def starting(cls, project: Project) -> RunLog:
        """The log of a run that begins."""
        return cls([LogEntry(0, project)])

    def record(self, step: int, project: Project) -> None:
        """Note a change; several at the same step stay in their order, since each carries weights over."""
        self.entries.append(LogEntry(step, project))
