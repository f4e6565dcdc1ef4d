"""Layers that merge several sources: sums (skip connections), products (gates), concatenation (branches)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy import add, multiply
from numpy.typing import NDArray

from engine.layers.base import LayerSpec, Pass, Shape, ShapeError, Site, layer, nothing, times

Array = NDArray[Any]


def _same_shape(label: str, shapes: tuple[Shape, ...]) -> Shape:
    different = next((shape for shape in shapes if shape != shapes[0]), None)
    if different is not None:
        raise ShapeError(
            f"A layer “{label}” takes sources of one shape, "
            f"but is fed {times(shapes[0])} and {times(different)}.",
            field="inputs",
            expected=times(shapes[0]),
            found=times(different),
            repair="match_units",
        )
    return shapes[0]


@layer
@dataclass(frozen=True, kw_only=True)
class Add(LayerSpec):
    """The sum of its sources, value by value: a = Σₛ xₛ."""

    kind = "add"
    label = "Add"
    summary = "Adds its sources, value by value: a skip connection."
    category = "Merge"
    fan = (2, 64)

    def output_shape(self, shapes: tuple[Shape, ...]) -> Shape:
        return _same_shape(self.label, shapes)

    def is_channelwise(self) -> bool:
        return True

    def nonnegative(self, sources: tuple[bool, ...]) -> bool:
        return all(sources)

    def bind(self, site: Site) -> Pass:
        first, second, *others = site.sources
        a, delta = site.output.features, site.output.delta
        backs = [back for index in range(len(site.sources)) if (back := site.back(index)) is not None]

        def forward() -> None:
            add(first.features, second.features, a)
            for source in others:
                add(a, source.features, a)

        def backward() -> None:
            for back in backs:
                np.copyto(back, delta)  # ∂L/∂xₛ = ∂L/∂a

        return Pass(forward, backward)


@layer
@dataclass(frozen=True, kw_only=True)
class Multiply(LayerSpec):
    """The product of its sources, value by value: a = Πₛ xₛ."""

    kind = "multiply"
    label = "Multiply"
    summary = "Multiplies its sources, value by value: a gate."
    category = "Merge"
    fan = (2, 64)

    def output_shape(self, shapes: tuple[Shape, ...]) -> Shape:
        return _same_shape(self.label, shapes)

    def is_channelwise(self) -> bool:
        return True

    def nonnegative(self, sources: tuple[bool, ...]) -> bool:
        return all(sources)

    def bind(self, site: Site) -> Pass:
        sources, a, delta = site.sources, site.output.features, site.output.delta
        first, second, *others = sources
        backs = [
            (back, [other for place, other in enumerate(sources) if place != index])
            for index in range(len(sources))
            if (back := site.back(index)) is not None
        ]

        def forward() -> None:
            multiply(first.features, second.features, a)
            for source in others:
                multiply(a, source.features, a)

        def backward() -> None:
            for back, rest in backs:  # ∂L/∂xₛ = ∂L/∂a · Π of the others
                multiply(delta, rest[0].features, back)
                for other in rest[1:]:
                    multiply(back, other.features, back)

        return Pass(forward, backward)


@layer
@dataclass(frozen=True, kw_only=True)
class Concatenate(LayerSpec):
    """Its sources one after the other: channels of pictures of one size, or values of flat lists."""

    kind = "concatenate"
    label = "Concatenate"
    summary = "Puts its sources one after the other."
    category = "Merge"
    fan = (2, 64)
    moves = True

    def output_shape(self, shapes: tuple[Shape, ...]) -> Shape:
        different = next((shape for shape in shapes if shape[1:] != shapes[0][1:]), None)
        if different is not None:
            raise ShapeError(
                "Only flat lists, or pictures of one height and width, can be put one after the other, not "
                f"{times(shapes[0])} and {times(different)}.",
                field="inputs",
                expected=times(shapes[0]),
                found=times(different),
                repair="insert_flatten",
            )
        return (sum(shape[0] for shape in shapes), *shapes[0][1:])

    def lineage(self, sources: tuple[Array, ...], shapes: tuple[Shape, ...]) -> Array:
        return np.concatenate(sources)

    def nonnegative(self, sources: tuple[bool, ...]) -> bool:
        return all(sources)

    def bind(self, site: Site) -> Pass:
        ends = np.cumsum([len(source.features) for source in site.sources])[:-1]
        values = list(zip(np.split(site.output.features, ends), site.sources, strict=True))
        parts = np.split(site.output.delta, ends)
        backs = [(back, part) for index, part in enumerate(parts) if (back := site.back(index)) is not None]

        def forward() -> None:
            for part, source in values:
                np.copyto(part, source.features)

        def backward() -> None:
            for back, part in backs:
                np.copyto(back, part)

        return Pass(forward, backward if backs else nothing)
