"""Outputs that do not answer what the data asks: the warning, and the repair that makes everything fit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.design import DataConfig, Project, TrainingConfig, chain
from engine.edits.coding import suits
from engine.edits.outcome import Edit
from engine.edits.repairs import repair, repair_label
from engine.losses import LOSSES
from engine.validation import Asked, Fault, infer

SIGNS, YES_NO = Asked(1, "binary", -1.0, 1.0), Asked(1, "binary", 0.0, 1.0)
TEN, NUMBER = Asked(10, "classes", 0.0, 1.0), Asked(1, "regression", -2.5, 3.0)
GO, SMOOTH = Asked(10, "classes", 0.01, 0.99), Asked(10, "classes", 0.01, 0.91)  # labels smoothed sum to one


def project(units: int, activation: str, loss: str, data: str = "circle") -> Project:
    design = chain((2,), (4, {"activation": "tanh"}), (units, {"activation": activation}))
    return Project(design=design, training=TrainingConfig(loss=LOSSES[loss]()), data=DataConfig(name=data))


def faults(project: Project, asked: Asked) -> tuple[Fault, ...]:
    return infer(project.design, project.training.loss, asked=asked).faults


def asked_after(before: Asked, project: Project) -> Asked:
    coding: Any = project.data.target_range
    return before if coding is None else replace(before, low=coding[0], high=coding[1])


@pytest.mark.parametrize("coding", [(-1.0, 1.0), (-2.0, 2.0), (-1.0, 0.5), (0.0, 1.0), (0.01, 0.99)])
@pytest.mark.parametrize("loss", [name for name, loss in LOSSES.items() if loss.targets])
def test_choosing_a_loss_and_checking_it_agree_on_how_classes_must_be_coded(
    loss: str, coding: tuple[float, float]
) -> None:
    start, asked = project(1, "identity", loss), Asked(1, "binary", *coding)
    warned = any("needs targets" in fault.message for fault in faults(start, asked))
    fits = suits(start.training.loss, start.design, coding)
    assert fits != warned or "binary" not in start.training.loss.tasks


# what is there: units, activation, loss; what is asked; what is said; what fits in the end
CASES = {
    "relu at ±1": (1, "relu", "quadratic", SIGNS, "nothing below 0", ("tanh", "quadratic")),
    "relu at 0, 1": (1, "relu", "mean_squared", YES_NO, "cuts off below 0", ("sigmoid", "mean_squared")),
    "sigmoid at ±1": (1, "sigmoid", "quadratic", SIGNS, "targets go down to −1", ("tanh", "quadratic")),
    "relu digits": (10, "relu", "quadratic", TEN, "cuts off", ("identity", "softmax_cross_entropy")),
    "one digit": (1, "identity", "softmax_cross_entropy", TEN, "10 targets", ("identity", None)),
    "hinge at 0, 1": (1, "identity", "hinge", YES_NO, "needs targets of −1 and 1", ("identity", "hinge")),
    "entropy at ±1": (1, "identity", "binary_cross_entropy", SIGNS, "for ever", ("identity", None)),
    "entropy at 0.01": (10, "identity", "softmax_cross_entropy", GO, "sum to one", ("identity", None)),
    "entropy": (1, "identity", "softmax_cross_entropy", NUMBER, "for numbers", ("identity", "quadratic")),
    "distance": (10, "identity", "huber", TEN, "one of several", ("identity", "softmax_cross_entropy")),
    "large": (1, "tanh", "quadratic", NUMBER, "targets go down to −2.5", ("identity", "quadratic")),
    "softmax of one": (1, "softmax", "quadratic", YES_NO, "always 1", ("sigmoid", "quadratic")),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_an_output_that_does_not_fit_is_named_and_one_button_makes_all_fit(name: str) -> None:
    units, activation, loss, asked, said, (wanted, wanted_loss) = CASES[name]
    start = project(units, activation, loss)
    (fault, *_) = [fault for fault in faults(start, asked) if fault.repair == "fit_output"]
    assert said in fault.message
    assert repair_label(fault) == "Fit the output to the data"
    made = repair(start, fault)
    assert isinstance(made, Edit)
    last = made.project.design.layers[-1]
    assert (last.activation, last.units) == (wanted, asked.outputs)
    assert made.project.training.loss.kind == (wanted_loss or loss)
    assert faults(made.project, asked_after(asked, made.project)) == ()


@pytest.mark.parametrize(
    ("units", "activation", "loss", "asked"),
    [
        (1, "tanh", "quadratic", SIGNS),
        (1, "identity", "hinge", SIGNS),
        (1, "identity", "binary_cross_entropy", YES_NO),
        (10, "sigmoid", "quadratic", TEN),  # Nielsen's
        (10, "identity", "softmax_cross_entropy", TEN),
        (10, "identity", "softmax_cross_entropy", SMOOTH),
        (1, "relu", "quadratic", Asked(1, "regression", 0.0, 7.0)),  # counts are never negative
        (1, "identity", "huber", NUMBER),
    ],
)
def test_an_output_that_fits_is_left_alone(units: int, activation: str, loss: str, asked: Asked) -> None:
    assert faults(project(units, activation, loss), asked) == ()


def test_a_mismatch_forbids_nothing_but_a_wrong_number_of_outputs() -> None:
    assert infer(project(1, "relu", "quadratic").design, asked=SIGNS).errors == ()
    assert len(infer(project(3, "relu", "quadratic").design, asked=SIGNS).errors) == 1
