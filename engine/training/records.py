"""Records: the curves of a run, and the newest measure of each split."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.training.history import Curve, CurveData
from engine.training.snapshot import Evaluation

Array = NDArray[Any]

FLUSH = 256
"""Losses gathered before they are put into the curve."""

MOST_MARKS, LONGEST_MARK = 500, 200
"""Moments of edits that are kept, and the letters of what is said of one."""

NAMES = ("loss", "train_loss", "test_loss", "train_score", "test_score")


class Records:
    """What a run has shown so far.

    Attributes:
        curves: "loss" per step, and "train_loss", "test_loss", "train_score", "test_score" per evaluation.
        evaluations: the newest measure of each split, by "train" and "test".
        marks: (step, what was edited), the moments that the charts mark, oldest first.
        waiting: losses of the last steps that are not in their curve yet; a step only appends here.
    """

    def __init__(self) -> None:
        self.curves = {name: Curve() for name in NAMES}
        self.evaluations: dict[str, Evaluation] = {}
        self.marks: list[tuple[int, str]] = []
        self._gesture = ""
        self.waiting: list[float] = []

    def mark(self, step: int, text: str, gesture: str = "") -> None:
        """Note that something was edited; of very many, the newest are kept.

        The parts of one `gesture` (a held button) are one mark, where it began, saying what became of it.
        """
        if gesture and gesture == self._gesture and self.marks:
            step, _ = self.marks[-1]
            self.marks = self.marks[:-1]
        self._gesture = gesture
        self.marks = [*self.marks, (step, text[:LONGEST_MARK])][-MOST_MARKS:]

    def note(self, split: str, result: Evaluation) -> None:
        """Put a measure into the curves."""
        self.evaluations[split] = result
        self.curves[f"{split}_loss"].append(result.step, result.loss)
        self.curves[f"{split}_score"].append(result.step, result.score)

    def flush(self, step: int) -> None:
        """Put the waiting losses, whose last is that of `step`, into their curve."""
        losses = self.waiting
        if losses:
            steps = np.arange(step - len(losses) + 1, step + 1, dtype=np.float64)
            self.curves["loss"].extend(steps, np.array(losses))
            losses.clear()

    def drawn(self) -> dict[str, CurveData]:
        """Copies of all curves, to draw."""
        return {name: curve.data() for name, curve in self.curves.items()}

    def tables(self) -> dict[str, tuple[Array, int]]:
        """All curves, to save them."""
        return {name: (curve.table(), curve.per_stretch) for name, curve in self.curves.items()}

    def restore(self, tables: dict[str, tuple[Array, int]], marks: tuple[tuple[int, str], ...] = ()) -> None:
        """The curves as saved by `tables`, and the marks; what was not saved stays empty."""
        self.marks = list(marks[-MOST_MARKS:])
        self.curves |= {name: Curve.from_table(table, per) for name, (table, per) in tables.items()}
