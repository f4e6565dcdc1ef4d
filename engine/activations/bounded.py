"""Bounded activations: sigmoid, tanh and their cheaper relatives, which saturate at both ends."""

from __future__ import annotations

import numpy as np
from numpy import absolute, add, divide, maximum, minimum, multiply, subtract, tanh

from engine.activations.base import Array, Step, Steps, activation, constant


def sigmoid_step(z: Array, a: Array) -> Step:
    """A step that writes σ(z) = 1/(1 + e⁻ᶻ) = ½ (1 + tanh(z/2)), which never overflows, into `a`."""
    half = constant(0.5, z)

    def step() -> None:
        multiply(z, half, a)
        tanh(a, a)
        multiply(a, half, a)
        add(a, half, a)

    return step


@activation(
    "sigmoid",
    "Sigmoid",
    text="a = 1 / (1 + e⁻ᶻ)",
    formula=r"a = \frac{1}{1 + e^{-z}}",
    slope=r"a\,(1 - a)",
    low=0.0,
    high=1.0,
)
def _sigmoid(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    one = constant(1.0, z)

    def pull_back() -> None:  # σ' = a (1 − a)
        subtract(one, a, scratch)
        multiply(scratch, a, scratch)
        multiply(delta, scratch, delta)

    return sigmoid_step(z, a), pull_back


@activation(
    "tanh",
    "tanh",
    text="a = tanh z",
    formula=r"a = \tanh z",
    slope=r"1 - a^2",
    low=-1.0,
    high=1.0,
)
def _tanh(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    one = constant(1.0, z)

    def forward() -> None:
        tanh(z, a)

    def pull_back() -> None:  # tanh' = 1 − a²
        multiply(a, a, scratch)
        subtract(one, scratch, scratch)
        multiply(delta, scratch, delta)

    return forward, pull_back


@activation(
    "softsign",
    "Softsign",
    text="a = z / (1 + |z|)",
    formula=r"a = \frac{z}{1 + |z|}",
    slope=r"(1 - |a|)^2",
    low=-1.0,
    high=1.0,
    kinks=(0.0,),
)
def _softsign(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    one = constant(1.0, z)

    def forward() -> None:
        absolute(z, scratch)
        add(scratch, one, scratch)
        divide(z, scratch, a)

    def pull_back() -> None:  # φ' = 1/(1 + |z|)² = (1 − |a|)²
        absolute(a, scratch)
        subtract(one, scratch, scratch)
        multiply(scratch, scratch, scratch)
        multiply(delta, scratch, delta)

    return forward, pull_back


@activation(
    "hard_sigmoid",
    "Hard sigmoid",
    text="a = z/6 + ½, held between 0 and 1",
    formula=r"a = \min(1, \max(0, z/6 + \frac12))",
    slope=r"\frac16 \text{ if } -3 < z < 3 \text{ else } 0",
    low=0.0,
    high=1.0,
    kinks=(-3.0, 3.0),
)
def _hard_sigmoid(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    sixth, half, zero, one = (constant(x, z) for x in (1 / 6, 0.5, 0.0, 1.0))

    def forward() -> None:
        multiply(z, sixth, a)
        add(a, half, a)
        maximum(a, zero, out=a)
        minimum(a, one, out=a)

    def pull_back() -> None:  # φ' = 1/6 where 0 < a < 1, which is where a − a² > 0
        multiply(a, a, scratch)
        subtract(a, scratch, scratch)
        np.sign(scratch, scratch)
        multiply(scratch, sixth, scratch)
        multiply(delta, scratch, delta)

    return forward, pull_back
