"""Matches ids before and after an edit, so that what they stand for can be carried over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.layers.base import NEGATED

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Matched:
    """Pairs of equal ids: their positions before and after, and −1 where it stands for the negative."""

    before: Array
    after: Array
    sign: Array


def match(before: Array, after: Array) -> Matched:
    """Match ids; of several equal ones the first goes with the first, the second with the second."""
    negative = (after >= 0) & ((after & NEGATED) != 0)
    parts = []
    for sign in (1.0, -1.0) if negative.any() else (1.0,):
        chosen = np.flatnonzero(negative if sign < 0 else ~negative)
        wanted = after[chosen] ^ NEGATED if sign < 0 else after[chosen]
        old, new = _pairs(before, wanted)
        parts.append((old, chosen[new], np.full(len(old), sign)))
    return Matched(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _pairs(before: Array, after: Array) -> tuple[Array, Array]:
    if np.array_equal(before, after):
        return np.arange(len(before)), np.arange(len(before))
    keys = [np.stack([ids, _occurrence(ids)]) for ids in (before, after)]
    _, numbered = np.unique(np.hstack(keys), axis=1, return_inverse=True)
    old, new = np.split(numbered.ravel(), [len(before)])
    _, i, j = np.intersect1d(old, new, assume_unique=True, return_indices=True)
    return i, j


def _occurrence(ids: Array) -> Array:
    """For each id, how many equal ones stand before it."""
    order = np.argsort(ids, kind="stable")
    ordered = ids[order]
    first = np.searchsorted(ordered, ordered)
    found = np.empty_like(ids)
    found[order] = np.arange(len(ids)) - first
    return found
