"""The data: which set, how it is prepared, and a network fitted to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.datasets import DATASETS, Data
from engine.design import DataConfig, NetworkDesign, Project
from engine.edits.change import changed
from engine.edits.coding import coded_for, coding_of, suits
from engine.edits.creation import check_value, with_fields
from engine.edits.layers import end_of
from engine.edits.names import lowered
from engine.edits.outcome import Edit, Refused, edit
from engine.edits.settings import label, shown
from engine.edits.units import with_units
from engine.examples import LOSS_OF_TASK
from engine.fields import settings_of
from engine.layers.base import Shape, size_of
from engine.layers.dense import Input
from engine.layers.weighted import Weighted
from engine.losses import Loss
from engine.validation import Asked
from engine.validation.head import mismatch


@edit
def set_data_field(project: Project, name: str, value: Any) -> Edit:
    """One field of the data's preparation; ranges are (low, high) or None."""
    data = project.data
    if name in ("input_range", "target_range"):
        limits: dict[str, Any] = {name: _range(value)}
        data = replace(data, **limits)
        if name == "target_range":
            _check_coding(project, data)
        return Edit(replace(project, data=data), f"set {name.replace('_', ' ')} to {shown(value)}")
    data = with_fields(data, {name: value})
    return Edit(replace(project, data=data), f"set {label(data, name)} to {shown(value)}")


@edit
def choose_data(project: Project, name: str, path: str = "") -> Edit:
    """Another data set, with its own defaults; the network is fitted to it once it is loaded."""
    if name not in DATASETS:
        raise Refused(f"There is no data set named “{name}”; choose one of the list.")
    if DATASETS[name].from_file and not path:
        raise Refused(f"The data set “{DATASETS[name].label}” comes from a file; choose one.")
    return Edit(
        replace(project, data=DataConfig(name=name, path=path)), f"choose the data {DATASETS[name].label}"
    )


@edit
def set_data_option(project: Project, name: str, value: Any) -> Edit:
    """One option of the data set itself."""
    data = project.data
    if data.name not in DATASETS:
        raise Refused("This data set is not known here; choose another one.")
    known = {info.name: info for info in settings_of(DATASETS[data.name])}
    if name not in known:
        raise Refused(f"The data set “{DATASETS[data.name].label}” has no option “{name}”.")
    options = dict(data.options) | {name: check_value(known[name], value)}
    text = f"set {lowered(known[name].label)} to {shown(value)}"
    return Edit(replace(project, data=replace(data, options=tuple(options.items()))), text)


@edit
def use_data(project: Project, data: Data) -> Edit:
    """The project on other data: the input takes its features, the last layer gives its targets.

    What still fits keeps its units. The loss stays where it suits the task, as quadratic costs suit all; the
    classes are coded as it needs them. The output gets an activation that fits both, where its own does not.
    """
    design = _with_input(project.design, data)
    last = end_of(design)
    spec = design.layer(last)
    if isinstance(spec, Weighted) and spec.units != data.outputs:
        design = with_units(design, spec, data.outputs)
    training, usual = project.training, LOSS_OF_TASK[data.task]
    if training.loss.link not in ("identity", usual.link) or data.task not in training.loss.tasks:
        training = replace(training, loss=usual())
    if training.loss.link != "identity":
        design = _with_activation(design, last, "identity")
    config = data.config
    if data.task != "regression":
        config = coded_for(training.loss, design, config, data.target_range)
    if project.design.input is None or data.config.name != project.data.name:
        design = _answering(design, last, training.loss, data, config)
    added = tuple(spec.id for spec in design.layers[:1] if project.design.input is None)
    made = changed(project, design, f"use the data {data.title}", added=added)
    return replace(made, project=replace(made.project, training=training, data=config))


def _check_coding(project: Project, data: DataConfig) -> None:
    """Refused if loss and output suited the targets, and would not any more."""
    loss, design = project.training.loss, project.design
    if suits(loss, design, coding_of(project.data)) and not suits(loss, design, coding_of(data)):
        if not loss.targets:
            raise Refused("The last layer gives nothing below 0; choose another activation for it first.")
        wanted = "targets of −1 and 1" if loss.targets == "signs" else "targets between 0 and 1"
        wanted += " that sum to one" if loss.targets == "shares" else ""
        raise Refused(f"{loss.label} needs {wanted}; choose another loss first.")


def _with_activation(design: NetworkDesign, last: str, activation: str) -> NetworkDesign:
    spec = design.layer(last)
    return design.with_layer(replace(spec, activation=activation)) if isinstance(spec, Weighted) else design


def _answering(design: NetworkDesign, last: str, loss: Loss, data: Data, config: DataConfig) -> NetworkDesign:
    """The design with an output that can give the targets and learn them, where its own activation cannot."""
    low, high = config.target_range or data.target_range
    activation = getattr(design.layer(last), "activation", "identity")
    if not mismatch(loss, activation, data.outputs, Asked(data.outputs, data.task, low, high)):
        return design
    if loss.link != "identity" or loss.targets or data.task == "regression":
        return _with_activation(design, last, "identity")
    return _with_activation(design, last, "tanh" if low < 0.0 else "sigmoid")


def _with_input(design: NetworkDesign, data: Data) -> NetworkDesign:
    old = design.input
    if old is not None and size_of(old.shape) == data.features:
        return design
    kept = () if old is None else old.unit_ids[: data.features]
    ids = kept + design.fresh_units(data.features - len(kept))
    as_picture = old is not None and len(old.shape) == 3 and data.image_shape is not None
    shape = _picture(data.image_shape) if as_picture and data.image_shape else (data.features,)
    if old is not None:
        return design.with_layer(replace(old, shape=shape, unit_ids=ids))
    new = Input(id=design.fresh_id("input"), shape=shape, unit_ids=ids)
    return replace(design, layers=(new, *design.layers))


def _picture(shape: Shape) -> Shape:
    return shape if len(shape) == 3 else (1, *shape)


def _range(value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    try:
        low, high = (float(end) for end in value)
    except (TypeError, ValueError, OverflowError):
        raise Refused("A range is two numbers, the lower one first.") from None
    if not -1e9 <= low < high <= 1e9:
        raise Refused(f"A range goes from a lower to a higher number, not from {low:g} to {high:g}.")
    return low, high
