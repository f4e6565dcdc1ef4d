"""A kernel over all windows of a picture: its sums, their gradient and what is sent back, row by row.

What a row of windows sees lies in `width` rows of the picture. So every row of the picture is kept once, as
a block: the row beside itself moved by each column of the kernel. The blocks that a row of windows needs
stand one below the other and are one matrix, whose product with the weights is a row of sums. "im2col", which
repeats the rows as well, copies and keeps `width` times as much.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from numpy import add, copyto, matmul
from numpy.typing import NDArray

from engine.layers.base import Shape, Step
from engine.layers.pictures import columns_of, windows_across

Array = NDArray[Any]
Buffer = Callable[..., Array]
"""Gives a zeroed array of a shape, in the network's precision."""


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
