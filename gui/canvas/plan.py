"""Plans the picture of a project: which layers and synapses there are, how large, and under which titles."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from engine.activations import ACTIVATIONS
from engine.datasets.base import Data
from engine.design import NetworkDesign, Project, units_of
from engine.edits.flow import Summary, summary
from engine.layers.base import LayerSpec as Spec
from engine.layers.base import Shape, size_of, times
from engine.layers.weighted import Weighted
from engine.validation import Asked, Fault, Inference
from engine.validation.loose import output_of
from gui.canvas.boxes import LayerSpec, Layout, Metrics, Rect, WireSpec
from gui.canvas.geometry import FOLD_LIMIT, arrange, detour
from gui.canvas.look import tr
from gui.canvas.pruned import Absent, without_pruned
from gui.document.building import is_being_built
from gui.document.facts import examined, named

_IMAGE_FROM = 64  # units from which an input without known shape is taken for a square picture


@dataclass(frozen=True, eq=False)
class Plan:
    """The picture of a project.

    Attributes:
        layout: everything in its place; inference: shapes and faults.
        output: the id of the last layer, "" where there is none.
        plain: wires without synapses, (source, target); summary: shapes and numbers of parameters.
        absent: the pruned synapses, which the layout's bundles leave out.
        faults: what is wrong, in the words of the screen; building: nothing but that it is not finished.
    """

    layout: Layout
    inference: Inference
    output: str
    plain: tuple[tuple[str, str], ...]
    summary: Summary
    absent: tuple[Absent, ...] = ()
    building: bool = False
    faults: tuple[Fault, ...] = ()

    def lines(self, layer: str) -> tuple[str, ...]:
        """What a block says of a layer: its title, its shape, its number of parameters."""
        shape, count = self.summary.shapes.get(layer), self.summary.parameters.get(layer, 0)
        lines = [self.layout.boxes[layer].title]
        if shape is not None:
            lines.append(times(shape))
        if count:
            lines.append(parameters_text(count))
        return tuple(lines)


def plan(
    project: Project,
    data: Data | None,
    width: float,
    height: float,
    *,
    labels: float = 132.0,
    names: float = 0.0,
    scale: float = 1.0,
    unfolded: Collection[str] = (),
) -> Plan:
    """Place a project in about width × height; `scale` enlarges what holds text.

    unfolded: the ids of layers of which every neuron is shown.
    labels, names: the room right of the outputs for their answers, and left of the inputs for their names.
    """
    design = project.design
    inference = examined(project, data)
    sizes = {spec.id: size_of(inference.shapes.get(spec.id, (_own_units(spec),))) for spec in design.layers}
    output = output_of(project.design)
    layers = [
        _layer_spec(spec, inference.shapes.get(spec.id, (sizes[spec.id],)), data, spec.id == output, unfolded)
        for spec in design.layers
    ]
    pictures = {layer.id for layer in layers if layer.maps is not None}
    wires, plain = [], []
    for wire in design.wires:
        if wire.source not in sizes or wire.target not in sizes:
            continue
        target = design.layer(wire.target)
        mapped = {wire.source, wire.target} & pictures
        if (
            not mapped
            and isinstance(target, Weighted)
            and target.fan_in((sizes[wire.source],)) == sizes[wire.source]
        ):
            wires.append(WireSpec(wire.source, wire.target, target.bias, int(target.bias)))
        else:
            plain.append((wire.source, wire.target))
    metrics = _metrics(
        [layer for layer in layers if layer.image is None and layer.maps is None],
        width / max(len(layers), 1),
        height,
        labels,
        scale,
    )
    room = 0.0 if any(layer.image for layer in layers) else names
    moved = {layer.id: (room, 0.0) for layer in layers}
    placed = {layer: (x, y) for layer, x, y in project.positions}
    layout = arrange(
        layers,
        wires,
        max(width - room, 1.0),
        height,
        moved=moved,
        placed=placed,
        plain=plain,
        metrics=metrics,
    )
    bounds = layout.bounds.united(Rect(0.0, 0.0, width, height))
    for source, end in plain:
        below = detour(layout.boxes, source, end)
        if below is not None:
            bounds = bounds.united(Rect(0.0, 0.0, width, below + 12.0))
    layout = replace(layout, bounds=bounds)
    layout, absent = without_pruned(layout, design)
    building = is_being_built(design, inference, project.training.loss, Asked.by(data))
    return Plan(
        layout,
        inference,
        output,
        tuple(plain),
        _summary(design),
        absent,
        building,
        named(design, inference.faults),
    )


def parameters_text(count: int) -> str:
    """“1 parameter”, “12,560 parameters”."""
    return tr("1 parameter") if count == 1 else tr("{count} parameters").format(count=f"{count:,}")


_last: list[tuple[NetworkDesign, Summary]] = []


def _summary(design: NetworkDesign) -> Summary:
    """Remembers the last one: while layers are dragged, the design stays the same object."""
    if not _last or _last[0][0] is not design:
        _last[:] = [(design, summary(design))]
    return _last[0][1]


def _metrics(layers: list[LayerSpec], column: float, height: float, labels: float, scale: float) -> Metrics:
    """Few neurons are drawn large, so that their numbers can be read; many small, with little between.

    column: the width that each layer would have if all had the same.
    """
    shown = max((min(layer.units, FOLD_LIMIT) for layer in layers), default=1)
    pitch = min(max((height - 150 * scale) / max(shown, 3), 36.0), max(104.0, 0.15 * height))
    return Metrics(
        margin=20.0 * scale,
        header=46.0 * scale,
        bias=28.0 * scale,
        footer=28.0 * scale,
        widest_pitch=pitch,
        fill=0.45 if pitch < 48 else 0.34,
        image=min(height * 0.46, 300.0, 1.1 * column),
        maps=min(max(0.85 * column, 76.0), 300.0),
        gap=66.0,
        labels=labels,
        widest_gap=520.0,
        dense=1.7,
    )


def _own_units(spec: Spec) -> int:
    return max(len(getattr(spec, "unit_ids", ())), 1)


def _layer_spec(
    spec: Spec, shape: Shape, data: Data | None, last: bool, unfolded: Collection[str]
) -> LayerSpec:
    units = size_of(shape)
    image = _image_of(units, data) if spec.kind == "input" else None
    maps = (shape[0], shape[1], shape[2]) if len(shape) == 3 and spec.kind != "input" else None
    name = title(spec, units if maps is None else maps[0], data, last)
    count = units if maps is None else maps[0]
    return LayerSpec(spec.id, count, name, image, maps, labels=last, unfolded=spec.id in unfolded)


def _image_of(units: int, data: Data | None) -> tuple[int, int] | None:
    """The rows and columns of an input that is a picture (in gray: colors are three of them)."""
    if data is not None:
        shape = data.image_shape
        return (shape[-2], shape[-1]) if shape and size_of(shape[-2:]) == units else None
    side = round(units**0.5)
    return (side, side) if units >= _IMAGE_FROM and side * side == units else None


def title(spec: Spec, units: int, data: Data | None, last: bool) -> str:
    """What a layer is called on the canvas: its own name, or what it is."""
    if spec.name:
        return spec.name
    if spec.kind == "input":
        return tr("Input") if data is None else data.title
    activation = getattr(spec, "activation", None)
    kind = ACTIVATIONS[activation].label if activation else spec.label
    if last:
        return tr("Output")
    if spec.kind == "conv2d":
        return tr("{count} maps, {kind}").format(count=f"{units:,}", kind=kind)
    return f"{units:,} {kind}" if units_of(spec) or activation else spec.label
