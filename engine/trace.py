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

from engine.design import units_of
from engine.edits.parameters import WhatIf
from engine.network import Network

Array = NDArray[Any]
Held = dict[str, tuple[Array, Array]]
"""By layer id: the indices of the units that are held, and their values."""

NOTHING = WhatIf()


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
        """Every number in the order in which it is computed: inputs, z and a, the loss, back δ and ∂L/∂w."""
        given = network.order[0].id
        for unit, value in enumerate(self.layers[given].a):
            yield TraceValue("a", given, unit, float(value))
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
            if place.layer == layer_id:
                for (unit, *source), value in np.ndenumerate(place.of(self.gradients)):
                    column = source[0] if source else None  # a vector, as of a normalization, has none
                    yield TraceValue("gradient", layer_id, unit, float(value), column)


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

    def trace(self, inputs: Array, targets: Array, what_if: WhatIf = NOTHING) -> Trace:
        """The pass of one example: inputs (features,) and targets (outputs,).

        Units that `what_if` holds have its values instead of their own activations, and the layers behind
        compute with them. Such an activation does not depend on its z: there δ is 0, and so are the gradients
        of its weights.
        """
        work = self._work
        held = self._held(what_if)
        with np.errstate(all="ignore"):
            work.load(inputs.reshape(1, -1), targets.reshape(1, -1))
            self._forward(held)
            loss = work.bound_loss.forward()
            work.bound_loss.backward()
            self._backward(held)
        layers = {spec.id: self._layer(spec.id) for spec in self.network.order}
        return Trace(
            layers=layers,
            prediction=work.prediction[:, 0].copy(),
            target=targets.reshape(-1).copy(),
            loss=loss,
            parameters=self.network.parameters.copy(),
            gradients=self.network.gradients.copy(),
        )

    def _held(self, what_if: WhatIf) -> Held:
        design, held = self.network.design, {}
        layers = {spec.id for spec in self.network.order} & {clamp.layer for clamp in what_if.clamps}
        for layer in layers:
            found = np.array(list(what_if.of(design, layer))).reshape(-1, 2)
            if len(found):
                units = len(units_of(design.layer(layer)))
                each = np.arange(len(self._work.signals[layer].features) // units)  # a filter's whole map
                places = (found[:, :1].astype(np.intp) * each.size + each).ravel()
                held[layer] = places, np.repeat(found[:, 1], each.size)
        return held

    def _forward(self, held: Held) -> None:
        work = self._work
        owners = {id(bound.forward): layer for layer, bound in work.bound.items()}
        if work.network.order[0].id in held:
            self._put(work.network.order[0].id, held)
        for step in work.forwards:
            step()
            layer = owners.get(id(step), "")
            if layer in held:
                self._put(layer, held)

    def _put(self, layer: str, held: Held) -> None:
        places, values = held[layer]
        self._work.signals[layer].features[places, 0] = values

    def _backward(self, held: Held) -> None:
        work = self._work
        owners = {id(bound.backward): layer for layer, bound in work.bound.items()}
        for step in work.backwards:
            layer = owners.get(id(step), "")
            if layer in held:
                work.signals[layer].delta[held[layer][0], 0] = 0.0
            step()

    def _layer(self, layer_id: str) -> LayerTrace:
        signal = self._work.signals[layer_id]
        return LayerTrace(
            layer_id, signal.z[:, 0].copy(), signal.features[:, 0].copy(), signal.delta[:, 0].copy()
        )
