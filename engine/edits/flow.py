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
from engine.validation import Fault, Inference, infer

Array = NDArray[Any]
MatrixIds = tuple[Array, Array]
"""The ids of a weight matrix's rows and columns, int64."""


def bare(spec: LayerSpec) -> LayerSpec:
    """The layer without what is fixed of single weights, so that it fits wherever its kind does."""
    if isinstance(spec, Weighted) and (spec.initial or spec.mask or spec.frozen):
        return replace(spec, initial=(), mask=b"", frozen=b"")
    return spec


def bare_inference(design: NetworkDesign) -> Inference:
    """What `infer` says of the design's bare layers."""
    return infer(replace(design, layers=tuple(map(bare, design.layers))))


def known_shapes(design: NetworkDesign) -> dict[str, Shape]:
    """The shape after every layer where it can be known; a dense layer gives its units whatever feeds it."""
    shapes: dict[str, Shape] = {}
    for spec in bare_inference(design).order:
        shape = _shape(spec, [shapes.get(source) for source in design.sources(spec.id)])
        if shape is not None:
            shapes[spec.id] = shape
    return shapes


def _shape(spec: LayerSpec, fed: list[Shape | None]) -> Shape | None:
    known = tuple(shape for shape in fed if shape is not None)
    if len(known) == len(fed) and misfit(spec, known) is None and spec.fan[0] <= len(fed):
        return spec.output_shape(known)
    return (spec.units,) if isinstance(spec, Dense) and spec.units else None


def misfit(spec: LayerSpec, shapes: tuple[Shape, ...]) -> str | None:
    """Why a layer cannot take these shapes, or None; too few shapes are no fault yet."""
    spec = bare(spec)
    fewest, most = spec.fan
    if len(shapes) > most:
        return f"A {spec.label} layer takes at most {most} wires, not {len(shapes)}."
    for fault in faults_of(spec).values():
        return fault
    if len(shapes) < fewest:
        return None
    try:
        spec.output_shape(shapes)
    except ShapeError as error:
        return str(error)
    return None


def matrix_ids(design: NetworkDesign) -> dict[str, MatrixIds]:
    """The ids of the rows and columns of every weight matrix that can be known, by layer id."""
    shapes, lineages = known_shapes(design), dict[str, Array]()
    found: dict[str, MatrixIds] = {}
    for spec in bare_inference(design).order:
        sources = design.sources(spec.id)
        fed_shapes = tuple(shapes[source] for source in sources if source in lineages)
        fed = tuple(lineages[source] for source in sources if source in lineages)
        usable = len(fed) == len(sources) >= spec.fan[0] and misfit(spec, fed_shapes) is None
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
