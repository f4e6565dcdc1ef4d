"""Wires: what may feed what and why not, a merge where a second wire arrives, and taking wires off again."""

from __future__ import annotations

from dataclasses import replace

from engine.design import NetworkDesign, Project, Wire
from engine.edits.change import changed
from engine.edits.creation import fresh_layer
from engine.edits.flow import known_shapes, misfit
from engine.edits.names import layer_of, listed, title
from engine.edits.outcome import Edit, Refused, edit
from engine.layers import LAYERS
from engine.layers.base import LayerSpec, Shape
from engine.layers.dense import Input

MERGES = ("add", "concatenate")
"""The kinds of layers offered where a second wire arrives."""


def can_connect(design: NetworkDesign, source: str, target: str, *, shapes: bool = True) -> str | None:
    """Why a wire from `source` to `target` is impossible, or None: then `connect` can do it.

    It may still need a merge: see `merge_options`. Without `shapes` only the graph is looked at.
    """
    names = {spec.id for spec in design.layers}
    if not {source, target} <= names:
        return "This layer is not there any more; choose another one."
    if sentence := _graph_fault(design, source, target):
        return sentence
    if not shapes:
        return None
    if _is_full(design, target):
        return None if merge_options(design, source, target) else _full(design, source, target)
    return _shape_fault(design, (*design.sources(target), source), target)


def merge_options(design: NetworkDesign, source: str, target: str) -> tuple[str, ...]:
    """The merge layers by which one more wire could go into a full target; () where a wire needs none."""
    if source == target or not _is_full(design, target) or isinstance(design.layer(target), Input):
        return ()
    shapes = known_shapes(design)
    fed = [shapes.get(name) for name in (design.sources(target)[0], source)]
    return tuple(kind for kind in MERGES if _merges(design, kind, fed, target))


@edit
def connect(project: Project, source: str, target: str, *, merge: str = "") -> Edit:
    """A wire from `source` to `target`; into a full target through a merge layer (“add”, “concatenate”).

    Without `merge` the refusal's `options` are the kinds that fit.
    """
    design = project.design
    if sentence := can_connect(design, source, target):
        raise Refused(sentence)
    names = f"{title(design, source)} to {title(design, target)}"
    options = merge_options(design, source, target)
    if not options:
        return changed(project, _with_wire(design, Wire(source, target)), f"connect {names}")
    if merge not in options:
        raise Refused(f"{_has_wire(design, target)}; {_offer(options)}.", options)
    merged = fresh_layer(design, merge)
    design = _with_merge(design, merged, source, target)
    return changed(project, design, f"connect {names} by {merged.label}", added=(merged.id,))


@edit
def disconnect(project: Project, source: str, target: str) -> Edit:
    """Take a wire off."""
    design, wires = project.design, _without(project.design, Wire(source, target))
    text = f"disconnect {title(design, source)} from {title(design, target)}"
    return changed(project, replace(design, wires=wires), text)


@edit
def reroute(project: Project, wire: Wire, *, source: str = "", target: str = "") -> Edit:
    """Move one end of a wire to another layer; its place among the wires stays."""
    design = project.design
    wires = _without(design, wire)
    moved = Wire(source or wire.source, target or wire.target)
    if sentence := can_connect(replace(design, wires=wires), moved.source, moved.target):
        raise Refused(sentence)
    if _is_full(replace(design, wires=wires), moved.target):
        raise Refused(f"{_has_wire(design, moved.target)}; disconnect that first.")
    at = design.wires.index(wire)
    design = replace(design, wires=(*wires[:at], moved, *wires[at:]))
    names = (title(project.design, name) for name in (moved.source, moved.target))
    return changed(project, design, f"reroute the wire: {' to '.join(names)}")


def leads_to(design: NetworkDesign, start: str, goal: str) -> bool:
    """Whether what `start` gives can reach `goal`."""
    seen, waiting = set[str](), [start]
    while waiting:
        name = waiting.pop()
        if name == goal:
            return True
        if name not in seen:
            seen.add(name)
            waiting += design.targets(name)
    return False


def _graph_fault(design: NetworkDesign, source: str, target: str) -> str | None:
    if source == target:
        return "A layer cannot feed itself; choose another one."
    if isinstance(design.layer(target), Input):
        return "The input layer takes its values from the data; wire into another layer."
    if Wire(source, target) in design.wires:
        return f"{title(design, source)} feeds {title(design, target)} already."
    if leads_to(design, target, source):
        return (
            f"That would make a cycle: {title(design, target)} feeds {title(design, source)} already, "
            "directly or through others. Wire the other way round."
        )
    return None


def _shape_fault(design: NetworkDesign, sources: tuple[str, ...], target: str) -> str | None:
    shapes = known_shapes(design)
    fed = tuple(shapes[name] for name in sources if name in shapes)
    return misfit(design.layer(target), fed) if len(fed) == len(sources) else None


def _is_full(design: NetworkDesign, target: str) -> bool:
    return len(design.sources(target)) >= design.layer(target).fan[1]


def _merges(design: NetworkDesign, kind: str, fed: list[Shape | None], target: str) -> bool:
    """Whether a merge takes both shapes, and the target what it gives; unknown shapes may fit."""
    if kind not in LAYERS:
        return False
    known = tuple(shape for shape in fed if shape is not None)
    if len(known) < len(fed):
        return True
    merge: LayerSpec = LAYERS[kind](id="merge")
    if misfit(merge, known) is not None or len(design.sources(target)) != 1:
        return False
    return misfit(design.layer(target), (merge.output_shape(known),)) is None


def _with_merge(design: NetworkDesign, merge: LayerSpec, source: str, target: str) -> NetworkDesign:
    (old,) = design.sources(target)
    wires: list[Wire] = []
    for wire in design.wires:
        merged = [Wire(old, merge.id), Wire(source, merge.id), Wire(merge.id, target)]
        wires += merged if wire == Wire(old, target) else [wire]
    layers = list(design.layers)
    layers.insert(layers.index(design.layer(target)), merge)
    return replace(design, layers=tuple(layers), wires=tuple(wires))


def _with_wire(design: NetworkDesign, wire: Wire) -> NetworkDesign:
    return replace(design, wires=(*design.wires, wire))


def _without(design: NetworkDesign, wire: Wire) -> tuple[Wire, ...]:
    layer_of(design, wire.source), layer_of(design, wire.target)
    if wire not in design.wires:
        raise Refused("This wire is not there any more; choose another one.")
    at = design.wires.index(wire)
    return design.wires[:at] + design.wires[at + 1 :]


def _full(design: NetworkDesign, source: str, target: str) -> str:
    shapes = known_shapes(design)
    fed = tuple(shapes[name] for name in (*design.sources(target), source) if name in shapes)
    reason = misfit(LAYERS[MERGES[-1]](id="merge"), fed) if len(fed) == 2 else None
    return f"{_has_wire(design, target)}, and the two cannot be merged. {reason or 'Disconnect it first.'}"


def _has_wire(design: NetworkDesign, target: str) -> str:
    feeding = listed(title(design, name) for name in design.sources(target))
    return f"{title(design, target)} is fed by {feeding} already"


def _offer(options: tuple[str, ...]) -> str:
    names = " or ".join(LAYERS[kind].label for kind in options)
    return f"merge both by {names}"
