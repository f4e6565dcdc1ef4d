"""Mappings: which pixels see which synapses, as a mean of many or as single curves; and how they are painted.

Nothing here knows Qt: the window uses it, and the process that paints aside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gui.canvas.color import CALM, ColorTable, ScaleLimit, high_percentile
from gui.canvas.coverage import CoverageMap
from gui.canvas.scatter import ALL
from gui.canvas.strokes import Strokes

SPARSE = 400  # up to so many synapses are drawn one by one
Array = NDArray[Any]
Mapping = CoverageMap | Strokes


def work_out(
    starts: Array,
    ends: Array,
    size: tuple[int, int],
    ratio: float,
    curved: bool = True,
    cancelled: Callable[[], bool] | None = None,
) -> Mapping:
    """Return the mapping of synapses starts (n, 2) → ends (n, 2), in pixels of a picture (width, height).

    ratio: device pixels per logical one; curved: whether single synapses are curves, or straight.
    """
    if len(starts) <= SPARSE:
        return Strokes(starts, ends, *size, ratio=ratio, curved=curved, cancelled=cancelled)
    return CoverageMap.build(starts, ends, *size, cancelled=cancelled)


def paint(
    mapping: Mapping,
    values: Array,
    table: ColorTable,
    scale: ScaleLimit,
    picture: NDArray[np.uint32],
    combs: Sequence[int] = ALL,
    follow: bool = True,
) -> bool:
    """Paint values (synapses,) into combs of a picture (rows, columns); True if the scale moved.

    follow: whether the scale follows the values, or, of many, their means over the pixels of these combs.
    """
    moved = False
    if isinstance(mapping, Strokes):
        moved = follow and scale.update(values)
        mapping.paint(values, table, scale.limit, picture, combs=combs)
        return moved
    mean = mapping.mean(values, combs=combs)
    if follow:
        seen = mapping.of_combs(mean, combs)
        moved = scale.update(seen, at_least=CALM * high_percentile(values))
    mapping.paint_means(mean, table, scale.limit, picture, combs=combs)
    return moved
