"""The two plainest: the identity, and the perceptron's step, which has no slope to descend."""

from __future__ import annotations

from math import inf

import numpy as np

from engine.activations.base import Array, Steps, activation, constant, nothing


@activation(
    "identity",
    "Identity",
    text="a = z",
    formula=r"a = z",
    slope=r"1",
    low=-inf,
    high=inf,
)
def _identity(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    if z is a:
        return nothing, nothing
    return (lambda: np.copyto(a, z)), nothing


@activation(
    "step",
    "Step",
    text="a = 1 if z > 0 else 0",
    formula=r"a = \begin{cases} 1 & z > 0 \\ 0 & z \le 0 \end{cases}",
    slope=r"0",
    low=0.0,
    high=1.0,
    kinks=(0.0,),
    differentiable=False,
)
def _step(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    zero = constant(0.0, z)

    def forward() -> None:
        np.heaviside(z, zero, a)

    def pull_back() -> None:  # φ' = 0
        delta.fill(0.0)

    return forward, pull_back
