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
from engine.network import Network
from engine.optimizers import Slots
from engine.workspace import Workspace

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
    """The share of rows whose true class has fewer than k classes with a larger answer.

    What is not a number is never right, and counts as larger than what is one.
    """
    true = np.take_along_axis(answers, targets.argmax(axis=1)[:, None], axis=1)
    above = ~(answers <= true)
    return float(np.mean((above.sum(axis=1) < k) & (true == true)[:, 0]))


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
    return explained(residual, ((targets - targets.mean(axis=0)) ** 2).sum(axis=0))


def explained(residual: Array, spread: Array) -> float:
    """R² from every output's Σ (a − y)² and Σ (y − ȳ)², (outputs,) each."""
    varies = spread > 0
    if not varies.any():
        return float(not residual.any())
    return float(np.mean(1 - residual[varies] / spread[varies]))


def mean_absolute_error(answers: Array, targets: Array) -> float:
    """The mean of |a − y| over rows and outputs."""
    return float(np.mean(np.abs(answers - targets), dtype=np.float64))


@dataclass(frozen=True, slots=True)
class LayerNorms:
    """Euclidean norms of a layer's parameters, biases included, of their gradient and their last update."""

    layer: str
    weight: float
    gradient: float
    update: float

    @property
    def ratio(self) -> float:
        """‖update‖ / ‖weight‖, around 1e-3 where training goes well (Stanford CS231n); 0 for no weight."""
        return self.update / self.weight if self.weight else 0.0


class NormMeter:
    """Reads every layer's norms from a network's flat vectors and the optimizer's last update."""

    def __init__(self, network: Network, slots: Slots) -> None:
        vectors = (network.parameters, network.gradients, slots.update)
        self._parts = [
            (layer, [vector[part] for vector in vectors]) for layer, part in _slices(network).items()
        ]

    def read(self) -> tuple[LayerNorms, ...]:
        """The norms now; call it at a batch boundary, between update and the next backward pass."""
        return tuple(LayerNorms(layer, *(_norm(part) for part in parts)) for layer, parts in self._parts)


def _slices(network: Network) -> dict[str, slice]:
    """Where each layer's parameters lie in the flat vectors: its tensors lie side by side."""
    found: dict[str, slice] = {}
    for place in network.places:
        start = found.get(place.layer, place.slice).start
        found[place.layer] = slice(start, place.slice.stop)
    return found


def _norm(vector: Array) -> float:
    return sqrt(dot(vector, vector))  # ‖v‖ = √(v · v)


@dataclass(frozen=True, slots=True)
class LayerHealth:
    """Shares of a layer, each from 0 to 1; None where the word has no meaning for its activation.

    `dead` is the share of units (in pictures: channels) that gave exactly 0 for every example looked at
    lately (ReLU: no gradient passes), `saturated` the share of the last batch's values within 2.5% of an end
    of the range, where the slope is almost gone.
    """

    layer: str
    dead: float | None
    saturated: float | None


MARGIN = 0.025
LOOKED_AT = 1000
"""For how many examples a unit must have been silent to count as dead; in one small batch many are."""


class HealthMeter:
    """Reads the health of every layer with an activation from the values that a workspace holds.

    `window` is for how many examples a unit must have been silent to count as dead; until so many have been
    looked at, all of them.
    """

    def __init__(self, network: Network, window: int = LOOKED_AT) -> None:
        self.window = window
        self._seen = 0
        self._parts = [
            (spec.id, activation, np.zeros(network.shapes[spec.id][0], np.int64))
            for spec in network.order
            if (activation := _activation_of(spec)) and (activation.dies or activation.saturates)
        ]

    def read(self, work: Workspace) -> tuple[LayerHealth, ...]:
        """The health now, from the last forward pass in `work`, a workspace of the network."""
        self._seen += work.batch
        return tuple(
            LayerHealth(
                layer,
                self._dead_share(silence, values) if activation.dies else None,
                saturated_share(values, activation) if activation.saturates else None,
            )
            for layer, activation, silence in self._parts
            for values in (work.signals[layer].features,)
        )

    def _dead_share(self, silence: NDArray[np.int64], values: Array) -> float:
        """Count for how many examples each unit has been silent, and who has been for too long."""
        silence += values.shape[1]
        silence[fired(values, len(silence))] = 0
        return np.count_nonzero(silence >= min(self.window, self._seen)) / len(silence)


def _activation_of(spec: Any) -> Activation | None:
    return ACTIVATIONS[spec.activation] if hasattr(spec, "activation") else None


def fired(values: Array, units: int) -> NDArray[np.bool_]:
    """Which units, (units,), are not 0 for some example (or place) of values (units · places, batch)."""
    return np.asarray(values.reshape(units, -1).any(axis=1))


def saturated_share(values: Array, activation: Activation) -> float:
    """The share of values (units, batch) within 2.5% of an end of the activation's range."""
    width = MARGIN * (activation.high - activation.low)
    near = np.count_nonzero(values < activation.low + width)
    near += np.count_nonzero(values > activation.high - width)
    return float(near) / max(values.size, 1)
