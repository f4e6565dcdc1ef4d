"""A fault: something wrong at one place of a design, with a sentence and the name of a repair."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Protocol

Severity = Literal["error", "warning"]


class Asking(Protocol):
    """Data that asks something: a `Data`."""

    @property
    def outputs(self) -> int:
        """How many targets an example has."""

    @property
    def task(self) -> str:
        """What is to be learned."""

    @property
    def target_range(self) -> tuple[float, float]:
        """The least and the largest target."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the data asks of the last layer: how many targets, for which task, in which range."""

    outputs: int
    task: str
    low: float
    high: float

    @classmethod
    def by(cls, data: Asking | None) -> Asked | None:
        """What some data asks; None where there is none yet."""
        return None if data is None else cls(data.outputs, data.task, *map(float, data.target_range))


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at one place: a sentence, and the same as data.

    `layer` is the id of a layer that exists, "" where there is none to blame. `field` is the field of it, or
    what else of it or of the design is at fault: its “inputs”, “outputs” or “wires”, the “layers”, the “loss”
    or the “targets”. `expected` and `found` are phrases. `repair` names what a button does about it; where no
    button can, `hint` is a sentence saying what to do. `others` are further repairs, less likely meant.
    `asked` is what the data asks, where the repair needs to know it.
    """

    layer: str
    message: str
    field: str
    expected: str
    found: str
    repair: str = ""
    severity: Severity = "error"
    asked: Asked | None = None
    others: tuple[str, ...] = ()
    hint: str = ""

    @property
    def choices(self) -> tuple[Fault, ...]:
        """The fault once for each of its repairs, the one that is most likely meant first."""
        return tuple(replace(self, repair=name, others=()) for name in (self.repair, *self.others) if name)


class DesignError(ValueError):
    """A design that cannot run; `faults` says why, its text is the first fault's sentence."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(faults[0].message)
        self.faults = faults
