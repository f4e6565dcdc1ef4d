"""A memory: a network's learned state at one moment, so that undo can bring back what an edit removed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from engine.design import NetworkDesign
from engine.losses import Loss
from engine.network import Network
from engine.optimizers import Slots

Array = NDArray[Any]


@dataclass(frozen=True)
class Memory:
    """A network's learned state at one moment, for undo: read-only copies.

    Attributes:
        vectors: the optimizer's slot vectors, by name.
    """

    design: NetworkDesign
    loss: Loss
    parameters: Array
    state: Array
    vectors: dict[str, Array] = field(default_factory=dict)


def remember(network: Network, slots: Slots | None = None) -> Memory:
    """A memory of the network as it is now."""
    vectors = {} if slots is None else {name: _kept(vector) for name, vector in slots.vectors.items()}
    return Memory(network.design, network.loss, _kept(network.parameters), _kept(network.state), vectors)


def _kept(array: Array) -> Array:
    copy = array.copy()
    copy.flags.writeable = False
    return copy
