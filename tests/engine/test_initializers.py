"""Holds the initializers: shape, spread, seed, and what each promises."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from engine.initializers import INITIALIZERS

EVERY = pytest.mark.parametrize("name", INITIALIZERS.names())
FAN_IN, FAN_OUT = 300, 200

# Mean and variance, and the bound of what is uniform.
PROMISES: dict[str, tuple[float, float, float]] = {
    "zeros": (0, 0, 0),
    "constant": (1, 0, 1),
    "uniform_0_1": (0.5, 1 / 12, 1),
    "uniform": (0, 1 / 3, 1),
    "normal": (0, 1, np.inf),
    "uniform_fan_in": (0, 1 / (3 * FAN_IN), 1 / sqrt(FAN_IN)),
    "xavier_uniform": (0, 2 / (FAN_IN + FAN_OUT), sqrt(6 / (FAN_IN + FAN_OUT))),
    "xavier_normal": (0, 2 / (FAN_IN + FAN_OUT), np.inf),
    "he_uniform": (0, 2 / FAN_IN, sqrt(6 / FAN_IN)),
    "he_normal": (0, 2 / FAN_IN, np.inf),
    "lecun_uniform": (0, 1 / FAN_IN, sqrt(3 / FAN_IN)),
    "lecun_normal": (0, 1 / FAN_IN, np.inf),
    "orthogonal": (0, 1 / FAN_IN, np.inf),
}


@EVERY
def test_mean_variance_and_bound(name: str) -> None:
    mean, variance, bound = PROMISES[name]
    w = INITIALIZERS[name].draw(np.random.default_rng(0), (FAN_OUT, FAN_IN), FAN_IN, FAN_OUT)
    assert w.mean() == pytest.approx(mean, abs=4 * sqrt(variance / w.size))
    assert w.var() == pytest.approx(variance, rel=0.02, abs=1e-30)
    assert np.abs(w).max() <= bound


@EVERY
@pytest.mark.parametrize("shape", [(1, 1), (5, 1), (1, 7), (6, 3), (3, 6), (4, 2, 3, 3), (5,)])
def test_shape_kind_and_seed(name: str, shape: tuple[int, ...]) -> None:
    draw = INITIALIZERS[name].draw
    first, again = (draw(np.random.default_rng(3), shape, 7, 5) for _ in range(2))
    assert first.shape == shape
    assert first.dtype == np.float64
    assert np.isfinite(first).all()
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("shape", [(6, 3), (3, 6), (4, 4)])
def test_orthogonal_matrices_keep_lengths(shape: tuple[int, int]) -> None:
    w = INITIALIZERS["orthogonal"].draw(np.random.default_rng(1), shape, shape[1], shape[0])
    small = w.T @ w if shape[0] >= shape[1] else w @ w.T
    np.testing.assert_allclose(small, np.eye(min(shape)), atol=1e-14)


def test_orthogonal_matrices_point_everywhere_alike() -> None:
    """Without the signs of R's diagonal, QR favors one side: the mean of w₁₁ would be far from 0."""
    rng, draw = np.random.default_rng(0), INITIALIZERS["orthogonal"].draw
    corner = [draw(rng, (3, 3), 3, 3)[0, 0] for _ in range(2000)]
    assert np.mean(corner) == pytest.approx(0, abs=0.06)
