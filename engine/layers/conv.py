"""The convolution layer: every unit (channel) slides one small weight matrix over the whole picture.

Its arithmetic is in `sliding`. The batch is the last axis, so that what is copied are long runs, and the bias
is column 0 of the weights as everywhere.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy import copyto
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS
from engine.fields import setting
from engine.layers import sliding
from engine.layers.base import (
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
from engine.layers.pictures import need_window, picture_of
from engine.layers.sliding import Collected, Kernel, Sliding
from engine.layers.weighted import Weighted

Array = NDArray[Any]

_CENTER = 5_000  # offsets within a kernel, from −4,851 to 9,702, shifted to be positive, have 14 bits


@layer
@dataclass(frozen=True, kw_only=True)
class Conv2D(Weighted):
    """Convolution (as a correlation, the kernel not flipped) over pictures (channels, height, width).

    The weight matrix is (units, 1 + channels · kernel²); column 1 + (c · kernel + i) · kernel + j is row i,
    column j of the window in source channel c. Each unit is one output channel. With "same" padding, zeros
    are put around the picture so that stride 1 keeps its size (of an odd number, one more at the end).
    """

    kind = "conv2d"
    label = "Convolution"
    summary = "Slides small weight matrices over a picture."
    category = "Pictures"
    noun = "channel"

    kernel: int = setting(
        3, label="Kernel", minimum=1, maximum=99, help="Height and width of the window, in pixels."
    )
    stride: int = setting(
        1, label="Stride", minimum=1, maximum=99, help="How far the window moves each time."
    )
    padding: str = setting(
        "valid",
        label="Padding",
        choices=("valid", "same"),
        help="valid: windows stay inside; same: zeros around keep the picture's size.",
    )
    dilation: int = setting(
        1,
        label="Dilation",
        minimum=1,
        maximum=99,
        help="The distance of neighbors within the window.",
        basic=False,
    )

    @property
    def window(self) -> Kernel:
        """The window and how it moves."""
        return Kernel(self.kernel, self.stride, self.dilation)

    @property
    def padding_before(self) -> int:
        """How many zeros stand before the first row and column."""
        return (self.window.reach - 1) // 2 if self.padding == "same" else 0

    @property
    def padding_total(self) -> int:
        """How many zeros stand before and after a row or column."""
        return self.window.reach - 1 if self.padding == "same" else 0

    def output_shape(self, shapes: tuple[Shape, ...]) -> Shape:
        shape = picture_of(self.label, shapes[0])
        if self.padding == "valid":
            need_window(self.label, shape, self.window.reach, "kernel")
        self.check_matrix(shape)
        around = (self.window.places(n + self.padding_total) for n in shape[1:])
        return (self.units, *around)

    def fan_in(self, shape: Shape) -> int:
        return shape[0] * self.kernel**2

    def fan_out(self, shape: Shape) -> int:
        return self.units * self.kernel**2

    def atoms(self, shape: Shape) -> int:
        return shape[0]

    def atom_units(self, lineage: Array, shape: Shape) -> Array:
        return units_per_channel(lineage, shape)

    def columns(self, atoms: Array, shape: Shape) -> Array:
        offsets = np.arange(self.kernel) * self.dilation - self.padding_before + _CENTER
        places = (offsets[:, None] << 46) | (offsets << 32)  # where a weight looks, beside where it stands
        return np.asarray((atoms[:, None] | places.ravel()).ravel())

    def identity_columns(self, shape: Shape) -> Array | None:
        middle, rest = divmod(self.padding_before, self.dilation)
        if rest or self.stride > 1 or (self.padding == "valid" and self.kernel > 1):
            return None
        return np.arange(shape[0]) * self.kernel**2 + middle * self.kernel + middle

    def signature(self, shapes: tuple[Shape, ...]) -> Hashable:
        sizes = shapes[0][1:], self.output_shape(shapes)[1:]
        return self.kind, self.activation, self.stride, self.padding, sizes

    def lineage(self, sources: tuple[Array, ...], shapes: tuple[Shape, ...]) -> Array:
        return placed(np.array(self.unit_ids, np.int64), size_of(self.output_shape(shapes)[1:]))

    def workspace_bytes(self, shapes: tuple[Shape, ...], batch: int, itemsize: int) -> int:
        picture = (shapes[0][0], *(n + self.padding_total for n in shapes[0][1:]), batch)
        kept = 1 + ACTIVATIONS[self.activation].uses_z  # z, and room for φ'(z)
        values = sliding.room(self.window, picture, self.units)
        return itemsize * (values + 2 * size_of(picture) + kept * size_of(self.output_shape(shapes)) * batch)

    def bind(self, site: Site) -> Pass:
        shape, batch, out = (*site.source_shapes[0], site.batch), site.batch, site.output
        w, gradient = site.parameters["weight"], site.gradients["weight"]
        places = size_of(site.output_shape[1:]) * batch
        a, delta = out.features.reshape(self.units, places), out.delta.reshape(self.units, places)
        activation = ACTIVATIONS[self.activation]
        z = a
        if activation.uses_z or site.record:
            out.z = site.buffer(*out.features.shape)
            z = out.z.reshape(self.units, places)
        phi, pull_back = activation.bind(z, a, delta, site.buffer(self.units, places))

        picture, load = self._picture(site)
        slide = sliding.bind(self.window, picture.shape, w, self.bias, site.buffer)
        sum_up = slide.forward(picture, z)
        differentiate = slide.gradient(delta, gradient)
        back = site.back()
        send_back = nothing if back is None else self._sending(site, slide, back.reshape(shape))

        def forward() -> None:
            load()
            sum_up()  # z = W x for every window x of every example
            phi()  # a = φ(z)

        def backward() -> None:
            pull_back()  # δ = φ'(z) ⊙ ∂L/∂a
            differentiate()  # ∂L/∂w = Σ over windows and examples of δ xᵀ
            send_back()  # ∂L/∂x = Σ over windows of Wᵀ δ

        return Pass(forward, backward)

    def _picture(self, site: Site) -> tuple[Array, Step]:
        """What the kernel slides over, (channels, height, width, batch), and a step that fetches it."""
        shape = (*site.source_shapes[0], site.batch)
        if not self.padding_total:
            features, fetch = site.steady()
            return features.reshape(shape), fetch
        source, picture = site.sources[0], self._padded(site)
        inner = self._inner(picture, shape)
        return picture, lambda: copyto(inner, source.features.reshape(shape))

    def _sending(self, site: Site, slide: Collected | Sliding, back: Array) -> Step:
        """A step that writes ∂L/∂x where the layer before looks for it."""
        delta = site.output.delta.reshape(self.units, -1)
        if not self.padding_total:
            return slide.back(delta, back)
        total = self._padded(site)
        inner = self._inner(total, back.shape)
        return steps(slide.back(delta, total), lambda: copyto(back, inner))

    def _padded(self, site: Site) -> Array:
        channels, height, width = site.source_shapes[0]
        return site.buffer(channels, height + self.padding_total, width + self.padding_total, site.batch)

    def _inner(self, padded: Array, shape: Shape) -> Array:
        start, (height, width) = self.padding_before, shape[1:3]
        return padded[:, start : start + height, start : start + width]
