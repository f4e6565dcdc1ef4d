"""Losses of answers that are decisions: cross-entropies, Kullback-Leibler divergence and hinge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import add, copysign, divide, exp, log, log1p, maximum, multiply, sign, subtract

from engine import buffers
from engine.activations import constant, sigmoid_step
from engine.losses.base import Array, BoundLoss, Loss, Target, in_a_row, loss, predicting, summed


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
        terms, total = summed(z)
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
        sums = buffers.zeros((units if units <= 32 else 1, examples), z.dtype)
        ones, ones_row, row = (
            buffers.ones((len(sums), units), z.dtype),
            buffers.ones(examples, z.dtype),
            sums[0],
        )
        flat_z, flat_delta = in_a_row(z), in_a_row(delta)
        logits = flat_z.data  # a memoryview: reads one number in a third of the time that `item` takes
        share: float = 1.0 / examples

        def stable() -> float:
            maximum.reduce(z, axis=0, out=row)
            subtract(z, row, delta)  # z − max z: the largest exponent is 0
            matched = float(target.value.ravel().dot(flat_delta))
            exp(delta, prediction)
            ones.dot(prediction, sums)  # the same sum in every row: dividing by one row costs 0.4 µs more
            divide(prediction, sums, prediction)
            log(row, row)
            return (float(row.dot(ones_row)) - matched) * share

        def forward() -> float:
            top, bottom = logits[flat_z.argmax()], logits[flat_z.argmin()]
            if not (top <= 80 and bottom >= -80 and top - bottom <= 78):  # or not a number
                return stable()
            exp(z, prediction)  # 10⁻³⁵ < e^z < 10³⁵: no sum or share of 1,000 classes over- or underflows
            ones.dot(prediction, sums)
            divide(prediction, sums, prediction)
            log(prediction, delta)
            return -float(target.value.ravel().dot(flat_delta)) * share

        def backward() -> None:  # ∂L/∂z = p − y
            subtract(prediction, target.value, delta)

        return BoundLoss(forward if units <= 1000 else stable, backward)


@loss
@dataclass(frozen=True, kw_only=True)
class KullbackLeibler(Loss):
    """Σⱼ yⱼ ln(yⱼ / pⱼ), p = softmax(z): how far the prediction is from the targets, as distributions.

    It takes logits, as the cross-entropy does, and differs from it by the targets' own entropy: 0 is perfect.
    """

    kind = "kullback_leibler"
    label = "KL divergence"
    formula = r"L = \sum_j y_j \ln \frac{y_j}{p_j},\; p = \mathrm{softmax}(z)"
    link = "softmax"
    tasks = ("classes",)
    targets = "shares"

    def bind(self, z: Array, target: Target, delta: Array, prediction: Array) -> BoundLoss:
        row = buffers.zeros((1, z.shape[1]), z.dtype)
        units = buffers.ones((1, z.shape[0]), z.dtype)
        share: float = 1.0 / z.shape[1]
        surprise = np.empty_like(z)
        tiny = constant(np.finfo(z.dtype).tiny, z)
        flat_surprise = in_a_row(surprise)

        def forward() -> float:
            maximum.reduce(z, axis=0, out=row, keepdims=True)
            subtract(z, row, delta)
            exp(delta, prediction)
            units.dot(prediction, row)
            divide(prediction, row, prediction)
            log(row, row)
            subtract(delta, row, delta)  # ln p
            maximum(target.value, tiny, out=surprise)  # 0 ln 0 = 0
            log(surprise, surprise)
            subtract(surprise, delta, surprise)  # ln y − ln p
            return float(target.value.ravel().dot(flat_surprise)) * share

        def backward() -> None:  # ∂L/∂z = p − y
            subtract(prediction, target.value, delta)

        return BoundLoss(forward, backward)


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
        terms, total = summed(z)
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

        return BoundLoss(predicting(forward, z, prediction), backward)
