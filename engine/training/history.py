"""History: a curve of any length kept in a fixed number of points, each the range and mean of its stretch.

At 20,000 steps a second half an hour is 37 million losses. A curve holds `BUDGET` stretches; when they are
full, neighbours are merged and every stretch from then on covers twice as many values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

BUDGET = 4096


@dataclass(frozen=True, slots=True)
class CurveData:
    """A curve to draw: per stretch the middle step, and the mean, lowest and highest value; float64."""

    step: Array
    mean: Array
    low: Array
    high: Array

    def __len__(self) -> int:
        return len(self.step)


class Curve:
    """A growing curve over steps, thinned by itself."""

    def __init__(self, budget: int = BUDGET) -> None:
        if budget < 4 or budget % 2:
            raise ValueError(f"a curve needs an even budget of at least 4, not {budget}")
        self.budget = budget
        self.per_stretch = 1
        self._used = 0
        self._table = np.zeros((5, budget))  # rows: sum of steps, sum of values, lowest, highest, count

    def __len__(self) -> int:
        return self._used

    @property
    def count(self) -> int:
        """How many values have been added."""
        return int(self._table[4, : self._used].sum())

    def append(self, step: float, value: float) -> None:
        """Add one value."""
        self.extend(np.array([step], float), np.array([value], float))

    def extend(self, steps: Array, values: Array) -> None:
        """Add values (n,) at ascending steps (n,); values that are not finite are left out."""
        fine = np.isfinite(values)
        steps, values = np.asarray(steps, float)[fine], np.asarray(values, float)[fine]
        while len(values):
            taken = self._fill_last(steps, values)
            taken += self._add_stretches(steps[taken:], values[taken:])
            steps, values = steps[taken:], values[taken:]

    def data(self) -> CurveData:
        """A copy to draw."""
        table = self._table[:, : self._used]
        count = table[4]
        return CurveData(table[0] / count, table[1] / count, table[2].copy(), table[3].copy())

    def table(self) -> Array:
        """Everything it holds, (5, n), to save it; `from_table` brings it back."""
        return self._table[:, : self._used].copy()

    @classmethod
    def from_table(cls, table: Array, per_stretch: int, budget: int = BUDGET) -> Curve:
        """A curve as saved (ValueError if the table cannot be one)."""
        if table.ndim != 2 or table.shape[0] != 5 or table.shape[1] > budget or per_stretch < 1:
            raise ValueError("the saved curve has an impossible shape")
        curve = cls(budget)
        curve._used = table.shape[1]
        curve._table[:, : curve._used] = table
        curve.per_stretch = per_stretch
        return curve

    def cut(self, step: float) -> None:
        """Forget everything after a step (to the resolution of a stretch)."""
        table = self._table[:, : self._used]
        self._used = int(np.searchsorted(table[0] / np.maximum(table[4], 1), step, side="right"))

    def _fill_last(self, steps: Array, values: Array) -> int:
        """Put what fits into the last, unfinished stretch; returns how many values it took."""
        if not self._used:
            return 0
        last = self._table[:, self._used - 1]
        taken = min(self.per_stretch - int(last[4]), len(values))
        if taken <= 0:
            return 0
        part = values[:taken]
        last += (steps[:taken].sum(), part.sum(), 0, 0, taken)
        last[2], last[3] = min(last[2], part.min()), max(last[3], part.max())
        return taken

    def _add_stretches(self, steps: Array, values: Array) -> int:
        """Append new stretches while there is room; returns how many values they took."""
        if not len(values):
            return 0
        if self._used == self.budget:
            self._merge()
            return 0
        taken = min(len(values), (self.budget - self._used) * self.per_stretch)
        starts = np.arange(0, taken, self.per_stretch)
        steps, values = steps[:taken], values[:taken]
        part = self._table[:, self._used : self._used + len(starts)]
        part[0] = np.add.reduceat(steps, starts)
        part[1] = np.add.reduceat(values, starts)
        part[2] = np.minimum.reduceat(values, starts)
        part[3] = np.maximum.reduceat(values, starts)
        part[4] = np.diff(np.append(starts, taken))
        self._used += len(starts)
        return taken

    def _merge(self) -> None:
        half = self.budget // 2
        left, right = self._table[:, 0::2].copy(), self._table[:, 1::2].copy()
        merged = self._table[:, :half]
        merged[...] = left + right
        merged[2], merged[3] = np.minimum(left[2], right[2]), np.maximum(left[3], right[3])
        self._used = half
        self.per_stretch *= 2
