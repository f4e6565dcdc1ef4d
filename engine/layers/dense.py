"""The input layer and the fully connected layer, whose units compute a = φ(Σᵢ wⱼᵢ xᵢ) with x₀ = 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS
from engine.layers.base import (
    LayerSpec,
    Pass,
    Shape,
    ShapeError,
    Site,
    layer,
    nothing,
    plural,
    size_of,
    times,
)
from engine.layers.weighted import UnitIds, Weighted

Array = NDArray[Any]


@layer
@dataclass(frozen=True, kw_only=True)
class Input(LayerSpec):
    """Layer 0, x = a⁽⁰⁾: one unit per feature of an example. `unit_ids` are unique in the whole design."""

    kind = "input"
    label = "Input"
    summary = "Takes the features of one example."
    category = "Basic"
    fan = (0, 0)

    shape: Shape
    unit_ids: UnitIds

    @property
    def units(self) -> int:
        """How many features it takes."""
        return len(self.unit_ids)

    def output_shape(self, shapes: tuple[Shape, ...]) -> Shape:
        if size_of(self.shape) != self.units:
            raise ShapeError(
                f"The input's shape {self.shape} holds {size_of(self.shape)} values, "
                f"but it has {self.units} units; choose the data again.",
                field="shape",
                expected=plural(self.units, "value"),
                found=plural(size_of(self.shape), "value"),
                hint="Choose the data again.",
            )
        return self.shape

    def lineage(self, sources: tuple[Array, ...], shapes: tuple[Shape, ...]) -> Array:
        return np.array(self.unit_ids, np.int64)

    def bind(self, site: Site) -> Pass:
        return Pass(nothing, nothing)


@layer
@dataclass(frozen=True, kw_only=True)
class Dense(Weighted):
    """A fully connected layer: every unit sees every value of the layer before it.

    The weight matrix W is (units, 1 + fan_in) with the bias in column 0, or (units, fan_in) without bias.
    """

    kind = "dense"
    label = "Dense"
    summary = "Every neuron sees every value of the layer before."
    category = "Basic"

    def output_shape(self, shapes: tuple[Shape, ...]) -> Shape:
        (shape,) = shapes
        if len(shape) != 1:
            raise ShapeError(
                f"A dense layer takes a flat list of values, but is fed {times(shape)}. "
                "Put a Flatten before it.",
                field="inputs",
                expected="a flat list",
                found=times(shape),
                repair="insert_flatten",
            )
        self.check_matrix(shape)
        return (self.units,)

    def fan_in(self, shape: Shape) -> int:
        return shape[0]

    def atoms(self, shape: Shape) -> int:
        return shape[0]

    def atom_units(self, lineage: Array, shape: Shape) -> Array:
        return lineage

    def columns(self, atoms: Array, shape: Shape) -> Array:
        return atoms

    def identity_columns(self, shape: Shape) -> Array | None:
        return np.arange(shape[0])

    def signature(self, shapes: tuple[Shape, ...]) -> tuple[str, str]:
        return self.kind, self.activation

    def lineage(self, sources: tuple[Array, ...], shapes: tuple[Shape, ...]) -> Array:
        return np.array(self.unit_ids, np.int64)

    def bind(self, site: Site) -> Pass:
        x, out = site.sources[0], site.output
        w, gradient = site.parameters["weight"], site.gradients["weight"]
        activation = ACTIVATIONS[self.activation]
        a = out.features
        z = out.z = site.buffer(*a.shape) if activation.uses_z or site.record else a
        delta = out.delta
        phi, pull_back = activation.bind(z, a, delta, site.buffer(*a.shape))
        (back,) = site.source_grads
        w_t = w.T

        if not self.bias:
            back = None if back is None else back[1:]

            def forward() -> None:
                w.dot(x.features, z)  # z = W x
                phi()  # a = φ(z)

            def backward() -> None:
                pull_back()  # δ = φ'(z) ⊙ ∂L/∂a
                delta.dot(x.features_t, gradient)  # ∂L/∂w = Σ over examples of δ xᵀ
                if back is not None:
                    w_t.dot(delta, back)  # ∂L/∂x = Wᵀ δ

            return Pass(forward, backward)

        def forward_with_bias() -> None:
            w.dot(x.value, z)  # z = W x with x₀ = 1, so column 0 of W is the bias
            phi()

        def backward_with_bias() -> None:
            pull_back()
            delta.dot(x.value_t, gradient)
            if back is not None:
                w_t.dot(delta, back)  # with the whole of W: a sliced Wᵀ would be copied; row 0 is ignored

        return Pass(forward_with_bias, backward_with_bias)
