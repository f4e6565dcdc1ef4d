"""The layout: where everything of a design lies, in which order it is computed, and in which shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from engine.design import NetworkDesign
from engine.layers.base import LayerSpec, Shape, size_of
from engine.places import Place
from engine.validation import Inference

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything of a design lies: the order, the shapes, the tensors' places in the flat vectors."""

    order: tuple[LayerSpec, ...]
    shapes: dict[str, Shape]
    sources: dict[str, tuple[str, ...]]
    places: tuple[Place, ...]
    state_places: tuple[Place, ...]

    @classmethod
    def of(cls, design: NetworkDesign, inference: Inference) -> Layout:
        """The layout of a design without errors."""
        shapes = inference.shapes
        sources = {spec.id: design.sources(spec.id) for spec in inference.order}
        places, state_places = [], []
        offset = state_offset = 0
        for spec in inference.order:
            fed = tuple(shapes[source] for source in sources[spec.id])
            for tensor in spec.parameters(fed):
                places.append(Place(spec.id, tensor.name, offset, tensor.shape, tensor))
                offset += size_of(tensor.shape)
            for name, initial in spec.state(fed).items():
                state_places.append(Place(spec.id, name, state_offset, initial.shape))
                state_offset += initial.size
        return cls(inference.order, shapes, sources, tuple(places), tuple(state_places))

    def source_shapes(self, layer_id: str) -> tuple[Shape, ...]:
        """The shapes that a layer is fed."""
        return tuple(self.shapes[source] for source in self.sources[layer_id])

    def lineages(self) -> dict[str, Array]:
        """Which unit every value of every layer comes from, int64 (size,), by layer id."""
        found: dict[str, Array] = {}
        for spec in self.order:
            fed = tuple(found[source] for source in self.sources[spec.id])
            found[spec.id] = spec.lineage(fed, self.source_shapes(spec.id))
        return found
