"""How every edit of the network ends: weights keep their marks, layers their places, memory its limits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.design import NetworkDesign, Project, units_of
from engine.edits.flow import MatrixIds, bare, matrix_ids, summary
from engine.edits.outcome import Edit, Refused
from engine.layers.base import size_of
from engine.layers.weighted import Weighted, pack, unpack
from engine.matching import match
from engine.memory import VECTORS, said

Array = NDArray[Any]
Positions = tuple[tuple[str, float, float], ...]

MAX_LAYERS = 1_000
MAX_WIRES = 4_000
MAX_VALUES = 10_000_000
MAX_PARAMETERS = 100_000_000
"""The limits of a project file: what is larger could be saved but not opened."""
ITEM_BYTES = 4
"""Of a number in float32."""


def changed(
    project: Project,
    design: NetworkDesign,
    text: str,
    *,
    positions: Positions | None = None,
    added: tuple[str, ...] = (),
) -> Edit:
    """The edit that gives a project another design (Refused if it is too large)."""
    check_size(project.design, design)
    ids = {spec.id for spec in design.layers}
    places = project.positions if positions is None else positions
    kept = tuple(place for place in places if place[0] in ids)
    after = replace(project, design=carried(project.design, design), positions=kept)
    return Edit(after, text, added)


def check_size(before: NetworkDesign, after: NetworkDesign) -> None:
    """Refused if the design grows beyond what a laptop can hold, with the estimate."""
    if len(after.layers) > max(MAX_LAYERS, len(before.layers)):
        raise Refused(f"A network can have {MAX_LAYERS:,} layers; remove some first.")
    if len(after.wires) > max(MAX_WIRES, len(before.wires)):
        raise Refused(f"A network can have {MAX_WIRES:,} wires; remove some first.")
    new = summary(after)
    largest = max((size_of(shape) for shape in new.shapes.values()), default=0)
    if new.total <= MAX_PARAMETERS and largest <= MAX_VALUES:
        return
    old = summary(before)
    if new.total > max(MAX_PARAMETERS, old.total):
        raise Refused(
            f"The network would have {new.total:,} parameters, and training it would take about "
            f"{said(new.total * VECTORS * ITEM_BYTES)} of memory; choose fewer neurons."
        )
    if largest > max((MAX_VALUES, *map(size_of, old.shapes.values()))):
        raise Refused(f"A layer would give {largest:,} values for each example; choose a smaller one.")


def carried(before: NetworkDesign, after: NetworkDesign) -> NetworkDesign:
    """`after` with pruned, frozen and initial weights still at the synapses that they had in `before`.

    A synapse is known by the unit that it leads to and the lineage of what it leads from. Where that cannot
    be known, as with a wire taken off, the marks go; only while a field further up has an impossible value,
    with the same wires and units, they wait.
    """
    marked = [s for s in after.layers if isinstance(s, Weighted) and (s.initial or s.mask or s.frozen)]
    if not marked or _bare(before) == _bare(after):
        return after
    known = {spec.id: spec for spec in before.layers if isinstance(spec, Weighted)}
    old, new = matrix_ids(before), matrix_ids(after)
    for spec in marked:
        was = known.get(spec.id)
        if was is None:
            continue
        if spec.id in old and spec.id in new:
            after = after.with_layer(_fitted(spec, old[spec.id], new[spec.id]))
        elif _ancestry(before, spec.id) != _ancestry(after, spec.id):
            after = after.with_layer(bare(spec))
    return after


def _bare(design: NetworkDesign) -> NetworkDesign:
    return replace(design, layers=tuple(map(bare, design.layers)))


def _ancestry(design: NetworkDesign, layer_id: str) -> tuple[object, ...]:
    """The wires and units that its synapses come from, and its own units."""
    behind, waiting = {layer_id}, [layer_id]
    while waiting:
        new = set(design.sources(waiting.pop())) - behind
        behind |= new
        waiting += new
    units = tuple((spec.id, units_of(spec)) for spec in design.layers if spec.id in behind)
    return sorted(units), tuple(wire for wire in design.wires if wire.target in behind)


def _fitted(spec: Weighted, was: MatrixIds, now: MatrixIds) -> Weighted:
    if all(map(np.array_equal, was, now)):
        return spec
    return replace(
        spec,
        initial=_fitted_initial(spec.initial, was, now),
        mask=_fitted_bits(spec.mask, was, now),
        frozen=_fitted_bits(spec.frozen, was, now, whole_rows=True),
    )


def _fitted_bits(packed: bytes, was: MatrixIds, now: MatrixIds, *, whole_rows: bool = False) -> bytes:
    shape = len(was[0]), len(was[1])
    if not packed or len(packed) != -(-shape[0] * shape[1] // 8):
        return packed
    old = unpack(packed, shape)
    new = _moved(old, was, now, False)
    if whole_rows:  # a neuron frozen as a whole stays so when it gets new synapses; a layer, new neurons
        rows = match(was[0], now[0])
        new[rows.after] |= old[rows.before].all(axis=1, keepdims=True)
        new |= old.all()
    return pack(new)


def _fitted_initial(values: tuple[float, ...], was: MatrixIds, now: MatrixIds) -> tuple[float, ...]:
    """New synapses start at 0; new neurons must be drawn, so that nothing is fixed any more."""
    shape = len(was[0]), len(was[1])
    if len(values) != shape[0] * shape[1]:
        return values
    if not np.isin(now[0], was[0]).all():
        return ()
    return tuple(_moved(np.array(values).reshape(shape), was, now, 0.0).ravel().tolist())


def _moved(matrix: Array, was: MatrixIds, now: MatrixIds, fill: object) -> Array:
    new = np.full((len(now[0]), len(now[1])), fill, matrix.dtype)
    rows, columns = (match(a, b) for a, b in zip(was, now, strict=True))
    new[np.ix_(rows.after, columns.after)] = matrix[np.ix_(rows.before, columns.before)]
    return new
