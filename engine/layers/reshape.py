"""Layers that only see their source's values in another shape; nothing is computed or copied."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from engine.fields import setting
from engine.layers.base import LayerSpec, Pass, Shape, ShapeError, Site, layer, nothing, size_of, times


@layer
@dataclass(frozen=True, kw_only=True)
class Flatten(LayerSpec):
    """Turns a picture into a flat list, channel by channel, row by row."""

    kind = "flatten"
    label = "Flatten"
    summary = "Turns a picture into a flat list of values."
    category = "Shape"
    passes_through = True

    def output_shape(self, shapes: tuple[Shape, ...]) -> Shape:
        return (size_of(shapes[0]),)

    def bind(self, site: Site) -> Pass:
        return Pass(nothing, nothing)


@layer
@dataclass(frozen=True, kw_only=True)
class Reshape(LayerSpec):
    """Sees the values in another shape; one size may be −1, to be found from the others."""

    kind = "reshape"
    label = "Reshape"
    summary = "Sees the values in another shape."
    category = "Shape"
    passes_through = True

    shape: tuple[int, ...] = setting(
        (-1,),
        label="Shape",
        minimum=-1,
        help="Channels, height, width; or one number. −1 stands for what is left.",
    )

    def output_shape(self, shapes: tuple[Shape, ...]) -> Shape:
        size = size_of(shapes[0])
        known = prod(n for n in self.shape if n != -1)
        unknown = self.shape.count(-1)
        shape = tuple(size // known if n == -1 and known else n for n in self.shape)
        if unknown > 1 or any(n < 1 for n in shape) or prod(shape) != size:
            raise ShapeError(
                f"{size} values ({times(shapes[0])}) cannot be seen as {times(self.shape)}.",
                field="shape",
                expected=f"{size} values",
                found=times(self.shape),
                repair="flatten_shape",
            )
        return shape

    def bind(self, site: Site) -> Pass:
        return Pass(nothing, nothing)
