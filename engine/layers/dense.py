"""The input layer and the fully connected layer, whose units compute a = φ(Σᵢ wⱼᵢ xᵢ) with x₀ = 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy import dot
from numpy.random import Generator
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS
from engine.fields import setting
from engine.initializers import INITIALIZERS
from engine.layers.base import LayerSpec, ParameterSpec, Pass, Shape, ShapeError, Site, layer, size_of

Array = NDArray[Any]
UnitIds = tuple[int, ...]


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
                f"but it has {self.units} units.",
                field="shape",
            )
        return self.shape

    def lineage(self, sources: tuple[Array, ...]) -> Array:
        return np.array(self.unit_ids, np.int64)

    def bind(self, site: Site) -> Pass:
        return Pass(_rest, _rest)


@layer
@dataclass(frozen=True, kw_only=True)
class Dense(LayerSpec):
    """A fully connected layer: every unit sees every value of the layer before it.

    The weight matrix W is (units, 1 + fan_in) with the bias in column 0, or (units, fan_in) without bias.
    `initial` fixes the initial values, row by row, instead of drawing them.
    """

    kind = "dense"
    label = "Dense"
    summary = "Every neuron sees every value of the layer before."
    category = "Basic"

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
    bias_init: str = setting(
        "zeros",
        label="Initial biases",
        choices=INITIALIZERS.names,
        help="How fresh biases are drawn.",
        basic=False,
    )
    initial: tuple[float, ...] = ()

    @property
    def units(self) -> int:
        """How many neurons it has."""
        return len(self.unit_ids)

    def output_shape(self, shapes: tuple[Shape, ...]) -> Shape:
        (shape,) = shapes
        if len(shape) != 1:
            raise ShapeError(
                f"A dense layer takes a flat list of values, but is fed {_times(shape)}. "
                "Put a Flatten before it.",
                expected="a flat list",
                found=_times(shape),
                repair="insert_flatten",
            )
        if not self.unit_ids:
            raise ShapeError("A dense layer needs at least one neuron.", field="unit_ids")
        wanted = self.units * (shape[0] + self.bias)
        if self.initial and len(self.initial) != wanted:
            raise ShapeError(
                f"The fixed initial weights must be {wanted} numbers, not {len(self.initial)}.",
                field="initial",
            )
        return (self.units,)

    def parameters(self, shapes: tuple[Shape, ...]) -> tuple[ParameterSpec, ...]:
        fan_in = size_of(shapes[0])
        shape = (self.units, fan_in + self.bias)

        def draw(rng: Generator) -> Array:
            if self.initial:
                return np.array(self.initial, np.float64).reshape(shape)
            weights = INITIALIZERS[self.weight_init].draw(rng, (self.units, fan_in), fan_in, self.units)
            if not self.bias:
                return weights
            biases = INITIALIZERS[self.bias_init].draw(rng, (self.units, 1), fan_in, self.units)
            return np.hstack([biases, weights])

        return (ParameterSpec("weight", shape, draw, bias_column=self.bias),)

    def lineage(self, sources: tuple[Array, ...]) -> Array:
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
                dot(w, x.features, z)  # z = W x
                phi()  # a = φ(z)

            def backward() -> None:
                pull_back()  # δ = φ'(z) ⊙ ∂L/∂a
                dot(delta, x.features_t, gradient)  # ∂L/∂w = Σ over examples of δ xᵀ
                if back is not None:
                    dot(w_t, delta, back)  # ∂L/∂x = Wᵀ δ

            return Pass(forward, backward)

        def forward_with_bias() -> None:
            dot(w, x.value, z)  # z = W x with x₀ = 1, so column 0 of W is the bias
            phi()

        def backward_with_bias() -> None:
            pull_back()
            dot(delta, x.value_t, gradient)
            if back is not None:
                dot(w_t, delta, back)  # with the whole of W: a sliced Wᵀ would be copied; row 0 is ignored

        return Pass(forward_with_bias, backward_with_bias)


def _rest() -> None:
    """The input layer computes nothing."""


def _times(shape: Shape) -> str:
    return " × ".join(map(str, shape))
