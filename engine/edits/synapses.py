"""Single synapses: pruned (absent, kept out of training) and restored, frozen (kept as they are) and freed.

A synapse is addressed as in the weight matrix: the row is its unit's index, the column its source's; with a
bias column 0 is the bias. `column_of` finds the column of a neuron of the layer before.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from engine.design import NetworkDesign, Project, Wire
from engine.edits.change import changed
from engine.edits.flow import known_shapes, misfit
from engine.edits.names import layer_of, title
from engine.edits.outcome import Edit, Refused, edit
from engine.edits.units import weighted
from engine.layers.base import size_of
from engine.layers.dense import Dense
from engine.layers.weighted import Weighted, pack, unpack

Array = NDArray[Any]
BIAS_SOURCE = -1
"""The source index by which a selection means the bias."""


@edit
def prune(project: Project, layer_id: str, row: int, column: int) -> Edit:
    """Take a synapse away: its weight is 0 and stays 0."""
    return _mark(project, layer_id, "mask", True, "prune", row, column)


@edit
def restore(project: Project, layer_id: str, row: int, column: int) -> Edit:
    """Bring a pruned synapse back."""
    return _mark(project, layer_id, "mask", False, "restore", row, column)


@edit
def freeze(project: Project, layer_id: str, row: int | None = None, column: int | None = None) -> Edit:
    """Keep a synapse as it is; without a column all of a neuron's, without a row all of the layer's."""
    return _mark(project, layer_id, "frozen", True, "freeze", row, column)


@edit
def unfreeze(project: Project, layer_id: str, row: int | None = None, column: int | None = None) -> Edit:
    """Let a synapse, a neuron or a layer learn again."""
    return _mark(project, layer_id, "frozen", False, "unfreeze", row, column)


def pruned(design: NetworkDesign, layer_id: str) -> Array | None:
    """Where a layer's synapses are pruned: bool, as its weight matrix; None where that cannot be known."""
    return _marks(design, layer_id, "mask")


def frozen(design: NetworkDesign, layer_id: str) -> Array | None:
    """Where a layer's synapses are frozen: bool, as its weight matrix; None where that cannot be known."""
    return _marks(design, layer_id, "frozen")


def column_of(design: NetworkDesign, wire: Wire, source: int) -> int | None:
    """The column of the synapses from value `source` of the wire's source; −1 is the bias.

    None where there is none, or not one alone (as between a picture and a convolution).
    """
    spec = next((spec for spec in design.layers if spec.id == wire.target), None)
    if not isinstance(spec, Dense) or wire not in design.wires:
        return None
    if source == BIAS_SOURCE:
        return 0 if spec.bias else None
    shape = known_shapes(design).get(wire.source)
    inside = shape is not None and 0 <= source < size_of(shape)
    return int(spec.bias) + source if inside else None


def _mark(
    project: Project, layer_id: str, field: str, on: bool, verb: str, row: int | None, column: int | None
) -> Edit:
    design = project.design
    spec = weighted(design, layer_id)
    marks = _marks(design, layer_id, field)
    if marks is None:
        raise Refused(f"{title(design, layer_id)} has no synapses yet; wire a layer to it first.")
    rows = slice(None) if row is None else _index(row, len(marks), spec.noun)
    columns = slice(None) if column is None else _index(column, marks.shape[1], "synapse")
    marks[rows, columns] = on
    what = _what(spec, row, column)
    text = f"{verb} {what + ' of ' if what else ''}{title(design, layer_id)}"
    marked: dict[str, Any] = {field: pack(marks)}
    return changed(project, design.with_layer(replace(spec, **marked)), text)


def _marks(design: NetworkDesign, layer_id: str, field: str) -> Array | None:
    spec = layer_of(design, layer_id) if any(s.id == layer_id for s in design.layers) else None
    if not isinstance(spec, Weighted) or len(sources := design.sources(layer_id)) != 1:
        return None
    shape = known_shapes(design).get(sources[0])
    if shape is None or misfit(spec, (shape,)) is not None:
        return None
    return unpack(getattr(spec, field), spec.matrix_shape(shape))


def _index(index: int, count: int, noun: str) -> slice:
    if not 0 <= index < count:
        raise Refused(f"This {noun} is not there any more; choose another one.")
    return slice(index, index + 1)


def _what(spec: Weighted, row: int | None, column: int | None) -> str:
    """What is marked, counted from 1 as on screen; "" for the whole layer."""
    if row is None:
        return ""
    neuron = f"{spec.noun} {row + 1}"
    if column is None:
        return neuron
    number = column + (not spec.bias)
    return f"the bias of {neuron}" if number == 0 else f"synapse {number} of {neuron}"
