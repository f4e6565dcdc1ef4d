"""What was learned, as a safetensors file, and the numbers and random states beside it that JSON holds.

Tensors are named by what they are: "dense-1/weight" a parameter, "slot:mean/dense-1/weight" what the
optimizer remembers of it, "state:norm-1/mean" a running statistic, "curve:loss" a curve's table (5, n). In
layer ids and names everything but letters, digits and "_.-~" is written as %XX.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal
from urllib.parse import quote as percent_quote

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from engine.design import Project
from engine.files.faults import Unreadable, shortened
from engine.files.shapes import Tensor, Tensors, count, places
from engine.training.checkpoint import Checkpoint
from engine.training.history import BUDGET

Array = NDArray[Any]
Whole = Annotated[int, Meta(ge=0, le=2**53)]
Word = Annotated[int, Meta(ge=0, le=2**32 - 1)]
Digits = Annotated[str, Meta(pattern="^[0-9]{1,39}$")]

MAX_CURVES = 100
DTYPES = (np.dtype(np.float32), np.dtype(np.float64))
HEADER_BYTES = 1 << 20


class Random(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A PCG64 generator's state; its 128-bit numbers are text, because no JSON reader keeps them exact."""

    generator: Literal["PCG64"]
    state: Digits
    increment: Digits
    has_word: bool
    word: Word


class Progress(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A checkpoint's numbers, everything of it that is not an array."""

    step: Whole
    epoch: Whole
    position: Whole
    order: Random
    dropout: Random
    optimizer_steps: Whole
    rate: float
    values_per_stretch: dict[str, Annotated[int, Meta(ge=1, le=2**53)]] = {}
    stopped_because: str | None = None


def quote(name: str) -> str:
    """A name with everything but letters, digits and "_.-~" as %XX of its UTF-8."""
    return percent_quote(name, safe="", errors="replace")


def progress_of(checkpoint: Checkpoint) -> Progress:
    """The numbers of a checkpoint."""
    return Progress(
        step=checkpoint.step,
        epoch=checkpoint.epoch,
        position=checkpoint.position,
        order=_random_of(checkpoint.epoch_state),
        dropout=_random_of(checkpoint.dropout_state),
        optimizer_steps=checkpoint.count,
        rate=checkpoint.rate,
        values_per_stretch={name: per for name, (_, per) in checkpoint.curves.items()},
        stopped_because=checkpoint.stopped_because,
    )


def pack_weights(checkpoint: Checkpoint, tensors: Tensors) -> bytes:
    """The arrays of a checkpoint as a safetensors file; Unreadable if they do not belong to these tensors."""
    from safetensors.numpy import save

    arrays = {}
    vectors = [("", checkpoint.parameters, tensors.parameters), ("state:", checkpoint.state, tensors.state)]
    vectors += [
        (f"slot:{quote(name)}/", flat, tensors.parameters) for name, flat in checkpoint.vectors.items()
    ]
    for prefix, flat, parts in vectors:
        if flat.shape != (count(parts),):
            raise Unreadable(f"the learned values are {flat.size:,}, but the network has {count(parts):,}")
        for tensor, part in places(parts):
            arrays[prefix + _name(tensor)] = np.ascontiguousarray(flat[part]).reshape(tensor.shape)
    for name, (table, _) in checkpoint.curves.items():
        arrays[f"curve:{quote(name)}"] = np.ascontiguousarray(table, np.float64)
    return bytes(save(arrays))


def most_bytes(tensors: Tensors, slots: tuple[str, ...]) -> int:
    """How large a file of weights can be that belongs to these tensors and slots."""
    numbers = count(tensors.parameters) * (1 + len(slots)) + count(tensors.state)
    return 8 * (numbers + MAX_CURVES * 5 * BUDGET) + HEADER_BYTES


def unpack_weights(data: bytes, progress: Progress, project: Project, tensors: Tensors) -> Checkpoint:
    """The checkpoint of `project` out of a safetensors file; Unreadable if it is damaged or does not fit."""
    arrays = _deserialize(data)
    dtype = np.dtype(project.training.precision)
    vectors = {
        name: _take(arrays, f"slot:{quote(name)}/", tensors.parameters, dtype)
        for name in project.training.optimizer.slots
    }
    checkpoint = Checkpoint(
        step=progress.step,
        epoch=progress.epoch,
        position=progress.position,
        epoch_state=_state_of(progress.order),
        dropout_state=_state_of(progress.dropout),
        count=progress.optimizer_steps,
        rate=progress.rate,
        parameters=_take(arrays, "", tensors.parameters, dtype),
        state=_take(arrays, "state:", tensors.state, dtype),
        vectors=vectors,
        curves=dict(_take_curves(arrays, progress)),
        stopped_because=progress.stopped_because,
    )
    if arrays:
        raise Unreadable(
            f"the weights hold {shortened(repr(next(iter(arrays))))}, which the network does not have"
        )
    return checkpoint


def _name(tensor: Tensor) -> str:
    return f"{quote(tensor.layer)}/{quote(tensor.name)}"


def _deserialize(data: bytes) -> dict[str, Array]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        found = load(data)
    except (SafetensorError, ValueError, TypeError, OverflowError, KeyError) as error:
        raise Unreadable(f"the weights cannot be read ({error})") from None
    if any(array.dtype not in DTYPES for array in found.values()):
        raise Unreadable("the weights are not floating-point numbers of 32 or 64 bits")
    return found


def _take(arrays: dict[str, Array], prefix: str, parts: tuple[Tensor, ...], dtype: np.dtype[Any]) -> Array:
    """Remove the tensors of one flat vector from `arrays`, and put them together, read-only."""
    flat = np.empty(count(parts), dtype)
    for tensor, part in places(parts):
        name = prefix + _name(tensor)
        found = arrays.pop(name, None)
        if found is None:
            raise Unreadable(f"the weights lack {shortened(name)!r}")
        if found.shape != tensor.shape or found.dtype != dtype:
            raise Unreadable(
                f"the weights {shortened(name)!r} are {found.dtype} numbers of shape {found.shape}, but the "
                f"network has {dtype} numbers of shape {tensor.shape}"
            )
        flat[part] = found.ravel()
    flat.flags.writeable = False
    return flat


def _take_curves(arrays: dict[str, Array], progress: Progress) -> Iterator[tuple[str, tuple[Array, int]]]:
    if len(progress.values_per_stretch) > MAX_CURVES:
        raise Unreadable("it has impossibly many curves")
    for name, per_stretch in progress.values_per_stretch.items():
        table = arrays.pop(f"curve:{quote(name)}", None)
        if table is None or table.ndim != 2 or len(table) != 5 or table.shape[1] > BUDGET:
            raise Unreadable(f"the curve {shortened(name)!r} is missing or has an impossible shape")
        if not np.isfinite(table).all() or (table[4] < 1).any():
            raise Unreadable(f"the curve {shortened(name)!r} has impossible values")
        yield name, (table.astype(np.float64), per_stretch)


def _random_of(state: dict[str, Any]) -> Random:
    return Random(
        generator=state["bit_generator"],
        state=str(state["state"]["state"]),
        increment=str(state["state"]["inc"]),
        has_word=bool(state["has_uint32"]),
        word=int(state["uinteger"]),
    )


def _state_of(random: Random) -> dict[str, Any]:
    numbers = {"state": int(random.state), "inc": int(random.increment)}
    if max(numbers.values()) >= 2**128:
        raise Unreadable("the state of the random numbers is impossible")
    return {
        "bit_generator": random.generator,
        "state": numbers,
        "has_uint32": int(random.has_word),
        "uinteger": random.word,
    }
