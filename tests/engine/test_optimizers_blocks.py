"""Holds that every optimizer gives the same numbers block by block, and from a scaled gradient, as whole."""

from __future__ import annotations

import numpy as np
import pytest

from engine.optimizers import OPTIMIZERS, Slots
from engine.optimizers.blocks import bind_in_blocks


@pytest.mark.parametrize("kind", OPTIMIZERS.names())
def test_an_update_in_blocks_gives_the_very_same_numbers(kind: str) -> None:
    rule = OPTIMIZERS[kind]()
    rng = np.random.default_rng(0)
    start = rng.normal(size=23).astype(np.float32)
    gradients = np.zeros_like(start)
    found = []
    for block in (1000, 5):
        parameters = start.copy()
        slots = Slots.fresh(rule.slots, parameters, rule.learning_rate)
        step = bind_in_blocks(rule.bind, parameters, gradients, slots, block)
        draws = np.random.default_rng(1)
        for number in range(9):
            gradients[...] = draws.normal(size=23)
            if number == 6:
                slots.count -= 2  # rewound
                slots.rate[...] *= 0.5
            step()
        found.append([parameters, slots.update, *slots.vectors.values(), slots.count])
    for whole, blocks in zip(*found, strict=True):
        np.testing.assert_array_equal(whole, blocks)


@pytest.mark.parametrize("kind", [kind for kind, rule in OPTIMIZERS.items() if rule().scale(0.1) is not None])
def test_a_gradient_that_comes_scaled_makes_the_same_steps(kind: str) -> None:
    rule = OPTIMIZERS[kind](learning_rate=0.1)
    scale = rule.scale(0.1)
    assert scale is not None
    found = []
    for bind, factor in ((rule.bind, 1.0), (rule.bind_scaled, scale)):
        parameters, gradients = np.ones(23), np.zeros(23)
        slots = Slots.fresh(rule.slots, parameters, rule.learning_rate)
        step = bind(parameters, gradients, slots)
        draws = np.random.default_rng(1)
        for _ in range(20):
            gradients[...] = factor * draws.normal(size=23)
            step()
        found.append([parameters, *slots.vectors.values()])
    for plain, scaled in zip(*found, strict=True):
        np.testing.assert_allclose(scaled, plain, rtol=1e-12)


def test_a_memory_that_would_make_the_gradient_tiny_takes_it_as_it_is() -> None:
    assert OPTIMIZERS["adam"](beta1=0.9).scale(0.1) == pytest.approx(0.1)
    assert OPTIMIZERS["adam"](beta1=0.9999).scale(0.1) is None
    assert OPTIMIZERS["nadam"]().scale(0.1) is None
