"""What dense and convolution layers share: weights, a bias, an activation, pruned and frozen synapses.

The weights are one matrix W (units, 1 + columns) with the bias in column 0, or (units, columns) without bias.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS
from engine.fields import setting
from engine.initializers import INITIALIZERS
from engine.layers.base import BIAS, Identities, LayerSpec, ParameterSpec, Shape, ShapeError
from engine.randomness import Random

Array = NDArray[Any]
UnitIds = tuple[int, ...]

IDENTITY_ABOVE_ZERO = ("relu", "leaky_relu", "elu")
"""Activations with φ(z) = z for z ≥ 0."""


@dataclass(frozen=True, kw_only=True)
class Weighted(LayerSpec):
    """Base of the layers whose units compute φ(Σᵢ wⱼᵢ xᵢ).

    `initial` fixes the initial values, row by row, instead of drawing them. `mask` and `frozen` have one bit
    for every entry of the weight matrix, row by row, packed as by `pack`: set where a synapse is pruned (its
    weight is 0 and stays 0) or frozen (it keeps the weight it has); empty means none.
    """

    noun: ClassVar[str] = "neuron"

    unit_ids: UnitIds
    activation: str = setting(
        "relu",
        label="Activation",
        choices=ACTIVATIONS.names,
        help="What a neuron does with its weighted input.",
    )
    bias: bool = setting(True, label="Bias", help="An additional neuron that is always 1 feeds every neuron.")
    weight_init: str = setting(
        "he_normal", label="Initial weights", choices=INITIALIZERS.names, help="How fresh weights are drawn."
    )
    init_scale: float = setting(
        1.0,
        label="Weight scale",
        minimum=-1e6,
        maximum=1e6,
        step=0.1,
        help="Multiplies the drawn weights: r makes U(−1, 1) U(−r, r), σ makes N(0, 1) N(0, σ²).",
        basic=False,
    )
    bias_init: str = setting(
        "zeros",
        label="Initial biases",
        choices=INITIALIZERS.names,
        help="How fresh biases are drawn.",
        basic=False,
    )
    bias_scale: float = setting(
        1.0,
        label="Bias scale",
        minimum=-1e6,
        maximum=1e6,
        step=0.1,
        help="Multiplies the drawn biases: c makes the constant 1 the constant c.",
        basic=False,
    )
    initial: tuple[float, ...] = ()
    mask: bytes = b""
    frozen: bytes = b""

    @property
    def units(self) -> int:
        """How many neurons it has."""
        return len(self.unit_ids)

    def fan_in(self, shape: Shape) -> int:
        """How many weights a unit has for a source of this shape, without the bias."""
        raise NotImplementedError

    def fan_out(self, shape: Shape) -> int:
        """How many weights an atom of its source has."""
        return self.units

    def atoms(self, shape: Shape) -> int:
        """How many parts of its source have weights of their own: values, or channels of a picture."""
        raise NotImplementedError

    def columns(self, atoms: Array, shape: Shape) -> Array:
        """The ids of the weight matrix's columns (without the bias), given those of its source's atoms."""
        raise NotImplementedError

    def identity_columns(self, shape: Shape) -> Array | None:
        """The column (without the bias) by which a unit copies each atom, or None where it cannot."""
        raise NotImplementedError

    def matrix_shape(self, shape: Shape) -> tuple[int, int]:
        """The shape of the weight matrix for a source of this shape."""
        return self.units, self.fan_in(shape) + self.bias

    def pruned(self, shape: Shape) -> Array | None:
        """Where synapses are pruned: bool, as the weight matrix; None if nowhere."""
        return unpack(self.mask, self.matrix_shape(shape)) if self.mask else None

    def held(self, shape: Shape) -> Array | None:
        """Where synapses are held constant in training, pruned or frozen: bool; None if nowhere."""
        if not (self.mask or self.frozen):
            return None
        matrix = self.matrix_shape(shape)
        return unpack(self.mask, matrix) | unpack(self.frozen, matrix)

    def parameters(self, shapes: tuple[Shape, ...]) -> tuple[ParameterSpec, ...]:
        fan_in = self.fan_in(shapes[0])
        shape = self.matrix_shape(shapes[0])

        def draw(rng: Random) -> Array:
            if self.initial:
                return np.array(self.initial, np.float64).reshape(shape)
            fans = fan_in, self.fan_out(shapes[0])
            weights = INITIALIZERS[self.weight_init].draw(rng, (self.units, fan_in), *fans) * self.init_scale
            if not self.bias:
                return weights
            biases = INITIALIZERS[self.bias_init].draw(rng, (self.units, 1), *fans) * self.bias_scale
            return np.hstack([biases, weights])

        def draw_unpruned(rng: Random) -> Array:
            matrix = draw(rng)
            matrix[unpack(self.mask, shape)] = 0.0
            return matrix

        return (ParameterSpec("weight", shape, draw_unpruned if self.mask else draw, bias_column=self.bias),)

    def identities(self, sources: tuple[Array, ...], shapes: tuple[Shape, ...]) -> Identities:
        columns = self.columns(self.atom_units(sources[0], shapes[0]), shapes[0])
        ids = np.concatenate([[BIAS], columns]) if self.bias else columns
        return {"weight": (np.array(self.unit_ids, np.int64), ids.astype(np.int64))}

    def atom_units(self, lineage: Array, shape: Shape) -> Array:
        """The unit ids of its source's atoms, int64 (atoms,)."""
        raise NotImplementedError

    def nonnegative(self, sources: tuple[bool, ...]) -> bool:
        return ACTIVATIONS[self.activation].low >= 0

    def check_matrix(self, shape: Shape) -> None:
        """ShapeError unless what is fixed of single weights fits the matrix for a source of this shape."""
        units, columns = self.matrix_shape(shape)
        if not self.unit_ids:
            raise ShapeError(
                f"A {self.label} layer needs at least one {self.noun}; add one.",
                field="unit_ids",
                expected="at least 1",
                found="0",
                hint=f"Add a {self.noun}.",
            )
        if self.initial and len(self.initial) != units * columns:
            raise ShapeError(
                f"The fixed initial weights must be {units * columns} numbers, not {len(self.initial)}.",
                field="initial",
                expected=str(units * columns),
                found=str(len(self.initial)),
                repair="clear_initial",
            )
        size = -(-units * columns // 8)
        for field, word, bits in (("mask", "pruned", self.mask), ("frozen", "frozen", self.frozen)):
            if bits and len(bits) != size:
                raise ShapeError(
                    f"The set of {word} synapses belongs to another number of weights.",
                    field=field,
                    expected=f"{size} bytes",
                    found=f"{len(bits)} bytes",
                    repair=f"clear_{field}",
                )


def pack(bits: Array) -> bytes:
    """A bool matrix as packed bytes, row by row; empty where no bit is set."""
    return np.packbits(np.ascontiguousarray(bits, bool)).tobytes() if bits.any() else b""


def unpack(packed: bytes, shape: tuple[int, int]) -> Array:
    """The bool matrix of a shape from packed bytes; empty bytes mean none."""
    if not packed:
        return np.zeros(shape, bool)
    bits = np.unpackbits(np.frombuffer(packed, np.uint8), count=shape[0] * shape[1])
    return bits.astype(bool).reshape(shape)


def refit(packed: bytes, before: tuple[Array, Array], after: tuple[Array, Array]) -> bytes:
    """A packed set fitted to an edited matrix, given the ids of its rows and columns before and after."""
    if not packed:
        return b""
    old = unpack(packed, (len(before[0]), len(before[1])))
    new = np.zeros((len(after[0]), len(after[1])), bool)
    rows, columns = (np.intersect1d(a, b, return_indices=True) for a, b in zip(before, after, strict=True))
    new[np.ix_(rows[2], columns[2])] = old[np.ix_(rows[1], columns[1])]
    return pack(new)
