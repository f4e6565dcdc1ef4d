"""Fields of layers and of the training, each checked before it changes anything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.design import NetworkDesign, Project, TrainingConfig
from engine.edits.change import changed
from engine.edits.coding import coded_for
from engine.edits.creation import with_fields
from engine.edits.names import layer_of, lowered, title
from engine.edits.outcome import Edit, Refused, edit, granted
from engine.edits.units import set_units
from engine.fields import settings_of
from engine.layers.activation import Activation
from engine.layers.weighted import Weighted
from engine.losses import LOSSES, Loss
from engine.optimizers import OPTIMIZERS
from engine.registry import Registry
from engine.regularizers import EarlyStopping
from engine.schedules import SCHEDULES

PARTS: dict[str, Registry[Any]] = {"loss": LOSSES, "optimizer": OPTIMIZERS, "schedule": SCHEDULES}
"""The parts of the training that are chosen from a registry."""
LONGEST_NAME = 60


@edit
def set_layer_field(project: Project, layer_id: str, name: str, value: Any) -> Edit:
    """One field of a layer; `units` and `name` are fields as well."""
    if name == "units":
        return granted(set_units(project, layer_id, value))
    if name == "name":
        return granted(rename(project, layer_id, value))
    design = project.design
    spec = with_fields(layer_of(design, layer_id), {name: value})
    text = f"set {label(spec, name)} of {title(design, layer_id)} to {shown(value)}"
    return changed(project, design.with_layer(spec), text)


@edit
def rename(project: Project, layer_id: str, name: object) -> Edit:
    """Give a layer a name of its own; an empty one takes it away."""
    design = project.design
    spec = layer_of(design, layer_id)
    if not isinstance(name, str) or len(name.strip()) > LONGEST_NAME or not name.isprintable():
        raise Refused(f"A name is one line of at most {LONGEST_NAME} characters.")
    text = f"rename {title(design, layer_id)}"
    return changed(project, design.with_layer(replace(spec, name=name.strip())), text)


@edit
def set_training_field(project: Project, name: str, value: Any, part: str = "") -> Edit:
    """One field of the training, or of a part of it (“loss”, “optimizer”, “stop”, “regularization”, …)."""
    training = project.training
    if not part:
        training = with_fields(training, {name: value})
        return Edit(replace(project, training=training), f"set {label(training, name)} to {shown(value)}")
    inner = with_fields(_part(training, part), {name: value})
    text = f"set {label(inner, name)} to {shown(value)}"
    return Edit(_with_part(project, part, inner), text)


@edit
def choose(project: Project, part: str, kind: str) -> Edit:
    """Another loss (with the output and targets it needs), optimizer or schedule, with its own defaults."""
    if part not in PARTS or kind not in PARTS[part]:
        raise Refused(f"There is no {part} named “{kind}”; choose one of the list.")
    cls = PARTS[part][kind]
    text, before = f"choose {cls.label} as {part}", project.training
    if isinstance(getattr(before, part), cls):
        return Edit(project, text)
    chosen = _with_part(project, part, cls())
    if part != "loss":
        return Edit(chosen, text)
    loss, design = chosen.training.loss, project.design
    if loss.link != before.loss.link:
        design = _with_output_for(design, loss)
    made = changed(project, design, text)
    data = coded_for(loss, made.project.design, project.data)
    return replace(made, project=replace(chosen, design=made.project.design, data=data))


def _with_output_for(design: NetworkDesign, loss: Loss) -> NetworkDesign:
    """The last layer's activation suits the loss: one with a link applies it to z by itself.

    Without it, sigmoid keeps the outputs between 0 and 1.
    """
    ends = [spec for spec in design.layers if not design.targets(spec.id)]
    if len(ends) != 1 or not isinstance(ends[0], Weighted | Activation):
        return design
    activation = "sigmoid" if loss.link == "identity" else "identity"
    return design.with_layer(replace(ends[0], activation=activation))


@edit
def stop_early(project: Project, on: bool) -> Edit:
    """Switch early stopping on or off."""
    rule = (project.training.early_stopping or EarlyStopping()) if on else None
    text = f"switch early stopping {'on' if on else 'off'}"
    return Edit(_with_part(project, "early_stopping", rule), text)


def _part(training: TrainingConfig, part: str) -> Any:
    inner = getattr(training, part, None)
    if inner is None or not hasattr(type(inner), "__dataclass_fields__"):
        raise Refused(f"The training has no {part.replace('_', ' ')}; choose one first.")
    return inner


def _with_part(project: Project, part: str, value: Any) -> Project:
    parts: dict[str, Any] = {part: value}
    return replace(project, training=replace(project.training, **parts))


def label(spec: Any, name: str) -> str:
    """A field's label within a sentence."""
    return next(lowered(info.label) for info in settings_of(spec) if info.name == name)


def shown(value: Any) -> str:
    """A field's value within a sentence."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:.4g}"
    text = " × ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return text if len(text) <= 30 else text[:29] + "…"
