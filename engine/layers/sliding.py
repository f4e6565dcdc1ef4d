"""A kernel over all windows of a picture: the sums, their gradient, and what is sent back.

`Collected` is the plain way, "im2col": what every window sees is a column of one matrix, whose product with
the weights is all sums. `Sliding` does the same row by row. What a row of windows sees lies in `width` rows
of the picture. So every row of the picture is kept once, as a block: the row beside itself moved by each
column of the kernel. The blocks that a row of windows needs stand one below the other and are one matrix.
That copies and keeps a `width`-th of what "im2col" does, which repeats the rows as well, but takes calls for
every row: it is faster where rows hold much.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy import add, copyto, matmul
from numpy.typing import NDArray

from engine.layers.base import Shape, Step
from engine.layers.pictures import columns_of, windows_across, windows_of

Array = NDArray[Any]
Buffer = Callable[..., Array]
"""Gives a zeroed array of a shape, in the network's precision."""
MUCH = 8192
"""Values that a row of windows sees, each in its own right, from which row by row is faster."""


class Kernel(NamedTuple):
    """A square window: its width, how far it moves each time, and the distance of neighbors within it."""

    width: int
    stride: int
    dilation: int

    @property
    def reach(self) -> int:
        """Its width with the gaps."""
        return self.dilation * (self.width - 1) + 1

    def places(self, size: int) -> int:
        """How many windows fit along an axis."""
        return windows_across(size, self.reach, self.stride)

    def sees(self, place: int) -> range:
        """Which rows (or columns) the windows at a place see."""
        return range(place * self.stride, place * self.stride + self.reach, self.dilation)


def bind(kernel: Kernel, shape: Shape, w: Array, bias: bool, buffer: Buffer) -> Collected | Sliding:
    """The faster of both ways for pictures of a shape (channels, height, width, batch)."""
    way = Sliding if _row_by_row(kernel, shape) else Collected
    return way(kernel, shape, w, bias, buffer)


def room(kernel: Kernel, shape: Shape, units: int) -> int:
    """About how many values that way keeps, the passes forward and back together."""
    channels, height, width, batch = shape
    seen, across = 1 + channels * kernel.width**2, kernel.places(width) * batch
    if not _row_by_row(kernel, shape):
        return 2 * seen * kernel.places(height) * across + units * seen
    block = 1 + channels * kernel.width
    return (2 * height + kernel.width) * block * across + 3 * units * kernel.width * block


def _row_by_row(kernel: Kernel, shape: Shape) -> bool:
    seen = shape[0] * kernel.width**2 * kernel.places(shape[2]) * shape[3]
    return kernel.width > 1 and seen >= MUCH


class Collected:
    """A weight matrix (units, bias + channels · width²) over pictures (channels, height, width, batch)."""

    def __init__(self, kernel: Kernel, shape: Shape, w: Array, bias: bool, buffer: Buffer) -> None:
        channels, height, width, batch = shape
        self._kernel, self._buffer, self._w, self._bias = kernel, buffer, w, int(bias)
        self._windows = (
            channels,
            kernel.width,
            kernel.width,
            kernel.places(height),
            kernel.places(width),
            batch,
        )
        self._seen = buffer(w.shape[1], prod(self._windows[3:]))  # a column for every window
        self._seen[: self._bias] = 1.0

    def forward(self, picture: Array, z: Array) -> Step:
        """A step that writes z = W x for every window x: (units, windows · batch)."""
        w, x = self._w, self._seen
        collected, windows = x[self._bias :].reshape(self._windows), windows_of(picture, *self._kernel)

        def run() -> None:
            copyto(collected, windows)
            w.dot(x, z)

        return run

    def gradient(self, delta: Array, gradient: Array) -> Step:
        """A step that writes ∂L/∂w = Σ over windows and examples of δ xᵀ, after the forward pass."""
        x, delta_t = self._seen, delta.T
        product = self._buffer(*gradient.shape[::-1])

        def run() -> None:
            x.dot(delta_t, product)  # x δᵀ: faster than its transpose, δ xᵀ
            copyto(gradient, product.T)

        return run

    def back(self, delta: Array, total: Array) -> Step:
        """A step that writes ∂L/∂x = Σ over windows of Wᵀ δ, a picture."""
        sent, w_t = self._buffer(*self._seen.shape), self._w.T
        parts, windows = sent[self._bias :].reshape(self._windows), windows_of(total, *self._kernel)
        taps = np.ndindex(self._windows[1:3])
        pairs = [(windows[:, i, j], parts[:, i, j]) for i, j in taps]

        def run() -> None:
            w_t.dot(delta, sent)
            total.fill(0.0)
            for place, part in pairs:
                add(place, part, place)

        return run


class Sliding:
    """A weight matrix (units, bias + channels · width²) over pictures (channels, height, width, batch).

    Within, it lies as the blocks do, (units, rows of the kernel, rows of a block): there the bias, then by
    channel and column of the kernel. The bias stands in the kernel's first row; the others have 0 there.
    """

    def __init__(self, kernel: Kernel, shape: Shape, w: Array, bias: bool, buffer: Buffer) -> None:
        self._channels, self._height, width, batch = shape
        self._kernel, self._buffer, self._w, self._bias = kernel, buffer, w, int(bias)
        self._high = self._bias + self._channels * kernel.width  # rows of a block
        self._run = kernel.places(width) * batch  # values of a row of windows
        self._rows = range(kernel.places(self._height))
        self._blocks = buffer(self._height, self._high, self._run)
        self._blocks[:, : self._bias] = 1.0
        self._wide = buffer(len(w), kernel.width, self._high)

    def forward(self, picture: Array, z: Array) -> Step:
        """A step that writes z = W x for every window x: (units, windows · batch)."""
        w, wide, bias, flat = self._w, self._wide, self._bias, self._wide.reshape(len(self._w), -1)
        laid, entries, loads = self._laid(wide), self._entries(w), self._loads(picture)
        products = list(zip(self._seen(), self._by_row(z), strict=True))

        def run() -> None:
            for block, rows in loads:
                copyto(block, rows)
            copyto(wide[:, 0, :bias], w[:, :bias])
            copyto(laid, entries)
            for x, sums in products:
                matmul(flat, x, sums)

        return run

    def gradient(self, delta: Array, gradient: Array) -> Step:
        """A step that writes ∂L/∂w = Σ over windows and examples of δ xᵀ, after the forward pass."""
        units, width, bias = len(self._w), self._kernel.width, self._bias
        total, part = (self._buffer(width * self._high, units) for _ in range(2))
        wide = total.reshape(width, self._high, units).transpose(2, 0, 1)
        laid, entries = self._laid(wide), self._entries(gradient)
        (first, first_delta), *others = zip(self._seen(), self._by_row(delta), strict=True)

        def run() -> None:
            matmul(first, first_delta.T, total)  # x δᵀ: faster than its transpose, δ xᵀ
            for x, row in others:
                matmul(x, row.T, part)
                add(total, part, total)
            copyto(gradient[:, :bias], wide[:, 0, :bias])
            copyto(entries, laid)

        return run

    def back(self, delta: Array, total: Array) -> Step:
        """A step that writes ∂L/∂x = Σ over windows of Wᵀ δ, a picture, after the forward pass.

        What is sent back to a row of the picture is added up in a block, and then the block's columns in it.
        """
        w_t, kernel = self._wide.reshape(len(self._w), -1).T, self._kernel
        parts = (self._channels, kernel.width, self._run)
        sent, blocks = self._buffer(kernel.width * self._high, self._run), self._buffer(self._height, *parts)
        shares = sent.reshape(kernel.width, self._high, -1)[:, self._bias :].reshape(kernel.width, *parts)
        columns = columns_of(total, kernel.width, kernel.stride, kernel.dilation)
        moved = blocks.reshape(columns.shape)
        moves = [(columns[:, :, j], moved[:, :, j]) for j in range(kernel.width)]
        plan, begun = [], set[int]()
        for row, part in zip(self._rows, self._by_row(delta), strict=True):
            seen = list(enumerate(kernel.sees(row)))
            fresh = [(blocks[place], shares[i]) for i, place in seen if place not in begun]
            later = [(blocks[place], shares[i]) for i, place in seen if place in begun]
            plan.append((part, fresh, later))
            begun.update(kernel.sees(row))

        def run() -> None:
            for part, fresh, later in plan:
                matmul(w_t, part, sent)
                for block, share in fresh:
                    copyto(block, share)
                for block, share in later:
                    add(block, share, block)
            total.fill(0.0)
            for column, share in moves:
                add(column, share, column)

        return run

    def _by_row(self, values: Array) -> list[Array]:
        """Values (units, windows · batch) in pieces, one for each row of windows."""
        return [values[:, row * self._run : (row + 1) * self._run] for row in self._rows]

    def _entries(self, matrix: Array) -> Array:
        """The weights of a matrix, without the bias, as (units, row, channel, column)."""
        width = self._kernel.width
        weights = matrix[:, self._bias :].reshape(len(matrix), self._channels, width, width)
        return weights.transpose(0, 2, 1, 3)

    def _laid(self, wide: Array) -> Array:
        """The same of one that lies as the blocks do."""
        return wide[:, :, self._bias :].reshape(*wide.shape[:2], self._channels, self._kernel.width)

    def _loads(self, picture: Array) -> list[tuple[Array, Array]]:
        """Blocks and what belongs there: rows that a window sees are neighbors, whatever the dilation."""
        kernel = self._kernel
        columns = columns_of(picture, kernel.width, kernel.stride, kernel.dilation)
        blocks, start, pairs = self._blocks[:, self._bias :].reshape(columns.shape), 0, []
        for remainder in range(min(kernel.dilation, self._height)):
            rows = columns[remainder :: kernel.dilation]
            pairs.append((blocks[start : start + len(rows)], rows))
            start += len(rows)
        return pairs

    def _seen(self) -> list[Array]:
        """What each row of windows sees: (rows of the kernel · rows of a block, windows across · batch)."""
        width, dilation = self._kernel.width, self._kernel.dilation
        order = sorted(range(self._height), key=lambda row: (row % dilation, row))  # as they are loaded
        place = {row: block for block, row in enumerate(order)}
        starts = [place[self._kernel.sees(row)[0]] for row in self._rows]
        return [self._blocks[start : start + width].reshape(-1, self._run) for start in starts]
