"""Softmax: a whole layer's values as shares of one, the only activation that mixes its units."""

from __future__ import annotations

from numpy import divide, exp, maximum, multiply, subtract

from engine import buffers
from engine.activations.base import Array, Steps, activation


@activation(
    "softmax",
    "Softmax",
    text="aⱼ = e^zⱼ / Σₖ e^zₖ",
    formula=r"a_j = \frac{e^{z_j}}{\sum_k e^{z_k}}",
    slope=r"a_j\,(1 - a_j)",
    low=0.0,
    high=1.0,
    elementwise=False,
)
def _softmax(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    row = buffers.zeros((1, z.shape[1]), z.dtype)
    ones = buffers.ones((1, z.shape[0]), z.dtype)

    def forward() -> None:  # aⱼ = e^(zⱼ − max z) / Σₖ e^(zₖ − max z)
        maximum.reduce(z, axis=0, out=row, keepdims=True)
        subtract(z, row, a)
        exp(a, a)
        ones.dot(a, row)  # a sum over units, at two thirds of the cost of add.reduce
        divide(a, row, a)

    def pull_back() -> None:  # δⱼ = aⱼ (gⱼ − Σₖ gₖ aₖ) for g = ∂L/∂a
        multiply(delta, a, scratch)
        ones.dot(scratch, row)
        subtract(delta, row, delta)
        multiply(delta, a, delta)

    return forward, pull_back
