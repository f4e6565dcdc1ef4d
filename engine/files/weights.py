"""What was learned, as a safetensors file, and the numbers and random states beside it that JSON holds.

Tensors are named by what they are: "dense-1/weight" a parameter, "slot:mean/dense-1/weight" what the
optimizer remembers of it, "state:norm-1/mean" a running statistic, "best:…" and "best-state:…" the same of
the best epoch, "curve:loss" a curve's table (5, n). In layer ids and names all but letters, digits and
"_.-~" is written as %XX. Every other field of a checkpoint is JSON under its own name, so that a new simple
one is saved without a line here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import quote as percent_quote

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from engine.design import Project
from engine.files.faults import Unreadable, shortened
from engine.files.shapes import Places, count
from engine.files.specs import decode, encode, hints_of
from engine.places import Place
from engine.training.checkpoint import Checkpoint
from engine.training.history import BUDGET

Array = NDArray[Any]
Arrays = dict[str, Array]

ARRAYS = ("parameters", "state", "vectors", "best", "curves")
"""The fields of a checkpoint that hold arrays."""
RANDOM = ("epoch_state", "dropout_state")
"""The fields that hold the state of a random generator."""
MAX_CURVES = 100
DTYPES = (np.dtype(np.float32), np.dtype(np.float64))
HEADER_BYTES = 1 << 20


class Random(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A PCG64 generator's state; its 128-bit numbers are text, because no JSON reader keeps them exact."""

    generator: Literal["PCG64"]
    state: Annotated[str, Meta(pattern="^[0-9]{1,39}$")]
    increment: Annotated[str, Meta(pattern="^[0-9]{1,39}$")]
    has_word: bool
    word: Annotated[int, Meta(ge=0, le=2**32 - 1)]


@dataclass(frozen=True, slots=True)
class Progress:
    """A checkpoint without its arrays: fields by name, values per stretch of each curve, if it has a best."""

    fields: dict[str, Any]
    curves: dict[str, int]
    best: bool


def quote(name: str) -> str:
    """A name with everything but letters, digits and "_.-~" as %XX of its UTF-8."""
    return percent_quote(name, safe="", errors="replace")


def encode_progress(checkpoint: Checkpoint) -> dict[str, Any]:
    """Everything of a checkpoint but its arrays, as what JSON has."""
    encoded: dict[str, Any] = {}
    for field in dataclasses.fields(checkpoint):
        value = getattr(checkpoint, field.name)
        if field.name in RANDOM:
            encoded[field.name] = msgspec.to_builtins(_random_of(value))
        elif field.name not in ARRAYS:
            encoded[field.name] = encode(value, f"progress.{field.name}", measured=True)
    encoded["curves"] = {name: per_stretch for name, (_, per_stretch) in checkpoint.curves.items()}
    encoded["best"] = checkpoint.best is not None
    return encoded


def decode_progress(raw: Mapping[str, Any]) -> Progress:
    """The counterpart of `encode_progress`; Unreadable says what is wrong."""
    hints = hints_of(Checkpoint)
    simple = {name: hint for name, hint in hints.items() if name not in (*ARRAYS, *RANDOM)}
    given = dict(raw)
    curves = decode(dict[str, int], given.pop("curves", {}), "progress.curves")
    best = decode(bool, given.pop("best", False), "progress.best")
    fields = {name: _state_of(given.pop(name, None), f"progress.{name}") for name in RANDOM}
    for name, value in given.items():
        if name not in simple:
            raise Unreadable(f"progress has an unknown field {shortened(repr(name))}")
        fields[name] = decode(simple[name], value, f"progress.{name}", measured=True)
    _check_fields(fields, curves)
    return Progress(fields, curves, best)


def pack_weights(checkpoint: Checkpoint, places: Places) -> bytes:
    """The arrays of a checkpoint as a safetensors file; Unreadable if they do not lie at these places."""
    from safetensors.numpy import save

    arrays: Arrays = {}
    _put(arrays, "", checkpoint.parameters, places.parameters)
    _put(arrays, "state:", checkpoint.state, places.state)
    for name, vector in checkpoint.vectors.items():
        _put(arrays, f"slot:{quote(name)}/", vector, places.parameters)
    if checkpoint.best is not None:
        _put(arrays, "best:", checkpoint.best[0], places.parameters)
        _put(arrays, "best-state:", checkpoint.best[1], places.state)
    for name, (table, _) in checkpoint.curves.items():
        arrays[f"curve:{quote(name)}"] = np.ascontiguousarray(table, np.float64)
    return bytes(save(arrays))


def most_bytes(places: Places, slots: tuple[str, ...]) -> int:
    """How large a file of weights can be that belongs to these places and slots."""
    numbers = count(places.parameters) * (2 + len(slots)) + 2 * count(places.state)
    return 8 * (numbers + MAX_CURVES * 5 * BUDGET) + HEADER_BYTES


def unpack_weights(data: bytes, progress: Progress, project: Project, places: Places) -> Checkpoint:
    """The checkpoint of `project` out of a safetensors file; Unreadable if it is damaged or does not fit."""
    arrays = _deserialize(data)
    dtype = np.dtype(project.training.precision)
    parameters = _take(arrays, "", places.parameters, dtype)
    state = _take(arrays, "state:", places.state, dtype)
    vectors = {
        name: _take(arrays, f"slot:{quote(name)}/", places.parameters, dtype)
        for name in project.training.optimizer.slots
    }
    best = None
    if progress.best:
        best = (
            _take(arrays, "best:", places.parameters, dtype),
            _take(arrays, "best-state:", places.state, dtype),
        )
    curves = {name: (_take_curve(arrays, name), per) for name, per in progress.curves.items()}
    if arrays:
        raise Unreadable(
            f"the weights hold {shortened(repr(next(iter(arrays))))}, which does not belong there"
        )
    return Checkpoint(
        **progress.fields, parameters=parameters, state=state, vectors=vectors, best=best, curves=curves
    )


def _check_fields(fields: dict[str, Any], curves: dict[str, int]) -> None:
    required = (field.name for field in dataclasses.fields(Checkpoint) if _is_required(field))
    for name in required:
        if name not in fields and name not in ARRAYS:
            raise Unreadable(f"progress lacks the field {name!r}")
    for name, value in fields.items():
        if isinstance(value, int) and value < 0:
            raise Unreadable(f"progress.{name} is below 0")
    if len(curves) > MAX_CURVES or any(per_stretch < 1 for per_stretch in curves.values()):
        raise Unreadable("progress.curves is impossible")


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _name(place: Place) -> str:
    return f"{quote(place.layer)}/{quote(place.name)}"


def _put(arrays: Arrays, prefix: str, flat: Array, places: tuple[Place, ...]) -> None:
    if flat.shape != (count(places),):
        raise Unreadable(f"the learned values are {flat.size:,}, but the network has {count(places):,}")
    arrays |= {prefix + _name(place): np.ascontiguousarray(place.of(flat)) for place in places}


def _deserialize(data: bytes) -> Arrays:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        found = load(data)
    except (SafetensorError, ValueError, TypeError, OverflowError, KeyError) as error:
        raise Unreadable(f"the weights cannot be read ({error})") from None
    if any(array.dtype not in DTYPES for array in found.values()):
        raise Unreadable("the weights are not floating-point numbers of 32 or 64 bits")
    return found


def _take(arrays: Arrays, prefix: str, places: tuple[Place, ...], dtype: np.dtype[Any]) -> Array:
    """Remove the tensors of one flat vector from `arrays`, and put them together, read-only."""
    flat = np.empty(count(places), dtype)
    for place in places:
        name = prefix + _name(place)
        found = arrays.pop(name, None)
        if found is None:
            raise Unreadable(f"the weights lack {shortened(name)!r}")
        if found.shape != place.shape or found.dtype != dtype:
            raise Unreadable(
                f"the weights {shortened(name)!r} are {found.dtype} numbers of shape {found.shape}, but the "
                f"network has {dtype} numbers of shape {place.shape}"
            )
        place.of(flat)[...] = found
    flat.flags.writeable = False
    return flat


def _take_curve(arrays: Arrays, name: str) -> Array:
    table = arrays.pop(f"curve:{quote(name)}", None)
    if table is None or table.ndim != 2 or len(table) != 5 or table.shape[1] > BUDGET:
        raise Unreadable(f"the curve {shortened(name)!r} is missing or has an impossible shape")
    if not np.isfinite(table).all() or (table[4] < 1).any():
        raise Unreadable(f"the curve {shortened(name)!r} has impossible values")
    return table.astype(np.float64)


def _random_of(state: dict[str, Any]) -> Random:
    return Random(
        generator=state["bit_generator"],
        state=str(state["state"]["state"]),
        increment=str(state["state"]["inc"]),
        has_word=bool(state["has_uint32"]),
        word=int(state["uinteger"]),
    )


def _state_of(raw: object, place: str) -> dict[str, Any]:
    random: Random = decode(Random, raw, place)
    numbers = {"state": int(random.state), "inc": int(random.increment)}
    if max(numbers.values()) >= 2**128:
        raise Unreadable(f"{place} is no state of random numbers")
    return {
        "bit_generator": random.generator,
        "state": numbers,
        "has_uint32": int(random.has_word),
        "uinteger": random.word,
    }
