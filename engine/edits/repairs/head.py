"""The repair of the head: as many outputs as targets, with an activation, a loss and a coding that fit."""

from __future__ import annotations

from dataclasses import replace

from engine.design import NetworkDesign, Project
from engine.edits.change import changed
from engine.edits.coding import coded_for
from engine.edits.creation import with_fields
from engine.edits.flow import known_shapes
from engine.edits.layers import end_of
from engine.edits.outcome import Edit, Refused, granted
from engine.edits.repairs.base import REPAIRS, named
from engine.examples import LOSS_OF_TASK
from engine.layers.base import size_of
from engine.losses import Loss
from engine.validation import Asked, Fault
from engine.validation.head import mismatch


@named("fit_output", "Fit the output to the data")
def _fit_output(project: Project, fault: Fault) -> Edit:
    """Units, activation, loss and the coding of classes; what fits already stays."""
    asked = fault.asked
    if asked is None:
        raise Refused("The data is not loaded yet; wait for it, and try again.")
    now = project
    added: tuple[str, ...] = ()
    if known_shapes(project.design).get(fault.layer, ()) != (asked.outputs,):
        wanted = replace(fault, repair="match_units", expected=str(asked.outputs))
        made = granted(REPAIRS["match_units"].act(project, wanted))
        now, added = made.project, made.added
    loss, activation = _head(now.training.loss, now.design, asked)
    last = now.design.layer(end_of(now.design))
    design = now.design
    if hasattr(last, "activation"):
        design = design.with_layer(with_fields(last, {"activation": activation}))
    data = project.data
    if asked.task != "regression":
        data = coded_for(loss, design, data, (asked.low, asked.high))
    training = replace(now.training, loss=loss)
    edit = changed(project, design, "fit the output to the data", added=added)
    return replace(edit, project=replace(edit.project, training=training, data=data))


def _head(loss: Loss, design: NetworkDesign, asked: Asked) -> tuple[Loss, str]:
    """A loss and an activation that together answer what is asked: those that there are, if they do."""
    last = design.layer(end_of(design))
    activation = str(getattr(last, "activation", "identity"))
    units = size_of(known_shapes(design).get(last.id, (asked.outputs,)))
    if loss.link != "identity":
        activation = "identity"
    low, high = _coding(loss, asked)
    recoded = replace(asked, low=low, high=high)
    if not mismatch(loss, activation, units, recoded):
        return loss, activation
    if asked.task == "binary" and asked.task in loss.tasks:  # a cost of numbers, or a hinge
        return loss, "identity" if loss.targets else "tanh" if asked.low < 0.0 else "sigmoid"
    if asked.task in loss.tasks and asked.task == "regression":
        return loss, "identity"
    return LOSS_OF_TASK[asked.task](), "identity"


def _coding(loss: Loss, asked: Asked) -> tuple[float, float]:
    """How the classes will be coded."""
    if asked.task == "regression" or not loss.targets:
        return asked.low, asked.high
    if loss.targets == "signs":
        return -1.0, 1.0
    return 0.0, 1.0
