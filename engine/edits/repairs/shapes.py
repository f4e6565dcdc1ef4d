"""Repairs of shapes: a layer in between, a number of units, a window that fits."""

from __future__ import annotations

from math import isqrt

from engine.design import Project
from engine.edits.flow import bare, known_shapes
from engine.edits.layers import append, insert
from engine.edits.names import layer_of, title
from engine.edits.outcome import Edit, Refused, granted
from engine.edits.repairs.base import UNKNOWN, named
from engine.edits.repairs.fields import with_setting
from engine.edits.units import set_units
from engine.edits.wires import can_connect, connect, merge_options
from engine.layers.base import Shape, size_of
from engine.layers.weighted import Weighted
from engine.validation import Fault
from engine.validation.loose import joint, sources_for


@named("insert_flatten", "Insert Flatten")
def _insert_flatten(project: Project, fault: Fault) -> Edit:
    """Into every wire that brings a picture; where nothing feeds the layer, behind what leads nowhere."""
    shapes, design = known_shapes(project.design), project.design
    if not design.sources(fault.layer):
        return joined_to_end(project, fault)
    pictures = [s for s in dict.fromkeys(design.sources(fault.layer)) if len(shapes.get(s, ())) > 1]
    return _before(project, fault.layer, "flatten", {source: {} for source in pictures})


@named("insert_reshape", "Insert Reshape")
def _insert_reshape(project: Project, fault: Fault) -> Edit:
    """Into every wire that brings no picture: one channel, or three, as square as can be; else as above."""
    shapes, design = known_shapes(project.design), project.design
    if not design.sources(fault.layer):
        return joined_to_end(project, fault)
    others = [s for s in dict.fromkeys(design.sources(fault.layer)) if len(shapes.get(s, (1, 1, 1))) != 3]
    given = {source: {"shape": picture_of(shapes[source])} for source in others}
    return _before(project, fault.layer, "reshape", given)


def joined_to_end(project: Project, fault: Fault) -> Edit:
    """A layer that nothing feeds wired to the nearest one that leads nowhere, through another if need be."""
    design = project.design
    target = layer_of(design, fault.layer).id
    outputs = None if fault.asked is None else fault.asked.outputs
    for source in sources_for(design, target, known_shapes(design), outputs):
        if (made := joined(project, source, target)) is not None:
            return made
    raise Refused(f"Nothing that leads nowhere fits {title(design, target)}; wire it by hand.")


def joined(project: Project, source: str, target: str) -> Edit | None:
    """A wire between two layers, through Flatten or Reshape where they fit only so; None if not at all."""
    design = project.design
    shape = known_shapes(design).get(source)
    between = joint(bare(design.layer(target)), shape)
    if between is None or can_connect(design, source, target, shapes=not between) is not None:
        return None
    if not between:
        return None if merge_options(design, source, target) else granted(connect(project, source, target))
    if between == "insert_flatten":
        return granted(insert(project, source, target, "flatten"))
    return granted(insert(project, source, target, "reshape", shape=picture_of(shape or ())))


def _before(project: Project, layer_id: str, kind: str, sources: dict[str, dict[str, Shape]]) -> Edit:
    """A layer of a kind into the wires from some sources."""
    if not sources:
        raise Refused(UNKNOWN)
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
    units, name = int(fault.expected), layer_of(design, fault.layer).id
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
        raise Refused(UNKNOWN)
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


@named("flatten_shape", "Set to one list")
def _flatten_shape(project: Project, fault: Fault) -> Edit:
    return with_setting(project, fault.layer, "set the shape of {} to one list", shape=(-1,))


@named("shrink_window", "Shrink the window")
def _shrink_window(project: Project, fault: Fault) -> Edit:
    """The largest window that fits into the picture."""
    design, shapes = project.design, known_shapes(project.design)
    spec = layer_of(design, fault.layer)
    fed = [shapes[source] for source in design.sources(fault.layer) if source in shapes]
    if not fed or len(fed[0]) != 3:
        raise Refused(UNKNOWN)
    largest = (min(fed[0][1:]) - 1) // getattr(spec, "dilation", 1) + 1
    return with_setting(project, fault.layer, f"shrink the window of {{}} to {largest}", kernel=largest)
