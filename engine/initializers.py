"""Initializers: how a fresh weight matrix is drawn.

Each entry takes a random generator, the shape `(units, fan_in)` and the fans, and returns float64; the
caller casts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from engine.registry import Registry

Array = NDArray[Any]
Draw = Callable[[Generator, tuple[int, ...], int, int], Array]


@dataclass(frozen=True, slots=True)
class Initializer:
    """One way to draw initial parameters: `draw(rng, shape, fan_in, fan_out)`; `formula` is LaTeX."""

    name: str
    label: str
    formula: str
    draw: Draw


INITIALIZERS: Registry[Initializer] = Registry("initializer")


def _entry(name: str, label: str, formula: str, draw: Draw) -> None:
    INITIALIZERS.register(name, Initializer(name, label, formula, draw))


def _uniform(rng: Generator, shape: tuple[int, ...], limit: float) -> Array:
    return rng.uniform(-limit, limit, shape)


_entry("zeros", "Zeros", r"w = 0", lambda rng, shape, i, o: np.zeros(shape))
_entry("uniform_0_1", "Uniform (0, 1)", r"w \sim U(0, 1)", lambda rng, shape, i, o: rng.random(shape))
_entry("normal", "Normal (0, 1)", r"w \sim N(0, 1)", lambda rng, shape, i, o: rng.standard_normal(shape))
_entry(
    "uniform_fan_in",
    "Uniform ±1/√fan-in",
    r"w \sim U(-1/\sqrt{n_{in}},\; 1/\sqrt{n_{in}})",
    lambda rng, shape, i, o: _uniform(rng, shape, 1 / sqrt(i)),
)
# Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks", eq. (16).
_entry(
    "xavier_uniform",
    "Xavier uniform",
    r"w \sim U(-r, r),\; r = \sqrt{6 / (n_{in} + n_{out})}",
    lambda rng, shape, i, o: _uniform(rng, shape, sqrt(6 / (i + o))),
)
_entry(
    "xavier_normal",
    "Xavier normal",
    r"w \sim N(0,\; 2 / (n_{in} + n_{out}))",
    lambda rng, shape, i, o: rng.standard_normal(shape) * sqrt(2 / (i + o)),
)
# He et al. 2015, "Delving deep into rectifiers", eq. (10).
_entry(
    "he_uniform",
    "He uniform",
    r"w \sim U(-r, r),\; r = \sqrt{6 / n_{in}}",
    lambda rng, shape, i, o: _uniform(rng, shape, sqrt(6 / i)),
)
_entry(
    "he_normal",
    "He normal",
    r"w \sim N(0,\; 2 / n_{in})",
    lambda rng, shape, i, o: rng.standard_normal(shape) * sqrt(2 / i),
)
