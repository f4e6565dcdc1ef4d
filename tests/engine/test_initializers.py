"""Holds the initializers: shape, spread, seed, and what each promises."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest

from engine.fields import faults_of
from engine.initializers import INITIALIZERS
from engine.layers.conv import Conv2D
from engine.layers.dense import Dense
from engine.layers.weighted import Weighted

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


WIDE: dict[str, tuple[Weighted, tuple[int, ...]]] = {
    "dense": (Dense(id="it", unit_ids=tuple(range(200))), (300,)),
    "conv2d": (Conv2D(id="it", unit_ids=tuple(range(200)), kernel=10), (3, 20, 20)),
}


@pytest.mark.parametrize(("layer", "shape"), WIDE.values(), ids=WIDE)
def test_a_layer_scales_what_was_drawn(layer: Weighted, shape: tuple[int, ...]) -> None:
    def drawn(**fields: object) -> np.ndarray:
        (spec,) = replace(layer, **fields).parameters((shape,))
        return spec.draw(np.random.default_rng(0))

    uniform = drawn(weight_init="uniform", init_scale=0.3, bias_init="constant", bias_scale=-2.5)[:, 1:]
    assert 0.29 < uniform.max() <= 0.3
    assert -0.3 <= uniform.min() < -0.29
    normal = drawn(weight_init="normal", init_scale=0.05, bias_init="constant", bias_scale=-2.5)
    assert normal[:, 1:].std() == pytest.approx(0.05, rel=0.02)
    assert (normal[:, 0] == -2.5).all()
    assert (drawn(weight_init="constant", init_scale=-0.7, bias=False) == -0.7).all()
    plain, scaled = drawn(weight_init="he_normal"), drawn(weight_init="he_normal", init_scale=3.0)
    np.testing.assert_array_equal(scaled[:, 1:], 3 * plain[:, 1:])


@pytest.mark.parametrize("field", ["init_scale", "bias_scale"])
def test_a_scale_must_be_a_number(field: str) -> None:
    assert field in faults_of(replace(WIDE["dense"][0], **{field: np.nan}))
    assert not faults_of(replace(WIDE["dense"][0], **{field: 0.5}))
