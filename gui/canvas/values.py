"""The numbers behind the picture: what each synapse and neuron of a frame has, read from the engine."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS
from engine.places import Place
from gui.canvas.boxes import Bundle
from gui.canvas.plan import Plan
from gui.session.frame_clock import Frame

Array = NDArray[Any]


def place_of(frame: Frame, layer: str) -> Place | None:
    """Where a layer's weight matrix lies, None if it has none."""
    return next((p for p in frame.network.places if p.layer == layer and len(p.shape) == 2), None)


def fits(frame: Frame, bundle: Bundle) -> bool:
    """Whether a frame has a number for every synapse of a bundle (a late one of an old design has not)."""
    place = place_of(frame, bundle.target)
    if place is None or bundle.source not in frame.network.shapes:
        return False
    rows, columns = place.shape
    size = math.prod(frame.network.shapes[bundle.source])
    unit, column, source_unit = bundle.highest
    return unit < rows and column < columns and source_unit < size


def agrees(frame: Frame, made: Plan) -> bool:
    """Whether a frame is of the layers that are drawn, each of the size that it has there.

    While the worker takes over an edit, the newest frame is still of the network before.
    """
    return all(frame.network.shapes.get(key) == shape for key, shape in made.summary.shapes.items())


def weights(frame: Frame, bundle: Bundle) -> Array:
    """The weight of each synapse, (n,)."""
    place = place_of(frame, bundle.target)
    assert place is not None
    return bundle.values(place.of(frame.snapshot.parameters))


def source_activations(frame: Frame, bundle: Bundle) -> Array:
    """What each synapse is fed: its source's activation, 1 from the bias, (n,)."""
    a = frame.trace.layers[bundle.source].a
    return np.where(bundle.source_unit < 0, a.dtype.type(1), a[np.maximum(bundle.source_unit, 0)])


def forward_flow(frame: Frame, bundle: Bundle) -> Array:
    """What flows along each synapse forward: w·a, (n,)."""
    return weights(frame, bundle) * source_activations(frame, bundle)


def backward_flow(frame: Frame, bundle: Bundle) -> Array:
    """What flows along each synapse backward: w_ji·δ_j, (n,)."""
    return weights(frame, bundle) * frame.trace.layers[bundle.target].delta[bundle.unit]


def marks(frame: Frame, bundle: Bundle, batch_mean: bool = False) -> Array:
    """∂L/∂w of each synapse: of the example shown, or the mean over the last batch, (n,)."""
    place = place_of(frame, bundle.target)
    assert place is not None
    flat = frame.snapshot.gradients if batch_mean else frame.trace.gradients
    assert flat is not None
    return bundle.values(place.of(flat))


def bounded_limit(frame: Frame, layer: str) -> float | None:
    """The limit of a layer's activations where it is known: of its activation function, or of the inputs."""
    spec = frame.network.design.layer(layer)
    if spec is frame.network.design.input:
        return max(abs(v) for v in frame.data.input_range) or 1.0
    name = getattr(spec, "activation", None)
    if name is None:
        return None
    high = max(abs(ACTIVATIONS[name].low), abs(ACTIVATIONS[name].high))
    return high if np.isfinite(high) else None


def shown_outputs(frame: Frame) -> Array:
    """What the network says, (outputs,): probabilities where the loss applies softmax or a sigmoid."""
    return frame.trace.prediction
