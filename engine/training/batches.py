"""Batches: the training examples in a shuffled order, gathered in large blocks and fed without another copy.

A data set keeps its examples as rows with the constant 1 in front; a block of gathered rows, seen
transposed, *is* the network's columns `(1 + features, batch)`. So a batch costs one gather, done for many
batches at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from engine import buffers
from engine.datasets.base import Split
from engine.workspace import Feed

Array = NDArray[Any]

BLOCK_VALUES = 1 << 19
"""About how many values are gathered at once: 2 MB in float32, which stays in the second-level cache."""


class Batches:
    """An endless run of epochs over a split.

    Attributes:
        size: examples per batch; the last batch of an epoch may be smaller.
        position: how many examples of the current epoch have been given out.
        order: this epoch's order of the examples; epoch_state: the generator's state from which it was drawn.
    """

    def __init__(
        self, split: Split, size: int, dtype: np.dtype[Any], *, shuffle: bool, rng: Generator
    ) -> None:
        self.split = split
        self.rows = np.ascontiguousarray(split.rows, dtype)
        self.targets = np.ascontiguousarray(split.targets, dtype)
        self.shuffle = shuffle
        self.rng = rng
        self.position = 0
        self._given = 0  # examples in the last batch
        self._draw_order()
        self.resize(size)

    def __len__(self) -> int:
        """Batches per epoch."""
        return -(-len(self.rows) // self.size)

    @property
    def epoch_done(self) -> bool:
        """Whether every example of the epoch has been given out."""
        return self.position >= len(self.rows)

    @property
    def done(self) -> int:
        """How many batches of this epoch, or of that to come, are finished."""
        return 0 if self.epoch_done else self.position // self.size

    def resize(self, size: int) -> None:
        """Go on from the same place of the same epoch with another batch size."""
        self.size = min(size, len(self.rows))
        width, outputs = self.rows.shape[1], self.targets.shape[1]
        self._per_block = max(1, min(256, BLOCK_VALUES // (self.size * width), len(self)))
        count = self._per_block * self.size
        self._block = buffers.zeros((count, width), self.rows.dtype)
        self._block_targets = buffers.zeros((count, outputs), self.rows.dtype)
        self._columns = buffers.zeros((self._per_block, outputs, self.size), self.rows.dtype)
        self._feeds = [self._feed(number) for number in range(self._per_block)]
        self._next = self._per_block

    def next_epoch(self) -> None:
        """Start the next epoch, in a new order."""
        self.position = self._given = 0
        self._next = self._per_block
        self._draw_order()

    def next_batch(self) -> tuple[Feed, int]:
        """The next batch, ready to feed, and its number of examples; valid until the next call."""
        if self._next == self._per_block:
            self._gather()
        left = len(self.rows) - self.position
        if left < self.size:
            return self._last_batch(left)
        feed = self._feeds[self._next]
        self._next += 1
        self.position += self.size
        self._given = self.size
        return feed, self.size

    def example_indices(self) -> Array:
        """Which examples the last batch held, as indices into the split; none before the first batch."""
        return self.order[self.position - self._given : self.position]

    def restore(self, epoch_state: dict[str, Any], position: int) -> None:
        """Go back to a place: the generator's state before the epoch's order was drawn, and the position in
        it.
        """
        self.rng.bit_generator.state = epoch_state
        self._draw_order()
        self._next = self._per_block
        done = position // self.size % self._per_block  # of the block; each keeps its place
        if done and position < len(self.rows):
            self.position = position - done * self.size
            self._gather()
            self._next = done
        self.position = position
        self._given = min(self.size, position)

    def _draw_order(self) -> None:
        self.epoch_state: dict[str, Any] = dict(self.rng.bit_generator.state)
        count = len(self.rows)
        self.order = self.rng.permutation(count) if self.shuffle else np.arange(count)

    def _gather(self) -> None:
        chosen = self.order[self.position : self.position + len(self._block)]
        block, targets = self._block[: len(chosen)], self._block_targets[: len(chosen)]
        np.take(self.rows, chosen, axis=0, out=block, mode="clip")
        np.take(self.targets, chosen, axis=0, out=targets, mode="clip")
        full = len(chosen) // self.size
        shaped = targets[: full * self.size].reshape(full, self.size, self.targets.shape[1])
        np.copyto(self._columns[:full], shaped.transpose(0, 2, 1))
        self._next = 0

    def _feed(self, number: int) -> Feed:
        rows = self._block[number * self.size : (number + 1) * self.size]
        features = rows[:, 1:]
        return rows.T, rows, features.T, features, self._columns[number]

    def _last_batch(self, left: int) -> tuple[Feed, int]:
        start = self._next * self.size
        rows = self._block[start : start + left]
        features = rows[:, 1:]
        columns = np.ascontiguousarray(self._block_targets[start : start + left].T)
        self.position += left
        self._given = left
        self._next = self._per_block
        return (rows.T, rows, features.T, features, columns), left
