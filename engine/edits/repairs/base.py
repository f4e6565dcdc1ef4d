"""What a repair is: the button on a fault's badge, by the name that the fault gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.design import Project
from engine.edits.outcome import Edit, Refused, edit
from engine.registry import Registry
from engine.validation import Fault

Act = Callable[[Project, Fault], Edit]


@dataclass(frozen=True, slots=True)
class Repair:
    """A repair: what its button says, and what it does."""

    name: str
    label: str
    act: Act


REPAIRS: Registry[Repair] = Registry("repair")
UNKNOWN = "What this layer is fed cannot be known yet; repair the layers before it first."


def named(name: str, label: str) -> Callable[[Act], Act]:
    """Function decorator: put a repair into the registry."""

    def register(act: Act) -> Act:
        REPAIRS.register(name, Repair(name, label, act))
        return act

    return register


@edit
def repair(project: Project, fault: Fault) -> Edit:
    """Repair a fault as far as that can be done at its place."""
    if fault.repair not in REPAIRS:
        raise Refused("This cannot be repaired by itself; read the sentence, and change the layer.")
    return REPAIRS[fault.repair].act(project, fault)


def repair_label(fault: Fault) -> str:
    """What the button says; empty where there is no repair."""
    return REPAIRS[fault.repair].label if fault.repair in REPAIRS else ""
