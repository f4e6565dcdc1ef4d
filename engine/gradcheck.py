"""Gradient check: the backward pass held against differences of the forward pass.

The relative error of a tensor is ‖a − n‖ / (‖a‖ + ‖n‖) for the analytic gradient a and the numeric one n
(Stanford CS231n, "Gradient checks"). Use float64: the differences have about 1e-12 of noise there, and no
kink may lie within two steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.activations import Activation
from engine.losses import Loss
from engine.network import Network
from engine.regularizers import Regularization

Array = NDArray[Any]


def relative_error(analytic: Array, numeric: Array) -> float:
    """‖a − n‖ / (‖a‖ + ‖n‖), and 0 where both vanish."""
    total = float(np.linalg.norm(analytic) + np.linalg.norm(numeric))
    return 0.0 if total == 0 else float(np.linalg.norm(analytic - numeric)) / total


def numeric_gradient(f: Callable[[], float], point: Array, step: float = 3e-5) -> Array:
    """∂f/∂point by the five-point rule (Abramowitz & Stegun 25.3.6), whose error is of the order h⁴:

    (8 (f(x + h) − f(x − h)) − (f(x + 2h) − f(x − 2h))) / 12h. `point` is changed in place and restored.
    """
    slope = np.zeros_like(point)
    for index in np.ndindex(point.shape):
        kept = point[index]
        values = {}
        for steps in (-2, -1, 1, 2):
            point[index] = kept + steps * step
            values[steps] = f()
        point[index] = kept
        slope[index] = (8 * (values[1] - values[-1]) - (values[2] - values[-2])) / (12 * step)
    return slope


def check_gradients(network: Network, inputs: Array, targets: Array, step: float = 3e-5) -> dict[str, float]:
    """The relative error of every tensor, by "layer.tensor", for rows of inputs and targets.

    Raises ValueError for a network that is not in float64.
    """
    if network.dtype != np.float64:
        raise ValueError("Gradients can be checked in float64 only.")
    analytic = network.gradient_of(inputs, targets)
    errors = {}
    for place in network.places:
        numeric = numeric_gradient(
            lambda: network.loss_of(inputs, targets), place.of(network.parameters), step
        )
        errors[f"{place.layer}.{place.name}"] = relative_error(place.of(analytic), numeric)
    return errors


def check_activation(activation: Activation, z: Array, step: float = 3e-5) -> float:
    """The relative error of the pull-back at columns z (units, batch), for an arbitrary ∂L/∂a."""
    z = np.array(z, np.float64)
    grad = np.cos(np.arange(1.0, 1.0 + z.size)).reshape(z.shape)
    delta = grad.copy()
    forward, pull_back = activation.bind(z, np.empty_like(z), delta, np.empty_like(z))
    forward()
    pull_back()
    return relative_error(delta, numeric_gradient(lambda: float(np.vdot(grad, activation(z))), z, step))


def check_loss(loss: Loss, z: Array, targets: Array, step: float = 3e-5) -> float:
    """The relative error of ∂(mean loss)/∂z at columns z and targets, (units, batch)."""
    z = np.array(z, np.float64)
    analytic = loss.gradient(z, targets) / z.shape[1]
    return relative_error(analytic, numeric_gradient(lambda: loss.value(z, targets), z, step))


def check_regularization(regularization: Regularization, network: Network, step: float = 3e-5) -> float:
    """The relative error of its penalty's gradient over all parameters, before any clipping."""
    bound = replace(regularization, clip_value=0.0, clip_norm=0.0).bind(network)
    network.gradients[...] = 0
    if bound.penalty is None or bound.before_update is None:
        return 0.0
    bound.before_update()
    return relative_error(network.gradients, numeric_gradient(bound.penalty, network.parameters, step))
