"""Loss functions: each a small value object that says what it is, and binds its arithmetic to arrays once.

A loss sees the output layer's columns `(units, batch)` and the targets of the same shape. Where a loss
belongs together with an output function (softmax with cross-entropy), that function is its *link*: the loss
takes the output layer's z, and the prediction is link(z). This keeps it exact at logits of ±10⁴, and visible:
the output layer is the identity and the loss says that it applies softmax.

Sums are products with ones, because `dot` costs 0.4 µs and `sum` 0.6 µs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy import (
    absolute,
    add,
    copysign,
    divide,
    dot,
    exp,
    log,
    log1p,
    maximum,
    minimum,
    multiply,
    sign,
    subtract,
    vdot,
)
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS, Step, constant, nothing, sigmoid_step
from engine.fields import setting
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
    """Base of all losses; see the module's text.

    `tasks` names the tasks it fits: "regression", "binary" (one output that says yes or no), "classes" (one
    output per class). `targets` is the coding that it expects: "zero_one" (each between 0 and 1), "shares"
    (each example's sum to one, as one-hot does), "signs" (−1 or 1), or "" where any number will do.
    """

    kind: ClassVar[str]
    label: ClassVar[str]
    formula: ClassVar[str]
    link: ClassVar[str] = "identity"
    tasks: ClassVar[tuple[str, ...]]
    targets: ClassVar[str] = ""

    def bind(self, z: Array, target: Target, delta: Array, prediction: Array) -> BoundLoss:
        """Bind to z, delta and prediction, all columns (units, batch).

        `prediction` may be z itself where the link is the identity.
        """
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
    """½ Σⱼ (aⱼ − yⱼ)², mean over examples: the quadratic cost of the notes and of Nielsen's eq. (6)."""

    kind = "quadratic"
    label = "Quadratic cost"
    formula = r"L = \frac12 \sum_j (a_j - y_j)^2"
    tasks = ("regression", "binary", "classes")

    def bind(self, z: Array, target: Target, delta: Array, prediction: Array) -> BoundLoss:
        scale: float = 0.5 / z.shape[1]

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
    tasks = ("regression", "binary", "classes")

    def bind(self, z: Array, target: Target, delta: Array, prediction: Array) -> BoundLoss:
        scale: float = 1.0 / z.size
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
    """−Σⱼ [yⱼ ln pⱼ + (1 − yⱼ) ln(1 − pⱼ)], p = σ(z), computed as Σⱼ max(zⱼ, 0) − zⱼ yⱼ + ln(1 + e^(−|zⱼ|)).

    With several outputs each is a yes-or-no question of its own.
    """

    kind = "binary_cross_entropy"
    label = "Binary cross-entropy"
    formula = r"L = -\sum_j \left[ y_j \ln p_j + (1 - y_j) \ln (1 - p_j) \right],\; p = \sigma(z)"
    link = "sigmoid"
    tasks = ("binary", "classes")
    targets = "zero_one"

    def bind(self, z: Array, target: Target, delta: Array, prediction: Array) -> BoundLoss:
        terms, total = _summed(z)
        zero, minus = constant(0.0, z), constant(-1.0, z)
        share: float = 1.0 / z.shape[1]
        predict = sigmoid_step(z, prediction)

        def forward() -> float:
            copysign(z, minus, terms)  # −|z|
            exp(terms, terms)
            log1p(terms, terms)
            maximum(z, zero, out=delta)
            add(terms, delta, terms)
            multiply(z, target.value, delta)
            subtract(terms, delta, terms)
            predict()
            return total() * share

        def backward() -> None:  # ∂L/∂z = σ(z) − y
            subtract(prediction, target.value, delta)

        return BoundLoss(forward, backward)


@loss
@dataclass(frozen=True, kw_only=True)
class SoftmaxCrossEntropy(Loss):
    """−Σⱼ yⱼ ln pⱼ, p = softmax(z), computed from z as ln Σₖ e^(zₖ) − Σⱼ yⱼ zⱼ; targets sum to one."""

    kind = "softmax_cross_entropy"
    label = "Softmax cross-entropy"
    formula = r"L = -\sum_j y_j \ln p_j,\; p = \mathrm{softmax}(z)"
    link = "softmax"
    tasks = ("classes",)
    targets = "shares"

    def bind(self, z: Array, target: Target, delta: Array, prediction: Array) -> BoundLoss:
        units, examples = z.shape
        sums = np.empty((units if units <= 32 else 1, examples), z.dtype)
        ones, ones_row, row = np.ones((len(sums), units), z.dtype), np.ones(examples, z.dtype), sums[0]
        share: float = 1.0 / examples

        def forward() -> float:
            maximum.reduce(z, axis=0, out=row)
            subtract(z, row, delta)  # z − max z: the largest exponent is 0
            matched = float(vdot(target.value, delta))
            exp(delta, prediction)
            dot(ones, prediction, sums)  # the same sum in every row: dividing by one row costs 0.4 µs more
            divide(prediction, sums, prediction)
            log(row, row)
            return (float(dot(row, ones_row)) - matched) * share

        def forward_small() -> float:
            if not vdot(z, z) <= 3000:
                return forward()
            exp(
                z, prediction
            )  # ‖z‖² ≤ 3000 keeps logits within 78 of each other: nothing over- or underflows
            dot(ones, prediction, sums)
            divide(prediction, sums, prediction)
            log(prediction, delta)
            return -float(vdot(target.value, delta)) * share

        def backward() -> None:  # ∂L/∂z = p − y
            subtract(prediction, target.value, delta)

        return BoundLoss(forward_small if z.size <= 400 else forward, backward)


@loss
@dataclass(frozen=True, kw_only=True)
class MeanAbsolute(Loss):
    """Mean absolute error: 1/m Σⱼ |aⱼ − yⱼ| over the m outputs, mean over examples."""

    kind = "mean_absolute"
    label = "Mean absolute error"
    formula = r"L = \frac1m \sum_j |a_j - y_j|"
    tasks = ("regression",)

    def bind(self, z: Array, target: Target, delta: Array, prediction: Array) -> BoundLoss:
        terms, total = _summed(z)
        scale: float = 1.0 / z.size
        slope = constant(1.0 / z.shape[0], z)

        def forward() -> float:
            subtract(z, target.value, delta)
            absolute(delta, terms)
            return total() * scale

        def backward() -> None:  # ∂L/∂a = sign(a − y) / m
            sign(delta, delta)
            multiply(delta, slope, delta)

        return BoundLoss(_predicting(forward, z, prediction), backward)


@loss
@dataclass(frozen=True, kw_only=True)
class Huber(Loss):
    """1/m Σⱼ h(rⱼ), r = a − y: h = ½ r² where |r| ≤ δ, else δ (|r| − ½ δ), so that outliers pull less.

    Huber 1964, "Robust estimation of a location parameter". With c = r held within ±δ, h = c (r − ½ c).
    """

    kind = "huber"
    label = "Huber"
    formula = (
        r"L = \frac1m \sum_j \begin{cases} \frac12 r_j^2 & |r_j| \le \delta \\"
        r" \delta\,(|r_j| - \frac12 \delta) & |r_j| > \delta \end{cases},\; r = a - y"
    )
    tasks = ("regression",)

    delta: float = setting(
        1.0,
        label="δ",
        above=0.0,
        maximum=1e6,
        step=0.1,
        help="Errors larger than this count linearly, no longer squared.",
    )

    def bind(self, z: Array, target: Target, delta: Array, prediction: Array) -> BoundLoss:
        residual = np.empty_like(z)
        scale: float = 1.0 / z.size
        slope = constant(1.0 / z.shape[0], z)
        low, high, half = (constant(x, z) for x in (-self.delta, self.delta, 0.5))
        held = np.empty_like(z)

        def forward() -> float:
            subtract(z, target.value, residual)
            maximum(residual, low, out=held)
            minimum(held, high, out=held)
            multiply(held, half, delta)
            subtract(residual, delta, residual)
            return float(vdot(held, residual)) * scale

        def backward() -> None:  # ∂L/∂a = c / m
            multiply(held, slope, delta)

        return BoundLoss(_predicting(forward, z, prediction), backward)


@loss
@dataclass(frozen=True, kw_only=True)
class Hinge(Loss):
    """Σⱼ max(0, 1 − yⱼ zⱼ) for targets of −1 or 1: right answers by a margin of 1 cost nothing.

    Cortes & Vapnik 1995, "Support-vector networks"; with several outputs, one against the rest.
    """

    kind = "hinge"
    label = "Hinge"
    formula = r"L = \sum_j \max(0, 1 - y_j z_j)"
    tasks = ("binary", "classes")
    targets = "signs"

    def bind(self, z: Array, target: Target, delta: Array, prediction: Array) -> BoundLoss:
        terms, total = _summed(z)
        zero, one = constant(0.0, z), constant(1.0, z)
        share: float = 1.0 / z.shape[1]

        def forward() -> float:
            multiply(z, target.value, terms)
            subtract(one, terms, terms)
            maximum(terms, zero, out=terms)
            return total() * share

        def backward() -> None:  # ∂L/∂z = −y where 1 − y z > 0, else 0
            sign(terms, delta)
            multiply(delta, target.value, delta)
            np.negative(delta, delta)

        return BoundLoss(_predicting(forward, z, prediction), backward)


@loss
@dataclass(frozen=True, kw_only=True)
class KullbackLeibler(Loss):
    """Σⱼ yⱼ ln(yⱼ / pⱼ), p = softmax(z): how far the prediction is from the targets, as distributions.

    It takes logits, as the cross-entropy does, and differs from it by the targets' own entropy: 0 is perfect.
    """

    kind = "kullback_leibler"
    label = "Kullback-Leibler divergence"
    formula = r"L = \sum_j y_j \ln \frac{y_j}{p_j},\; p = \mathrm{softmax}(z)"
    link = "softmax"
    tasks = ("classes",)
    targets = "shares"

    def bind(self, z: Array, target: Target, delta: Array, prediction: Array) -> BoundLoss:
        row = np.empty((1, z.shape[1]), z.dtype)
        units = np.ones((1, z.shape[0]), z.dtype)
        share: float = 1.0 / z.shape[1]
        surprise = np.empty_like(z)
        tiny = constant(np.finfo(z.dtype).tiny, z)

        def forward() -> float:
            maximum.reduce(z, axis=0, out=row, keepdims=True)
            subtract(z, row, delta)
            exp(delta, prediction)
            dot(units, prediction, row)
            divide(prediction, row, prediction)
            log(row, row)
            subtract(delta, row, delta)  # ln p
            maximum(target.value, tiny, out=surprise)  # 0 ln 0 = 0
            log(surprise, surprise)
            subtract(surprise, delta, surprise)  # ln y − ln p
            return float(vdot(target.value, surprise)) * share

        def backward() -> None:  # ∂L/∂z = p − y
            subtract(prediction, target.value, delta)

        return BoundLoss(forward, backward)


def _summed(like: Array) -> tuple[Array, Callable[[], float]]:
    """An array for one term per output and example, and a function that adds them all up."""
    terms = np.empty(like.shape, like.dtype)  # in C order whatever `like` is, so that `flat` is a view
    flat, ones = terms.reshape(-1), np.ones(terms.size, terms.dtype)

    def total() -> float:
        return float(dot(flat, ones))

    return terms, total


def _predicting(forward: Callable[[], float], z: Array, prediction: Array) -> Callable[[], float]:
    """`forward`, preceded by prediction = z where the prediction has an array of its own."""
    if prediction is z:
        return forward

    def copying() -> float:
        np.copyto(prediction, z)
        return forward()

    return copying
