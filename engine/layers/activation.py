"""Activation functions as layers of their own, and PReLU, whose slope is learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy import add, maximum, minimum, multiply
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS
from engine.fields import setting
from engine.layers.base import (
    Identities,
    LayerSpec,
    ParameterSpec,
    Pass,
    Shape,
    Site,
    layer,
    size_of,
    steps,
    units_per_channel,
)

Array = NDArray[Any]


@layer
@dataclass(frozen=True, kw_only=True)
class Activation(LayerSpec):
    """a = φ(x), value by value; softmax goes over the channels (or over a flat list)."""

    kind = "activation"
    label = "Activation"
    summary = "Applies a function to every value."
    category = "Basic"

    activation: str = setting(
        "relu", label="Activation", choices=ACTIVATIONS.names, help="The function applied to every value."
    )

    def output_shape(self, shapes: tuple[Shape, ...]) -> Shape:
        return shapes[0]

    def is_channelwise(self) -> bool:
        return ACTIVATIONS[self.activation].elementwise

    def nonnegative(self, sources: tuple[bool, ...]) -> bool:
        return ACTIVATIONS[self.activation].low >= 0 or (self.activation == "identity" and all(sources))

    def bind(self, site: Site) -> Pass:
        z, load = site.steady()
        back, channels = site.back(), site.output_shape[0]
        shape = (channels, z.size // channels)  # (channels, places · batch)
        z, a, delta = (x.reshape(shape) for x in (z, site.output.features, site.output.delta))
        phi, pull_back = ACTIVATIONS[self.activation].bind(z, a, delta, site.buffer(*shape))
        if back is None:
            return Pass(steps(load, phi), pull_back)
        into = back.reshape(shape)
        return Pass(steps(load, phi), steps(pull_back, lambda: np.copyto(into, delta)))


@layer
@dataclass(frozen=True, kw_only=True)
class PReLU(LayerSpec):
    """a = max(0, x) + α min(0, x) with a learned slope α per channel (or per value of a flat list).

    He et al. 2015, "Delving deep into rectifiers", eq. (1) and (3).
    """

    kind = "prelu"
    label = "PReLU"
    summary = "A leaky ReLU that learns its slope."
    category = "Basic"

    slope: float = setting(
        0.25, label="Initial slope", minimum=-10.0, maximum=10.0, step=0.05, help="α before training."
    )

    def output_shape(self, shapes: tuple[Shape, ...]) -> Shape:
        return shapes[0]

    def parameters(self, shapes: tuple[Shape, ...]) -> tuple[ParameterSpec, ...]:
        shape = shapes[0][:1]
        return (ParameterSpec("slope", shape, lambda rng: np.full(shape, self.slope)),)

    def identities(self, sources: tuple[Array, ...], shapes: tuple[Shape, ...]) -> Identities:
        return {"slope": (units_per_channel(sources[0], shapes[0]),)}

    def is_channelwise(self) -> bool:
        return True

    def bind(self, site: Site) -> Pass:
        x, load = site.steady()
        back, channels = site.back(), site.output_shape[0]
        shape = (channels, size_of(site.output_shape) * site.batch // channels)
        x, a, delta = (array.reshape(shape) for array in (x, site.output.features, site.output.delta))
        alpha, alpha_gradient = site.parameters["slope"][:, None], site.gradients["slope"]
        below, scratch, zero = site.buffer(*shape), site.buffer(*shape), site.number(0.0)

        def forward() -> None:
            minimum(x, zero, out=below)
            multiply(below, alpha, scratch)
            maximum(x, zero, out=a)
            add(a, scratch, a)  # a = max(0, x) + α min(0, x)

        def gradients() -> None:
            multiply(delta, below, scratch)
            add.reduce(scratch, axis=1, out=alpha_gradient)  # ∂L/∂α = Σ ∂L/∂a · min(0, x)

        if back is None:
            return Pass(steps(load, forward), gradients)
        into, positive = back.reshape(shape), np.empty(shape, bool)

        def backward() -> None:
            gradients()
            np.greater(x, zero, out=positive)  # ∂a/∂x = 1 where x > 0, else α
            multiply(delta, alpha, into)
            np.copyto(into, delta, where=positive)

        return Pass(steps(load, forward), backward)
