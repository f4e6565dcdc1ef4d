"""The trace: one example's pass, forward and back, value by value, in a workspace of its own.

The picture shows one named example, in evaluation mode; its numbers come from here, computed from a
snapshot's parameters, and never touch the training.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.network import Network

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class LayerTrace:
    """One layer's numbers for the example, each of shape (size,).

    Attributes:
        z: weighted inputs, before the activation function; a: activations.
        delta: δ = ∂L/∂z, or ∂L/∂a where the layer has no activation function of its own.
    """

    layer: str
    z: Array
    a: Array
    delta: Array


@dataclass(frozen=True, slots=True)
class TraceValue:
    """One number of the pass: its symbol ("z", "a", "delta", "gradient"), layer, unit and, for a weight,
    source.
    """

    symbol: str
    layer: str
    unit: int
    value: float
    source: int | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """One example's whole pass.

    Attributes:
        layers: by layer id, in order of computation; pass-through layers share the numbers of their source.
        prediction: what the network says, link(a) of the last layer, (outputs,).
        target: what is true, (outputs,).
        loss: this example's loss.
        parameters, gradients: the flat vectors, and ∂(this example's loss)/∂parameters.
    """

    layers: dict[str, LayerTrace]
    prediction: Array
    target: Array
    loss: float
    parameters: Array
    gradients: Array

    def values(self, network: Network) -> Iterator[TraceValue]:
        """Every number in the order in which it is computed: forward z and a, the loss, back δ and ∂L/∂w."""
        for spec in network.order[1:]:
            layer = self.layers[spec.id]
            for symbol, numbers in (("z", layer.z), ("a", layer.a)):
                for unit, value in enumerate(numbers):
                    yield TraceValue(symbol, spec.id, unit, float(value))
        yield TraceValue("loss", network.order[-1].id, 0, self.loss)
        for spec in reversed(network.order[1:]):
            for unit, value in enumerate(self.layers[spec.id].delta):
                yield TraceValue("delta", spec.id, unit, float(value))
            yield from self._gradient_values(network, spec.id)

    def _gradient_values(self, network: Network, layer_id: str) -> Iterator[TraceValue]:
        for place in network.places:
            if place.layer == layer_id and len(place.shape) == 2:
                for (unit, source), value in np.ndenumerate(place.of(self.gradients)):
                    yield TraceValue("gradient", layer_id, unit, float(value), source)


class Probe:
    """Traces single examples through a network that nobody trains.

    Attributes:
        network: a compiled network of its own; `show` gives it a snapshot's parameters.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self._work = network.workspace(1, record=True)

    def show(self, parameters: Array, state: Array) -> None:
        """Take over flat vectors, as copied in a snapshot."""
        self.network.parameters[...] = parameters
        self.network.state[...] = state

    def trace(self, inputs: Array, targets: Array) -> Trace:
        """The pass of one example: inputs (features,) and targets (outputs,)."""
        work = self._work
        with np.errstate(all="ignore"):
            work.load(inputs.reshape(1, -1), targets.reshape(1, -1))
            work.forward()
            loss = work.bound_loss.forward()
            work.backward()
        layers = {spec.id: self._layer(spec.id) for spec in self.network.order}
        return Trace(
            layers=layers,
            prediction=work.prediction[:, 0].copy(),
            target=targets.reshape(-1).copy(),
            loss=loss,
            parameters=self.network.parameters.copy(),
            gradients=self.network.gradients.copy(),
        )

    def _layer(self, layer_id: str) -> LayerTrace:
        signal = self._work.signals[layer_id]
        return LayerTrace(
            layer_id, signal.z[:, 0].copy(), signal.features[:, 0].copy(), signal.delta[:, 0].copy()
        )
