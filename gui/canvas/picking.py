"""Finds what is under the mouse by arithmetic on the placed network, in scene units."""

from __future__ import annotations

import numpy as np

from gui.canvas.boxes import Bundle, Index, LayerBox


def unit_at(box: LayerBox, x: float, y: float, slack: float = 2.0) -> int | None:
    """Return the unit of a layer at a point, or None; slack: how far beside a neuron still counts."""
    if box.shape is not None:
        if not box.body.contains(x, y):
            return None
        row = min(int((y - box.body.y) / box.cell[1]), box.shape[0] - 1)
        column = min(int((x - box.body.x) / box.cell[0]), box.shape[1] - 1)
        return row * box.shape[1] + column
    if not len(box.centers):
        return None
    distance = np.hypot(*(box.centers - (x, y)).T)
    nearest = int(np.argmin(distance))
    return int(box.units[nearest]) if distance[nearest] <= box.radius + slack else None


def bias_at(box: LayerBox, x: float, y: float, slack: float = 2.0) -> bool:
    """Return whether a point lies on the layer's bias."""
    if box.bias is None:
        return False
    return bool(np.hypot(box.bias[0] - x, box.bias[1] - y) <= box.bias_radius + slack)


def synapse_at(
    bundle: Bundle, x: float, y: float, tolerance: float = 6.0, among: Index | None = None
) -> int | None:
    """Return the synapse (an index into the bundle) nearest to a point, within tolerance, or None.

    among: the synapses to choose from, such as a selected neuron's fan. Divide the tolerance by the zoom.
    """
    ids = np.arange(len(bundle)) if among is None else among
    if not ids.size:
        return None
    start, along = bundle.starts[ids], bundle.ends[ids] - bundle.starts[ids]
    point = np.array([x, y])
    length = np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip(((point - start) * along).sum(axis=1) / length, 0.0, 1.0)
    distance = np.hypot(*(start + share[:, None] * along - point).T)
    nearest = int(np.argmin(distance))
    return int(ids[nearest]) if distance[nearest] <= tolerance else None
