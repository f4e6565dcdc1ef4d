"""Shifting: the plan with some layers moved, as cheaply as a frame of a drag must be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from gui.canvas.boxes import Bundle, Points
from gui.canvas.plan import Plan

Shift = tuple[float, float]
_STILL = (0.0, 0.0)


def shifted(plan: Plan, places: Mapping[str, Shift]) -> Plan:
    """The plan with layers (by id) anchored at other places; what stands still stays the same object."""
    boxes = plan.layout.boxes
    shifts = {
        key: (x - boxes[key].anchor[0], y - boxes[key].anchor[1])
        for key, (x, y) in places.items()
        if key in boxes
    }
    moved = {key: box.moved(*shifts[key]) if key in shifts else box for key, box in boxes.items()}
    bounds = plan.layout.bounds
    for key in shifts:
        bounds = bounds.united(moved[key].rect)
    bundles = tuple(_shifted(bundle, shifts) for bundle in plan.layout.bundles)
    absent = tuple(replace(part, bundle=_shifted(part.bundle, shifts)) for part in plan.absent)
    layout = replace(plan.layout, boxes=moved, bundles=bundles, bounds=bounds)
    return replace(plan, layout=layout, absent=absent)


def _shifted(bundle: Bundle, shifts: Mapping[str, Shift]) -> Bundle:
    """Synapses go with the layers at their ends, those of a bias too: it stands above its source."""
    if not {bundle.source, bundle.target} & shifts.keys():
        return bundle
    source, target = (np.array(shifts.get(key, _STILL)) for key in (bundle.source, bundle.target))
    return replace(bundle, starts=_in_columns(bundle.starts + source), ends=_in_columns(bundle.ends + target))


def _in_columns(points: Points) -> Points:
    """All x, then all y, so that their extremes are found fast."""
    return np.asfortranarray(points)
