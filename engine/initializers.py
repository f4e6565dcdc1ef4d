"""Initializers: how a fresh weight matrix is drawn.

Each entry takes a random generator, the shape `(units, fan_in)` and the fans, and returns float64; the
caller casts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.randomness import Random
from engine.registry import Registry

Array = NDArray[Any]
Draw = Callable[[Random, tuple[int, ...], int, int], Array]


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


def _uniform(variance: Callable[[int, int], float]) -> Draw:
    """Uniform over ±√(3 variance), which has that variance."""

    def draw(rng: Random, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Array:
        limit = sqrt(3 * variance(fan_in, fan_out))
        return rng.uniform(-limit, limit, shape)

    return draw


def _normal(variance: Callable[[int, int], float]) -> Draw:
    """Normal around 0 with that variance."""

    def draw(rng: Random, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Array:
        return rng.standard_normal(shape) * sqrt(variance(fan_in, fan_out))

    return draw


def _orthogonal(rng: Random, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Array:
    """Q of a normal matrix's QR decomposition, with the signs of R's diagonal, which make it uniform."""
    rows, columns = shape[0], prod(shape[1:])
    q, r = np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))
    q *= np.sign(np.diag(r))
    return (q if rows >= columns else q.T).reshape(shape)


_entry("zeros", "Zeros", r"w = 0", lambda rng, shape, i, o: np.zeros(shape))
_entry("uniform_0_1", "Uniform (0, 1)", r"w \sim U(0, 1)", lambda rng, shape, i, o: rng.random(shape))
_entry("normal", "Normal (0, 1)", r"w \sim N(0, 1)", lambda rng, shape, i, o: rng.standard_normal(shape))
_entry(
    "uniform_fan_in",
    "Uniform ±1/√fan-in",
    r"w \sim U(-1/\sqrt{n_{in}},\; 1/\sqrt{n_{in}})",
    _uniform(lambda i, o: 1 / (3 * i)),
)
# Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks", eq. (16).
_entry(
    "xavier_uniform",
    "Xavier uniform",
    r"w \sim U(-r, r),\; r = \sqrt{6 / (n_{in} + n_{out})}",
    _uniform(lambda i, o: 2 / (i + o)),
)
_entry(
    "xavier_normal",
    "Xavier normal",
    r"w \sim N(0,\; 2 / (n_{in} + n_{out}))",
    _normal(lambda i, o: 2 / (i + o)),
)
# He et al. 2015, "Delving deep into rectifiers", eq. (10).
_entry(
    "he_uniform",
    "He uniform",
    r"w \sim U(-r, r),\; r = \sqrt{6 / n_{in}}",
    _uniform(lambda i, o: 2 / i),
)
_entry(
    "he_normal",
    "He normal",
    r"w \sim N(0,\; 2 / n_{in})",
    _normal(lambda i, o: 2 / i),
)
# LeCun et al. 1998, "Efficient BackProp", eq. (16); the normal one is Nielsen's, chapter 3.
_entry(
    "lecun_uniform",
    "LeCun uniform",
    r"w \sim U(-r, r),\; r = \sqrt{3 / n_{in}}",
    _uniform(lambda i, o: 1 / i),
)
_entry(
    "lecun_normal",
    "LeCun normal",
    r"w \sim N(0,\; 1 / n_{in})",
    _normal(lambda i, o: 1 / i),
)
# Saxe et al. 2014, "Exact solutions to the nonlinear dynamics of learning in deep linear networks", sec. 3.
_entry("orthogonal", "Orthogonal", r"W^T W = I \text{ or } W W^T = I", _orthogonal)
# The simplest of all, to be scaled by the layer's own factor: w = c, w ∼ U(−r, r).
_entry("constant", "Constant 1", r"w = 1", lambda rng, shape, i, o: np.ones(shape))
_entry("uniform", "Uniform (−1, 1)", r"w \sim U(-1, 1)", _uniform(lambda i, o: 1 / 3))
