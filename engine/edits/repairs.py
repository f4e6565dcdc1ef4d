"""Repairs: what the button on a fault's badge does, by the name that the fault gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isqrt

from engine.design import Project
from engine.edits.change import changed
from engine.edits.creation import with_fields
from engine.edits.flow import known_shapes
from engine.edits.layers import append, insert
from engine.edits.names import layer_of, title
from engine.edits.outcome import Edit, Refused, edit, granted
from engine.edits.units import set_units, weighted
from engine.layers.base import LayerSpec, Shape, size_of
from engine.layers.weighted import Weighted
from engine.registry import Registry
from engine.validation import Fault


@dataclass(frozen=True, slots=True)
class Repair:
    """A repair: what its button says, and what it does."""

    name: str
    label: str
    act: Callable[[Project, Fault], Edit]


REPAIRS: Registry[Repair] = Registry("repair")
Act = Callable[[Project, Fault], Edit]


def named(name: str, label: str) -> Callable[[Act], Act]:
    """Function decorator: put a repair into the registry."""

    def register(act: Act) -> Act:
        REPAIRS.register(name, Repair(name, label, act))
        return act

    return register


@edit
def repair(project: Project, fault: Fault) -> Edit:
    """Repair a fault as far as that can be done at its place."""
    if fault.repair not in REPAIRS:
        raise Refused("This cannot be repaired by itself; read the sentence, and change the layer.")
    layer_of(project.design, fault.layer)
    return REPAIRS[fault.repair].act(project, fault)


def repair_label(fault: Fault) -> str:
    """What the button says; empty where there is no repair."""
    return REPAIRS[fault.repair].label if fault.repair in REPAIRS else ""


@named("insert_flatten", "Insert Flatten")
def _insert_flatten(project: Project, fault: Fault) -> Edit:
    """Into every wire that brings a picture."""
    shapes, design = known_shapes(project.design), project.design
    pictures = [s for s in dict.fromkeys(design.sources(fault.layer)) if len(shapes.get(s, ())) > 1]
    return _before(project, fault.layer, "flatten", {source: {} for source in pictures})


@named("insert_reshape", "Insert Reshape")
def _insert_reshape(project: Project, fault: Fault) -> Edit:
    """Into every wire that brings no picture: one channel, or three, as square as can be."""
    shapes, design = known_shapes(project.design), project.design
    others = [s for s in dict.fromkeys(design.sources(fault.layer)) if len(shapes.get(s, (1, 1, 1))) != 3]
    given = {source: {"shape": picture_of(shapes[source])} for source in others}
    return _before(project, fault.layer, "reshape", given)


def _before(project: Project, layer_id: str, kind: str, sources: dict[str, dict[str, Shape]]) -> Edit:
    """A layer of a kind into the wires from some sources."""
    if not sources:
        raise Refused("What this layer is fed cannot be known yet; repair the layers before it first.")
    added: tuple[str, ...] = ()
    text, now = "", project
    for source, fields in sources.items():
        one = granted(insert(now, source, layer_id, kind, **fields))
        now, text, added = one.project, text or one.text, (*added, *one.added)
    return Edit(now, text, added)


def picture_of(shape: Shape) -> Shape:
    """(channels, height, width) of as many values: a square where that can be."""
    if len(shape) == 2:
        return (1, *shape)
    size = size_of(shape)
    for channels in (1, 3):
        side = isqrt(size // channels)
        if channels * side * side == size:
            return (channels, side, side)
    height = next(n for n in range(isqrt(size), 0, -1) if size % n == 0)
    return (1, height, size // height)


@named("match_units", "Match the numbers")
def _match_units(project: Project, fault: Fault) -> Edit:
    """The last layer gives as many values as there are targets; a merge's sources, values of one shape."""
    design = project.design
    if len(design.sources(fault.layer)) > 1:
        return _match_sources(project, fault.layer)
    if not fault.expected.isdecimal():
        raise Refused("How many neurons are wanted cannot be known here; set them by hand.")
    units, name = int(fault.expected), fault.layer
    while not isinstance(design.layer(name), Weighted) and len(design.sources(name)) == 1:
        (name,) = design.sources(name)
    spec = design.layer(name)
    if isinstance(spec, Weighted) and len(design.targets(name)) <= 1:
        made = granted(set_units(project, name, units))
        if known_shapes(made.project.design).get(fault.layer) == (units,):
            return made
    return granted(append(project, "dense", fault.layer, units=units, activation="identity"))


def _match_sources(project: Project, layer_id: str) -> Edit:
    """The first source stands; the units before the others are set to as many, where they can be."""
    design, shapes = project.design, known_shapes(project.design)
    first, *others = design.sources(layer_id)
    done: Edit | None = None
    for source in others:
        if first not in shapes or shapes.get(source) == shapes[first]:
            continue
        fitted = _fit(project if done is None else done.project, source, layer_id, shapes[first])
        done = fitted if done is None else Edit(fitted.project, done.text)
    if done is None:
        raise Refused("What this layer is fed cannot be known yet; repair the layers before it first.")
    return done


def _fit(project: Project, source: str, layer_id: str, shape: Shape) -> Edit:
    spec = project.design.layer(source)
    if isinstance(spec, Weighted):
        made = granted(set_units(project, source, shape[0]))
        if known_shapes(made.project.design).get(source) == shape:
            return made
    if len(shape) == 1 and len(known_shapes(project.design).get(source, ())) == 1:
        fields = {"units": shape[0], "activation": "identity"}
        return granted(insert(project, source, layer_id, "dense", **fields))
    raise Refused("These shapes cannot be matched by themselves; change the kernels or the pooling.")


@named("match_link", "Set to identity")
def _match_link(project: Project, fault: Fault) -> Edit:
    return _with(project, fault.layer, f"set {fault.field} of {{}} to identity", activation="identity")


@named("flatten_shape", "Set to one list")
def _flatten_shape(project: Project, fault: Fault) -> Edit:
    return _with(project, fault.layer, "set the shape of {} to one list", shape=(-1,))


@named("shrink_window", "Shrink the window")
def _shrink_window(project: Project, fault: Fault) -> Edit:
    """The largest window that fits into the picture."""
    design, shapes = project.design, known_shapes(project.design)
    spec = design.layer(fault.layer)
    fed = [shapes[source] for source in design.sources(fault.layer) if source in shapes]
    if not fed or len(fed[0]) != 3:
        raise Refused("What this layer is fed cannot be known yet; repair the layers before it first.")
    largest = (min(fed[0][1:]) - 1) // getattr(spec, "dilation", 1) + 1
    return _with(project, fault.layer, f"shrink the window of {{}} to {largest}", kernel=largest)


def _with(project: Project, layer_id: str, text: str, **fields: object) -> Edit:
    design = project.design
    spec: LayerSpec = with_fields(layer_of(design, layer_id), dict(fields))
    return changed(project, design.with_layer(spec), text.format(title(design, layer_id)))


def _clearing(field: str, words: str) -> Act:
    def act(project: Project, fault: Fault) -> Edit:
        spec = weighted(project.design, fault.layer)
        empty: dict[str, object] = {field: () if field == "initial" else b""}
        design = project.design.with_layer(replace(spec, **empty))  # type: ignore[arg-type]
        return changed(project, design, f"clear {words} of {title(project.design, fault.layer)}")

    return act


named("clear_initial", "Clear the initial weights")(_clearing("initial", "the initial weights"))
named("clear_mask", "Restore all synapses")(_clearing("mask", "the pruned synapses"))
named("clear_frozen", "Unfreeze all synapses")(_clearing("frozen", "the frozen synapses"))
