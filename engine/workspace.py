"""The workspace: the buffers of a network for one batch size, and the steps bound to them.

Every buffer is allocated once, so that a training step allocates nothing. Rows are examples at the public
border, `(batch, features)`; inside, columns are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from engine import buffers
from engine.activations import Step
from engine.layers.base import LayerSpec, Pass, Signal, Site, size_of
from engine.losses import BoundLoss, Columns
from engine.places import Place

if TYPE_CHECKING:
    from engine.network import Network

Array = NDArray[Any]
Feed = tuple[Array, Array, Array, Array, Array]
"""One batch, ready: value (1 + features, batch), its transpose, features, their transpose, target columns."""


class Workspace:
    """The buffers and bound steps for one batch size.

    Attributes:
        input: the signal of the input layer; output: that of the last layer; signals: all, by layer id.
        target: holds the targets' columns; prediction: what the network says, columns, after the loss ran.
        bound_loss: the loss on these arrays.
        forwards, backwards: the steps in order of execution; bound: each active layer's two, by its id.
    """

    def __init__(self, network: Network, batch: int, *, training: bool = False, record: bool = False) -> None:
        self.network = network
        self.batch = batch
        self.training = training
        self.record = record
        self.rng: Generator = network.rng
        self.rows = buffers.ones((batch, 1 + network.features), network.dtype)
        self.signals = self._make_signals()
        assert network.design.input is not None
        self.input = self.signals[network.design.input.id]
        self.output = self.signals[network.order[-1].id]
        self.target = Columns(buffers.zeros((network.outputs, batch), network.dtype))
        self.bound_loss, self.prediction = self._bind_loss()
        self.bound: dict[str, Pass] = {}
        self.forwards, self.backwards = self._bind_layers()

    def load(self, inputs: Array, targets: Array | None = None) -> None:
        """Copy rows (batch, features), and targets (batch, outputs), into the workspace's own buffers.

        ValueError if they are of another size.
        """
        inputs = np.asarray(inputs)
        if inputs.size != self.batch * self.network.features:
            wanted = self.batch, self.network.features
            raise ValueError(f"inputs have the shape {inputs.shape}; it must be {wanted}")
        self.rows[:, 1:] = inputs.reshape(self.batch, -1)
        if self.input.value_t is not self.rows:
            self.input.show(self.rows.T)
        if targets is not None:
            self.target.value = np.ascontiguousarray(np.asarray(targets).T, self.network.dtype)

    def feed(self, feed: Feed) -> None:
        """Use a ready batch without copying it."""
        signal = self.input
        signal.value, signal.value_t, signal.features, signal.features_t, self.target.value = feed

    def forward(self) -> None:
        """Run the forward pass over what is loaded."""
        for step in self.forwards:
            step()

    def backward(self) -> None:
        """Run the backward pass, after the loss: gradients become the *sum* over the batch's examples."""
        self.bound_loss.backward()
        for step in self.backwards:
            step()

    def _make_signals(self) -> dict[str, Signal]:
        network, signals = self.network, {}
        for spec in network.order:
            size = size_of(network.shapes[spec.id])
            sources = network.design.sources(spec.id)
            if not sources:
                grad = buffers.zeros((1 + size, self.batch), network.dtype) if self.record else None
                signals[spec.id] = Signal(self.rows.T, grad, stays=False)
            elif spec.is_identity(self.training):
                signals[spec.id] = signals[sources[0]]
            else:
                ones = buffers.ones((1 + size, self.batch), network.dtype)
                signals[spec.id] = Signal(ones, buffers.zeros_like(ones))
        return signals

    def _bind_loss(self) -> tuple[BoundLoss, Array]:
        loss, z = self.network.loss, self.output.features
        prediction = z if loss.link == "identity" else buffers.zeros_like(z)
        return loss.bind(z, self.target, self.output.delta, prediction), prediction

    def _bind_layers(self) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
        forwards: list[Step] = []
        backwards: list[Step] = []
        claimed: set[int] = set()
        active = [spec for spec in self.network.order[1:] if not spec.is_identity(self.training)]
        for spec in reversed(active):  # in the order of the backward pass, to see who writes a gradient first
            site, sums = self._site(spec, claimed)
            bound = self.bound[spec.id] = spec.bind(site)
            forwards.append(bound.forward)
            backwards += [bound.backward, *sums]
        if self.training and self.network.keep_before_update is not None:
            forwards.append(self.network.keep_before_update)
        return tuple(reversed(forwards)), tuple(backwards)

    def _site(self, spec: LayerSpec, claimed: set[int]) -> tuple[Site, list[Step]]:
        """A layer's place, and the additions that follow its backward step where a value fans out."""
        network = self.network
        sources = tuple(self.signals[source] for source in network.design.sources(spec.id))
        grads: list[Array | None] = []
        sums: list[Step] = []
        for signal in sources:
            if signal.grad is None or id(signal) not in claimed:
                claimed.add(id(signal))
                grads.append(signal.grad)
            else:
                scratch = buffers.zeros_like(signal.grad)
                grads.append(scratch)
                sums.append(_adding(signal.grad, scratch))
        site = Site(
            batch=self.batch,
            dtype=network.dtype,
            training=self.training,
            record=self.record,
            sources=sources,
            source_shapes=network.source_shapes(spec.id),
            output=self.signals[spec.id],
            output_shape=network.shapes[spec.id],
            source_grads=tuple(grads),
            parameters=_views(network.places, spec.id, network.parameters),
            gradients=_views(network.places, spec.id, network.gradients),
            state=_views(network.state_places, spec.id, network.state),
            rng=network.rng,
        )
        return site, sums


def _views(places: tuple[Place, ...], layer_id: str, flat: Array) -> Mapping[str, Array]:
    return {place.name: place.of(flat) for place in places if place.layer == layer_id}


def _adding(total: Array, part: Array) -> Step:
    def add() -> None:
        np.add(total, part, total)

    return add
