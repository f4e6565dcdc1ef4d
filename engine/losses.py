"""Loss functions: each a small value object that says what it is, and binds its arithmetic to arrays once.

A loss sees the output layer's columns `(units, batch)` and the targets of the same shape. Where a loss belongs
together with an output function (softmax with cross-entropy), that function is its *link*: the loss takes the
output layer's z, and the prediction is link(z). This keeps it exact at logits of ±10⁴, and visible: the output
layer is the identity and the loss says that it applies softmax.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy import add, divide, exp, log, log1p, maximum, multiply, subtract, vdot
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS, Step, constant, nothing
from engine.registry import Registry

Array = NDArray[Any]


class Target(Protocol):
    """Holds the current batch's targets, columns (units, batch), in `value`."""

    value: Array


class BoundLoss(NamedTuple):
    """A loss bound to its arrays.

    `forward()` writes the prediction and returns the mean loss over the batch; `backward()`, after it, writes
    ∂(example's loss)/∂z into the delta array: *not* divided by the batch size, because averaging over the
    examples is a step of its own.
    """

    forward: Callable[[], float]
    backward: Step


@dataclass(frozen=True, kw_only=True)
class Loss:
    """Base of all losses; see the module's text."""

    kind: ClassVar[str]
    label: ClassVar[str]
    formula: ClassVar[str]
    link: ClassVar[str] = "identity"

    def bind(self, z: Array, target: Target, delta: Array, prediction: Array) -> BoundLoss:
        """Bind to z, delta and prediction, all columns (units, batch); prediction may be z if link is identity."""
        raise NotImplementedError

    def value(self, z: Array, targets: Array) -> float:
        """The mean loss of output columns z (units, batch) against targets of that shape."""
        z = np.array(z, copy=True)
        return self.bind(z, Columns(targets), np.empty_like(z), np.empty_like(z)).forward()

    def gradient(self, z: Array, targets: Array) -> Array:
        """∂(example's loss)/∂z for columns (units, batch), a new array."""
        z = np.array(z, copy=True)
        delta = np.empty_like(z)
        bound = self.bind(z, Columns(targets), delta, np.empty_like(z))
        bound.forward()
        bound.backward()
        return delta

    def predict(self, z: Array) -> Array:
        """link(z): what the network says, columns (units, batch), a new array."""
        return ACTIVATIONS[self.link](z)


@dataclass(slots=True)
class Columns:
    """Targets that stay the same: the simplest Target."""

    value: Array


LOSSES: Registry[type[Loss]] = Registry("loss")


def loss(cls: type[Loss]) -> type[Loss]:
    """Class decorator: put a loss into the registry."""
    return LOSSES.register(cls.kind, cls)


@loss
@dataclass(frozen=True, kw_only=True)
class Quadratic(Loss):
    """The quadratic cost of the course notes and of Nielsen's eq. (6): ½ Σⱼ (aⱼ − yⱼ)², mean over examples."""

    kind = "quadratic"
    label = "Quadratic cost"
    formula = r"L = \frac12 \sum_j (a_j - y_j)^2"

    def bind(self, z: Array, target: Target, delta: Array, prediction: Array) -> BoundLoss:
        scale = 0.5 / z.shape[1]

        def forward() -> float:
            subtract(z, target.value, delta)  # ∂L/∂a = a − y
            return float(vdot(delta, delta)) * scale

        return BoundLoss(_predicting(forward, z, prediction), nothing)


@loss
@dataclass(frozen=True, kw_only=True)
class MeanSquared(Loss):
    """Mean squared error: 1/m Σⱼ (aⱼ − yⱼ)² over the m outputs, without the ½, mean over examples."""

    kind = "mean_squared"
    label = "Mean squared error"
    formula = r"L = \frac1m \sum_j (a_j - y_j)^2"

    def bind(self, z: Array, target: Target, delta: Array, prediction: Array) -> BoundLoss:
        scale = 1.0 / z.size
        slope = constant(2.0 / z.shape[0], z)

        def forward() -> float:
            subtract(z, target.value, delta)
            return float(vdot(delta, delta)) * scale

        def backward() -> None:  # ∂L/∂a = 2/m (a − y)
            multiply(delta, slope, delta)

        return BoundLoss(_predicting(forward, z, prediction), backward)


@loss
@dataclass(frozen=True, kw_only=True)
class BinaryCrossEntropy(Loss):
    """−Σⱼ [yⱼ ln pⱼ + (1 − yⱼ) ln(1 − pⱼ)] with p = σ(z), computed from z as max(z, 0) − z y + ln(1 + e^(−|z|))."""

    kind = "binary_cross_entropy"
    label = "Binary cross-entropy"
    formula = r"L = -\sum_j \left[ y_j \ln p_j + (1 - y_j) \ln (1 - p_j) \right],\; p = \sigma(z)"
    link = "sigmoid"

    def bind(self, z: Array, target: Target, delta: Array, prediction: Array) -> BoundLoss:
        scratch = np.empty_like(z)
        zero, share = constant(0.0, z), 1.0 / z.shape[1]
        predict = ACTIVATIONS["sigmoid"].bind(z, prediction, delta, scratch)[0]

        def forward() -> float:
            np.abs(z, scratch)
            np.negative(scratch, scratch)
            exp(scratch, scratch)
            log1p(scratch, scratch)  # ln(1 + e^(−|z|))
            maximum(z, zero, out=delta)
            add(scratch, delta, scratch)
            total = float(scratch.sum()) - float(np.sum(multiply(z, target.value, delta)))
            predict()
            return total * share

        def backward() -> None:  # ∂L/∂z = σ(z) − y
            subtract(prediction, target.value, delta)

        return BoundLoss(forward, backward)


@loss
@dataclass(frozen=True, kw_only=True)
class SoftmaxCrossEntropy(Loss):
    """−Σⱼ yⱼ ln pⱼ with p = softmax(z), computed from z as ln Σₖ e^(zₖ) − Σⱼ yⱼ zⱼ; targets sum to one."""

    kind = "softmax_cross_entropy"
    label = "Softmax cross-entropy"
    formula = r"L = -\sum_j y_j \ln p_j,\; p = \mathrm{softmax}(z)"
    link = "softmax"

    def bind(self, z: Array, target: Target, delta: Array, prediction: Array) -> BoundLoss:
        row = np.empty((1, z.shape[1]), z.dtype)
        share = 1.0 / z.shape[1]

        def forward() -> float:
            maximum.reduce(z, 0, None, row, True)
            subtract(z, row, delta)  # z − max z: the largest exponent is 0
            matched = float(vdot(target.value, delta))
            exp(delta, prediction)
            add.reduce(prediction, 0, None, row, True)
            divide(prediction, row, prediction)
            log(row, row)
            return (float(row.sum()) - matched) * share

        def backward() -> None:  # ∂L/∂z = p − y
            subtract(prediction, target.value, delta)

        return BoundLoss(forward, backward)


def _predicting(forward: Callable[[], float], z: Array, prediction: Array) -> Callable[[], float]:
    """`forward`, preceded by prediction = z where the prediction has an array of its own."""
    if prediction is z:
        return forward

    def copying() -> float:
        np.copyto(prediction, z)
        return forward()

    return copying
