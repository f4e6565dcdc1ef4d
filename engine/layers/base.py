"""What every layer is: a frozen spec that declares fields and shapes, and binds its arithmetic to a place.

The values between layers are columns, one example each, under a constant row of ones: `(1 + size, batch)`. So
the bias is simply column 0 of a weight matrix, an additional neuron with x₀ = 1, and one product does sum and
bias.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from engine import buffers
from engine.fields import settings_of
from engine.randomness import Random
from engine.registry import Registry

Array = NDArray[Any]
Shape = tuple[int, ...]
Step = Callable[[], object]
Identities = Mapping[str, tuple[Array, ...]]

BIAS = -1
"""The id of the bias column, which no unit bears."""
NEGATED = 1 << 61
"""Set in a lineage where a value stands for its unit's with the opposite sign."""
_UNIT = (1 << 32) - 1


class ShapeError(Exception):
    """A layer cannot take what it is fed: a sentence saying why and what to do, and the same as data.

    `field` is “inputs” where what it is fed is at fault; `repair` and `hint` are as in a `Fault`.
    """

    def __init__(
        self, message: str, *, field: str, expected: str, found: str, repair: str = "", hint: str = ""
    ) -> None:
        super().__init__(message)
        self.field = field
        self.expected = expected
        self.found = found
        self.repair = repair
        self.hint = hint


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """One trained tensor of a layer: its name, its shape, and how to draw it (float64) from a generator."""

    name: str
    shape: Shape
    draw: Callable[[Random], Array]
    bias_column: bool = False
    """Whether column 0 of a matrix is the bias; weight decay may spare it, and the picture shows it apart."""


class Signal:
    """What flows between two layers for one batch: the value forward and its gradient back.

    Attributes:
        value: columns with the constant row, (1 + size, batch); `value_t` is its transpose.
        features: the value without the constant row, (size, batch); `features_t` is its transpose.
        grad: ∂L/∂value, (1 + size, batch), row 0 meaningless; None where nobody asks for it.
        z: the pre-activation, kept apart only in a recording workspace, else the features themselves.
        stays: whether the arrays are the same at every pass; those of the input change with the batch.
    """

    __slots__ = ("features", "features_t", "grad", "stays", "value", "value_t", "z")

    def __init__(self, value: Array, grad: Array | None, *, stays: bool = True) -> None:
        self.grad = grad
        self.stays = stays
        self.show(value)

    def show(self, value: Array) -> None:
        """Make `value`, (1 + size, batch), the current value, without copying."""
        self.value = value
        self.value_t = value.T
        self.features = self.z = value[1:]
        self.features_t = self.features.T

    @property
    def delta(self) -> Array:
        """The gradient without the constant row, (size, batch); after a layer's pull-back it is δ = ∂L/∂z."""
        assert self.grad is not None
        return self.grad[1:]


class Pass(NamedTuple):
    """A layer bound to its place: one function forward, one backward."""

    forward: Step
    backward: Step


@dataclass(slots=True)
class Site:
    """One layer's place in a workspace: the arrays around it.

    Attributes:
        batch: examples per batch.
        training: whether randomness and batch statistics are on.
        record: whether z must survive the pass, for the picture.
        sources, source_shapes: what the layer is fed, in wire order; shapes are without the batch.
        output, output_shape: where its value goes.
        source_grads: where ∂L/∂source is to be *written*, (1 + size, batch) with row 0 free, or None where
            nobody asks.
        parameters, gradients: views into the network's flat vectors, by parameter name.
        state: views into the network's flat state vector (what is not trained but belongs to the network).
        rng: the generator for dropout and the like.
    """

    batch: int
    dtype: np.dtype[Any]
    training: bool
    record: bool
    sources: tuple[Signal, ...]
    source_shapes: tuple[Shape, ...]
    output: Signal
    output_shape: Shape
    source_grads: tuple[Array | None, ...]
    parameters: Mapping[str, Array]
    gradients: Mapping[str, Array]
    state: Mapping[str, Array]
    rng: Generator

    def buffer(self, *shape: int) -> Array:
        """A zeroed array of the network's precision."""
        return buffers.zeros(shape, self.dtype)

    def number(self, value: float) -> Array:
        """A number as a 0-d array, which is fast in small calls."""
        return np.array(value, self.dtype)

    def steady(self, index: int = 0) -> tuple[Array, Step]:
        """A source's features (size, batch), contiguous and always in the same array.

        The step must run first in every forward pass: it copies what comes from the input layer.
        """
        source = self.sources[index]
        if source.stays:
            return source.features, nothing
        copy = self.buffer(*source.features.shape)
        return copy, lambda: np.copyto(copy, source.features)

    def back(self, index: int = 0) -> Array | None:
        """Where ∂L/∂source is to be written, without the constant row: (size, batch); None where unneeded."""
        grad = self.source_grads[index]
        return None if grad is None else grad[1:]


@dataclass(frozen=True, kw_only=True)
class LayerSpec:
    """Base of all layers: a frozen value. `id` is stable for the layer's life; `name` is the user's."""

    kind: ClassVar[str]
    label: ClassVar[str]
    summary: ClassVar[str] = ""
    category: ClassVar[str] = "More"
    fan: ClassVar[tuple[int, int]] = (1, 1)
    """Fewest and most wires that may come in."""
    passes_through: ClassVar[bool] = False
    """Whether it gives the very numbers it is fed (Flatten, Reshape): then both share their arrays."""
    moves: ClassVar[bool] = False
    """Whether it only moves values to other places (Concatenate); then `lineage` says which goes where."""

    id: str
    name: str = ""

    def output_shape(self, shapes: tuple[Shape, ...]) -> Shape:
        """The shape it gives for source shapes (without the batch), or ShapeError."""
        raise NotImplementedError

    def parameters(self, shapes: tuple[Shape, ...]) -> tuple[ParameterSpec, ...]:
        """The trained tensors for these source shapes."""
        return ()

    def state(self, shapes: tuple[Shape, ...]) -> Mapping[str, Array]:
        """Initial values of what is not trained but belongs to the network (running statistics)."""
        return {}

    def lineage(self, sources: tuple[Array, ...], shapes: tuple[Shape, ...]) -> Array:
        """Which unit each output value comes from, int64 (size,), given the same of its sources.

        In pictures the value of unit u at place p is `placed(u, p)`; see `units_per_channel`.
        """
        return sources[0]

    def identities(self, sources: tuple[Array, ...], shapes: tuple[Shape, ...]) -> Identities:
        """For every tensor (trained or state), the ids along each axis, given the sources' lineages."""
        return {}

    def signature(self, shapes: tuple[Shape, ...]) -> Hashable:
        """What it computes apart from its tensors: equal signatures and equal tensors are equal functions."""
        chosen = tuple(getattr(self, info.name) for info in settings_of(self))
        return (self.kind, chosen, shapes)

    def is_channelwise(self) -> bool:
        """Whether each channel (or value of a flat list) depends on that channel of its sources only."""
        return False

    def nonnegative(self, sources: tuple[bool, ...]) -> bool:
        """Whether all it gives is known to be ≥ 0, given the same of its sources."""
        return self.passes_through and all(sources)

    def is_identity(self, training: bool) -> bool:
        """Whether it passes its source through unchanged in this mode (Flatten always, Dropout at rest)."""
        return self.passes_through

    def workspace_bytes(self, shapes: tuple[Shape, ...], batch: int, itemsize: int) -> int:
        """About how much memory its own buffers take, besides its output and that one's gradient."""
        return size_of(self.output_shape(shapes)) * batch * itemsize

    def bind(self, site: Site) -> Pass:
        """Bind the arithmetic to a place."""
        raise NotImplementedError


def nothing() -> None:
    """A step that has nothing to do."""


def steps(*parts: Step) -> Step:
    """Several steps as one, without those that do nothing."""
    busy = tuple(part for part in parts if part is not nothing)
    if len(busy) <= 1:
        return busy[0] if busy else nothing

    def run() -> None:
        for part in busy:
            part()

    return run


LAYERS: Registry[type[LayerSpec]] = Registry("layer")


def layer(cls: type[LayerSpec]) -> type[LayerSpec]:
    """Class decorator: put a layer into the registry."""
    return LAYERS.register(cls.kind, cls)


def size_of(shape: Shape) -> int:
    """The number of values in a shape."""
    return prod(shape)


def name_of(spec: LayerSpec) -> str:
    """A layer's name as it is said on screen; its id where it has none, or one that is no text."""
    name: object = spec.name  # a file may hold anything
    return f"“{name if isinstance(name, str) and name != '' else spec.id}”"


def times(shape: Shape) -> str:
    """A shape as it is said on screen: 28 × 28."""
    return " × ".join(map(str, shape))


def plural(count: int, noun: str) -> str:
    """“1 neuron”, “16 neurons”."""
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"


def units_per_channel(lineage: Array, shape: Shape) -> Array:
    """The unit of each channel of a picture (channels, height, width): that of its first value."""
    return lineage.reshape(shape[0], -1)[:, 0] & (_UNIT | NEGATED)


def placed(units: Array, places: int) -> Array:
    """The lineage of `places` values of each unit, channel after channel."""
    return np.asarray((units[:, None] | (np.arange(places, dtype=np.int64) << 32)).ravel())
