"""Holds every optimizer: it minimizes what it should, remembers all it needs, and allocates nothing."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from engine.optimizers import OPTIMIZERS, Optimizer, Slots
from engine.optimizers.adaptive import AdamW, Nadam

EVERY = pytest.mark.parametrize("optimizer", [cls() for _, cls in OPTIMIZERS.items()], ids=lambda o: o.kind)
Surface = Callable[[Any], tuple[float, list[float]]]


def parabola(w: Any) -> tuple[float, list[float]]:
    """½ (x − 3)² + 5 (y + 2)²: ten times as steep one way as the other."""
    x, y = w
    return 0.5 * (x - 3) ** 2 + 5 * (y + 2) ** 2, [x - 3, 10 * (y + 2)]


def rosenbrock(w: Any) -> tuple[float, list[float]]:
    """Rosenbrock 1960: a bent valley, minimum 0 at (1, 1)."""
    x, y = w
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2, [-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)]


def beale(w: Any) -> tuple[float, list[float]]:
    """Beale 1958: a plain with steep corners, minimum 0 at (3, ½)."""
    x, y = w
    r = [c - x + x * y**k for k, c in ((1, 1.5), (2, 2.25), (3, 2.625))]
    slope_x = sum(2 * r[k - 1] * (y**k - 1) for k in (1, 2, 3))
    slope_y = sum(2 * r[k - 1] * k * x * y ** (k - 1) for k in (1, 2, 3))
    return sum(part**2 for part in r), [slope_x, slope_y]


# The published starting points: Moré, Garbow & Hillstrom 1981, problems 1 and 5.
SURFACES: dict[str, tuple[Surface, tuple[float, float]]] = {
    "parabola": (parabola, (0.0, 0.0)),
    "rosenbrock": (rosenbrock, (-1.2, 1.0)),
    "beale": (beale, (1.0, 1.0)),
}


class Trial(NamedTuple):
    """With this rate, after so many steps, the value must be below the threshold."""

    rate: float
    steps: int
    threshold: float


# RMSprop, Nadam and Adadelta take steps of about the rate however small the gradient is, and so circle around
# the bottom of a valley: there the threshold says how closely. AdamW's decay, which moves it, is 1e-6.
TABLE: dict[str, dict[str, Trial]] = {
    "sgd": {
        "parabola": Trial(0.1, 300, 1e-20),
        "rosenbrock": Trial(0.001, 20_000, 1e-7),
        "beale": Trial(0.03, 3_000, 1e-20),
    },
    "momentum": {
        "parabola": Trial(0.01, 600, 1e-20),
        "rosenbrock": Trial(0.003, 2_000, 1e-20),
        "beale": Trial(0.01, 1_000, 1e-20),
    },
    "nesterov": {
        "parabola": Trial(0.03, 600, 1e-20),
        "rosenbrock": Trial(0.001, 10_000, 1e-20),
        "beale": Trial(0.01, 1_000, 1e-20),
    },
    "adagrad": {
        "parabola": Trial(1.0, 300, 1e-20),
        "rosenbrock": Trial(0.3, 20_000, 1e-12),
        "beale": Trial(1.0, 10_000, 1e-20),
    },
    "rmsprop": {
        "parabola": Trial(0.01, 2_000, 1e-3),
        "rosenbrock": Trial(0.0003, 20_000, 1e-4),
        "beale": Trial(0.001, 10_000, 1e-4),
    },
    "adadelta": {
        "parabola": Trial(1.0, 2_000, 1e-20),
        "rosenbrock": Trial(0.01, 20_000, 1e-3),
        "beale": Trial(0.03, 15_000, 1e-20),
    },
    "adam": {
        "parabola": Trial(0.3, 1_000, 1e-20),
        "rosenbrock": Trial(0.03, 10_000, 1e-8),
        "beale": Trial(0.1, 2_000, 1e-20),
    },
    "adamw": {
        "parabola": Trial(0.3, 1_000, 1e-10),
        "rosenbrock": Trial(0.03, 10_000, 1e-8),
        "beale": Trial(0.1, 2_000, 1e-10),
    },
    "amsgrad": {
        "parabola": Trial(0.3, 1_000, 1e-20),
        "rosenbrock": Trial(0.3, 5_000, 1e-20),
        "beale": Trial(0.3, 1_000, 1e-20),
    },
    "adamax": {
        "parabola": Trial(0.3, 1_000, 1e-20),
        "rosenbrock": Trial(0.1, 20_000, 1e-8),
        "beale": Trial(0.3, 2_000, 1e-20),
    },
    "nadam": {
        "parabola": Trial(0.1, 1_000, 1e-20),
        "rosenbrock": Trial(0.001, 20_000, 1e-4),
        "beale": Trial(0.001, 20_000, 1e-4),
    },
}
FIELDS: dict[str, dict[str, float]] = {"adamw": {"weight_decay": 1e-6}}


def start(optimizer: Optimizer, point: Any, dtype: str = "float64") -> tuple[Any, Any, Slots, Any]:
    """Parameters, gradients, slots and the bound step."""
    parameters = np.array(point, dtype)
    gradients = np.zeros_like(parameters)
    slots = Slots.fresh(optimizer.slots, parameters, optimizer.learning_rate)
    return parameters, gradients, slots, optimizer.bind(parameters, gradients, slots)


def descend(optimizer: Optimizer, surface: Surface, point: Any, steps: int) -> float:
    w, g, _, step = start(optimizer, point)
    for _ in range(steps):
        g[...] = surface(w)[1]
        step()
    return surface(w)[0]


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("kind", OPTIMIZERS.names())
def test_it_minimizes(kind: str, surface: str) -> None:
    trial, (f, point) = TABLE[kind][surface], SURFACES[surface]
    optimizer = OPTIMIZERS[kind](learning_rate=trial.rate, **FIELDS.get(kind, {}))
    assert descend(optimizer, f, point, trial.steps) < trial.threshold


def test_the_surfaces_have_the_slopes_they_say() -> None:
    for f, point in SURFACES.values():
        for at in (point, (0.3, -0.7)):
            for i in (0, 1):
                step = np.eye(2)[i] * 1e-6
                numeric = (f(at + step)[0] - f(at - step)[0]) / 2e-6
                assert f(at)[1][i] == pytest.approx(numeric, rel=1e-6, abs=1e-7)
    assert rosenbrock((1, 1))[0] == 0
    assert beale((3, 0.5))[0] == 0


def run(optimizer: Optimizer, gradients: Any, dtype: str = "float64") -> tuple[Any, Slots]:
    w, g, slots, step = start(optimizer, np.linspace(-1, 1, gradients.shape[1]), dtype)
    for row in gradients:
        g[...] = row
        step()
    return w, slots


GRADIENTS = np.random.default_rng(5).normal(size=(12, 9))


@EVERY
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_slots_say_what_the_last_step_changed(optimizer: Optimizer, dtype: str) -> None:
    w, g, slots, step = start(optimizer, np.linspace(-1, 1, 9), dtype)
    for row in GRADIENTS:
        g[...] = row
        before = w.copy()
        step()
        np.testing.assert_allclose(before - w, slots.update, rtol=0, atol=2 * np.finfo(dtype).eps)
        assert np.any(slots.update)
    assert w.dtype == slots.update.dtype == dtype


@EVERY
def test_the_slots_are_all_it_remembers(optimizer: Optimizer) -> None:
    """Bound anew in the midst of a run, to copies of its slots, it goes on to the last bit."""
    expected, _ = run(optimizer, GRADIENTS)
    w, slots = run(optimizer, GRADIENTS[:7])
    copies = {name: vector.copy() for name, vector in slots.vectors.items()}
    slots = Slots(copies, np.zeros_like(w), slots.rate.copy(), slots.count)
    g = np.zeros_like(w)
    step = optimizer.bind(w, g, slots)
    for row in GRADIENTS[7:]:
        g[...] = row
        step()
    np.testing.assert_array_equal(w, expected)


@EVERY
def test_it_follows_a_count_that_is_set_back(optimizer: Optimizer) -> None:
    """The timeline writes old slots into the living ones."""
    w, g, slots, step = start(optimizer, np.linspace(-1, 1, 9))
    kept: Any = None
    for number, row in enumerate([*GRADIENTS, *GRADIENTS[4:]]):
        if number == 4:
            kept = w.copy(), {name: vector.copy() for name, vector in slots.vectors.items()}, slots.count
        if number == len(GRADIENTS):
            expected = w.copy()
            w[...] = kept[0]
            for name, vector in kept[1].items():
                slots.vectors[name][...] = vector
            slots.count = kept[2]
        g[...] = row
        step()
    np.testing.assert_array_equal(w, expected)


@EVERY
def test_it_follows_the_rate_in_the_slots(optimizer: Optimizer) -> None:
    w, g, slots, step = start(optimizer, np.ones(4))
    slots.rate[...] = 0.0
    g[...] = 1.0
    step()
    np.testing.assert_array_equal(w, 1.0)


@EVERY
def test_it_leaves_the_gradient_alone(optimizer: Optimizer) -> None:
    _, g, _, step = start(optimizer, np.ones(4))
    g[...] = [1.0, -2.0, 0.0, 3.0]
    step()
    np.testing.assert_array_equal(g, [1.0, -2.0, 0.0, 3.0])


@EVERY
def test_a_step_allocates_nothing_that_grows_with_the_network(optimizer: Optimizer) -> None:
    w, g, _, step = start(optimizer, np.linspace(-1, 1, 50_000), "float32")
    g[...] = w
    step()
    tracemalloc.start()
    try:
        for _ in range(3):
            step()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5_000


@EVERY
def test_gradients_of_zero_do_no_harm(optimizer: Optimizer) -> None:
    w, _ = run(optimizer, np.zeros((3, 4)), "float32")
    assert np.isfinite(w).all()


def test_decoupled_decay_shrinks_weights_without_a_gradient() -> None:
    optimizer = AdamW(learning_rate=0.1, weight_decay=0.5)
    w, _, _, step = start(optimizer, [2.0, -4.0])
    step()
    np.testing.assert_allclose(w, [2.0 * 0.95, -4.0 * 0.95], rtol=1e-15)


def test_nadam_s_momentum_grows_to_beta1() -> None:
    optimizer = Nadam()
    grown = [optimizer.momentum_at(t) for t in (1, 1000, 100_000)]
    assert grown == sorted(grown)
    assert grown[0] == pytest.approx(0.45, abs=1e-3)
    assert grown[-1] == pytest.approx(0.9, abs=1e-6)
