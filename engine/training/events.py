"""Events: what happens rarely in the worker, for whoever listens."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.datasets.base import Data
from engine.design import Project
from engine.training.byhand import ParameterChange
from engine.training.checkpoint import Checkpoint
from engine.transfer import Memory, TransferReport


@dataclass(slots=True)
class Keepsake:
    """Holds what an edit removed, for its undo; filled by the worker where the edit takes effect.

    `change` puts back the weights that the edit set by hand. `later` are those of the next parts of the same
    gesture: where the first part was refused, as its design was unfinished, a later one has removed it all.
    """

    memory: Memory | None = None
    change: ParameterChange | None = None
    later: list[Keepsake] = field(default_factory=list)

    def kept(self) -> Memory | None:
        """What the gesture removed: the memory of its first part that took effect."""
        return next((part.memory for part in (self, *self.later) if part.memory is not None), None)

    def go_on_with(self, part: Keepsake) -> None:
        """Add the next part of the gesture, as long as nothing has been kept."""
        if self.kept() is None:
            self.later.append(part)


@dataclass(frozen=True, slots=True)
class Event:
    """Something rare that happened in the worker; `token` is the command's, if it answers one."""

    token: int


@dataclass(frozen=True, slots=True)
class Opened(Event):
    """A session is ready; `marks` are the moments of earlier edits, (step, what was edited)."""

    project: Project
    data: Data
    run: int
    marks: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Edited(Event):
    """An edit took effect at `step`; `report` says what was carried over if the network was compiled anew.

    `text` is what the edit is called; `marks` are the moments of all edits of the run, (step, what was done).
    """

    project: Project
    data: Data
    run: int
    step: int
    report: TransferReport | None
    text: str = ""
    marks: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ParametersSet(Event):
    """Weights were set by hand at `step`."""

    run: int
    step: int


@dataclass(frozen=True, slots=True)
class CheckpointTaken(Event):
    """The answer to `take_checkpoint`; None where no session is open."""

    checkpoint: Checkpoint | None


@dataclass(frozen=True, slots=True)
class Stopped(Event):
    """Training stopped by itself; `layer` names where a loss first was not finite, if that was the reason.

    The reason is empty at the end of an epoch that was asked for; `token` is that of the command to play.
    """

    reason: str
    layer: str = ""


@dataclass(frozen=True, slots=True)
class Refused(Event):
    """A command could not be carried out, and nothing has changed: a sentence.

    `data` are those that were loaded for it: what a network must give is known even where none fits yet.
    """

    reason: str
    data: Data | None = None


@dataclass(frozen=True, slots=True)
class Failed(Event):
    """A fault of the program itself in the worker, with the exception."""

    error: BaseException
