"""What a design asks of memory: its tensors in order, found without allocating them, within limits.

A file of a few bytes can describe a network of terabytes; it is refused before anything is allocated.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from engine.design import NetworkDesign, Project, units_of
from engine.files.faults import Unreadable
from engine.layers.base import Shape, size_of
from engine.validation import infer

MAX_LAYERS = 1_000
MAX_WIRES = 4_000
MAX_VALUES = 10_000_000
"""Values of one example between two layers, and numbers of running statistics of one layer."""
MAX_PARAMETERS = 100_000_000


class Tensor(NamedTuple):
    """One tensor of a flat vector: its layer, its name, its shape."""

    layer: str
    name: str
    shape: Shape


class Tensors(NamedTuple):
    """The tensors of `parameters` and of `state`, in the order in which they lie in the flat vectors."""

    parameters: tuple[Tensor, ...]
    state: tuple[Tensor, ...]


def check_design(design: NetworkDesign) -> None:
    """Unreadable unless layers, wires and units are what the program could have made, if unfinished."""
    if len(design.layers) > MAX_LAYERS or len(design.wires) > MAX_WIRES:
        raise Unreadable("the network has impossibly many layers or wires")
    ids = {spec.id for spec in design.layers}
    if len(ids) < len(design.layers) or "" in ids:
        raise Unreadable("two layers have the same id, or one has none")
    if any(end not in ids for wire in design.wires for end in (wire.source, wire.target)):
        raise Unreadable("a wire leads to a layer that is not there")
    units = [unit for spec in design.layers for unit in units_of(spec)]
    if len(set(units)) < len(units):
        raise Unreadable("two units have the same id")


def tensors_of(project: Project) -> Tensors | None:
    """The tensors of a project's network, None if it cannot run yet; Unreadable if they are too large."""
    inference = infer(project.design)
    _check_shapes(inference.shapes)
    if inference.errors:
        return None
    parameters: list[Tensor] = []
    sources = {
        spec.id: tuple(inference.shapes[source] for source in project.design.sources(spec.id))
        for spec in inference.order
    }
    for spec in inference.order:
        parameters += (
            Tensor(spec.id, found.name, found.shape) for found in spec.parameters(sources[spec.id])
        )
        if sum(size_of(tensor.shape) for tensor in parameters) > MAX_PARAMETERS:
            raise Unreadable(f"the network has more than {MAX_PARAMETERS:,} parameters")
    state = (
        Tensor(spec.id, name, values.shape)
        for spec in inference.order
        for name, values in spec.state(sources[spec.id]).items()
    )
    return Tensors(tuple(parameters), tuple(state))


def count(tensors: tuple[Tensor, ...]) -> int:
    """How many numbers they hold."""
    return sum(size_of(tensor.shape) for tensor in tensors)


def places(tensors: tuple[Tensor, ...]) -> Iterator[tuple[Tensor, slice]]:
    """Each tensor with its part of the flat vector."""
    start = 0
    for tensor in tensors:
        end = start + size_of(tensor.shape)
        yield tensor, slice(start, end)
        start = end


def _check_shapes(shapes: dict[str, Shape]) -> None:
    for name, shape in shapes.items():
        if any(side < 1 for side in shape) or size_of(shape) > MAX_VALUES:
            raise Unreadable(f"the layer {name!r} gives values of an impossible shape")
