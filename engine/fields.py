"""Typed field metadata: what a form shows and what validation checks for each field of a frozen value.

A spec (a layer, an optimizer, a loss, …) is a frozen dataclass whose fields are made by `setting`. Forms are
generated from `settings_of`, and every value from a person or a file passes `fault_of` first.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Kind = Literal["int", "float", "bool", "choice", "text", "ints"]
Choices = tuple[str, ...] | Callable[[], tuple[str, ...]]


class Misfit(NamedTuple):
    """What a field may hold and what it holds instead, each as a phrase within a sentence."""

    expected: str
    found: str
    clause: str = ""
    """What is said instead of “must be …, not …”, where that would read badly."""

    def __str__(self) -> str:
        return self.clause or f"must be {self.expected}, not {self.found}"


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known of one field: its kind, its words and its limits.

    `above` and `below` are open limits, `minimum` and `maximum` closed ones; `step` is what a spin box adds;
    `logarithmic` asks for a slider in powers of ten; `basic` fields are shown first.
    """

    name: str
    kind: Kind
    label: str
    help: str = ""
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None
    step: float | None = None
    logarithmic: bool = False
    basic: bool = True
    optional: bool = False
    choices_source: Choices = ()

    @property
    def choices(self) -> tuple[str, ...]:
        """The values that a choice may take."""
        return self.choices_source() if callable(self.choices_source) else self.choices_source

    def fault_of(self, value: object) -> str | None:
        """One sentence saying what is wrong with `value`, or None."""
        misfit = self.misfit_of(value)
        return None if misfit is None else f"{self.label} {misfit}."

    def misfit_of(self, value: object) -> Misfit | None:
        """What was expected in place of `value`, or None where it is allowed."""
        if value is None and self.optional:
            return None
        return _CHECKS[self.kind](self, value)


def setting(default: Any, *, label: str, kind: Kind | None = None, **metadata: Any) -> Any:
    """A dataclass field with metadata; `kind` is taken from the default where it can be."""
    choices = metadata.pop("choices", ())
    inferred = kind or ("choice" if choices else _KINDS.get(type(default), "text"))
    info = {"kind": inferred, "label": label, "choices_source": choices, **metadata}
    return dataclasses.field(default=default, metadata={"setting": info})


def settings_of(spec: Any) -> tuple[Setting, ...]:
    """The settings that a spec (a dataclass or an instance of one) declares, in order."""
    return tuple(
        Setting(name=field.name, **field.metadata["setting"])
        for field in dataclasses.fields(spec)
        if "setting" in field.metadata
    )


def faults_of(spec: Any) -> dict[str, str]:
    """The fault of every faulty field of a spec, by field name."""
    found = {info.name: info.fault_of(getattr(spec, info.name)) for info in settings_of(spec)}
    return {name: fault for name, fault in found.items() if fault is not None}


_KINDS: dict[type, Kind] = {bool: "bool", int: "int", float: "float", str: "text", tuple: "ints"}


def _number_misfit(info: Setting, value: object) -> Misfit | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Misfit("a number", _shown(value))
    if isinstance(value, int) and abs(value) >= 2**63:
        return Misfit("between −2⁶³ and 2⁶³", _shown(value), "is too large a number")
    if not math.isfinite(value):
        return Misfit("a finite number", str(value))
    limit = _limit_broken_by(info, value)
    return None if limit is None else Misfit(limit, _plain(value))


def _limit_broken_by(info: Setting, value: float) -> str | None:
    if info.minimum is not None and value < info.minimum:
        return f"at least {_plain(info.minimum)}"
    if info.maximum is not None and value > info.maximum:
        return f"at most {_plain(info.maximum)}"
    if info.above is not None and value <= info.above:
        return f"greater than {_plain(info.above)}"
    if info.below is not None and value >= info.below:
        return f"less than {_plain(info.below)}"
    return None


def _int_misfit(info: Setting, value: object) -> Misfit | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return Misfit("a whole number", _shown(value))
    return _number_misfit(info, value)


def _bool_misfit(info: Setting, value: object) -> Misfit | None:
    return None if isinstance(value, bool) else Misfit("on or off", _shown(value))


def _choice_misfit(info: Setting, value: object) -> Misfit | None:
    if isinstance(value, str) and value in info.choices:
        return None
    return Misfit(f"one of {', '.join(info.choices)}", _shown(value))


def _text_misfit(info: Setting, value: object) -> Misfit | None:
    return None if isinstance(value, str) else Misfit("a text", _shown(value))


def _ints_misfit(info: Setting, value: object) -> Misfit | None:
    if not isinstance(value, tuple) or not value:
        return Misfit("a list of whole numbers", _shown(value))
    return next((misfit for item in value if (misfit := _int_misfit(info, item))), None)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _plain(value: float) -> str:
    """A limit as people write it: 1,000,000, and 1e+12 where the zeros would have to be counted."""
    return f"{value:,.0f}" if value == int(value) and abs(value) < 1e9 else f"{value:g}"


_CHECKS: dict[Kind, Callable[[Setting, object], Misfit | None]] = {
    "int": _int_misfit,
    "float": _number_misfit,
    "bool": _bool_misfit,
    "choice": _choice_misfit,
    "text": _text_misfit,
    "ints": _ints_misfit,
}
