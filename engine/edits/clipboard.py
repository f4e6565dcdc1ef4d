"""Parts of a network, to be duplicated, cut or pasted; `engine.files.clipboard` makes text of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count, islice

from engine.design import NetworkDesign, Project, Wire, units_of
from engine.edits.arrangement import Position, with_positions
from engine.edits.change import Positions, changed
from engine.edits.flow import bare, matrix_ids
from engine.edits.layers import beside_output
from engine.edits.names import describe, layer_of
from engine.edits.outcome import Edit, Refused, edit
from engine.layers.base import LayerSpec, plural
from engine.layers.dense import Input
from engine.layers.weighted import Weighted

STEP = 160.0
"""Scene units between pasted layers that had no place of their own."""
OFFSET = 40.0
"""How far from its model a duplicate lies."""


@dataclass(frozen=True, kw_only=True)
class Fragment:
    """Layers, the wires among them, and where they were put."""

    layers: tuple[LayerSpec, ...]
    wires: tuple[Wire, ...] = ()
    positions: Positions = ()


def fragment_of(design: NetworkDesign, layer_ids: Iterable[str], positions: Positions = ()) -> Fragment:
    """The part of a design that these layers are; ids that are not there are passed over."""
    wanted = set(layer_ids)
    layers = tuple(spec for spec in design.layers if spec.id in wanted)
    wires = tuple(wire for wire in design.wires if {wire.source, wire.target} <= wanted)
    return Fragment(
        layers=_kept_marks(layers, wires),
        wires=wires,
        positions=tuple(place for place in positions if place[0] in wanted),
    )


@edit
def duplicate(project: Project, layer_ids: Iterable[str]) -> Edit:
    """The same layers once more, wired among each other, beside their models."""
    names = list(dict.fromkeys(layer_ids))
    specs = [layer_of(project.design, name) for name in names]
    fragment = fragment_of(project.design, names, project.positions)
    placed = {name: (x + OFFSET, y + OFFSET) for name, x, y in fragment.positions}
    made = _put(project, fragment, placed)
    what = describe(specs[0]) if len(specs) == 1 else plural(len(made.added), "layer")
    return replace(made, text=f"duplicate {what}")


@edit
def paste(project: Project, fragment: Fragment, at: Position | None = None) -> Edit:
    """A fragment with fresh ids, connected to nothing yet; `at` is where its first layer goes."""
    made = _put(project, fragment, {} if at is None else _places(fragment, at))
    layers = made.project.design.layers
    new = [spec for spec in layers if spec.id in made.added]
    what = describe(new[0]) if len(new) == 1 else plural(len(new), "layer")
    return replace(made, text=f"paste {what}")


def _put(project: Project, fragment: Fragment, places: dict[str, Position]) -> Edit:
    design, names = project.design, dict[str, str]()
    units = count(1 + max((max(units_of(spec), default=-1) for spec in design.layers), default=-1))
    for spec in fragment.layers:
        if isinstance(spec, Input) and design.input is not None:
            continue  # a network has one
        fresh = _renamed(spec, design.fresh_id(spec.kind), units)
        names[spec.id] = fresh.id
        at = 0 if isinstance(fresh, Input) else beside_output(design)
        design = replace(design, layers=(*design.layers[:at], fresh, *design.layers[at:]))
    if not names:
        raise Refused("There is nothing to put here; a network has one input layer, and it is there already.")
    wires = [
        Wire(names[w.source], names[w.target]) for w in fragment.wires if {w.source, w.target} <= set(names)
    ]
    placed = {names[name]: place for name, place in places.items() if name in names}
    positions = with_positions(project, placed)
    design = _unmarked(replace(design, wires=(*design.wires, *wires)), set(names.values()))
    return changed(project, design, "", positions=positions, added=tuple(names.values()))


def _renamed(spec: LayerSpec, layer_id: str, units: Iterator[int]) -> LayerSpec:
    if isinstance(spec, Weighted | Input):
        ids = tuple(islice(units, len(spec.unit_ids)))
        return replace(spec, id=layer_id, unit_ids=ids)
    return replace(spec, id=layer_id)


def _places(fragment: Fragment, at: Position) -> dict[str, Position]:
    """Where the layers go: as they lay, with the first one at `at`; others in a row."""
    known = {name: (x, y) for name, x, y in fragment.positions}
    first = next((known[spec.id] for spec in fragment.layers if spec.id in known), (0.0, 0.0))
    return {
        spec.id: (at[0] + known[spec.id][0] - first[0], at[1] + known[spec.id][1] - first[1])
        if spec.id in known
        else (at[0] + number * STEP, at[1])
        for number, spec in enumerate(fragment.layers)
    }


def _kept_marks(layers: tuple[LayerSpec, ...], wires: tuple[Wire, ...]) -> tuple[LayerSpec, ...]:
    """The layers, without marks on single weights where what feeds them is not among them."""
    known = matrix_ids(NetworkDesign(layers=layers, wires=wires))
    return tuple(spec if spec.id in known else bare(spec) for spec in layers)


def _unmarked(design: NetworkDesign, added: set[str]) -> NetworkDesign:
    part = fragment_of(design, added)
    fitting = {spec.id: spec for spec in part.layers}
    return replace(design, layers=tuple(fitting.get(spec.id, spec) for spec in design.layers))
