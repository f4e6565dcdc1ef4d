"""A fault: something wrong at one place of a design, with a sentence and the name of a repair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at one place: the layer, the field, a sentence, and the name of a repair, if any."""

    layer: str
    message: str
    field: str = ""
    expected: str = ""
    found: str = ""
    repair: str = ""
    severity: Severity = "error"


class DesignError(ValueError):
    """A design that cannot run; `faults` says why, its text is the first fault's sentence."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(faults[0].message)
        self.faults = faults
