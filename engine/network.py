"""The network: a design compiled to flat vectors and to lists of bound steps that run forward and backward.

All parameters lie in one vector and all gradients in another; layers hold reshaped views of them, so an
optimizer is a few calls for the whole net. A workspace holds the buffers for one batch size. Rows are
examples at the public border, `(batch, features)`; inside, columns are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from engine import buffers
from engine.activations import Step
from engine.design import NetworkDesign, units_of
from engine.layers.base import Shape, size_of
from engine.layers.weighted import Weighted
from engine.layout import Layout
from engine.losses import Loss
from engine.memory import VECTORS
from engine.places import Place
from engine.randomness import Random, UnitStreams, stream
from engine.validation import DesignError, Inference, infer
from engine.workspace import Workspace

Array = NDArray[Any]


def compile_network(
    design: NetworkDesign,
    loss: Loss,
    *,
    seed: int = 0,
    dtype: str = "float32",
    outputs: int | None = None,
    batch: int = 1,
    vectors: int = VECTORS,
    beside: int = 0,
    parameters: Array | None = None,
) -> Network:
    """The network of a design with fresh parameters, or with a copy of those given; or DesignError.

    `outputs` is the number of targets; `batch` the largest batch, `vectors` the flat vectors of training and
    `beside` the bytes of another network that is still there, for the estimate of memory.
    """
    itemsize = np.dtype(dtype).itemsize
    inference = infer(design, loss, outputs, batch=batch, itemsize=itemsize, vectors=vectors, beside=beside)
    if inference.errors:
        raise DesignError(inference.errors)
    return Network(design, inference, loss, seed, np.dtype(dtype), parameters)


class Network:
    """A compiled design.

    Attributes:
        design, loss: what it was compiled from.
        order: the layers in an order of computation; shapes: the shape after each, without the batch.
        layout: order, shapes and places together.
        parameters, gradients, state: the flat vectors. `gradients` is of the last backward pass.
        places, state_places: where each tensor lies in `parameters` (and `gradients`), and in `state`.
        rng: the generator for dropout and the like in training.
        held: indices of the pruned and frozen parameters, intp.
        hold_after_update: gives held parameters back the values they had in the forward pass. To be called
            after the optimizer's update (momentum or decay would move them); None where none is held.
        keep_before_update: takes those values; the last step of a forward pass in training.
    """

    def __init__(
        self,
        design: NetworkDesign,
        inference: Inference,
        loss: Loss,
        seed: int,
        dtype: np.dtype[Any],
        parameters: Array | None = None,
    ) -> None:
        self._inference = inference
        self.design = design
        self.loss = loss
        self.layout = Layout.of(design, inference)
        self.order = self.layout.order
        self.shapes = self.layout.shapes
        self.places = self.layout.places
        self.state_places = self.layout.state_places
        self.seed = seed
        self.dtype = dtype
        self.rng: Generator = stream(seed, "dropout")
        first = self.initial_parameters() if parameters is None else parameters
        self.parameters = buffers.copy(first, dtype)
        self.gradients = buffers.zeros_like(self.parameters)
        self.state = self.initial_state()
        self.held = self._held_indices()
        self.hold_after_update, self.keep_before_update = self._bind_hold()
        self._workspaces: dict[tuple[int, bool, bool], Workspace] = {}

    @property
    def outputs(self) -> int:
        """How many values the last layer gives."""
        return size_of(self.shapes[self.order[-1].id])

    @property
    def features(self) -> int:
        """How many values it is fed."""
        assert self.design.input is not None
        return self.design.input.units

    def source_shapes(self, layer_id: str) -> tuple[Shape, ...]:
        """The shapes that a layer is fed."""
        return self.layout.source_shapes(layer_id)

    def place(self, layer_id: str, name: str = "weight") -> Place:
        """Where a layer's tensor lies in the flat vectors (KeyError)."""
        for place in self.places:
            if place.layer == layer_id and place.name == name:
                return place
        raise KeyError((layer_id, name))

    def parameter(self, layer_id: str, name: str = "weight") -> Array:
        """A layer's tensor, as a view of `parameters`."""
        return self.place(layer_id, name).of(self.parameters)

    def gradient(self, layer_id: str, name: str = "weight") -> Array:
        """The gradient of a layer's tensor, as a view of `gradients`."""
        return self.place(layer_id, name).of(self.gradients)

    def initial_parameters(self) -> Array:
        """The parameters as first drawn, a new flat vector: the same for the same seed, unit by unit."""
        size = sum(size_of(place.shape) for place in self.places)
        flat = np.empty(size, self.dtype)
        for place in self.places:
            assert place.spec is not None
            ids = units_of(self.design.layer(place.layer))
            by_unit = len(ids) == place.shape[0]
            rng: Random = UnitStreams(self.seed, place.name, ids) if by_unit else self._stream_of(place)
            place.of(flat)[...] = place.spec.draw(rng)
        return flat

    def _stream_of(self, place: Place) -> Generator:
        return stream(self.seed, place.layer, place.name)

    def initial_state(self) -> Array:
        """The state vector of a fresh network."""
        values = [np.empty(0)]
        for spec in self.order:
            values += [initial.ravel() for initial in spec.state(self.source_shapes(spec.id)).values()]
        return buffers.copy(np.concatenate(values), self.dtype)

    def workspace(self, batch: int, *, training: bool = False, record: bool = False) -> Workspace:
        """The workspace for a batch size, made at the first call and kept."""
        key = (batch, training, record)
        if key not in self._workspaces:
            self._workspaces[key] = Workspace(self, batch, training=training, record=record)
        return self._workspaces[key]

    def twin(self) -> Network:
        """A network of its own with the same values, to be looked at while this one is trained."""
        twin = Network(
            self.design, self._inference, self.loss, self.seed, self.dtype, parameters=self.parameters
        )
        twin.state[...] = self.state
        return twin

    def predict(self, inputs: Array) -> Array:
        """What the network says: rows (batch, features) → rows (batch, outputs), in evaluation mode."""
        work = self.workspace(len(inputs))
        work.load(inputs)
        work.forward()
        return np.asarray(self.loss.predict(work.output.features).T)

    def loss_of(self, inputs: Array, targets: Array) -> float:
        """Mean loss over rows (batch, features) with targets (batch, outputs), in evaluation mode."""
        work = self.workspace(len(inputs))
        work.load(inputs, targets)
        work.forward()
        return work.bound_loss.forward()

    def gradient_of(self, inputs: Array, targets: Array) -> Array:
        """∂(mean loss)/∂parameters over rows, a new flat vector, in evaluation mode."""
        work = self.workspace(len(inputs))
        work.load(inputs, targets)
        work.forward()
        work.bound_loss.forward()
        work.backward()
        return np.divide(self.gradients, len(inputs), dtype=self.dtype)

    def prune(self) -> None:
        """Set the weights of pruned synapses to 0, after parameters came from elsewhere."""
        for spec, place in self._weighted():
            pruned = spec.pruned(self.source_shapes(spec.id)[0])
            if pruned is not None:
                place.of(self.parameters)[pruned] = 0.0

    def _weighted(self) -> list[tuple[Weighted, Place]]:
        return [(spec, self.place(spec.id)) for spec in self.order if isinstance(spec, Weighted)]

    def _held_indices(self) -> Array:
        found = [np.empty(0, np.intp)]
        for spec, place in self._weighted():
            held = spec.held(self.source_shapes(spec.id)[0])
            if held is not None:
                found.append(place.offset + np.flatnonzero(held))
        return np.concatenate(found)

    def _bind_hold(self) -> tuple[Step | None, Step | None]:
        """What follows the update, and what takes the values before it (at the start of a training pass)."""
        if not self.held.size:
            return None, None
        parameters, held = self.parameters, self.held
        kept = parameters[held]

        def hold() -> None:
            parameters[held] = kept

        def keep() -> None:
            parameters.take(held, out=kept, mode="clip")

        return hold, keep
