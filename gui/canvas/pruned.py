"""Pruned synapses are absent from the picture's bundles; where they were is kept for a dotted hint."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.design import NetworkDesign
from engine.edits.synapses import pruned
from gui.canvas.boxes import Bundle, Index, Layout
from gui.canvas.surface import is_sparse


@dataclass(frozen=True, eq=False)
class Absent:
    """The pruned synapses of a wire; curved: whether its others are drawn as curves."""

    bundle: Bundle
    curved: bool


def without_pruned(layout: Layout, design: NetworkDesign) -> tuple[Layout, tuple[Absent, ...]]:
    """Return the layout with the synapses that are there, and those that are not."""
    bundles, absent = [], []
    for bundle in layout.bundles:
        marks = pruned(design, bundle.target) if getattr(design.layer(bundle.target), "mask", b"") else None
        gone = None if marks is None else marks[bundle.unit, bundle.column]
        if gone is None or not gone.any():
            bundles.append(bundle)
            continue
        bundles.append(_part(bundle, np.flatnonzero(~gone)))
        absent.append(Absent(_part(bundle, np.flatnonzero(gone)), is_sparse(bundle)))
    return replace(layout, bundles=tuple(bundles)), tuple(absent)


def _part(bundle: Bundle, ids: Index) -> Bundle:
    return replace(
        bundle,
        starts=bundle.starts[ids],
        ends=bundle.ends[ids],
        unit=bundle.unit[ids],
        column=bundle.column[ids],
        source_unit=bundle.source_unit[ids],
    )
