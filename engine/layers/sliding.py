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


class Sliding:
    """A weight matrix (units, bias + channels · width²) over pictures (channels, height, width, batch).

    Within, the matrix lies as the blocks do: by row of the kernel, and there the bias, then by channel and
    column. The bias stands in the first row of the kernel; the others have 0 there.
    """

    def __init__(self, kernel: Kernel, shape: Shape, w: Array, bias: bool, buffer: Buffer) -> None:
        channels, self._height, width, batch = shape
        self._kernel, self._buffer, self._w, self._bias = kernel, buffer, w, int(bias)
        self._parts = (channels, kernel.width)  # the rows of a block, apart from the bias
        self._high = self._bias + channels * kernel.width
        self._run = kernel.places(width) * batch  # values of a row of windows
        self._rows = range(kernel.places(self._height))
        self._across = [slice(row * self._run, (row + 1) * self._run) for row in self._rows]
        self._blocks = buffer(self._height, self._high, self._run)
        self._blocks[:, : self._bias] = 1.0
        self._wide = buffer(len(w), kernel.width, self._high)

    def forward(self, picture: Array, z: Array) -> Step:
        """A step that writes z = W x for every window x: (units, windows · batch)."""
        w, wide, bias = self._w, self._wide, self._bias
        inner, outer = wide[:, :, bias:], w[:, bias:]
        inner = inner.reshape(*inner.shape[:2], *self._parts)
        outer = outer.reshape(len(w), *self._parts, self._kernel.width).transpose(0, 2, 1, 3)
        loads, flat = self._loads(picture), wide.reshape(len(w), -1)
        products = [(x, z[:, part]) for x, part in zip(self._seen(), self._across, strict=True)]

        def run() -> None:
            for into, row in loads:
                copyto(into, row)
            copyto(wide[:, 0, :bias], w[:, :bias])
            copyto(inner, outer)
            for x, sums in products:
                matmul(flat, x, sums)

        return run

    def gradient(self, delta: Array, gradient: Array) -> Step:
        """A step that writes ∂L/∂w = Σ over windows and examples of δ xᵀ, after the forward pass."""
        units, bias = len(self._w), self._bias
        total, part = (self._buffer(self._kernel.width * self._high, units) for _ in range(2))
        by_row = total.reshape(self._kernel.width, self._high, units)
        inner, outer = by_row[:, bias:], gradient[:, bias:]
        inner = inner.reshape(self._kernel.width, *self._parts, units)
        outer = outer.reshape(units, *self._parts, self._kernel.width).transpose(2, 1, 3, 0)
        products = [(x, delta[:, part].T) for x, part in zip(self._seen(), self._across, strict=True)]
        (first, first_t), *others = products

        def run() -> None:
            matmul(first, first_t, total)
            for x, delta_t in others:
                matmul(x, delta_t, part)
                add(total, part, total)
            copyto(gradient[:, :bias], by_row[0, :bias].T)
            copyto(outer, inner)

        return run

    def back(self, delta: Array, total: Array) -> Step:
        """A step that writes ∂L/∂x = Σ over windows of Wᵀ δ, a picture, after the forward pass.

        What the windows send back to a row of the picture is first added up in a block of that row.
        """
        kernel, parts = self._kernel, (*self._parts, self._run)
        sent = self._buffer(kernel.width, self._high, self._run)
        blocks = self._buffer(self._height, *parts)
        w_t = self._wide.reshape(len(self._w), -1).T
        flat = sent.reshape(-1, self._run)
        shares = sent[:, self._bias :].reshape(kernel.width, *parts)
        plan, known = [], set[int]()
        for row, part in zip(self._rows, self._across, strict=True):
            places = [row * kernel.stride + i * kernel.dilation for i in range(kernel.width)]
            pairs = [(blocks[place], shares[i], place in known) for i, place in enumerate(places)]
            plan.append((delta[:, part], pairs))
            known.update(places)
        columns = columns_of(total, kernel.width, kernel.stride, kernel.dilation)
        moved = blocks.reshape(columns.shape)
        moves = [(columns[:, :, j], moved[:, :, j]) for j in range(kernel.width)]

        def run() -> None:
            for part, pairs in plan:
                matmul(w_t, part, flat)
                for place, share, begun in pairs:
                    if begun:
                        add(place, share, place)
                    else:
                        copyto(place, share)
            total.fill(0.0)
            for place, share in moves:
                add(place, share, place)

        return run

    def _order(self) -> list[int]:
        """Which row of the picture each block is: those that a window sees are neighbors."""
        return sorted(range(self._height), key=lambda row: (row % self._kernel.dilation, row))

    def _loads(self, picture: Array) -> list[tuple[Array, Array]]:
        """For every remainder by the dilation: the blocks of its rows, and what belongs there."""
        kernel = self._kernel
        columns = columns_of(picture, kernel.width, kernel.stride, kernel.dilation)
        inner, start, pairs = self._blocks[:, self._bias :].reshape(columns.shape), 0, []
        for first in range(min(kernel.dilation, self._height)):
            rows = columns[first :: kernel.dilation]
            pairs.append((inner[start : start + len(rows)], rows))
            start += len(rows)
        return pairs

    def _seen(self) -> list[Array]:
        """What each row of windows sees: (width · rows of a block, windows across · batch)."""
        place = {row: block for block, row in enumerate(self._order())}
        starts = (place[row * self._kernel.stride] for row in self._rows)
        return [self._blocks[at : at + self._kernel.width].reshape(-1, self._run) for at in starts]
