"""Pooling layers: each channel becomes smaller, by the largest or the mean of every window.

What the windows see at one of their places is copied before it is computed with: NumPy copies views of many
short runs several times as fast as it computes with them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy import add, copyto, equal, maximum, multiply, subtract
from numpy.typing import NDArray

from engine.fields import setting
from engine.layers.base import (
    LayerSpec,
    Pass,
    Shape,
    Site,
    Step,
    layer,
    nothing,
    placed,
    size_of,
    steps,
    units_per_channel,
)
from engine.layers.pictures import need_window, picture_of, windows_across, windows_of

Array = NDArray[Any]
Pay = Callable[[Array, Array], object]


@dataclass(frozen=True, kw_only=True)
class Pooling(LayerSpec):
    """Base of the layers that slide a window over each channel by itself."""

    category = "Pictures"

    kernel: int = setting(
        2, label="Window", minimum=1, maximum=99, help="Height and width of the window, in pixels."
    )
    stride: int = setting(
        0, label="Stride", minimum=0, maximum=99, help="How far the window moves each time; 0: its own width."
    )

    @property
    def pace(self) -> int:
        """How far the window moves, in pixels."""
        return self.stride or self.kernel

    def output_shape(self, shapes: tuple[Shape, ...]) -> Shape:
        shape = picture_of(self.label, shapes[0])
        need_window(self.label, shape, self.kernel, "kernel")
        return (shape[0], *(windows_across(n, self.kernel, self.pace) for n in shape[1:]))

    def lineage(self, sources: tuple[Array, ...], shapes: tuple[Shape, ...]) -> Array:
        return placed(units_per_channel(sources[0], shapes[0]), size_of(self.output_shape(shapes)[1:]))

    def is_channelwise(self) -> bool:
        return True

    def nonnegative(self, sources: tuple[bool, ...]) -> bool:
        return all(sources)

    def workspace_bytes(self, shapes: tuple[Shape, ...], batch: int, itemsize: int) -> int:
        kept = 3 + (self.kernel**2 if self.covers_once(shapes[0]) else 0)
        return kept * size_of(self.output_shape(shapes)) * batch * itemsize

    def taps(self, picture: Array) -> list[Array]:
        """For each place in the window, row by row, a view of what all windows see there."""
        windows = windows_of(picture, self.kernel, self.pace)
        return [windows[:, i, j] for i in range(self.kernel) for j in range(self.kernel)]

    def covers_once(self, shape: Shape) -> bool:
        """Whether every pixel lies in exactly one window."""
        return self.pace == self.kernel and all(n % self.kernel == 0 for n in shape[1:])

    def paying(self, shape: Shape, total: Array) -> tuple[Step, Pay]:
        """How gradients come into a picture: a step to begin with, and what pays a share to a place."""
        if self.covers_once(shape):
            return nothing, copyto
        return lambda: total.fill(0.0), lambda place, share: add(place, share, place)


@layer
@dataclass(frozen=True, kw_only=True)
class MaxPool2D(Pooling):
    """The largest value of every window. Of equal ones the first, row by row, gets the gradient."""

    kind = "max_pool2d"
    label = "Max pooling"
    summary = "Keeps the largest value of every window."

    def bind(self, site: Site) -> Pass:
        x, load = site.steady()
        shape, batch = site.source_shapes[0], site.batch
        a, delta = (v.reshape(*site.output_shape, batch) for v in (site.output.features, site.output.delta))
        taps, kept = self.taps(x.reshape(*shape, batch)), self.covers_once(shape)
        copies = [site.buffer(*a.shape) for _ in (taps if kept else taps[:1])]
        copies *= len(taps) // len(copies)  # one for all, where windows overlap and so are many
        first, others = copies[0], list(zip(taps[1:], copies[1:], strict=True))

        def forward() -> None:
            copyto(first, taps[0])
            copyto(a, first)
            for tap, copy in others:  # a = max over the window
                copyto(copy, tap)
                maximum(a, copy, out=a)

        back = site.back()
        if back is None:
            return Pass(steps(load, forward), nothing)
        *places, last = self.taps(back.reshape(*shape, batch))
        unpaid, share, largest = site.buffer(*a.shape), site.buffer(*a.shape), np.empty(a.shape, np.bool_)
        begin, pay = self.paying(shape, back.reshape(*shape, batch))

        def backward() -> None:
            begin()
            copyto(unpaid, delta)
            for place, tap, copy in zip(places, taps, copies, strict=False):
                if not kept:
                    copyto(copy, tap)
                equal(copy, a, largest)  # the gradient is paid to the first that is the largest
                copyto(share, largest)
                multiply(unpaid, share, share)
                subtract(unpaid, share, unpaid)
                pay(place, share)
            pay(last, unpaid)  # what is left is the last one's

        return Pass(steps(load, forward), backward)


@layer
@dataclass(frozen=True, kw_only=True)
class AvgPool2D(Pooling):
    """The mean of every window."""

    kind = "avg_pool2d"
    label = "Average pooling"
    summary = "Takes the mean of every window."

    def bind(self, site: Site) -> Pass:
        x, load = site.steady()
        shape, batch = site.source_shapes[0], site.batch
        a, delta = (v.reshape(*site.output_shape, batch) for v in (site.output.features, site.output.delta))
        first, *others = self.taps(x.reshape(*shape, batch))
        fraction, part = site.number(1 / self.kernel**2), site.buffer(*a.shape)

        def forward() -> None:
            copyto(a, first)
            for tap in others:
                copyto(part, tap)
                add(a, part, a)
            multiply(a, fraction, a)  # a = 1/k² Σ over the window

        back = site.back()
        if back is None:
            return Pass(steps(load, forward), nothing)
        places = self.taps(back.reshape(*shape, batch))
        begin, pay = self.paying(shape, back.reshape(*shape, batch))

        def backward() -> None:
            begin()
            multiply(delta, fraction, part)
            for place in places:
                pay(place, part)

        return Pass(steps(load, forward), backward)


@layer
@dataclass(frozen=True, kw_only=True)
class GlobalAvgPool2D(LayerSpec):
    """The mean of every channel: a picture becomes a flat list with one value per channel."""

    kind = "global_avg_pool2d"
    label = "Global average"
    summary = "Takes the mean of every channel."
    category = "Pictures"

    def output_shape(self, shapes: tuple[Shape, ...]) -> Shape:
        return (picture_of(self.label, shapes[0])[0],)

    def lineage(self, sources: tuple[Array, ...], shapes: tuple[Shape, ...]) -> Array:
        return units_per_channel(sources[0], shapes[0])

    def is_channelwise(self) -> bool:
        return True

    def nonnegative(self, sources: tuple[bool, ...]) -> bool:
        return all(sources)

    def bind(self, site: Site) -> Pass:
        x, load = site.steady()
        channels, places = site.source_shapes[0][0], size_of(site.source_shapes[0][1:])
        x = x.reshape(channels, places, site.batch)
        a, delta, back, share = site.output.features, site.output.delta, site.back(), site.number(1 / places)

        def forward() -> None:
            add.reduce(x, axis=1, out=a)
            multiply(a, share, a)

        if back is None:
            return Pass(steps(load, forward), nothing)
        into, column = back.reshape(x.shape), delta[:, None]

        def backward() -> None:
            multiply(column, share, into)

        return Pass(steps(load, forward), backward)
