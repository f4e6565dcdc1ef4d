"""Thins a curve to what a screen can show: per column of pixels its mean, lowest and highest value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Samples:
    """A curve: `y` over ascending `x`, (n,); `low` and `high` where a point stands for several values."""

    x: Floats
    y: Floats
    low: Floats | None = None
    high: Floats | None = None

    def __len__(self) -> int:
        return len(self.x)

    @classmethod
    def of(
        cls, x: ArrayLike, y: ArrayLike, low: ArrayLike | None = None, high: ArrayLike | None = None
    ) -> Samples:
        """Samples from arrays; points that are not finite are left out (ValueError on shapes)."""
        arrays = [None if a is None else np.asarray(a, dtype=np.float64) for a in (x, y, low, high)]
        given = [a for a in arrays if a is not None]
        if any(a.shape != given[0].shape or a.ndim != 1 for a in given):
            raise ValueError(f"a curve's arrays must be equally long, not {[a.shape for a in given]}")
        fine = np.isfinite(given[0])
        for a in given[1:]:
            fine &= np.isfinite(a)
        if not fine.all():
            arrays = [None if a is None else a[fine] for a in arrays]
        return cls(*arrays)  # type: ignore[arg-type]

    def nearest(self, x: float) -> int:
        """The index of the point nearest to x; there must be one."""
        after = int(np.searchsorted(self.x, x))
        if after == len(self.x) or (after and x - self.x[after - 1] < self.x[after] - x):
            return after - 1
        return after


def thin(samples: Samples, start: float, end: float, columns: int) -> Samples:
    """What of a curve is seen between `start` and `end` on `columns` columns of pixels.

    A curve with few points is only cut (one point beyond each end is kept: the line leaves the picture);
    one with many becomes one point per column that has any: the mean, with the range of all its values.
    """
    first = max(int(np.searchsorted(samples.x, start, side="left")) - 1, 0)
    last = min(int(np.searchsorted(samples.x, end, side="right")) + 1, len(samples))
    x, y = samples.x[first:last], samples.y[first:last]
    low = None if samples.low is None else samples.low[first:last]
    high = None if samples.high is None else samples.high[first:last]
    if len(x) <= 1.5 * columns:
        return Samples(x, y, low, high)
    edges = np.linspace(x[0], x[-1], columns + 1)[:-1]
    starts = np.unique(np.searchsorted(x, edges, side="left"))
    counts = np.diff(np.append(starts, len(x)))
    return Samples(
        np.add.reduceat(x, starts) / counts,
        np.add.reduceat(y, starts) / counts,
        np.minimum.reduceat(y if low is None else low, starts),
        np.maximum.reduceat(y if high is None else high, starts),
    )
