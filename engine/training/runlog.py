"""The run log: a run is its initial state plus what a person did to it, and when.

Replaying the log from the start gives the same numbers, bit for bit, on the same NumPy, processor kernel and
number of BLAS threads.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.design import Project
from engine.training.byhand import ParameterChange
from engine.transfer import Memory


@dataclass(frozen=True, slots=True)
class LogEntry:
    """At `step` finished steps the project became `project`; the first entry is the start, at step 0.

    `donor` is what the edit gave back, if it undid one; `change`: weights were set by hand instead.
    """

    step: int
    project: Project
    donor: Memory | None = None
    change: ParameterChange | None = None


@dataclass(slots=True)
class RunLog:
    """Every change since the start of a run, in order."""

    entries: list[LogEntry]

    @classmethod
    def starting(cls, project: Project) -> RunLog:
        """The log of a run that begins."""
        return cls([LogEntry(0, project)])

    def record(self, step: int, project: Project, donor: Memory | None = None) -> None:
        """Note a change; several at the same step stay in their order, since each carries weights over."""
        self.entries.append(LogEntry(step, project, donor))

    def record_change(self, step: int, project: Project, change: ParameterChange) -> None:
        """Note weights set by hand; the same ones set again at the same step count once."""
        last = self.entries[-1]
        again = last.change is not None and last.step == step and last.change.cells == change.cells
        if again and change.edits:
            self.entries.pop()
        self.entries.append(LogEntry(step, project, change=change))
