"""Batches give every example once an epoch, and feed what they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.datasets.base import Split
from engine.training.batches import Batches


def make_split(count: int, features: int = 3) -> Split:
    numbers = np.arange(count, dtype=np.float32)
    rows = np.ones((count, 1 + features), np.float32)
    rows[:, 1:] = numbers[:, None] + np.arange(features) / 10
    return Split(rows, np.stack([numbers, -numbers], axis=1))


def make_batches(count: int, size: int, *, shuffle: bool = True, seed: int = 0) -> Batches:
    rng = np.random.default_rng(seed)
    return Batches(make_split(count), size, np.dtype(np.float32), shuffle=shuffle, rng=rng)


def one_epoch(batches: Batches) -> list[np.ndarray]:
    shown = []
    while not batches.epoch_done:
        feed, size = batches.next_batch()
        value, value_t, features, features_t, targets = feed
        assert value.shape == (4, size)
        assert targets.shape == (2, size)
        assert (value[0] == 1).all()
        np.testing.assert_array_equal(value.T, value_t)
        np.testing.assert_array_equal(value[1:], features)
        np.testing.assert_array_equal(features.T, features_t)
        np.testing.assert_array_equal(features[0], targets[0])
        np.testing.assert_array_equal(features[0], -targets[1])
        np.testing.assert_array_equal(batches.example_indices(), targets[0])
        shown.append(targets[0].copy())
    return shown


@given(st.integers(1, 60), st.integers(1, 70), st.booleans())
def test_every_example_comes_once_an_epoch(count: int, size: int, shuffle: bool) -> None:
    batches = make_batches(count, size, shuffle=shuffle)
    for _ in range(2):
        shown = one_epoch(batches)
        assert len(shown) == len(batches)
        assert sorted(np.concatenate(shown)) == list(range(count))
        assert {len(part) for part in shown[:-1]} <= {batches.size}
        batches.next_epoch()


def test_epochs_differ_when_shuffled_and_not_otherwise() -> None:
    shuffled, plain = make_batches(50, 7), make_batches(50, 7, shuffle=False)
    first, plain_first = np.concatenate(one_epoch(shuffled)), np.concatenate(one_epoch(plain))
    shuffled.next_epoch()
    assert (np.concatenate(one_epoch(shuffled)) != first).any()
    assert (plain_first == np.arange(50)).all()


def test_resizing_goes_on_from_the_same_place() -> None:
    batches = make_batches(50, 8)
    seen = [batches.next_batch()[0][4][0].copy() for _ in range(3)]
    batches.resize(5)
    seen += one_epoch(batches)
    assert sorted(np.concatenate(seen)) == list(range(50))


@pytest.mark.parametrize("given_out", [0, 1, 4])
def test_restoring_brings_the_same_batches(given_out: int) -> None:
    batches = make_batches(30, 6)
    one_epoch(batches)
    batches.next_epoch()
    for _ in range(given_out):
        batches.next_batch()
    state, position = batches.epoch_state, batches.position
    expected = [*one_epoch(batches)]
    batches.next_epoch()
    expected += one_epoch(batches)

    other = make_batches(30, 6, seed=99)
    other.restore(state, position)
    found = [*one_epoch(other)]
    other.next_epoch()
    found += one_epoch(other)
    np.testing.assert_array_equal(np.concatenate(found), np.concatenate(expected))
