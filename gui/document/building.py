"""Whether a network is still being built: then what it lacks is only to be done yet, and no mistake."""

from __future__ import annotations

from dataclasses import replace

from engine.datasets.base import Data
from engine.design import NetworkDesign, Project
from engine.layers.dense import Input
from engine.losses import Loss
from engine.validation import Asked, Fault, Inference, infer
from engine.validation.loose import BETWEEN

_YET_TO_DO = ("add_wire", "wire_on", "add_input", "add_layer")


def is_yet_to_do(fault: Fault) -> bool:
    """Whether something is only missing: a wire, an input, a layer."""
    return fault.repair in _YET_TO_DO or (fault.field == "wires" and fault.repair in BETWEEN)


def is_being_built(
    design: NetworkDesign, inference: Inference, loss: Loss | None, asked: Asked | None
) -> bool:
    """Whether nothing is wrong but what is missing, and what hangs together is no whole network yet."""
    if not inference.errors or not all(is_yet_to_do(fault) for fault in inference.errors):
        return False
    return bool(infer(_joined(design), loss, asked=asked).errors)


def asks_for_more(project: Project, data: Data | None) -> bool:
    """Whether a project's network is still being built; `data` are those loaded, the project's or not."""
    asked = Asked.by(data if data is not None and data.config == project.data else None)
    loss = project.training.loss
    return is_being_built(project.design, infer(project.design, loss, asked=asked), loss, asked)


def _joined(design: NetworkDesign) -> NetworkDesign:
    """What the input reaches."""
    waiting, found = [spec.id for spec in design.layers if isinstance(spec, Input)], set()
    while waiting:
        layer = waiting.pop()
        if layer not in found:
            found.add(layer)
            waiting += design.targets(layer)
    wires = tuple(wire for wire in design.wires if {wire.source, wire.target} <= found)
    return replace(design, layers=tuple(spec for spec in design.layers if spec.id in found), wires=wires)
