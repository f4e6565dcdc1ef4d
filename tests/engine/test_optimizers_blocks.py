"""Holds that every optimizer gives the same numbers block by block as it gives whole."""

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
        step = bind_in_blocks(rule, parameters, gradients, slots, block)
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
