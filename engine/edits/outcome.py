"""What an edit comes to: another project with a text for the undo menu, or a refusal that says why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec

from engine.design import Project

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Edit:
    """The edited project, and in plain words what was done (“add Dense(16) after Dense(8)”).

    `added` names the layers that came in, first one first, so that they can be selected. `note` is a sentence
    on what else has come of it, where that is not plain to see.
    """

    project: Project
    text: str
    added: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One sentence: what is wrong, and what to do.

    `options` are the merge layers (their kinds) with which `engine.edits.wires.connect` would do it.
    """

    sentence: str
    options: tuple[str, ...] = ()


Outcome = Edit | Refusal


class Refused(Exception):  # noqa: N818  not an error: a user may try anything
    """Raised inside edits; `edit` turns it into a Refusal."""

    def __init__(self, sentence: str, options: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.refusal = Refusal(sentence, options)


def edit(function: Callable[P, Edit]) -> Callable[P, Outcome]:
    """Function decorator: an edit gives its refusals back instead of raising them."""

    @wraps(function)
    def careful(*args: P.args, **kwargs: P.kwargs) -> Outcome:
        try:
            return function(*args, **kwargs)
        except Refused as refused:
            return refused.refusal

    return careful


def granted(outcome: Outcome) -> Edit:
    """The edit, for edits made of other edits (Refused)."""
    if isinstance(outcome, Refusal):
        raise Refused(outcome.sentence, outcome.options)
    return outcome
