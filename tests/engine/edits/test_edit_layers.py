"""Layers come in where the user drops them, go out without leaving holes, and are called by their names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.design import NetworkDesign, Project, Wire, chain
from engine.edits import Edit, Outcome, Refusal
from engine.edits.activations import absorb_activation, part_activation
from engine.edits.arrangement import move, tidy
from engine.edits.clipboard import duplicate
from engine.edits.flow import known_shapes, summary
from engine.edits.layers import append, branch, end_of, insert, place
from engine.edits.names import describe, title
from engine.edits.removal import delete
from engine.edits.wires import connect
from engine.layers import LAYERS
from engine.layers.weighted import Weighted
from engine.losses import LOSSES
from engine.network import compile_network
from engine.transfer import transfer
from engine.validation import infer

LOSS = LOSSES["quadratic"]()
RELU, LINEAR = {"activation": "relu"}, {"activation": "identity"}


def done(outcome: Outcome) -> Edit:
    assert isinstance(outcome, Edit), outcome
    return outcome


def refused(outcome: Outcome) -> str:
    assert isinstance(outcome, Refusal)
    return outcome.sentence


def project(*widths: int) -> Project:
    layers = [(units, RELU) for units in widths[1:-1]]
    return Project(design=chain((widths[0],), *layers, (widths[-1], LINEAR)))


def order(design: NetworkDesign) -> list[str]:
    return [spec.id for spec in infer(design).order]


def picture_project() -> Project:
    made = done(append(Project(), "input", shape=(1, 8, 8))).project
    return done(append(made, "conv2d", units=3)).project


def test_an_empty_canvas_grows_by_appending() -> None:
    made = done(append(Project(), "input", shape=(2,)))
    assert made.text == "add Input(2)"
    for units in (8, 8, 1):
        made = done(append(made.project, "dense", units=units))
    assert made.text == "add Dense(1) after Dense(8)"
    assert infer(made.project.design).faults == ()
    assert list(known_shapes(made.project.design).values()) == [(2,), (8,), (8,), (1,)]


def test_appending_behind_a_layer_in_the_middle_takes_over_all_its_wires() -> None:
    start = project(3, 4, 2)
    branched = done(branch(start, "dense-1", merge="add")).project
    made = done(append(branched, "dropout", "input")).project.design
    assert made.targets("input") == ("dropout-1",)
    assert set(made.targets("dropout-1")) == {"dense-1", "dense-3"}
    assert infer(made).faults == ()


def test_a_layer_appended_without_a_kind_is_like_its_neighbor() -> None:
    start = project(3, 5, 2)
    start = replace(
        start, design=start.design.with_layer(replace(start.design.layer("dense-1"), activation="tanh"))
    )
    made = done(append(start, after="dense-1"))
    spec: Any = made.project.design.layer(made.added[0])
    assert (spec.units, spec.activation) == (5, "tanh")
    assert made.text == "add Dense(5) after Dense(5)"
    assert not set(spec.unit_ids) & set(start.design.layer("dense-1").unit_ids)  # type: ignore[attr-defined]


def test_the_plus_on_a_bundle_inserts_a_layer_like_the_hidden_neighbor() -> None:
    made = done(insert(project(3, 5, 2), "input", "dense-1"))
    assert order(made.project.design) == ["input", "dense-3", "dense-1", "dense-2"]
    assert known_shapes(made.project.design)["dense-3"] == (5,)
    made = done(insert(project(3, 5, 2), "dense-1", "dense-2"))
    assert known_shapes(made.project.design)["dense-3"] == (5,)


def test_the_output_is_no_model_for_a_hidden_layer() -> None:
    made = done(insert(project(3, 1), "input", "dense-1"))
    spec: Any = made.project.design.layer(made.added[0])
    assert (spec.units, spec.activation) == (8, "relu")


def test_inserting_keeps_a_merges_order() -> None:
    start = done(branch(project(2, 3, 1), "dense-1")).project
    assert start.design.sources("concatenate-1") == ("dense-1", "dense-3")
    made = done(insert(start, "dense-1", "concatenate-1", "dropout")).project
    assert made.design.sources("concatenate-1") == ("dropout-1", "dense-3")


def test_inserting_between_unconnected_layers_wires_both() -> None:
    start = done(place(project(2, 3), "dense", (0, 0))).project
    made = done(insert(start, "dense-1", "dense-2", "dropout")).project.design
    assert order(made) == ["input", "dense-1", "dropout-1", "dense-2"]
    assert infer(made).faults == ()


def test_inserting_against_the_flow_is_refused() -> None:
    start = project(2, 3, 3)
    assert "cycle" in refused(
        insert(
            replace(start, design=replace(start.design, wires=start.design.wires[1:])),
            "dense-2",
            "dense-1",
            "dense",
        )
    )
    assert "already" in refused(insert(start, "input", "dense-2", "dense"))


def test_a_branch_is_merged_where_its_model_leads_to_and_keeps_the_function() -> None:
    start = project(3, 4, 2)
    made = done(branch(start, "dense-1", "dense", units=2))
    assert made.text == "add Dense(2) beside Dense(4)"
    assert made.added == ("dense-3", "concatenate-1")
    old = compile_network(start.design, LOSS, dtype="float64")
    new = compile_network(made.project.design, LOSS, dtype="float64", seed=5)
    assert transfer(old, new).preserves_function
    x = np.random.default_rng(0).normal(size=(4, 3))
    np.testing.assert_allclose(new.predict(x), old.predict(x), atol=1e-12)


def test_a_branch_may_stay_open() -> None:
    made = done(branch(project(3, 4, 2), "dense-1", merge=""))
    assert made.project.design.targets(made.added[0]) == ()
    assert "Nothing feeds Input" in refused(branch(project(3, 4, 2), "input"))


def test_an_unconnected_layer_stays_where_it_is_dropped() -> None:
    made = done(place(project(2, 1), "flatten", (10, -20.5)))
    assert made.project.positions == (("flatten-1", 10.0, -20.5),)
    assert made.project.design.wires == project(2, 1).design.wires
    assert refused(place(project(2, 1), "flatten", (float("nan"), 0)))


@pytest.mark.parametrize("kind", LAYERS.names())
def test_every_kind_can_be_placed_and_described(kind: str) -> None:
    made = done(place(Project(), kind, (0, 0)))
    spec = made.project.design.layers[0]
    assert describe(spec).startswith(spec.label)
    named = "Layer 1" if isinstance(spec, Weighted) else spec.label
    assert title(made.project.design, spec.id) == named


def test_a_second_input_an_unknown_kind_and_nonsense_are_refused() -> None:
    start = project(2, 1)
    assert "one input layer" in refused(append(start, "input"))
    assert "no kind of layer" in refused(append(start, "perceptron-9000"))
    assert "not there any more" in refused(append(start, "dense", "ghost"))
    assert refused(append(start, "dense", units=-3)) == "Neurons must be at least 1, not -3."
    assert "at most" in refused(append(start, "dense", units=10**12))
    assert "Rate must be less than 1" in refused(append(start, "dropout", rate=1.2))
    assert "no field" in refused(append(start, "dropout", color="red"))


def test_a_network_too_large_is_refused_with_the_estimate_before_it_is_made() -> None:
    start = done(append(Project(), "input", shape=(1_000_000,))).project
    sentence = refused(append(start, "dense", units=1_000_000))
    assert "1,000,001,000,000 parameters" in sentence
    assert "about 24 TB of memory" in sentence


def test_deleting_joins_the_neighbors() -> None:
    made = done(delete(project(3, 4, 5, 2), ["dense-2"]))
    assert made.text == "remove Dense(5)"
    assert order(made.project.design) == ["input", "dense-1", "dense-3"]
    assert infer(made.project.design).faults == ()


def test_deleting_leaves_open_what_does_not_fit() -> None:
    start = done(append(picture_project(), "flatten")).project
    start = done(append(start, "dense", units=2)).project
    made = done(delete(start, ["flatten-1"])).project.design
    assert made.sources("dense-1") == ()
    assert [fault.layer for fault in infer(made).faults if "feeds" in fault.message] == ["dense-1"]


def test_deleting_in_front_of_a_merge_keeps_the_other_source_in_its_place() -> None:
    start = done(branch(project(2, 3, 1), "dense-1")).project
    start = done(insert(start, "dense-1", "concatenate-1", "dropout")).project
    made = done(delete(start, ["dropout-1"])).project.design
    assert made.sources("concatenate-1") == ("dense-1", "dense-3")
    # both would come from the input: no value is added to itself
    made = done(delete(replace(start, design=made), ["dense-1", "dense-3"])).project.design
    assert made.sources("concatenate-1") == ("input",)


def test_deleting_several_layers_is_one_edit_and_forgets_their_places() -> None:
    start = done(move(project(3, 4, 5, 2), {"dense-1": (1, 2), "dense-3": (3, 4)})).project
    made = done(delete(start, ["dense-1", "dense-2"]))
    assert made.text == "remove 2 layers"
    assert order(made.project.design) == ["input", "dense-3"]
    assert made.project.positions == (("dense-3", 3.0, 4.0),)
    assert "Nothing is selected" in refused(delete(start, []))
    assert "not there" in refused(delete(start, ["ghost"]))


def test_moving_and_tidying_change_no_network() -> None:
    start = project(2, 3, 1)
    made = done(move(start, {"dense-1": (5, 6)}))
    assert (made.text, made.project.positions) == ("move Layer 1", (("dense-1", 5.0, 6.0),))
    assert made.project.design is start.design
    again = done(move(made.project, {"dense-1": (7, 8), "input": (0, 0)}))
    assert again.text == "move 2 layers"
    assert {p[0]: p[1:] for p in again.project.positions} == {
        "dense-1": (7.0, 8.0),
        "input": (0.0, 0.0),
    }
    assert done(tidy(again.project)).project == start
    assert refused(move(start, {"dense-1": (float("inf"), 0)}))
    assert refused(move(start, {"ghost": (0, 0)}))


def test_duplicates_lie_beside_their_models_with_fresh_ids() -> None:
    start = done(move(project(2, 3, 4, 1), {"dense-1": (5, 6)})).project
    made = done(duplicate(start, ["dense-1", "dense-2"]))
    assert made.text == "duplicate 2 layers"
    assert made.added == ("dense-4", "dense-5")
    design = made.project.design
    assert Wire("dense-4", "dense-5") in design.wires
    assert design.sources("dense-4") == ()
    assert ("dense-4", 45.0, 46.0) in made.project.positions
    assert not [fault for fault in infer(design).faults if fault.field == "unit_ids"]
    assert done(duplicate(start, ["dense-1"])).text == "duplicate Dense(3)"
    assert "one input layer" in refused(duplicate(start, ["input"]))


def test_an_activation_moves_out_of_the_neurons_and_back() -> None:
    start = project(2, 3, 1)
    out = done(part_activation(start, "dense-1"))
    assert out.text == "take relu out of Layer 1"
    assert order(out.project.design) == ["input", "dense-1", "activation-1", "dense-2"]
    x = np.random.default_rng(0).normal(size=(4, 2))
    old, new = (compile_network(p.design, LOSS) for p in (start, out.project))
    new.parameters[...] = old.parameters
    np.testing.assert_array_equal(new.predict(x), old.predict(x))
    back = done(absorb_activation(out.project, "activation-1"))
    assert back.text == "move Activation(relu) into Layer 1"
    assert back.project == start
    assert "no activation to take out" in refused(part_activation(start, "dense-2"))
    assert "Only an activation" in refused(absorb_activation(start, "dense-1"))


def test_an_activation_stays_where_others_need_its_source() -> None:
    start = done(part_activation(project(2, 2, 2), "dense-1")).project
    start = done(connect(start, "dense-1", "dense-2", merge="add")).project
    assert "must stay on its own" in refused(absorb_activation(start, "activation-1"))


def test_titles_and_descriptions() -> None:
    start = project(2, 3, 1)
    named = start.design.with_layer(replace(start.design.layer("dense-1"), name="my \n hidden layer"))
    assert [title(named, name) for name in ("input", "dense-1", "dense-2")] == [
        "Input",
        "my hidden layer",
        "Output",
    ]
    assert title(start.design, "dense-1") == "Layer 1"
    assert end_of(start.design) == "dense-2"
    assert end_of(NetworkDesign()) == ""
    picture = picture_project().design
    assert [describe(spec) for spec in picture.layers] == ["Input(1 × 8 × 8)", "Convolution(3)"]


def test_the_summary_counts_and_labels_live_also_with_faults() -> None:
    design = done(place(picture_project(), "dense", (0, 0), units=4)).project.design
    found = summary(design)
    assert found.parameters == {"input-1": 0, "conv2d-1": 3 * (1 + 9), "dense-1": 0}
    assert found.total == 30
    assert found.label(Wire("input-1", "conv2d-1")) == "1 × 8 × 8"
    assert found.shapes["dense-1"] == (4,)
    assert found.faults
    assert found.label(Wire("ghost", "dense-1")) == ""
