"""Painting comb by comb: each comb is crossed by every synapse, and all of them make the whole picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from gui.canvas.color import LIGHT, ScaleLimit, diverging_table
from gui.canvas.mapping import SPARSE, paint, work_out
from gui.canvas.scatter import ALL, COMBS, TURNS, comb_of

WIDTH, HEIGHT = 61, 47
TABLE = diverging_table(LIGHT, 0.6)
FEW, MANY = 60, SPARSE + 200


def _lines(count: int) -> tuple[np.ndarray, np.ndarray]:
    heights = np.random.default_rng(count).uniform(2, HEIGHT - 2, (2, count))
    return (
        np.stack([np.full(count, 1.0), heights[0]], axis=1),
        np.stack([np.full(count, WIDTH - 1.0), heights[1]], axis=1),
    )


@pytest.fixture(scope="module", params=[FEW, MANY])
def mapping(request: pytest.FixtureRequest):
    return work_out(*_lines(request.param), (WIDTH, HEIGHT), 1.0)


def _values(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(scale=0.4, size=count).astype(np.float32)


@given(seed=st.integers(0, 10_000), order=st.permutations(ALL))
def test_all_combs_one_by_one_are_the_whole_picture(mapping, seed: int, order: list[int]) -> None:
    values, scale = _values(mapping.synapses, seed), ScaleLimit()
    whole, parts = np.zeros(mapping.shape, np.uint32), np.full(mapping.shape, 7, np.uint32)
    paint(mapping, values, TABLE, scale, whole)
    for comb in order:
        paint(mapping, values, TABLE, scale, parts, (comb,), follow=False)
    assert_array_equal(parts, whole)


@pytest.mark.parametrize("comb", ALL)
def test_a_comb_changes_its_own_columns_alone(mapping, comb: int) -> None:
    picture = np.full(mapping.shape, 7, np.uint32)
    paint(mapping, _values(mapping.synapses, 1), TABLE, ScaleLimit(), picture, (comb,))
    touched = (picture != 7).any(axis=0)
    assert touched[comb::COMBS].all()
    assert not np.delete(touched, np.s_[comb::COMBS]).any()


@pytest.mark.parametrize("synapse", [0, 17, FEW - 1])
@pytest.mark.parametrize("comb", ALL)
def test_every_synapse_is_seen_in_every_comb(mapping, comb: int, synapse: int) -> None:
    one = np.zeros(mapping.synapses, np.float32)
    one[synapse] = 1.0
    without, with_it = np.zeros(mapping.shape, np.uint32), np.zeros(mapping.shape, np.uint32)
    for values, picture in ((0 * one, without), (one, with_it)):
        paint(mapping, values, TABLE, ScaleLimit(), picture, (comb,), follow=False)
    seen = (without != with_it).any(axis=0)[comb::COMBS]
    assert seen[1:-1].all(), "it leads from left to right, through every column"


def test_turns_take_every_comb_once_and_pixels_know_theirs() -> None:
    assert sorted(TURNS) == list(ALL)
    pixels = np.arange(WIDTH * 3)
    assert_array_equal(comb_of(pixels, WIDTH), np.tile(np.arange(WIDTH) % COMBS, 3))
