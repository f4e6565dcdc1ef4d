"""Losses of answers that are numbers: how far off they are, squared, absolute, or in between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import absolute, maximum, minimum, multiply, sign, subtract

from engine.activations import constant, nothing
from engine.fields import setting
from engine.losses.base import Array, BoundLoss, Loss, Target, in_a_row, loss, predicting, summed


@loss
@dataclass(frozen=True, kw_only=True)
class Quadratic(Loss):
    """½ Σⱼ (aⱼ − yⱼ)², mean over examples: the quadratic cost of the notes and of Nielsen's eq. (6)."""

    kind = "quadratic"
    label = "Quadratic cost"
    formula = r"L = \frac12 \sum_j (a_j - y_j)^2"
    tasks = ("regression", "binary", "classes")

    def bind(self, z: Array, target: Target, delta: Array, prediction: Array) -> BoundLoss:
        scale: float = 0.5 / z.shape[1]
        error = in_a_row(delta)

        def forward() -> float:
            subtract(z, target.value, delta)  # ∂L/∂a = a − y
            return float(error.dot(error)) * scale

        return BoundLoss(predicting(forward, z, prediction), nothing)


@loss
@dataclass(frozen=True, kw_only=True)
class MeanSquared(Loss):
    """Mean squared error: 1/m Σⱼ (aⱼ − yⱼ)² over the m outputs, without the ½, mean over examples."""

    kind = "mean_squared"
    label = "Mean squared error"
    formula = r"L = \frac1m \sum_j (a_j - y_j)^2"
    tasks = ("regression", "binary", "classes")

    def bind(self, z: Array, target: Target, delta: Array, prediction: Array) -> BoundLoss:
        scale: float = 1.0 / z.size
        slope = constant(2.0 / z.shape[0], z)
        error = in_a_row(delta)

        def forward() -> float:
            subtract(z, target.value, delta)
            return float(error.dot(error)) * scale

        def backward() -> None:  # ∂L/∂a = 2/m (a − y)
            multiply(delta, slope, delta)

        return BoundLoss(predicting(forward, z, prediction), backward)


@loss
@dataclass(frozen=True, kw_only=True)
class MeanAbsolute(Loss):
    """Mean absolute error: 1/m Σⱼ |aⱼ − yⱼ| over the m outputs, mean over examples."""

    kind = "mean_absolute"
    label = "Mean absolute error"
    formula = r"L = \frac1m \sum_j |a_j - y_j|"
    tasks = ("regression",)

    def bind(self, z: Array, target: Target, delta: Array, prediction: Array) -> BoundLoss:
        terms, total = summed(z)
        scale: float = 1.0 / z.size
        slope = constant(1.0 / z.shape[0], z)

        def forward() -> float:
            subtract(z, target.value, delta)
            absolute(delta, terms)
            return total() * scale

        def backward() -> None:  # ∂L/∂a = sign(a − y) / m
            sign(delta, delta)
            multiply(delta, slope, delta)

        return BoundLoss(predicting(forward, z, prediction), backward)


@loss
@dataclass(frozen=True, kw_only=True)
class Huber(Loss):
    """1/m Σⱼ h(rⱼ), r = a − y: h = ½ r² where |r| ≤ δ, else δ (|r| − ½ δ), so that outliers pull less.

    Huber 1964, "Robust estimation of a location parameter". With c = r held within ±δ, h = c (r − ½ c).
    """

    kind = "huber"
    label = "Huber"
    formula = (
        r"L = \frac1m \sum_j \begin{cases} \frac12 r_j^2 & |r_j| \le \delta \\"
        r" \delta\,(|r_j| - \frac12 \delta) & |r_j| > \delta \end{cases},\; r = a - y"
    )
    tasks = ("regression",)

    delta: float = setting(
        1.0,
        label="δ",
        above=0.0,
        maximum=1e6,
        step=0.1,
        help="Errors larger than this count linearly, no longer squared.",
    )

    def bind(self, z: Array, target: Target, delta: Array, prediction: Array) -> BoundLoss:
        residual = np.empty_like(z)
        scale: float = 1.0 / z.size
        slope = constant(1.0 / z.shape[0], z)
        low, high, half = (constant(x, z) for x in (-self.delta, self.delta, 0.5))
        held = np.empty_like(z)
        flat_held, flat_residual = in_a_row(held), in_a_row(residual)

        def forward() -> float:
            subtract(z, target.value, residual)
            maximum(residual, low, out=held)
            minimum(held, high, out=held)
            multiply(held, half, delta)
            subtract(residual, delta, residual)
            return float(flat_held.dot(flat_residual)) * scale

        def backward() -> None:  # ∂L/∂a = c / m
            multiply(held, slope, delta)

        return BoundLoss(predicting(forward, z, prediction), backward)
