"""Growing deeper: how wide a new layer must be, and what it must be, to change nothing at first."""

from __future__ import annotations

from typing import Any

from engine.design import NetworkDesign
from engine.edits.flow import known_nonnegative, known_shapes
from engine.layers import LAYERS
from engine.layers.weighted import IDENTITY_ABOVE_ZERO, Weighted
from engine.transfer.insertion import Insertion, plan

WIDEST = 256
"""Units up to which a new layer is made wide enough to copy what it is fed; beyond, it starts small."""


def wide_enough(design: NetworkDesign, source: str, kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a dense layer behind `source`, with the fewest units that can copy what it is fed.

    Unless a number of units is asked for, or it would be too many, or the activation cannot copy.
    """
    shape = known_shapes(design).get(source, ())
    if kind != "dense" or "units" in fields or len(shape) != 1:
        return fields
    activation = fields.get("activation", getattr(LAYERS[kind], "activation", ""))
    if activation == "identity" or (
        activation in IDENTITY_ABOVE_ZERO and known_nonnegative(design).get(source, False)
    ):
        units = shape[0]
    elif activation == "relu":
        units = 2 * shape[0]  # x = max(0, x) − max(0, −x)
    else:
        return fields
    return {**fields, "units": units} if units <= WIDEST else fields


def copies(design: NetworkDesign, layer_id: str) -> bool | None:
    """Whether a new layer can start by copying what it is fed; None where that says nothing."""
    spec, sources = design.layer(layer_id), design.sources(layer_id)
    shape = known_shapes(design).get(sources[0], ()) if len(sources) == 1 else ()
    if not isinstance(spec, Weighted) or not shape or not design.targets(layer_id):
        return None
    nonnegative = known_nonnegative(design).get(sources[0], False)
    return isinstance(plan(spec, shape, nonnegative=nonnegative), Insertion)
