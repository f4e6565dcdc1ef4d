"""What a design asks of memory: where its tensors lie, found without allocating them, within limits.

A file of a few bytes can describe a network of terabytes; it is refused before anything is allocated.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from engine.design import NetworkDesign, units_of
from engine.files.faults import Unreadable, shortened
from engine.layers.base import Shape, size_of
from engine.places import Place
from engine.validation import infer

MAX_LAYERS = 1_000
MAX_WIRES = 4_000
MAX_VALUES = 10_000_000
"""Values of one example between two layers."""
MAX_PARAMETERS = 100_000_000


class Places(NamedTuple):
    """Where the tensors lie in the flat vectors of parameters and of state."""

    parameters: tuple[Place, ...]
    state: tuple[Place, ...]


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


def places_of(design: NetworkDesign) -> Places | None:
    """Where the tensors of a design lie, None if it cannot run yet; Unreadable if they are too large."""
    inference = infer(design)
    _check_shapes(inference.shapes)
    if inference.errors:
        return None
    fed = {
        spec.id: tuple(inference.shapes[source] for source in design.sources(spec.id))
        for spec in inference.order
    }
    parameters = _placed(
        (spec.id, tensor.name, tensor.shape)
        for spec in inference.order
        for tensor in spec.parameters(fed[spec.id])
    )
    state = _placed(
        (spec.id, name, values.shape)
        for spec in inference.order
        for name, values in spec.state(fed[spec.id]).items()
    )
    return Places(parameters, state)


def why_not(design: NetworkDesign) -> str:
    """Why a design cannot run, as a clause."""
    errors = infer(design).errors
    return errors[0].message.rstrip(".") if errors else "nobody knows why"


def count(places: tuple[Place, ...]) -> int:
    """How many numbers a flat vector holds."""
    return places[-1].slice.stop if places else 0


def _placed(tensors: Iterable[tuple[str, str, Shape]]) -> tuple[Place, ...]:
    places: list[Place] = []
    end = 0
    for layer, name, shape in tensors:
        places.append(Place(layer, name, end, shape))
        end += size_of(shape)
        if end > MAX_PARAMETERS:
            raise Unreadable(f"the network has more than {MAX_PARAMETERS:,} parameters")
    return tuple(places)


def _check_shapes(shapes: dict[str, Shape]) -> None:
    for name, shape in shapes.items():
        if any(side < 1 for side in shape) or size_of(shape) > MAX_VALUES:
            raise Unreadable(f"the layer {shortened(name)!r} gives values of an impossible shape")
