"""What flows through a design that may be unfinished: shapes and lineages as far as they can be known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.design import NetworkDesign, Wire
from engine.fields import faults_of
from engine.layers.base import LayerSpec, Shape, ShapeError, size_of, times
from engine.layers.dense import Dense
from engine.layers.weighted import Weighted
from engine.validation import Fault, infer

Array = NDArray[Any]
MatrixIds = tuple[Array, Array]
"""The ids of a weight matrix's rows and columns, int64."""


def bare(spec: LayerSpec) -> LayerSpec:
    """The layer without what is fixed of single weights, so that it fits wherever its kind does."""
    if isinstance(spec, Weighted) and (spec.initial or spec.mask or spec.frozen):
        return replace(spec, initial=(), mask=b"", frozen=b"")
    return spec


def known_shapes(design: NetworkDesign) -> dict[str, Shape]:
    """The shape after every layer where it can be known; a dense layer gives its units whatever feeds it."""
    shapes: dict[str, Shape] = {}
    for spec, fed in _in_order(design):
        shape = _shape(spec, tuple(shapes[source] for source in fed if source in shapes), len(fed))
        if shape is not None:
            shapes[spec.id] = shape
    return shapes


def known_nonnegative(design: NetworkDesign) -> dict[str, bool]:
    """Which layers give values ≥ 0 only, whatever the inputs are."""
    found: dict[str, bool] = {}
    for spec, fed in _in_order(design):
        found[spec.id] = bool(fed) and spec.nonnegative(tuple(found.get(source, False) for source in fed))
    return found


def _in_order(design: NetworkDesign) -> list[tuple[LayerSpec, list[str]]]:
    """The layers in an order of computation, bare, each with what feeds it; those in circles are left out."""
    feeds: dict[str, list[str]] = {spec.id: [] for spec in design.layers}
    for wire in design.wires:
        if wire.source in feeds and wire.target in feeds:
            feeds[wire.target].append(wire.source)
    specs = {spec.id: bare(spec) for spec in design.layers}
    done: dict[str, None] = {}
    waiting = list(feeds)
    while waiting:
        ready = [name for name in waiting if all(source in done for source in feeds[name])]
        if not ready:
            break
        done |= dict.fromkeys(ready)
        waiting = [name for name in waiting if name not in done]
    return [(specs[name], feeds[name]) for name in done]


def _shape(spec: LayerSpec, fed: tuple[Shape, ...], wires: int) -> Shape | None:
    shape, _ = _output(spec, fed) if len(fed) == wires else (None, None)
    return (spec.units,) if shape is None and isinstance(spec, Dense) and spec.units else shape


def misfit(spec: LayerSpec, shapes: tuple[Shape, ...]) -> str | None:
    """Why a layer cannot take these shapes, or None; too few shapes are no fault yet."""
    return _output(bare(spec), shapes)[1]


def _output(spec: LayerSpec, shapes: tuple[Shape, ...]) -> tuple[Shape | None, str | None]:
    """The shape that a bare layer gives, or why it cannot; neither where too few shapes are there."""
    fewest, most = spec.fan
    if len(shapes) > most:
        return None, f"A layer “{spec.label}” takes at most {most} wires, not {len(shapes)}."
    for fault in faults_of(spec).values():
        return None, fault
    if len(shapes) < fewest:
        return None, None
    try:
        return spec.output_shape(shapes), None
    except ShapeError as error:
        return None, str(error)


def matrix_ids(design: NetworkDesign) -> dict[str, MatrixIds]:
    """The ids of the rows and columns of every weight matrix that can be known, by layer id."""
    shapes, lineages = known_shapes(design), dict[str, Array]()
    found: dict[str, MatrixIds] = {}
    for spec, sources in _in_order(design):
        fed_shapes = tuple(shapes[source] for source in sources if source in lineages)
        fed = tuple(lineages[source] for source in sources if source in lineages)
        usable = len(fed) == len(sources) and _output(spec, fed_shapes)[0] is not None
        if usable and isinstance(spec, Weighted):
            rows, columns = spec.identities(fed, fed_shapes)["weight"]
            found[spec.id] = rows, columns
        if usable:
            lineages[spec.id] = spec.lineage(fed, fed_shapes)
        elif isinstance(spec, Dense) and spec.id in shapes:
            lineages[spec.id] = np.array(spec.unit_ids, np.int64)
    return found


@dataclass(frozen=True, slots=True)
class Summary:
    """What is written on the canvas, live.

    Attributes:
        shapes: after each layer, where it can be known; wires: what flows along each wire.
        parameters: how many each layer has, 0 where it cannot be known yet; total: all together.
        faults: what is wrong (those of the design alone, without loss and data).
    """

    shapes: dict[str, Shape]
    wires: dict[Wire, Shape]
    parameters: dict[str, int]
    faults: tuple[Fault, ...]

    @property
    def total(self) -> int:
        """All parameters together."""
        return sum(self.parameters.values())

    def label(self, wire: Wire) -> str:
        """A wire's shape as it is written beside it: “28 × 28”; empty where it cannot be known."""
        return times(self.wires[wire]) if wire in self.wires else ""


def summary(design: NetworkDesign) -> Summary:
    """Shapes and parameter counts of a design, faulty or not; nothing is allocated."""
    shapes = known_shapes(design)
    wires = {wire: shapes[wire.source] for wire in design.wires if wire.source in shapes}
    counts = {spec.id: _count(design, spec, shapes) for spec in design.layers}
    return Summary(shapes, wires, counts, infer(design).faults)


def _count(design: NetworkDesign, spec: LayerSpec, shapes: dict[str, Shape]) -> int:
    fed = tuple(shapes[source] for source in design.sources(spec.id) if source in shapes)
    complete = spec.fan[0] <= len(fed) == len(design.sources(spec.id))
    if not complete or misfit(spec, fed) is not None:
        return 0
    return sum(size_of(tensor.shape) for tensor in bare(spec).parameters(fed))
