"""Frozen values as JSON and back, checked field by field; what a registry knows needs no line here.

A dataclass is an object of its fields, one out of a registry has its `kind` besides; tuples are lists, bytes
base64. `unit_ids` are ranges [first, one past the last], so that 784 units are [[0, 784]].
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec
import numpy as np

from engine.fields import faults_of
from engine.files.faults import Unreadable, shortened
from engine.layers import LAYERS, LayerSpec
from engine.losses import LOSSES, Loss
from engine.optimizers import OPTIMIZERS, Optimizer
from engine.registry import Registry
from engine.schedules import SCHEDULES, Schedule

REGISTRIES: dict[type, Registry[Any]] = {
    LayerSpec: LAYERS,
    Loss: LOSSES,
    Optimizer: OPTIMIZERS,
    Schedule: SCHEDULES,
}
"""What kinds of values come out of a registry, by their base class."""

MAX_UNITS = 4_000_000
MAX_WHOLE = 2**53
"""Whole numbers from here on are not exact in every JSON reader, and nothing here is that large."""


NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def encode(value: object, place: str = "", *, measured: bool = False) -> Any:
    """A frozen value as what JSON has; Unreadable names the place of something that JSON cannot hold.

    What was `measured` may be NaN or infinite, and is text then; what was chosen may not.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _encode_fields(value, place, measured)
    if isinstance(value, tuple | list):
        return [encode(item, f"{place}[{at}]", measured=measured) for at, item in enumerate(value)]
    if isinstance(value, dict):
        return {str(key): encode(item, f"{place}.{key}", measured=measured) for key, item in value.items()}
    if isinstance(value, bytes):
        return msgspec.to_builtins(value)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()  # half a surrogate pair is no text
    if isinstance(value, float) and not math.isfinite(value):
        if measured:
            return next(text for text, number in NOT_FINITE.items() if str(number) == str(value))
        raise Unreadable(f"{place} is {value}, which is not a finite number")
    if isinstance(value, int) and abs(value) > MAX_WHOLE:
        raise Unreadable(f"{place} is impossibly large")
    if value is None or isinstance(value, bool | int | float):
        return value
    raise Unreadable(f"{place} is a {type(value).__name__}, which a project file cannot hold")


def decode(hint: Any, raw: object, place: str, *, measured: bool = False) -> Any:
    """The value of type `hint` that `raw` stands for; Unreadable says what is wrong, and at which place."""
    if _base_of(hint) is not None:
        return _decode_entry(hint, raw, place)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _decode_fields(hint, raw, place, measured)
    inner = _dataclass_inside(hint)
    if inner is None:
        if measured and isinstance(raw, str) and raw in NOT_FINITE and float in (hint, *get_args(hint)):
            return NOT_FINITE[raw]
        return _decode_plain(hint, raw, place)
    if raw is None and type(None) in get_args(hint):
        return None
    if get_origin(hint) is not tuple:
        return decode(inner, raw, place, measured=measured)
    if not isinstance(raw, list):
        raise Unreadable(f"{place} is not a list")
    return tuple(decode(inner, item, f"{place}[{at}]", measured=measured) for at, item in enumerate(raw))


def ranges_of(ids: Sequence[int]) -> list[list[int]]:
    """Whole numbers as ranges [first, one past the last], in their order."""
    breaks = [at for at, (a, b) in enumerate(pairwise(ids), 1) if b != a + 1]
    starts, ends = [0, *breaks], [*breaks, len(ids)]
    return [[ids[a], ids[b - 1] + 1] for a, b in zip(starts, ends, strict=True)] if ids else []


def ids_of(ranges: object, place: str) -> tuple[int, ...]:
    """The whole numbers that ranges stand for."""
    pairs = _decode_plain(tuple[tuple[int, int], ...], ranges, place)
    if any(not 0 <= first < end <= MAX_WHOLE for first, end in pairs):
        raise Unreadable(f"{place} holds an impossible range")
    if sum(end - first for first, end in pairs) > MAX_UNITS:
        raise Unreadable(f"{place} stands for more than {MAX_UNITS:,} units")
    return tuple(number for first, end in pairs for number in range(first, end))


def _encode_fields(value: Any, place: str, measured: bool) -> dict[str, Any]:
    known = _base_of(type(value)) is not None
    if hasattr(value, "kind") and not known:  # it could not be read back as what it is
        raise Unreadable(f"{place} is of a kind whose registry is not among those of project files")
    fields = {"kind": value.kind} if known else {}
    for field in dataclasses.fields(value):
        inside = f"{place}.{field.name}" if place else field.name
        item = getattr(value, field.name)
        fields[field.name] = (
            ranges_of(item) if field.name == "unit_ids" else encode(item, inside, measured=measured)
        )
    return fields


def _decode_entry(base: type, raw: object, place: str) -> Any:
    """An entry of a registry, by its kind."""
    registry = REGISTRIES[_base_of(base) or base]
    fields = dict(_object(raw, place))
    kind = fields.pop("kind", None)
    if not isinstance(kind, str) or kind not in registry:
        known = ", ".join(registry.names())
        shown = shortened(repr(kind))
        raise Unreadable(f"{place} is a {registry.noun} of an unknown kind {shown}; known are {known}")
    return _decode_fields(registry[kind], fields, place)


def _decode_fields(cls: Any, raw: object, place: str, measured: bool = False) -> Any:
    given = _object(raw, place)
    hints = hints_of(cls)
    unknown = [name for name in given if name not in hints]
    if unknown:
        raise Unreadable(f"{place} has an unknown field {shortened(repr(unknown[0]))}")
    values = {
        name: _decode_field(name, hints[name], item, f"{place}.{name}", measured)
        for name, item in given.items()
    }
    missing = [name for name in _required(cls) if name not in values]
    if missing:
        raise Unreadable(f"{place} lacks the field {missing[0]!r}")
    try:
        value = cls(**values)
    except ValueError as error:
        raise Unreadable(f"{place} is impossible: {error}") from None
    for name, fault in faults_of(value).items():
        raise Unreadable(f"{place}.{name} is impossible: {fault.rstrip('.')}")
    return value


def _decode_field(name: str, hint: Any, raw: object, place: str, measured: bool) -> Any:
    return ids_of(raw, place) if name == "unit_ids" else decode(hint, raw, place, measured=measured)


def _decode_plain(hint: Any, raw: object, place: str) -> Any:
    try:
        value = msgspec.convert(raw, hint, strict=True)
    except (msgspec.ValidationError, OverflowError, UnicodeError) as error:
        raise Unreadable(f"{place} is wrong: {str(error)[:1].lower()}{str(error)[1:]}") from None
    if not _possible(value):
        raise Unreadable(f"{place} holds an impossibly large number")
    return value


def _possible(value: object) -> bool:
    """Whether every number in it is finite, and small enough if it is whole."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return abs(value) <= MAX_WHOLE
    if isinstance(value, tuple | list):
        return all(map(_possible, value))
    return all(map(_possible, value.values())) if isinstance(value, dict) else True


def _object(raw: object, place: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise Unreadable(f"{place} is not an object with fields")
    return raw


def _base_of(hint: Any) -> type | None:
    """The base class whose registry knows `hint`, if there is one."""
    if not isinstance(hint, type):
        return None
    return next((base for base in REGISTRIES if issubclass(hint, base)), None)


def _dataclass_inside(hint: Any) -> Any:
    """X where the hint is X | None or tuple[X, ...] and X needs more than a plain conversion, else None."""
    if get_origin(hint) not in (tuple, Union, types.UnionType):
        return None
    inner = [arg for arg in get_args(hint) if arg not in (type(None), Ellipsis)]
    return inner[0] if len(inner) == 1 and _is_composed(inner[0]) else None


def _is_composed(hint: Any) -> bool:
    return dataclasses.is_dataclass(hint) or _dataclass_inside(hint) is not None


@cache
def hints_of(cls: Any) -> dict[str, Any]:
    """The types of a dataclass's fields, by name."""
    hints = get_type_hints(cls)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls)}


def _required(cls: Any) -> Iterable[str]:
    nothing = dataclasses.MISSING
    return (
        field.name
        for field in dataclasses.fields(cls)
        if field.default is nothing and field.default_factory is nothing
    )
