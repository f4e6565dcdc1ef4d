"""Fields are checked before they change anything; networks are fitted to data; faults are repaired."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import engine
from engine.design import DataConfig, NetworkDesign, Project, Wire, chain
from engine.edits import Edit, Outcome, Refusal
from engine.edits.data import choose_data, set_data_field, set_data_option, use_data
from engine.edits.layers import append, insert, place
from engine.edits.repairs import REPAIRS, repair, repair_label
from engine.edits.settings import choose, rename, set_layer_field, set_training_field, stop_early
from engine.edits.synapses import prune
from engine.edits.wires import connect, disconnect
from engine.losses import LOSSES
from engine.validation import Asked, Fault, infer

QUADRATIC = LOSSES["quadratic"]()


def done(outcome: Outcome) -> Edit:
    assert isinstance(outcome, Edit), outcome
    return outcome


def refused(outcome: Outcome) -> str:
    assert isinstance(outcome, Refusal)
    return outcome.sentence


def project(*widths: int) -> Project:
    layers = [(units, {}) for units in widths[1:-1]]
    return Project(design=chain((widths[0],), *layers, (widths[-1], {"activation": "identity"})))


# -- fields


def test_a_layers_fields() -> None:
    start = project(2, 3, 1)
    made = done(set_layer_field(start, "dense-1", "activation", "tanh"))
    assert made.text == "set activation of Layer 1 to tanh"
    assert made.project.design.layer("dense-1").activation == "tanh"  # type: ignore[attr-defined]
    assert done(set_layer_field(start, "dense-1", "units", 5)).text == "set Layer 1 to 5 neurons"
    assert done(set_layer_field(start, "dense-1", "bias", False)).text == "set bias of Layer 1 to off"
    assert "must be one of" in refused(set_layer_field(start, "dense-1", "activation", "tanhh"))
    assert refused(set_layer_field(start, "dense-1", "bias", 1)) == "Bias must be on or off, not 1."
    for name in ("mask", "id", "unit_ids", "nonsense"):
        assert "no field" in refused(set_layer_field(start, "dense-1", name, b"x"))
    drop = done(append(start, "dropout")).project
    assert "less than 1" in refused(set_layer_field(drop, "dropout-1", "rate", 1.2))
    assert refused(set_layer_field(drop, "dropout-1", "rate", 10**400))
    assert refused(set_layer_field(drop, "dropout-1", "rate", float("nan")))


def test_names() -> None:
    made = done(rename(project(2, 3, 1), "dense-1", "  edges "))
    assert made.text == "rename Layer 1"
    assert made.project.design.layer("dense-1").name == "edges"
    assert done(set_layer_field(made.project, "dense-1", "name", "")).project == project(2, 3, 1)
    for bad in ("x" * 61, "two\nlines", 5, None):
        assert "one line" in refused(rename(project(2, 1), "dense-1", bad))


def test_the_trainings_fields() -> None:
    start = project(2, 1)
    made = done(set_training_field(start, "batch_size", 10))
    assert (made.text, made.project.training.batch_size) == ("set batch size to 10", 10)
    made = done(set_training_field(start, "learning_rate", 1, "optimizer"))
    assert made.text == "set learning rate to 1"
    assert made.project.training.optimizer.learning_rate == 1.0
    assert type(made.project.training.optimizer.learning_rate) is float
    made = done(set_training_field(start, "max_epochs", 3, "stop"))
    assert made.project.training.stop.max_epochs == 3
    assert done(set_training_field(made.project, "max_epochs", None, "stop")).project == start
    assert "greater than 0" in refused(set_training_field(start, "learning_rate", 0, "optimizer"))
    assert "no field" in refused(set_training_field(start, "momentum_", 0.9, "optimizer"))
    assert "no early stopping" in refused(set_training_field(start, "patience", 3, "early_stopping"))
    on = done(stop_early(start, True))
    assert on.text == "switch early stopping on"
    assert done(set_training_field(on.project, "patience", 3, "early_stopping"))
    assert done(stop_early(on.project, False)).project == start


def test_another_optimizer_loss_or_schedule() -> None:
    made = done(choose(project(2, 1), "optimizer", "adam"))
    assert made.project.training.optimizer.kind == "adam"
    assert done(choose(made.project, "optimizer", "adam")).project == made.project
    assert done(choose(made.project, "loss", "quadratic")).project.training.loss == QUADRATIC
    assert done(choose(made.project, "schedule", "cosine")).project.training.schedule.kind == "cosine"
    assert "no optimizer named" in refused(choose(made.project, "optimizer", "magic"))
    assert "choose one" in refused(choose(made.project, "stop", "now"))


def test_a_loss_comes_with_the_output_that_it_needs() -> None:
    start = project(2, 3, 1)
    assert start.training.loss.link == "softmax"
    without = done(choose(start, "loss", "quadratic"))
    assert without.text == "choose Quadratic cost as loss"
    assert without.project.design.layer("dense-2").activation == "sigmoid"  # type: ignore[attr-defined]
    assert done(choose(without.project, "loss", start.training.loss.kind)).project == start
    same = done(choose(without.project, "loss", "mean_squared")).project
    assert same.design == without.project.design


# -- data


def test_the_datas_fields() -> None:
    start = done(choose_data(project(2, 1), "circle"))
    assert start.project.data == DataConfig(name="circle")
    made = done(set_data_field(start.project, "test_fraction", 0.5))
    assert (made.text, made.project.data.test_fraction) == ("set test share to 0.5", 0.5)
    assert "at most" in refused(set_data_field(start.project, "test_fraction", 2))
    made = done(set_data_field(start.project, "input_range", (-1, 1)))
    assert made.project.data.input_range == (-1.0, 1.0)
    assert done(set_data_field(made.project, "input_range", None)).project == start.project
    for bad in ((1, -1), (0, float("nan")), 5, ("a", "b"), (1, 2, 3)):
        assert "range" in refused(set_data_field(start.project, "input_range", bad))
    made = done(set_data_option(start.project, "samples", 300))
    assert dict(made.project.data.options) == {"samples": 300}
    assert refused(set_data_option(start.project, "samples", -1))
    assert "no option" in refused(set_data_option(start.project, "color", 1))
    assert "no data set" in refused(choose_data(project(2, 1), "moonbase"))
    assert "comes from a file" in refused(choose_data(project(2, 1), "csv"))


def test_a_network_is_fitted_to_its_data() -> None:
    from engine.datasets import load_data

    start = project(2, 3, 1)
    data = load_data(DataConfig(name="linear"))
    made = done(use_data(start, data)).project
    assert infer(made.design, made.training.loss, data.outputs).faults == ()
    assert made.design.input is not None
    assert made.design.input.units == data.features
    before = start.design.input
    assert before is not None
    assert made.design.input.unit_ids[:2] == before.unit_ids
    assert made.data == data.config
    circle = load_data(DataConfig(name="circle"))
    back = done(use_data(made, circle)).project
    assert infer(back.design, back.training.loss, circle.outputs).faults == ()
    empty = done(use_data(Project(), circle)).project
    assert empty.design.input is not None
    assert empty.design.input.shape == (2,)


@pytest.mark.parametrize("name", ["circle", "mnist", "linear"])
@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_an_output_with_relu_is_fitted_to_new_data_whatever_the_loss(name: str, loss: str) -> None:
    from engine.datasets import load_data

    start = Project(design=chain((3,), (4, {"activation": "relu"}), (7, {"activation": "relu"})))
    start = replace(start, training=replace(start.training, loss=LOSSES[loss]()), data=DataConfig(name="xor"))
    made = done(use_data(start, load_data(DataConfig(name=name)))).project
    after = load_data(made.data)
    assert infer(made.design, made.training.loss, asked=Asked.by(after)).faults == ()
    assert made.design.layers[1] == start.design.layers[1]


def coding(made: Project) -> tuple[float, float] | None:
    return made.data.target_range


def test_classes_are_coded_as_the_loss_needs_them() -> None:
    from engine.datasets import load_data
    from engine.training.session import Session

    circle = load_data(DataConfig(name="circle"))
    assert circle.target_range == (-1.0, 1.0)
    entropy = done(choose(project(2, 3, 1), "loss", "binary_cross_entropy")).project
    made = done(use_data(entropy, circle)).project
    assert coding(made) == (0.0, 1.0)
    session = Session(made, load_data(made.data))
    session.run(600)
    assert session.evaluate("train").loss > 0
    hinge = done(choose(made, "loss", "hinge")).project
    assert coding(hinge) == (-1.0, 1.0)
    assert coding(done(choose(hinge, "loss", "binary_cross_entropy")).project) == (0.0, 1.0)
    assert "between 0 and 1" in refused(set_data_field(made, "target_range", (-1.0, 1.0)))
    assert done(set_data_field(made, "target_range", (0.1, 0.9))).project.data.target_range == (0.1, 0.9)


def test_targets_of_softmax_sum_to_one() -> None:
    """Else its slopes, p − y, would not be those of the loss that is shown."""
    quadratic = done(choose(project(2, 3, 4), "loss", "quadratic")).project
    start = done(set_data_field(quadratic, "target_range", (0.01, 0.99))).project
    made = done(choose(start, "loss", "softmax_cross_entropy")).project
    assert coding(made) == (0.0, 1.0)
    assert "sum to one" in refused(set_data_field(made, "target_range", (0.01, 0.99)))
    smooth = done(set_data_field(made, "target_range", (0.01, 0.97))).project
    assert coding(done(choose(smooth, "loss", "kullback_leibler")).project) == (0.01, 0.97)


def test_classes_are_coded_as_the_output_can_give_them() -> None:
    from engine.datasets import load_data

    circle = load_data(DataConfig(name="circle"))
    start = done(choose(project(2, 3, 1), "loss", "quadratic")).project
    assert coding(done(use_data(start, circle)).project) == (0.0, 1.0)  # a sigmoid gives no −1
    tanh = done(set_layer_field(start, "dense-2", "activation", "tanh")).project
    made = done(use_data(tanh, circle)).project
    assert coding(made) is None
    assert coding(done(choose(made, "loss", "binary_cross_entropy")).project) == (0.0, 1.0)


# -- repairs


def faults(start: Project, outputs: int | None = None) -> tuple[Fault, ...]:
    return infer(start.design, start.training.loss, outputs).faults


def pictures(*kinds: str) -> Project:
    made = done(append(Project(), "input", shape=(1, 8, 8))).project
    for kind in kinds:
        made = done(append(made, kind)).project
    return made


def lost_wire() -> Project:
    start = project(2, 3, 1)
    return replace(start, design=replace(start.design, wires=(*start.design.wires, Wire("ghost", "dense-1"))))


def circle() -> Project:
    start = project(2, 3, 3, 1)
    merged = done(connect(start, "input", "dense-2", merge="concatenate")).project
    wires = (*merged.design.wires, Wire("dense-2", "concatenate-1"))
    return replace(merged, design=replace(merged.design, wires=wires))


def with_field(start: Project, layer: str, **fields: Any) -> Project:
    return replace(start, design=start.design.with_layer(replace(start.design.layer(layer), **fields)))


def two_inputs() -> Project:
    start = project(2, 3, 1)
    extra = replace(start.design.layer("input"), id="input-2", unit_ids=(100, 101))  # type: ignore[call-arg]
    return replace(start, design=replace(start.design, layers=(*start.design.layers, extra)))


def unequal_sum() -> Project:
    start = project(3, 4, 2)
    made = done(place(start, "add", (0, 0))).project
    wires = (
        Wire("input", "dense-1"),
        Wire("dense-1", "add-1"),
        Wire("input", "add-1"),
        Wire("add-1", "dense-2"),
    )
    return replace(made, design=replace(made.design, wires=wires))


CASES: dict[str, tuple[Project, int | None, str]] = {
    "insert_flatten": (pictures("conv2d", "dense"), None, "add Flatten between Convolution(8) and Dense(8)"),
    "insert_reshape": (
        done(append(project(64, 16), "conv2d", "input")).project,
        None,
        "add Reshape(1 × 8 × 8) between Input(64) and Convolution(8)",
    ),
    "shrink_window": (
        with_field(pictures("conv2d", "max_pool2d"), "max_pool2d-1", kernel=9),
        None,
        "shrink the window of Output to 6",
    ),
    "flatten_shape": (with_field(pictures("reshape"), "reshape-1", shape=(3, 3)), None, "set the shape of"),
    "match_units": (project(2, 3, 1), 4, "set Output to 4 neurons"),
    "match_link": (with_field(project(2, 3, 3), "dense-2", activation="tanh"), 3, "set activation of Output"),
    "use_sigmoid": (
        with_field(project(2, 3, 3), "dense-1", activation="step"),
        3,
        "set activation of Layer 1",
    ),
    "use_default": (
        with_field(done(append(project(2, 3), "dropout")).project, "dropout-1", rate=7.0),
        None,
        "set rate of Output to its default",
    ),
    "fresh_units": (with_field(project(2, 3, 3), "dense-2", unit_ids=(2, 3, 3)), None, "tell the neurons of"),
    "clear_initial": (with_field(project(2, 3, 3), "dense-2", initial=(1.0,)), None, "clear the initial"),
    "clear_mask": (with_field(project(2, 3, 3), "dense-2", mask=b"1"), None, "clear the pruned"),
    "clear_frozen": (with_field(project(2, 3, 3), "dense-2", frozen=b"1"), None, "clear the frozen"),
    "remove_wire": (lost_wire(), None, "remove a wire"),
    "add_wire": (done(disconnect(project(2, 3, 1), "input", "dense-1")).project, None, "connect Input to"),
    "wire_on": (
        done(disconnect(project(2, 3, 3, 1), "dense-1", "dense-2")).project,
        None,
        "connect Layer 1 to Layer 2",
    ),
    "add_input": (
        replace(project(2, 3), design=NetworkDesign(layers=project(2, 3).design.layers[1:])),
        None,
        "add an input",
    ),
    "remove_layer": (two_inputs(), None, "remove Input(2)"),
    "add_layer": (done(append(Project(), "input", shape=(2,))).project, None, "add Dense(8) after Input(2)"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_repair_of_a_fault_removes_it(name: str) -> None:
    start, outputs, text = CASES[name]
    fault = next(fault for fault in faults(start, outputs) if fault.repair == name)
    made = done(repair(start, fault))
    assert made.text.startswith(text)
    assert fault not in faults(made.project, outputs)
    assert repair_label(fault)


def test_every_repair_that_a_fault_may_name_exists_and_is_tested() -> None:
    sources = [path.read_text(encoding="utf-8") for path in Path(engine.__file__).parent.rglob("*.py")]
    named = {name for text in sources for name in re.findall(r'repair = ?"(\w+)"|repair="(\w+)"', text)}
    names = {name for pair in named for name in pair if name}
    assert len(names) > 10
    assert names <= set(REPAIRS)
    assert set(REPAIRS) - set(CASES) == {"fewer_units", "fit_output"}  # of which there are tests of their own


def test_fewer_neurons_until_memory_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    start = project(10, 4096, 1)
    monkeypatch.setattr("engine.validation.inference.memory_of_machine", lambda: 2_000_000)
    fault = next(fault for fault in faults(start) if fault.repair == "fewer_units")
    made = done(repair(start, fault))
    assert not [fault for fault in faults(made.project) if fault.repair == "fewer_units"]
    units = made.project.design.layer("dense-1").units  # type: ignore[attr-defined]
    assert 100 < units < 4096
    assert made.text == f"set Layer 1 to {units:,} neurons"


def test_the_last_wire_of_a_circle_is_removed() -> None:
    start = circle()
    fault = next(fault for fault in faults(start) if fault.repair == "remove_wire")
    made = done(repair(start, fault)).project
    assert not [fault for fault in faults(made) if "circle" in fault.message]


def test_a_sum_of_unequal_shapes_is_matched_by_its_neurons_or_by_a_layer() -> None:
    start = unequal_sum()
    fault = next(fault for fault in faults(start) if fault.repair == "match_units")
    made = done(repair(start, fault))
    assert faults(made.project) == ()
    assert made.text == "add Dense(4) between Input(3) and Add"
    flipped = replace(
        start, design=replace(start.design, wires=(start.design.wires[i] for i in (0, 2, 1, 3)))
    )
    flipped = replace(flipped, design=replace(flipped.design, wires=tuple(flipped.design.wires)))
    made = done(repair(flipped, next(f for f in faults(flipped) if f.repair == "match_units")))
    assert made.text == "set Layer 1 to 3 neurons"
    assert faults(made.project) == ()


def test_outputs_are_matched_through_what_has_no_neurons_or_by_one_more_layer() -> None:
    start = done(append(project(2, 3, 3), "activation")).project
    fault = next(fault for fault in faults(start, 5) if fault.repair == "match_units")
    made = done(repair(start, fault))
    assert made.text == "set Layer 2 to 5 neurons"
    pooled = done(append(pictures("conv2d", "max_pool2d"), "flatten")).project
    fault = next(fault for fault in faults(pooled, 5) if fault.repair == "match_units")
    made = done(repair(pooled, fault))
    assert made.text == "add Dense(5) after Flatten"
    assert not [fault for fault in faults(made.project, 5) if fault.severity == "error"]


def test_unknown_and_stale_repairs_are_refused() -> None:
    start = project(2, 3, 1)
    odd = Fault("dense-1", "Odd.", "activation", "", "")
    assert "by itself" in refused(repair(start, odd))
    assert repair_label(odd) == ""
    for name in REPAIRS:
        outcome = repair(start, Fault("ghost", "It was here.", "activation", "3", "", repair=name))
        if name not in ("add_layer", "add_input"):
            assert refused(outcome), name
    assert "one input" in refused(repair(start, Fault("", "None.", "layers", "", "", repair="add_input")))


def test_a_repair_keeps_marks_elsewhere() -> None:
    start = done(prune(project(2, 3, 1), "dense-1", 1, 1)).project
    fault = next(fault for fault in faults(start, 2) if fault.repair == "match_units")
    made = done(repair(start, fault)).project
    assert made.design.layer("dense-1") == start.design.layer("dense-1")
    assert done(insert(made, "dense-1", "dense-2", "dropout")).project.design.layer("dense-1").mask  # type: ignore[attr-defined]
