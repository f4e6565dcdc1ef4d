"""The convolution layer: every unit (channel) slides one small weight matrix over the whole picture.

With the batch as the last axis, collecting what every window sees ("im2col") is one strided copy of long
runs, and the sums are one matrix product, with the bias as column 0 of the weights as everywhere.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy import add, copyto
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS
from engine.fields import setting
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
from engine.layers.pictures import need_window, picture_of, windows_across, windows_of
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
    def reach(self) -> int:
        """Height and width of the window, dilation included."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def padding_before(self) -> int:
        """How many zeros stand before the first row and column."""
        return (self.reach - 1) // 2 if self.padding == "same" else 0

    @property
    def padding_total(self) -> int:
        """How many zeros stand before and after a row or column."""
        return self.reach - 1 if self.padding == "same" else 0

    def output_shape(self, shapes: tuple[Shape, ...]) -> Shape:
        shape = picture_of(self.label, shapes[0])
        if self.padding == "valid":
            need_window(self.label, shape, self.reach, "kernel")
        self.check_matrix(shape)
        around = (windows_across(n + self.padding_total, self.reach, self.stride) for n in shape[1:])
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
        output = self.output_shape(shapes)
        columns = 2 * (1 + self.fan_in(shapes[0])) * size_of(output[1:])
        padded = shapes[0][0] * size_of(tuple(n + self.padding_total for n in shapes[0][1:]))
        return (columns + 2 * padded + size_of(output)) * batch * itemsize

    def bind(self, site: Site) -> Pass:
        shape, batch, out = site.source_shapes[0], site.batch, site.output
        w, gradient = site.parameters["weight"], site.gradients["weight"]
        places = size_of(site.output_shape[1:]) * batch

        seen = site.buffer(1 + self.fan_in(shape), places)  # what every window sees, one column each
        seen[0] = 1.0
        x = seen if self.bias else seen[1:]
        collect = self._collecting(site, seen[1:])

        a, delta = out.features.reshape(self.units, places), out.delta.reshape(self.units, places)
        activation = ACTIVATIONS[self.activation]
        z = a
        if activation.uses_z or site.record:
            out.z = site.buffer(*out.features.shape)
            z = out.z.reshape(self.units, places)
        phi, pull_back = activation.bind(z, a, delta, site.buffer(self.units, places))

        def forward() -> None:
            collect()
            w.dot(x, z)  # z = W x for every window x of every example
            phi()  # a = φ(z)

        x_t, spread = x.T, self._spreading(site, w)

        def backward() -> None:
            pull_back()  # δ = φ'(z) ⊙ ∂L/∂a
            delta.dot(x_t, gradient)  # ∂L/∂w = Σ over windows and examples of δ xᵀ
            spread()

        return Pass(forward, backward)

    def _collecting(self, site: Site, seen: Array) -> Step:
        """A step that copies what every window sees into `seen` (channels · kernel², places · batch)."""
        source, shape = site.sources[0], (*site.source_shapes[0], site.batch)
        if self.padding_total:
            picture = self._padded(site)
            inner = self._inner(picture, shape)

            def load() -> None:
                copyto(inner, source.features.reshape(shape))

            picture_step: Step = load
        else:
            features, picture_step = site.steady()
            picture = features.reshape(shape)
        windows = windows_of(picture, self.kernel, self.stride, self.dilation)
        into = seen.reshape(windows.shape)

        return steps(picture_step, lambda: copyto(into, windows))

    def _spreading(self, site: Site, w: Array) -> Step:
        """A step that adds up what every window sends back: ∂L/∂x = Σ over windows of Wᵀ δ."""
        back, shape = site.back(), (*site.source_shapes[0], site.batch)
        if back is None:
            return nothing
        total = self._padded(site) if self.padding_total else back.reshape(shape)
        windows = windows_of(total, self.kernel, self.stride, self.dilation)
        sent = site.buffer(w.shape[1], size_of(site.output_shape[1:]) * site.batch)
        parts = sent[int(self.bias) :].reshape(windows.shape)
        delta, w_t = site.output.delta.reshape(self.units, -1), w.T
        pairs = [(windows[:, i, j], parts[:, i, j]) for i in range(self.kernel) for j in range(self.kernel)]
        inner = self._inner(total, shape) if self.padding_total else None
        into = back.reshape(shape)

        def spread() -> None:
            w_t.dot(delta, sent)
            total.fill(0.0)
            for place, part in pairs:
                add(place, part, place)
            if inner is not None:
                copyto(into, inner)

        return spread

    def _padded(self, site: Site) -> Array:
        channels, height, width = site.source_shapes[0]
        return site.buffer(channels, height + self.padding_total, width + self.padding_total, site.batch)

    def _inner(self, padded: Array, shape: tuple[int, ...]) -> Array:
        start, (height, width) = self.padding_before, shape[1:3]
        return padded[:, start : start + height, start : start + width]
