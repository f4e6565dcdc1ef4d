"""Normalization layers: batch normalization with running statistics, and layer normalization."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy import add, divide, multiply, sqrt, subtract
from numpy.typing import NDArray

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


def _scale_and_shift(shape: Shape) -> tuple[ParameterSpec, ...]:
    return (
        ParameterSpec("scale", shape, lambda rng: np.ones(shape)),
        ParameterSpec("shift", shape, lambda rng: np.zeros(shape)),
    )


@layer
@dataclass(frozen=True, kw_only=True)
class BatchNorm(LayerSpec):
    """a = γ (x − μ)/√(v + ε) + β with the mean μ and variance v of each channel (or value) over the batch.

    Ioffe & Szegedy 2015, "Batch normalization", algorithm 1 and the gradients of section 3. At rest the
    running statistics take the place of the batch's; they move by `momentum` each step, with the unbiased
    variance. A batch with one value per channel has none: they stay as they are.
    """

    kind = "batch_norm"
    label = "Batch normalization"
    summary = "Gives every channel mean 0 and variance 1 over the batch."
    category = "Regularization"

    momentum: float = setting(
        0.1, label="Momentum", above=0.0, maximum=1.0, step=0.05, help="How fast running statistics follow."
    )
    epsilon: float = setting(
        1e-5, label="ε", above=0.0, maximum=1.0, help="Keeps the division finite.", basic=False
    )

    def output_shape(self, shapes: tuple[Shape, ...]) -> Shape:
        return shapes[0]

    def parameters(self, shapes: tuple[Shape, ...]) -> tuple[ParameterSpec, ...]:
        return _scale_and_shift(shapes[0][:1])

    def state(self, shapes: tuple[Shape, ...]) -> Mapping[str, Array]:
        return {"mean": np.zeros(shapes[0][0]), "variance": np.ones(shapes[0][0])}

    def identities(self, sources: tuple[Array, ...], shapes: tuple[Shape, ...]) -> Identities:
        ids = (units_per_channel(sources[0], shapes[0]),)
        return {"scale": ids, "shift": ids, "mean": ids, "variance": ids}

    def is_channelwise(self) -> bool:
        return True

    def bind(self, site: Site) -> Pass:
        x, load = site.steady()
        channels = site.output_shape[0]
        count = x.size // channels  # values per channel
        x, a, delta = (v.reshape(channels, count) for v in (x, site.output.features, site.output.delta))
        normal, scratch = site.buffer(channels, count), site.buffer(channels, count)
        inverse = site.buffer(channels, 1)
        gamma, beta = (site.parameters[name][:, None] for name in ("scale", "shift"))
        gamma_gradient, beta_gradient = (site.gradients[name][:, None] for name in ("scale", "shift"))
        back = site.back()
        into = None if back is None else back.reshape(channels, count)
        measure = self._measuring(site, x, normal, scratch, inverse)

        def forward() -> None:
            measure()  # x − μ and 1/√(v + ε)
            multiply(normal, inverse, normal)  # x̂ = (x − μ)/√(v + ε)
            multiply(normal, gamma, a)  # a = γ x̂ + β
            add(a, beta, a)

        def gradients() -> None:
            multiply(delta, normal, scratch)
            add.reduce(scratch, axis=1, out=gamma_gradient, keepdims=True)  # ∂L/∂γ = Σ δ x̂
            add.reduce(delta, axis=1, out=beta_gradient, keepdims=True)  # ∂L/∂β = Σ δ

        if into is None:
            return Pass(steps(load, forward), gradients)
        factor, share = site.buffer(channels, 1), site.number(1 / count)

        def backward_at_rest() -> None:
            gradients()
            multiply(gamma, inverse, factor)
            multiply(delta, factor, into)  # ∂L/∂x = δ γ/√(v + ε), since μ and v are constants

        def backward() -> None:
            gradients()
            multiply(normal, gamma_gradient, scratch)  # ∂L/∂x = γ/√(v + ε) (δ − (Σδ + x̂ Σδx̂)/n)
            add(scratch, beta_gradient, scratch)
            multiply(scratch, share, scratch)
            subtract(delta, scratch, into)
            multiply(gamma, inverse, factor)
            multiply(into, factor, into)

        return Pass(steps(load, forward), backward if site.training else backward_at_rest)

    def _measuring(self, site: Site, x: Array, centered: Array, scratch: Array, inverse: Array) -> Any:
        """A step that writes x − μ and 1/√(v + ε), by the batch's or by the running statistics."""
        running_mean, running_variance = (site.state[name][:, None] for name in ("mean", "variance"))
        epsilon, one = site.number(self.epsilon), site.number(1.0)
        count = x.shape[1]
        mean, variance, change = (site.buffer(len(x), 1) for _ in range(3))
        share, pace = site.number(1 / count), site.number(self.momentum)
        unbiased = site.number(count / max(1, count - 1))

        def invert(values: Array) -> None:
            add(values, epsilon, inverse)
            sqrt(inverse, inverse)
            divide(one, inverse, inverse)

        def follow(running: Array, value: Array) -> None:
            subtract(value, running, change)  # running ← running + momentum (value − running)
            multiply(change, pace, change)
            add(running, change, running)

        def by_batch() -> None:
            add.reduce(x, axis=1, out=mean, keepdims=True)
            multiply(mean, share, mean)  # μ = 1/n Σ x
            subtract(x, mean, centered)
            multiply(centered, centered, scratch)
            add.reduce(scratch, axis=1, out=variance, keepdims=True)
            multiply(variance, share, variance)  # v = 1/n Σ (x − μ)²
            invert(variance)
            if count == 1:
                return
            follow(running_mean, mean)
            multiply(variance, unbiased, variance)
            follow(running_variance, variance)

        def by_running() -> None:
            subtract(x, running_mean, centered)
            invert(running_variance)

        return by_batch if site.training else by_running


@layer
@dataclass(frozen=True, kw_only=True)
class LayerNorm(LayerSpec):
    """a = γ (x − μ)/√(v + ε) + β with the mean μ and variance v of all values of one example.

    Ba, Kiros & Hinton 2016, "Layer normalization", eq. (4); γ and β belong to single values.
    """

    kind = "layer_norm"
    label = "Layer normalization"
    summary = "Gives every example mean 0 and variance 1 over its values."
    category = "Regularization"

    epsilon: float = setting(
        1e-5, label="ε", above=0.0, maximum=1.0, help="Keeps the division finite.", basic=False
    )

    def output_shape(self, shapes: tuple[Shape, ...]) -> Shape:
        return shapes[0]

    def parameters(self, shapes: tuple[Shape, ...]) -> tuple[ParameterSpec, ...]:
        return _scale_and_shift((size_of(shapes[0]),))

    def identities(self, sources: tuple[Array, ...], shapes: tuple[Shape, ...]) -> Identities:
        return {"scale": (sources[0],), "shift": (sources[0],)}

    def bind(self, site: Site) -> Pass:
        x, a, delta, back = site.sources[0], site.output.features, site.output.delta, site.back()
        normal, scratch = site.buffer(*a.shape), site.buffer(*a.shape)
        mean, inverse, other = (site.buffer(1, site.batch) for _ in range(3))
        gamma, beta = (site.parameters[name][:, None] for name in ("scale", "shift"))
        gamma_gradient, beta_gradient = site.gradients["scale"], site.gradients["shift"]
        share, epsilon, one = site.number(1 / len(a)), site.number(self.epsilon), site.number(1.0)

        def forward() -> None:
            add.reduce(x.features, axis=0, out=mean, keepdims=True)
            multiply(mean, share, mean)  # μ = 1/n Σ x
            subtract(x.features, mean, normal)
            multiply(normal, normal, scratch)
            add.reduce(scratch, axis=0, out=inverse, keepdims=True)
            multiply(inverse, share, inverse)  # v = 1/n Σ (x − μ)²
            add(inverse, epsilon, inverse)
            sqrt(inverse, inverse)
            divide(one, inverse, inverse)
            multiply(normal, inverse, normal)  # x̂ = (x − μ)/√(v + ε)
            multiply(normal, gamma, a)  # a = γ x̂ + β
            add(a, beta, a)

        def backward() -> None:
            multiply(delta, normal, scratch)
            add.reduce(scratch, axis=1, out=gamma_gradient)  # ∂L/∂γ = Σ over examples of δ x̂
            add.reduce(delta, axis=1, out=beta_gradient)  # ∂L/∂β = Σ over examples of δ
            if back is None:
                return
            multiply(delta, gamma, back)  # g = ∂L/∂x̂ = γ δ
            multiply(back, normal, scratch)
            add.reduce(scratch, axis=0, out=mean, keepdims=True)
            add.reduce(back, axis=0, out=other, keepdims=True)
            multiply(normal, mean, scratch)  # ∂L/∂x = 1/√(v + ε) (g − (Σg + x̂ Σg x̂)/n)
            add(scratch, other, scratch)
            multiply(scratch, share, scratch)
            subtract(back, scratch, back)
            multiply(back, inverse, back)

        return Pass(forward, backward)
