"""Smooth rectifiers: softplus, GELU and SiLU, rounded where ReLU has its kink."""

from __future__ import annotations

from math import inf, pi, sqrt

import numpy as np
from numpy import absolute, add, exp, expm1, log1p, maximum, multiply, negative, subtract, tanh

from engine.activations.base import Array, Steps, activation, constant
from engine.activations.bounded import sigmoid_step


@activation(
    "softplus",
    "Softplus",
    text="a = ln(1 + eᶻ)",
    formula=r"a = \ln(1 + e^z)",
    slope=r"1 - e^{-a}",
    low=0.0,
    high=inf,
)
def _softplus(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    zero = constant(0.0, z)

    def forward() -> None:  # ln(1 + eᶻ) = max(0, z) + ln(1 + e^(−|z|))
        absolute(z, scratch)
        negative(scratch, scratch)
        exp(scratch, scratch)
        log1p(scratch, scratch)
        maximum(z, zero, out=a)
        add(a, scratch, a)

    def pull_back() -> None:  # φ' = σ(z) = 1 − e⁻ᵃ
        negative(a, scratch)
        expm1(scratch, scratch)
        multiply(delta, scratch, delta)
        negative(delta, delta)

    return forward, pull_back


# Hendrycks & Gimpel 2016, "Gaussian error linear units", section 2, the tanh form
@activation(
    "gelu",
    "GELU",
    text="a = z/2 · (1 + tanh(√(2/π) (z + 0.044715 z³)))",
    formula=r"a = \frac{z}{2} \left( 1 + \tanh\left( \sqrt{2/\pi}\,(z + 0.044715\,z^3) \right) \right)",
    slope=r"h + 2a\,(1 - h) \sqrt{2/\pi}\,(1 + 0.134145\,z^2),\; h = a / z",
    low=-0.170041,
    high=inf,
    uses_z=True,
)
def _gelu(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    # a = ½ z (1 + tanh u) = z h with u = √(2/π) (z + 0.044715 z³) and h = σ(2u)
    k1, k3 = sqrt(2 / pi), sqrt(2 / pi) * 0.044715
    linear, cubic, linear2, cubic6 = (constant(x, z) for x in (k1, k3, 2 * k1, 6 * k3))
    half, one = constant(0.5, z), constant(1.0, z)
    h, rest = np.empty_like(z), np.empty_like(z)

    def forward() -> None:
        multiply(z, z, h)
        multiply(h, cubic, h)
        add(h, linear, h)
        multiply(h, z, h)
        tanh(h, h)
        multiply(h, half, h)
        add(h, half, h)
        multiply(z, h, a)

    def pull_back() -> None:  # φ' = h + z h' = h + a (1 − h) 2 du/dz
        multiply(z, z, scratch)
        multiply(scratch, cubic6, scratch)
        add(scratch, linear2, scratch)
        multiply(scratch, a, scratch)
        subtract(one, h, rest)
        multiply(scratch, rest, scratch)
        add(scratch, h, scratch)
        multiply(delta, scratch, delta)

    return forward, pull_back


# Elfwing et al. 2018, "Sigmoid-weighted linear units", eq. (3) and (4)
@activation(
    "silu",
    "SiLU",
    text="a = z / (1 + e⁻ᶻ)",
    formula=r"a = \frac{z}{1 + e^{-z}}",
    slope=r"\sigma + a\,(1 - \sigma),\; \sigma = \frac{1}{1 + e^{-z}}",
    low=-0.278465,
    high=inf,
)
def _silu(z: Array, a: Array, delta: Array, scratch: Array) -> Steps:
    one = constant(1.0, z)
    s = np.empty_like(z)
    sigma = sigmoid_step(z, s)

    def forward() -> None:
        sigma()
        multiply(z, s, a)

    def pull_back() -> None:  # φ' = σ + z σ (1 − σ) = σ + a (1 − σ)
        subtract(one, s, scratch)
        multiply(scratch, a, scratch)
        add(scratch, s, scratch)
        multiply(delta, scratch, delta)

    return forward, pull_back
