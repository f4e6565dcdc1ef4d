"""Pooling layers: each channel becomes smaller, by the largest or the mean of every window.

What the windows see at one of their places is copied before it is computed with: NumPy copies views of many
short runs several times as fast as it computes with them.
"""

from __future__ import annotations

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
        return 2 * self.kernel**2 * size_of(self.output_shape(shapes)) * batch * itemsize

    def taps(self, picture: Array) -> Array:
        """For each place in the window, row by row, what all windows see there: a view (i, j, ...)."""
        return windows_of(picture, self.kernel, self.pace).transpose(1, 2, 0, 3, 4, 5)

    def paying(self, shares: Array, total: Array) -> Step:
        """A step that adds up the shares of all places in the window, (i, j, ...), in a picture."""
        taps = self.taps(total)
        if self.pace == self.kernel and all(n % self.kernel == 0 for n in total.shape[1:3]):
            return lambda: copyto(taps, shares)  # every pixel lies in exactly one window
        places = [(taps[at], shares[at]) for at in np.ndindex(taps.shape[:2])]

        def pay() -> None:
            total.fill(0.0)
            for place, share in places:
                add(place, share, place)

        return pay


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
        taps = self.taps(x.reshape(*shape, batch))
        seen = site.buffer(*taps.shape)
        first, *others = copies = list(seen.reshape(-1, *a.shape))

        def forward() -> None:
            copyto(seen, taps)
            copyto(a, first)
            for copy in others:  # a = max over the window
                maximum(a, copy, out=a)

        back = site.back()
        if back is None:
            return Pass(steps(load, forward), nothing)
        shares, largest = site.buffer(*taps.shape), np.empty(a.shape, np.bool_)
        *earlier, unpaid = shares.reshape(-1, *a.shape)
        pairs = list(zip(earlier, copies, strict=False))
        pay = self.paying(shares, back.reshape(*shape, batch))

        def backward() -> None:
            copyto(unpaid, delta)
            for share, copy in pairs:  # the gradient is paid to the first that is the largest
                equal(copy, a, largest)
                copyto(share, largest)
                multiply(unpaid, share, share)
                subtract(unpaid, share, unpaid)  # what is left is the last one's
            pay()

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
        taps = self.taps(x.reshape(*shape, batch))
        seen, fraction = site.buffer(*taps.shape), site.number(1 / self.kernel**2)
        rows = seen.reshape(-1, a.size)

        def forward() -> None:
            copyto(seen, taps)
            add.reduce(rows, axis=0, out=a.reshape(-1))
            multiply(a, fraction, a)  # a = 1/k² Σ over the window

        back = site.back()
        if back is None:
            return Pass(steps(load, forward), nothing)
        part = site.buffer(*a.shape)
        pay = self.paying(np.broadcast_to(part, taps.shape), back.reshape(*shape, batch))

        def backward() -> None:
            multiply(delta, fraction, part)
            pay()

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
