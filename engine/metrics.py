"""Metrics: how good the answers are, and how healthy the layers.

Answers and targets are rows, (examples, outputs), as at the public border. What is measured while training
runs (norms, dead and saturated units) is bound once and then reads flat vectors and workspaces in place.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy import dot
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS, Activation
from engine.network import Network, Workspace
from engine.optimizers import Slots

Array = NDArray[Any]


def decide(answers: Array, threshold: float = 0.5) -> NDArray[np.intp]:
    """The class said by each row, (examples,).

    With several outputs the largest one, the first of equals; with one output, 1 where it is above the
    threshold: 0.5 for probabilities, 0 for targets coded −1 and 1.
    """
    if answers.shape[1] == 1:
        return np.greater(answers[:, 0], threshold).astype(np.intp)
    largest: NDArray[np.intp] = np.argmax(answers, axis=1)
    return largest


def accuracy(answers: Array, targets: Array, threshold: float = 0.5) -> float:
    """The share of rows whose answer says the same class as the target."""
    return float(np.mean(decide(answers, threshold) == decide(targets, threshold)))


def top_k_accuracy(answers: Array, targets: Array, k: int = 5) -> float:
    """The share of rows whose true class has fewer than k classes with a larger answer."""
    true = np.take_along_axis(answers, targets.argmax(axis=1)[:, None], axis=1)
    return float(np.mean((answers > true).sum(axis=1) < k))


def confusion_matrix(said: NDArray[Any], true: NDArray[Any], classes: int) -> NDArray[np.intp]:
    """How often class i, the row, was taken for class j, the column: (classes, classes)."""
    return np.bincount(true * classes + said, minlength=classes * classes).reshape(classes, classes)


@dataclass(frozen=True, slots=True)
class ClassScores:
    """Precision, recall and F1 of every class, (classes,) each; 0 where a class was never said or true."""

    precision: Array
    recall: Array
    f1: Array


def class_scores(confusion: NDArray[Any]) -> ClassScores:
    """Scores from a confusion matrix, rows true and columns said."""
    right = np.diag(confusion).astype(np.float64)
    precision = right / np.maximum(confusion.sum(axis=0), 1)
    recall = right / np.maximum(confusion.sum(axis=1), 1)
    total = precision + recall
    f1 = 2 * precision * recall / np.where(total > 0, total, 1)
    return ClassScores(precision, recall, f1)


def r_squared(answers: Array, targets: Array) -> float:
    """R² = 1 − Σ (a − y)² / Σ (y − ȳ)², the mean over the outputs whose targets vary.

    Where none varies it is 1 for exact answers, else 0.
    """
    answers, targets = np.asarray(answers, np.float64), np.asarray(targets, np.float64)
    residual = ((answers - targets) ** 2).sum(axis=0)
    spread = ((targets - targets.mean(axis=0)) ** 2).sum(axis=0)
    varies = spread > 0
    if not varies.any():
        return float(not residual.any())
    return float(np.mean(1 - residual[varies] / spread[varies]))


def mean_absolute_error(answers: Array, targets: Array) -> float:
    """The mean of |a − y| over rows and outputs."""
    return float(np.mean(np.abs(answers - targets)))


@dataclass(frozen=True, slots=True)
class TensorNorms:
    """Euclidean norms of one tensor, of its gradient and of its last update, and update over weight."""

    layer: str
    name: str
    weight: float
    gradient: float
    update: float

    @property
    def ratio(self) -> float:
        """‖update‖ / ‖weight‖, around 1e-3 where training goes well (Stanford CS231n); 0 for no weight."""
        return self.update / self.weight if self.weight else 0.0


class NormMeter:
    """Reads the norms of every tensor from a network's flat vectors and the optimizer's last update."""

    def __init__(self, network: Network, slots: Slots) -> None:
        vectors = (network.parameters, network.gradients, slots.update)
        self._parts = [(place, [vector[place.slice] for vector in vectors]) for place in network.places]

    def read(self) -> tuple[TensorNorms, ...]:
        """The norms now; call it at a batch boundary, between update and the next backward pass."""
        return tuple(
            TensorNorms(place.layer, place.name, *(_norm(part) for part in parts))
            for place, parts in self._parts
        )


def _norm(vector: Array) -> float:
    return sqrt(dot(vector, vector))


@dataclass(frozen=True, slots=True)
class LayerHealth:
    """Shares of a layer's units, each from 0 to 1; None where the word has no meaning for its activation.

    `dead` is the share of units that gave exactly 0 for every example (ReLU: no gradient passes),
    `saturated` the share of values within 2.5% of an end of the range, where the slope is almost gone.
    """

    layer: str
    dead: float | None
    saturated: float | None


MARGIN = 0.025


class HealthMeter:
    """Reads the health of every layer with an activation from the values that a workspace holds."""

    def __init__(self, work: Workspace) -> None:
        self._parts = [
            (spec.id, activation, work.signals[spec.id].features)
            for spec in work.network.order
            if (activation := _activation_of(spec)) and (activation.dies or activation.saturates)
        ]

    def read(self) -> tuple[LayerHealth, ...]:
        """The health now, over the examples of the last forward pass."""
        return tuple(
            LayerHealth(
                layer,
                dead_share(values) if activation.dies else None,
                saturated_share(values, activation) if activation.saturates else None,
            )
            for layer, activation, values in self._parts
        )


def _activation_of(spec: Any) -> Activation | None:
    return ACTIVATIONS[spec.activation] if hasattr(spec, "activation") else None


def dead_share(values: Array) -> float:
    """The share of units, rows of (units, batch), that are 0 for every example."""
    return 1.0 - float(np.count_nonzero(values.any(axis=1))) / max(len(values), 1)


def saturated_share(values: Array, activation: Activation) -> float:
    """The share of values (units, batch) within 2.5% of an end of the activation's range."""
    width = MARGIN * (activation.high - activation.low)
    near = np.count_nonzero(values < activation.low + width)
    near += np.count_nonzero(values > activation.high - width)
    return float(near) / max(values.size, 1)
