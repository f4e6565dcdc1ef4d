"""The head: whether the last layer suits the data's targets and the loss, and the loss the task."""

from __future__ import annotations

from math import inf

from engine.activations import ACTIVATIONS
from engine.design import units_of
from engine.layers.base import LayerSpec, Shape, name_of, plural, size_of
from engine.losses import Loss
from engine.validation.fault import Asked, Fault

_QUESTIONS = {"regression": "for numbers", "binary": "for yes or no", "classes": "for one of several classes"}
_CODINGS = {"signs": "−1 and 1", "zero_one": "numbers between 0 and 1", "shares": "numbers that sum to one"}
_SLACK = 1e-6  # of a target, lost in float32


def head_faults(
    last: LayerSpec, shape: Shape, loss: Loss | None, outputs: int | None, asked: Asked | None = None
) -> list[Fault]:
    """Whether the number of outputs is the data's, and whether activation, loss and task belong together."""
    faults = []
    outputs = outputs if asked is None else asked.outputs
    if outputs is not None and size_of(shape) != outputs:
        given, asked_for = plural(size_of(shape), "value"), plural(outputs, "target")
        message = f"{name_of(last)} gives {given}, but the data has {asked_for}."
        field = "unit_ids" if units_of(last) else "outputs"
        repair = "match_units" if asked is None else "fit_output"
        expected, found = str(outputs), str(size_of(shape))
        faults.append(Fault(last.id, message, field, expected, found, repair, asked=asked))
    activation = getattr(last, "activation", "identity")
    if not isinstance(loss, Loss):
        return faults
    if loss.link != "identity" and activation != "identity":
        message = (
            f"{loss.label} already applies {loss.link} to the last layer; set its activation to identity."
        )
        faults.append(Fault(last.id, message, "activation", "identity", activation, "match_link", "warning"))
    if asked is not None and (message := mismatch(loss, activation, size_of(shape), asked)):
        where = _place_of_mismatch(loss, activation, asked)
        faults.append(Fault(last.id, message, *where, "fit_output", "warning", asked=asked))
    return faults


def _place_of_mismatch(loss: Loss, activation: str, asked: Asked) -> tuple[str, str, str]:
    """What is at fault where there is a mismatch, with what was expected and found."""
    low, high = (f"{value:.3g}".replace("-", "−") for value in (asked.low, asked.high))
    if asked.task not in loss.tasks:
        return "loss", f"a loss {_QUESTIONS[asked.task]}", loss.label
    if asked.task != "regression" and unreadable(loss, asked.low, asked.high, asked.outputs):
        return "targets", _CODINGS[loss.targets], f"{low} and {high}"
    return "activation", f"one that gives values from {low} to {high} and learns them", activation


def mismatch(loss: Loss, activation: str, units: int, asked: Asked) -> str:
    """Why a loss and an output do not answer what is asked, "" if they do."""
    if asked.task not in loss.tasks:
        made = " or ".join(_QUESTIONS[task] for task in loss.tasks)
        return f"{loss.label} is made {made}, but these data ask {_QUESTIONS[asked.task]}."
    if asked.task != "regression" and (why := unreadable(loss, asked.low, asked.high, asked.outputs)):
        return why
    if loss.link == "identity" and activation in ACTIVATIONS:
        return _reach(activation, units, asked)
    return ""


def unreadable(loss: Loss, low: float, high: float, outputs: int) -> str:
    """Why a loss cannot read classes coded as these two numbers, "" if it can."""
    now = f"these are {low:g} and {high:g}".replace("-", "−")
    if loss.targets == "signs" and (low, high) != (-1.0, 1.0):
        return f"{loss.label} needs targets of −1 and 1, but {now}."
    if loss.targets in ("zero_one", "shares") and not 0.0 <= low < high <= 1.0:
        return f"{loss.label} needs targets between 0 and 1, but {now}, and the loss would fall for ever."
    if loss.targets == "shares" and not _sums_to_one(low, high, outputs):
        return f"{loss.label} needs targets that sum to one, as 0 and 1 do, but {now}."
    return ""


def _sums_to_one(low: float, high: float, outputs: int) -> bool:
    """Whether an example's targets do, of which one is `high` and the others are `low`."""
    return abs(high + (outputs - 1) * low - 1.0) <= _SLACK


def _reach(activation: str, units: int, asked: Asked) -> str:
    """Why an activation cannot give the targets, or learns them badly."""
    known = ACTIVATIONS[activation]
    name = f"The output’s activation, {known.label},"
    if activation == "softmax" and units == 1:
        return f"{name} makes shares of one whole, so that a single output is always 1."
    if asked.low < known.low - _SLACK:
        return f"{name} gives nothing below {known.low:g}, but targets go down to {asked.low:.3g}.".replace(
            "-", "−"
        )
    if asked.high > known.high + _SLACK:
        return f"{name} gives nothing above {known.high:g}, but targets go up to {asked.high:.3g}."
    if asked.task != "regression" and known.low == 0.0 and known.high == inf:
        return (
            f"{name} cuts off below 0 and has no end above: an output that falls to 0 for every example "
            "learns nothing any more."
        )
    return ""
