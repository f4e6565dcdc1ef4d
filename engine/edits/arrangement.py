"""Arrangement: where a person has put layers on the canvas, and tidying up."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from engine.design import Project
from engine.edits.change import Positions
from engine.edits.names import layer_of, title
from engine.edits.outcome import Edit, Refused, edit
from engine.layers.base import plural

Position = tuple[float, float]
FARTHEST = 1e6
"""Scene units; beyond, nobody would find a layer again."""


@edit
def move(project: Project, places: Mapping[str, Position]) -> Edit:
    """Put layers at places on the canvas. Nothing is compiled anew."""
    for name in places:
        layer_of(project.design, name)
    what = plural(len(places), "layer") if len(places) != 1 else title(project.design, *places)
    return Edit(replace(project, positions=with_positions(project, places)), f"move {what}")


@edit
def tidy(project: Project) -> Edit:
    """Let every layer be laid out by itself again."""
    return Edit(replace(project, positions=()), "tidy up")


def with_positions(project: Project, places: Mapping[str, Position]) -> Positions:
    """The project's positions with some changed (Refused)."""
    for x, y in places.values():
        if not (math.isfinite(x) and math.isfinite(y) and max(abs(x), abs(y)) <= FARTHEST):
            raise Refused("This place is too far away; put the layer nearer to the others.")
    kept = tuple(place for place in project.positions if place[0] not in places)
    return (*kept, *((name, float(x), float(y)) for name, (x, y) in places.items()))
