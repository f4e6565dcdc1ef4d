"""A source: a network, or the memory of one, as the place that learned values come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from engine.layers.base import LayerSpec
from engine.layout import Layout
from engine.network import Network
from engine.optimizers import Slots
from engine.places import Place
from engine.transfer.memory import Memory
from engine.validation import infer

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Source:
    """Where values come from: a layout, its lineages, and its vectors.

    Attributes:
        vectors: the optimizer's slot vectors, by name.
        lineages: which unit every value of every layer comes from, by layer id.
        specs: the layers by id; places: where each tensor lies, by layer id and name.
    """

    layout: Layout
    parameters: Array
    state: Array
    vectors: dict[str, Array]
    lineages: dict[str, Array]
    specs: dict[str, LayerSpec]
    places: dict[tuple[str, str], Place]

    @classmethod
    def living(cls, network: Network, slots: Slots | None) -> Source:
        """A network that is there."""
        vectors = {} if slots is None else slots.vectors
        return cls._of(network.layout, network.parameters, network.state, vectors)

    @classmethod
    def remembered(cls, memory: Memory) -> Source:
        """A network as it was."""
        layout = Layout.of(memory.design, infer(memory.design))
        return cls._of(layout, memory.parameters, memory.state, memory.vectors)

    @classmethod
    def _of(cls, layout: Layout, parameters: Array, state: Array, vectors: dict[str, Array]) -> Source:
        specs = {spec.id: spec for spec in layout.order}
        places = {(place.layer, place.name): place for place in (*layout.places, *layout.state_places)}
        return cls(layout, parameters, state, vectors, layout.lineages(), specs, places)

    def identities(self, layer_id: str) -> dict[str, tuple[Array, ...]]:
        """By tensor of a layer, for each axis the ids that its positions stand for."""
        fed = tuple(self.lineages[source] for source in self.layout.sources[layer_id])
        return dict(self.specs[layer_id].identities(fed, self.layout.source_shapes(layer_id)))
