"""Sums over pixels, laid out by how many entries they have, equal the sums that np.add.reduceat gives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from gui.canvas.color import LIGHT, diverging_table
from gui.canvas.segments import segments
from gui.canvas.strokes import Strokes


def _sums(counts):
    starts = np.cumsum(counts) - counts
    values = np.random.default_rng(len(counts)).normal(size=int(counts.sum()))
    laid = segments(starts, values.size)
    entries, found = np.append(values, 0.0)[laid.entries], np.full(len(counts), np.nan)
    for block in laid.blocks:
        block.sum(entries[block.entries], found[block.pixels])
    return found, np.add.reduceat(values, starts)[laid.pixels], laid


@given(st.lists(st.integers(1, 60), min_size=1, max_size=4000))
def test_sums_are_those_of_reduceat(counts):
    found, expected, laid = _sums(np.array(counts))
    assert_allclose(found, expected, atol=1e-12)
    assert sorted(laid.pixels) == list(range(len(counts)))


@pytest.mark.parametrize(("pixels", "blocks"), [(1, 1), (100, 1), (1536, 2), (6000, 4)])
def test_few_and_many_pixels_across_several_blocks(pixels, blocks):
    counts = np.random.default_rng(0).integers(1, 90, pixels)
    found, expected, laid = _sums(counts)
    assert_allclose(found, expected, atol=1e-11)
    assert len(laid.blocks) >= blocks


def test_nothing_lays_out_as_nothing():
    laid = segments(np.zeros(0, np.intp), 0)
    assert laid.blocks == ()
    assert (laid.longest, laid.widest) == (0, 0)


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_broken_synapse_shows_along_its_own_curve_alone(broken):
    table = diverging_table(LIGHT, 0.7)
    starts, ends = np.array([[0.0, 10.0], [0.0, 40.0]]), np.array([[60.0, 10.0], [60.0, 40.0]])
    curves = Strokes(starts, ends, 60, 50)
    image = np.zeros(curves.shape, np.uint32)
    curves.paint(np.array([broken, 0.5]), table, 1.0, image)
    assert (image[10, 5:55] == table.broken).all()
    assert not (image[30:] == table.broken).any()
