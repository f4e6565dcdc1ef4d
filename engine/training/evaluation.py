"""Evaluation: loss and score over a whole split, in slices, so that whoever waits is answered in between."""

from __future__ import annotations

from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.datasets.base import Data, Split
from engine.memory import examples_at_once
from engine.metrics import confusion_matrix, decide, explained, mean_absolute_error, top_k_accuracy
from engine.network import Network
from engine.training.snapshot import Evaluation
from engine.workspace import Feed

Array = NDArray[Any]

MOST_CLASSES = 100
"""Above so many nobody could read the confusion matrix."""


class Evaluator:
    """Measures one network on one split, a slice per call of `advance`.

    Attributes:
        result: the measure, once `advance` has returned True; NaN over no examples.
    """

    def __init__(
        self, network: Network, data: Data, split: Split, step: int, limit: int | None = None
    ) -> None:
        self.network = network
        self.data = data
        self.split = split
        self.step = step
        self.count = min(len(split), limit or len(split))
        fed = {spec.id: network.source_shapes(spec.id) for spec in network.order}
        self._at_once = examples_at_once(network.order, fed, network.shapes, network.dtype.itemsize)
        self.result: Evaluation | None = None
        self._position = 0
        self._loss = 0.0
        self._score = _SCORES[data.task](data, split.targets[: self.count])

    def advance(self) -> bool:
        """Measure one slice; True when everything is measured."""
        start, end = self._position, min(self._position + self._at_once, self.count)
        if start < end:
            self._measure(start, end)
            self._position = end
        if self._position < self.count:
            return False
        if not self.count:
            self.result = Evaluation(self.step, nan, nan, 0)
            return True
        loss, score, confusion = self._loss / self.count, self._score.value(), self._score.confusion
        if confusion is not None:
            confusion.flags.writeable = False
        top_5, error = self._score.top_5(), self._score.absolute_error()
        self.result = Evaluation(self.step, loss, score, self.count, confusion, top_5, error)
        return True

    def finish(self) -> Evaluation:
        """Measure all that is left."""
        while not self.advance():
            pass
        assert self.result is not None
        return self.result

    def _measure(self, start: int, end: int) -> None:
        work = self.network.workspace(end - start)
        rows = np.ascontiguousarray(self.split.rows[start:end], self.network.dtype)
        targets = np.ascontiguousarray(self.split.targets[start:end].T, self.network.dtype)
        work.feed(feed_of(rows, targets))
        work.forward()
        self._loss += work.bound_loss.forward() * (end - start)
        self._score.add(work.prediction, targets)


def feed_of(rows: Array, targets: Array) -> Feed:
    """A ready batch of rows (batch, 1 + features), which begin with 1, and target columns (outputs,
    batch).
    """
    return rows.T, rows, rows.T[1:], rows[:, 1:], targets


class _Hits:
    """Accuracy: the share of examples whose largest output is the target's; with one output, on its side."""

    confusion: Array | None = None

    def __init__(self, data: Data, targets: Array) -> None:
        self.hits = 0
        self.count = 0
        self.among_5 = 0.0
        self.classes = max(2, targets.shape[1])
        if self.classes <= MOST_CLASSES:
            self.confusion = np.zeros((self.classes, self.classes), np.intp)
        self.threshold = data.threshold

    def add(self, predictions: Array, targets: Array) -> None:
        said, true = (decide(columns.T, self.threshold) for columns in (predictions, targets))
        self.count += len(true)
        self.hits += int(np.count_nonzero(said == true))
        if self.confusion is not None:
            self.confusion += confusion_matrix(said, true, self.classes)
        if self.classes > 5:
            self.among_5 += top_k_accuracy(predictions.T, targets.T, 5) * len(true)

    def value(self) -> float:
        return self.hits / self.count

    def top_5(self) -> float | None:
        """The share whose class is among the five largest outputs; None where it always is."""
        return self.among_5 / self.count if self.classes > 5 else None

    def absolute_error(self) -> None:
        """Only numbers have one."""


class _Explained:
    """R², each output's mean ȳ being that over the split; not a number where no target varies."""

    confusion: Array | None = None

    def __init__(self, data: Data, targets: Array) -> None:
        self.mean = targets.mean(0, dtype=np.float64)[:, None]
        self.residual, self.spread = np.zeros(len(self.mean)), np.zeros(len(self.mean))
        self.off = 0.0
        self.count = 0

    def add(self, predictions: Array, targets: Array) -> None:
        self.residual += ((targets - predictions) ** 2).sum(axis=1, dtype=np.float64)
        self.spread += ((targets - self.mean) ** 2).sum(axis=1, dtype=np.float64)
        self.off += mean_absolute_error(predictions, targets) * targets.size
        self.count += targets.size

    def value(self) -> float:
        return explained(self.residual, self.spread) if self.spread.any() else nan

    def top_5(self) -> None:
        """Only classes have one."""

    def absolute_error(self) -> float:
        """The mean of |a − y| over examples and outputs."""
        return self.off / self.count


_SCORES: dict[str, type[_Hits] | type[_Explained]] = {
    "classes": _Hits,
    "binary": _Hits,
    "regression": _Explained,
}
