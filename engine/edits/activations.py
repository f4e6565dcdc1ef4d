"""Activations: within the neurons (z│a), or as a layer of their own behind them."""

from __future__ import annotations

from dataclasses import replace

from engine.design import Project, Wire
from engine.edits.change import changed
from engine.edits.creation import fresh_layer
from engine.edits.names import describe, layer_of, title
from engine.edits.outcome import Edit, Refused, edit
from engine.edits.removal import without
from engine.edits.units import weighted
from engine.layers.activation import Activation


@edit
def part_activation(project: Project, layer_id: str) -> Edit:
    """Make a layer's activation a layer of its own, behind it."""
    design = project.design
    spec = weighted(design, layer_id)
    if spec.activation == "identity":
        raise Refused(f"{title(design, layer_id)} has no activation to take out; choose one first.")
    own = fresh_layer(design, Activation.kind, activation=spec.activation)
    moved = [Wire(own.id, w.target) if w.source == layer_id else w for w in design.wires]
    design = design.with_layer(replace(spec, activation="identity"))
    layers = list(design.layers)
    layers.insert(1 + [layer.id for layer in layers].index(layer_id), own)
    design = replace(design, layers=tuple(layers), wires=(*moved, Wire(layer_id, own.id)))
    text = f"take {spec.activation} out of {title(project.design, layer_id)}"
    return changed(project, design, text, added=(own.id,))


@edit
def absorb_activation(project: Project, layer_id: str) -> Edit:
    """Take an activation layer into the neurons that feed it."""
    design = project.design
    own = layer_of(design, layer_id)
    if not isinstance(own, Activation) or len(design.sources(layer_id)) != 1:
        raise Refused("Only an activation layer that is fed can move into neurons; choose one.")
    spec = weighted(design, design.sources(layer_id)[0])
    if spec.activation != "identity" or design.targets(spec.id) != (layer_id,):
        raise Refused(
            f"{title(design, spec.id)} has an activation already, or feeds other layers as well; "
            "the activation must stay on its own."
        )
    absorbed = design.with_layer(replace(spec, activation=own.activation))
    text = f"move {describe(own)} into {title(design, spec.id)}"
    return changed(project, without(absorbed, layer_id), text)
