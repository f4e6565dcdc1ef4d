"""Removing layers: their neighbors are joined where they fit, else left open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.design import NetworkDesign, Project, Wire
from engine.edits.change import changed
from engine.edits.flow import known_shapes, misfit
from engine.edits.names import describe, layer_of, title
from engine.edits.outcome import Edit, Refused, edit
from engine.layers.base import plural


@edit
def delete(project: Project, layer_ids: Iterable[str]) -> Edit:
    """The project without these layers."""
    names = list(dict.fromkeys(layer_ids))
    if not names:
        raise Refused("Nothing is selected; click a layer first.")
    specs = [layer_of(project.design, name) for name in names]
    design = project.design
    for name in names:
        design = without(design, name)
    what = describe(specs[0]) if len(specs) == 1 else plural(len(specs), "layer")
    return replace(changed(project, design, f"remove {what}"), note=_apart(project.design, design))


def _apart(before: NetworkDesign, after: NetworkDesign) -> str:
    """Which layers could not be joined in place of what was between them, as a sentence; "" if all were."""
    left = {spec.id for spec in after.layers}
    sentences = []
    for spec in after.layers:
        if not before.sources(spec.id) or after.sources(spec.id):
            continue
        feeds = list(before.sources(spec.id))
        while gone := [name for name in feeds if name not in left]:
            feeds = [*(name for name in feeds if name in left), *before.sources(gone[0]), *gone[1:]]
        if feeds:
            pair = f"{title(after, feeds[0])} and {title(after, spec.id)}"
            sentences.append(f"{pair} do not fit each other, so that they stay apart. F8 goes to the repair.")
    return sentences[0] if sentences else ""


def without(design: NetworkDesign, layer_id: str) -> NetworkDesign:
    """The design without a layer, what fed it wired to what it fed, where that fits."""
    sources, targets = design.sources(layer_id), dict.fromkeys(design.targets(layer_id))
    shapes = known_shapes(design)
    joined = {target: _joined(design, layer_id, target) for target in targets}
    for target, feeds in joined.items():
        fed = tuple(shapes[name] for name in feeds if name in shapes)
        twice = len(set(feeds)) < len(feeds)  # adding a value to itself is no skip connection
        if twice or not sources or (len(fed) == len(feeds) and misfit(design.layer(target), fed)):
            joined[target] = tuple(name for name in design.sources(target) if name != layer_id)
    layers = tuple(spec for spec in design.layers if spec.id != layer_id)
    return replace(design, layers=layers, wires=_rewired(design, layer_id, joined))


def _joined(design: NetworkDesign, layer_id: str, target: str) -> tuple[str, ...]:
    """What would feed the target, in order, with the layer's own sources in its place."""
    feeds: list[str] = []
    for name in design.sources(target):
        feeds += design.sources(layer_id) if name == layer_id else [name]
    return tuple(feeds)


def _rewired(design: NetworkDesign, gone: str, feeds: dict[str, tuple[str, ...]]) -> tuple[Wire, ...]:
    """The wires without those of a layer that is gone; some targets are fed anew, where they were first."""
    found: list[Wire] = []
    done = {gone}
    for wire in design.wires:
        if wire.target not in feeds and wire.target != gone:
            found.append(wire)
        elif wire.target not in done:
            found += [Wire(source, wire.target) for source in feeds[wire.target]]
            done.add(wire.target)
    return tuple(found)
