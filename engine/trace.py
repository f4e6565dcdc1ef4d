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

from engine.address import Address, layer_numbers
from engine.design import units_of
from engine.edits.parameters import WhatIf
from engine.layers.base import BIAS, LayerSpec
from engine.layers.weighted import Weighted
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
    """One number of the pass and where it stands."""

    address: Address
    value: float


@dataclass(frozen=True, slots=True)
class Trace:
    """One example's whole pass.

    Attributes:
        layers: by layer id, in order of computation; pass-through layers share the numbers of their source.
        prediction: what the network says, link(a) of the last layer, (outputs,).
        target: what is true, (outputs,).
        loss: this example's loss.
        parameters, gradients: the flat vectors, and ∂(this example's loss)/∂parameters.
        numbers: every layer's number i, by id.
        step, example: t, the steps of training finished before, and k, counted from 1.
    """

    layers: dict[str, LayerTrace]
    prediction: Array
    target: Array
    loss: float
    parameters: Array
    gradients: Array
    numbers: dict[str, int]
    step: int = 0
    example: int = 1

    def address(
        self,
        symbol: str,
        layer: str,
        unit: int | None = None,
        source: int | None = None,
        tensor: str = "weight",
    ) -> Address:
        """Where a value of this pass stands; see `Address`."""
        number = self.numbers[layer]
        return Address(symbol, layer, number, self.step, self.example, unit, source, tensor)

    def values(self, network: Network) -> Iterator[TraceValue]:
        """Every number in the order in which it is computed.

        Forward the inputs, each layer's z and a, the prediction and the loss; back each layer's δ and ∂L/∂w.
        A layer that passes on what it is fed computes nothing; one without weights has no z of its own.
        """
        given, last = network.order[0].id, network.order[-1].id
        computing = [spec for spec in network.order[1:] if not spec.is_identity(False)]
        yield from self._vector("a", given, self.layers[given].a)
        for spec in computing:
            if isinstance(spec, Weighted):
                yield from self._vector("z", spec.id, self.layers[spec.id].z)
            yield from self._vector("a", spec.id, self.layers[spec.id].a)
        yield from self._vector("prediction", last, self.prediction)
        yield TraceValue(self.address("loss", last), self.loss)
        for spec in reversed(computing):
            yield from self._vector("delta", spec.id, self.layers[spec.id].delta)
            yield from self._gradient_values(network, spec)

    def _vector(self, symbol: str, layer: str, numbers: Array) -> Iterator[TraceValue]:
        for unit, value in enumerate(numbers):
            yield TraceValue(self.address(symbol, layer, unit), float(value))

    def _gradient_values(self, network: Network, spec: LayerSpec) -> Iterator[TraceValue]:
        first = BIAS if getattr(spec, "bias", False) else 0  # whom the first column comes from
        for place in network.places:
            if place.layer == spec.id:
                for (unit, *column), value in np.ndenumerate(place.of(self.gradients)):
                    source = column[0] + first if column else None  # a vector (a norm's) has none
                    address = self.address("gradient", spec.id, unit, source, place.name)
                    yield TraceValue(address, float(value))


class Probe:
    """Traces single examples through a network that nobody trains.

    Attributes:
        network: a compiled network of its own; `show` gives it a snapshot's parameters.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self._numbers = layer_numbers(network.design)
        self._work = network.workspace(1, record=True)

    def show(self, parameters: Array, state: Array) -> None:
        """Take over flat vectors, as copied in a snapshot."""
        self.network.parameters[...] = parameters
        self.network.state[...] = state

    def trace(
        self, inputs: Array, targets: Array, what_if: WhatIf = NOTHING, *, step: int = 0, example: int = 1
    ) -> Trace:
        """The pass of one example: inputs (features,) and targets (outputs,).

        `step` and `example` are its t and k: after how many steps, and of which example, counted from 1.
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
            numbers=self._numbers,
            step=step,
            example=example,
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
