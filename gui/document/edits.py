"""Edits: pure functions from one project to the next. Each changes one thing and leaves the rest.

What is fixed of single weights (pruned, frozen, initial) follows the layers' units through every edit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from engine.datasets.base import Data
from engine.design import NetworkDesign, Project, Wire, units_of
from engine.examples import LOSS_OF_TASK
from engine.layers.base import LayerSpec, size_of
from engine.layers.dense import Dense, Input
from engine.layers.weighted import Weighted, refit
from engine.losses import Loss
from engine.validation import infer


def with_design(project: Project, design: NetworkDesign) -> Project:
    """The project with another design, whose pruned and frozen synapses still mean the same."""
    return replace(project, design=refitted(project.design, design))


def with_training(project: Project, **values: Any) -> Project:
    """The project with some training settings changed."""
    return replace(project, training=replace(project.training, **values))


def with_layer_field(project: Project, layer_id: str, name: str, value: Any) -> Project:
    """The project with one field of one layer changed."""
    spec = replace(project.design.layer(layer_id), **{name: value})
    return with_design(project, project.design.with_layer(spec))


def with_units(project: Project, layer_id: str, units: int) -> Project:
    """The layer with `units` neurons: fresh ones are added at its end, or its last ones removed."""
    return with_design(project, project.design.resized(layer_id, units))


def without_units(project: Project, layer_id: str, indices: Iterable[int]) -> Project:
    """The layer without the neurons at these indices; its others stay as they are."""
    spec: Any = project.design.layer(layer_id)
    gone = set(indices)
    ids = tuple(unit for index, unit in enumerate(spec.unit_ids) if index not in gone)
    return with_design(project, project.design.with_layer(replace(spec, unit_ids=ids)))


def with_layer_between(project: Project, source: str, target: str, spec: LayerSpec) -> Project:
    """The project with a layer put into the wire from `source` to `target`."""
    wires: list[Wire] = []
    for wire in project.design.wires:
        if wire == Wire(source, target):
            wires += [Wire(source, spec.id), Wire(spec.id, target)]
        else:
            wires.append(wire)
    layers = list(project.design.layers)
    layers.insert(layers.index(project.design.layer(target)), spec)
    return with_design(project, replace(project.design, layers=tuple(layers), wires=tuple(wires)))


def with_layer_after(project: Project, source: str, spec: LayerSpec) -> Project:
    """The project with a layer put behind `source`, which leads nowhere yet."""
    design = project.design
    return with_design(
        project, replace(design, layers=(*design.layers, spec), wires=(*design.wires, Wire(source, spec.id)))
    )


def without_layer(project: Project, layer_id: str) -> Project:
    """The project without a layer; what fed it feeds now what it fed."""
    design = project.design
    wires: list[Wire] = []
    for wire in design.wires:
        if wire.target == layer_id:
            continue
        if wire.source == layer_id:
            wires += [Wire(source, wire.target) for source in design.sources(layer_id)]
        else:
            wires.append(wire)
    layers = tuple(spec for spec in design.layers if spec.id != layer_id)
    positions = tuple(place for place in project.positions if place[0] != layer_id)
    wires = list(dict.fromkeys(wires))
    return with_design(
        replace(project, positions=positions), replace(design, layers=layers, wires=tuple(wires))
    )


def neighbor(project: Project, source: str, *, units: int = 0) -> Dense:
    """A hidden layer like the one at `source`, or like its kind elsewhere in the network."""
    design = project.design
    last = {spec.id for spec in design.layers if not design.targets(spec.id)}
    hidden = [spec for spec in design.layers if isinstance(spec, Dense) and spec.id not in last]
    like = next((spec for spec in hidden if spec.id == source), hidden[-1] if hidden else None)
    count = units or (like.units if like is not None else 8)
    ids = design.fresh_units(count)
    if like is None:
        return Dense(id=design.fresh_id("dense"), unit_ids=ids)
    return replace(like, id=design.fresh_id("dense"), name="", unit_ids=ids, initial=(), mask=b"", frozen=b"")


def inserted(project: Project, source: str = "", *, units: int = 0) -> tuple[Project, Dense]:
    """The project with one more hidden layer behind `source` (default: before the output), and that layer."""
    design = project.design
    if not source:
        order = infer(design).order
        ends = [spec for spec in order if not design.targets(spec.id)]
        feeds = design.sources(ends[-1].id) if ends else ()
        source = feeds[0] if feeds else (ends[-1].id if ends else "")
    spec = neighbor(project, source, units=units)
    if not source:
        return with_design(project, replace(design, layers=(*design.layers, spec))), spec
    targets = design.targets(source)
    if not targets:
        return with_layer_after(project, source, spec), spec
    return with_layer_between(project, source, targets[0], spec), spec


def with_data(project: Project, data: Data) -> Project:
    """The project on other data: its input takes the features, its last layer gives the targets."""
    design = project.design
    source = design.input
    if source is None:
        source = Input(id="input", shape=(data.features,), unit_ids=design.fresh_units(data.features))
        design = replace(design, layers=(source, *design.layers))
    elif source.units != data.features:
        ids = source.unit_ids[: data.features]
        ids += design.fresh_units(data.features - len(ids))
        design = design.with_layer(replace(source, shape=(data.features,), unit_ids=ids))
    ends = [spec for spec in design.layers if not design.targets(spec.id) and isinstance(spec, Weighted)]
    for spec in ends:
        if len(units_of(spec)) != data.outputs:
            design = design.resized(spec.id, data.outputs)
    changed = replace(with_design(project, design), data=data.config)
    return _with_suiting_loss(changed, data, ends[-1].id if ends else "")


def _with_suiting_loss(project: Project, data: Data, last: str) -> Project:
    """Keep the loss where it suits the task (as quadratic costs suit all), else take the usual one."""
    loss = project.training.loss
    if loss.link in ("identity", LOSS_OF_TASK[data.task].link):
        return project
    project = with_training(project, loss=LOSS_OF_TASK[data.task]())
    return with_layer_field(project, last, "activation", "identity") if last else project


def refitted(before: NetworkDesign, after: NetworkDesign) -> NetworkDesign:
    """`after`, with what is fixed of single weights fitted to matrices of another shape than `before`."""
    fixed = [s for s in after.layers if isinstance(s, Weighted) and (s.initial or s.mask or s.frozen)]
    if not fixed:
        return after
    old, new = _matrix_ids(before), _matrix_ids(after)
    for spec in fixed:
        was, now = old.get(spec.id), new.get(spec.id)
        if was is None or now is None or all(map(np.array_equal, was, now)):
            continue
        mask, frozen = (refit(packed, was, now) for packed in (spec.mask, spec.frozen))
        after = after.with_layer(replace(spec, initial=(), mask=mask, frozen=frozen))
    return after


def _matrix_ids(design: NetworkDesign) -> dict[str, tuple[Any, Any]]:
    """The ids of the rows and columns of every weight matrix that is known."""
    bare = replace(
        design,
        layers=tuple(
            replace(spec, initial=(), mask=b"", frozen=b"") if isinstance(spec, Weighted) else spec
            for spec in design.layers
        ),
    )
    inference = infer(bare)
    found: dict[str, tuple[Any, Any]] = {}
    lineages: dict[str, Any] = {}
    for spec in inference.order:
        sources = design.sources(spec.id)
        if spec.id not in inference.shapes or any(source not in lineages for source in sources):
            continue
        shapes = tuple(inference.shapes[source] for source in sources)
        fed = tuple(lineages[source] for source in sources)
        lineages[spec.id] = spec.lineage(fed, shapes)
        if isinstance(spec, Weighted):
            rows, columns = spec.identities(fed, shapes)["weight"]
            found[spec.id] = rows, columns
    return found


def label_of(spec: LayerSpec) -> str:
    """A layer as it is called in sentences: its name, or Dense(16)."""
    if spec.name:
        return spec.name
    if isinstance(spec, Input):
        return f"Input({size_of(spec.shape)})"
    units = len(units_of(spec))
    return f"{spec.label}({units})" if units else spec.label


def with_loss(project: Project, loss: Loss) -> Project:
    """The project with another loss; the last layer's activation changes with it where it must.

    A loss with a link (softmax, sigmoid) applies it to the last layer's z; without one, the last layer keeps
    its outputs between 0 and 1 by itself.
    """
    before = project.training.loss
    project = with_training(project, loss=loss)
    ends = [s for s in project.design.layers if isinstance(s, Weighted) and not project.design.targets(s.id)]
    if not ends or before.link == loss.link:
        return project
    activation = "identity" if loss.link != "identity" else "sigmoid"
    return with_layer_field(project, ends[-1].id, "activation", activation)
