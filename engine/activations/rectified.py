"""Rectified activations: ReLU and those that keep something of it below zero, with a kink at 0."""

from __future__ import annotations

from math import inf

import numpy as np
from numpy import add, expm1, maximum, minimum, multiply
from numpy.typing import DTypeLike

from engine.activations.base import Array, Steps, activation, constant


@activation(
    "relu",
    "ReLU",
    text="a = max(0, z)",
    formula=r"a = \max(0, z)",
    slope=r"1 \text{ if } z > 0 \text{ else } 0",
    low=0.0,
    high=inf,
    kinks=(0.0,),
)
def _relu(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    zeros, bits = _filled_for(z, 0, z.dtype), f"u{z.itemsize}"
    ones = _filled_for(z, 1, bits)
    a_bits, delta_bits, active = (x.view(bits) for x in (a, delta, scratch))

    def forward() -> None:
        maximum(z, zeros, out=a)

    def pull_back() -> None:  # φ' = 1 where a > 0, else 0
        minimum(a_bits, ones, out=active)  # a ≥ 0, and of 0 all bits are 0
        multiply(delta_bits, active, delta_bits)  # as whole numbers: no branch, and no rounding

    return forward, pull_back


def _filled_for(z: Array, value: int, dtype: DTypeLike) -> Array:
    """An array of one value to combine z with: NumPy takes two arrays faster than an array and a number.

    Where rows are long, one row serves all of them, and stays in the first-level cache.
    """
    return np.full(z.shape if z.shape[-1] < 1024 else z.shape[-1:], value, dtype)


@activation(
    "leaky_relu",
    "Leaky ReLU",
    text="a = max(0.01 z, z)",
    formula=r"a = \max(0.01\,z, z)",
    slope=r"1 \text{ if } z > 0 \text{ else } 0.01",
    low=-inf,
    high=inf,
    kinks=(0.0,),
)
def _leaky_relu(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    alpha = constant(0.01, z)

    def forward() -> None:
        multiply(z, alpha, scratch)
        maximum(z, scratch, out=a)

    def pull_back() -> None:  # φ' = 1 where a > 0, else α
        np.sign(a, scratch)
        maximum(scratch, alpha, out=scratch)
        multiply(delta, scratch, delta)

    return forward, pull_back


# Clevert et al. 2016, "Fast and accurate deep network learning by ELUs", eq. (15)
@activation(
    "elu",
    "ELU",
    text="a = z if z > 0 else eᶻ − 1",
    formula=r"a = \begin{cases} z & z > 0 \\ e^z - 1 & z \le 0 \end{cases}",
    slope=r"1 \text{ if } z > 0 \text{ else } a + 1",
    low=-1.0,
    high=inf,
    kinks=(0.0,),
)
def _elu(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    zero, one = constant(0.0, z), constant(1.0, z)

    def forward() -> None:  # with α = 1: max(0, z) + e^min(0, z) − 1
        minimum(z, zero, out=scratch)
        expm1(scratch, scratch)
        maximum(z, zero, out=a)
        add(a, scratch, a)

    def pull_back() -> None:  # φ' = 1 where a > 0, else eᶻ = a + 1
        minimum(a, zero, out=scratch)
        add(scratch, one, scratch)
        multiply(delta, scratch, delta)

    return forward, pull_back


# Klambauer et al. 2017, "Self-normalizing neural networks", below eq. (14).
SELU_SCALE = 1.0507009873554804934193349852946
SELU_ALPHA = 1.6732632423543772848170429916717


@activation(
    "selu",
    "SELU",
    text="a = 1.0507 z if z > 0 else 1.7581 (eᶻ − 1)",
    formula=r"a = \lambda \begin{cases} z & z > 0 \\ \alpha (e^z - 1) & z \le 0 \end{cases}",
    slope=r"\lambda \text{ if } z > 0 \text{ else } a + \lambda\alpha",
    low=-SELU_SCALE * SELU_ALPHA,
    high=inf,
    kinks=(0.0,),
)
def _selu(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    zero, scale, floor = constant(0.0, z), constant(SELU_SCALE, z), constant(SELU_SCALE * SELU_ALPHA, z)
    jump = constant(SELU_SCALE - SELU_SCALE * SELU_ALPHA, z)
    active = np.empty_like(z)

    def forward() -> None:
        minimum(z, zero, out=scratch)
        expm1(scratch, scratch)
        multiply(scratch, floor, scratch)
        maximum(z, zero, out=a)
        multiply(a, scale, a)
        add(a, scratch, a)

    def pull_back() -> None:  # φ' = λ where a > 0, else λ α eᶻ = a + λ α
        np.greater(a, zero, active)
        multiply(active, jump, active)
        minimum(a, zero, out=scratch)
        add(scratch, floor, scratch)
        add(scratch, active, scratch)
        multiply(delta, scratch, delta)

    return forward, pull_back
