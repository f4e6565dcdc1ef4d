"""Units and synapses: the others keep their ids, and marks stay at the synapses that they were set on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.design import NetworkDesign, Project, Wire, chain
from engine.edits import Edit, Outcome, Refusal
from engine.edits.layers import append, branch, insert, place
from engine.edits.parameters import Clamp, ParameterEdit, WhatIf, parameter_edit
from engine.edits.removal import delete
from engine.edits.settings import set_layer_field
from engine.edits.synapses import column_of, freeze, frozen, prune, pruned, restore, unfreeze
from engine.edits.units import remove_units, set_units
from engine.edits.wires import connect, disconnect, reroute
from engine.losses import LOSSES
from engine.network import compile_network

LOSS = LOSSES["quadratic"]()


def done(outcome: Outcome) -> Edit:
    assert isinstance(outcome, Edit), outcome
    return outcome


def refused(outcome: Outcome | ParameterEdit) -> str:
    assert isinstance(outcome, Refusal)
    return outcome.sentence


def project(**fields: Any) -> Project:
    """3 → 4 → 5 → 2."""
    return Project(design=chain((3,), (4, {}), (5, fields), (2, {"activation": "identity"})))


def marked(marks: Any) -> set[tuple[int, int]]:
    return {(int(i), int(j)) for i, j in np.argwhere(marks)}


def weights(design: NetworkDesign, layer_id: str) -> Any:
    return compile_network(design, LOSS).parameter(layer_id)


# -- units


def test_growing_and_shrinking_happen_at_the_end() -> None:
    before: Any = project().design.layer("dense-1")
    grown = done(set_units(project(), "dense-1", 6))
    after: Any = grown.project.design.layer("dense-1")
    assert grown.text == "set Layer 1 to 6 neurons"
    assert after.unit_ids[:4] == before.unit_ids
    assert len(set(after.unit_ids)) == 6
    shrunk: Any = done(set_units(grown.project, "dense-1", 1))
    assert shrunk.text == "set Layer 1 to 1 neuron"
    assert shrunk.project.design.layer("dense-1").unit_ids == before.unit_ids[:1]


@pytest.mark.parametrize("units", [0, -3, float("nan"), 1e12, 10**12, "many", None, True, 2.5])
def test_nonsense_units_are_refused_with_a_sentence(units: Any) -> None:
    assert refused(set_units(project(), "dense-1", units)).startswith("Neurons must be")


def test_removing_neurons_keeps_the_ids_of_the_others() -> None:
    before: Any = project().design.layer("dense-2")
    made = done(remove_units(project(), "dense-2", [2]))
    assert made.text == "remove neuron 3 of Layer 2"
    after: Any = made.project.design.layer("dense-2")
    assert after.unit_ids == (*before.unit_ids[:2], *before.unit_ids[3:])
    assert done(remove_units(project(), "dense-2", [0, 4])).text == "remove neurons 1 and 5 of Layer 2"
    assert "at least one neuron" in refused(remove_units(project(), "dense-2", range(5)))
    assert "not there" in refused(remove_units(project(), "dense-2", [5]))
    assert "not there" in refused(remove_units(project(), "dense-2", [-1]))
    assert "not there" in refused(remove_units(project(), "dense-2", []))
    assert "belong to the data" in refused(remove_units(project(), "input", [0]))


# -- pruning and freezing


def test_a_pruned_synapse_is_zero_and_comes_back() -> None:
    made = done(prune(project(), "dense-2", 1, 3))
    assert made.text == "prune synapse 3 of neuron 2 of Layer 2"
    assert marked(pruned(made.project.design, "dense-2")) == {(1, 3)}
    matrix = weights(made.project.design, "dense-2")
    assert marked(matrix[:, 1:] == 0) == {(1, 2)}
    back = done(restore(made.project, "dense-2", 1, 3))
    assert back.text == "restore synapse 3 of neuron 2 of Layer 2"
    assert back.project == project()


def test_freezing_a_synapse_a_bias_a_neuron_a_layer() -> None:
    start = project()
    one = done(freeze(start, "dense-2", 0, 2))
    bias = done(freeze(start, "dense-2", 0, 0))
    neuron = done(freeze(start, "dense-2", 1))
    layer = done(freeze(start, "dense-2"))
    assert [made.text for made in (one, bias, neuron, layer)] == [
        "freeze synapse 2 of neuron 1 of Layer 2",
        "freeze the bias of neuron 1 of Layer 2",
        "freeze neuron 2 of Layer 2",
        "freeze Layer 2",
    ]
    assert marked(frozen(one.project.design, "dense-2")) == {(0, 2)}
    assert marked(frozen(neuron.project.design, "dense-2")) == {(1, j) for j in range(5)}
    assert compile_network(layer.project.design, LOSS).held.size == 25
    assert done(unfreeze(layer.project, "dense-2")).project == start


def test_what_is_frozen_as_a_whole_stays_so_when_it_grows() -> None:
    layer = done(freeze(project(), "dense-2")).project
    neuron = done(freeze(project(), "dense-2", 1)).project
    for act in (lambda p: set_units(p, "dense-1", 6), lambda p: set_units(p, "dense-2", 7)):
        assert frozen(done(act(layer)).project.design, "dense-2").all()  # type: ignore[union-attr]
        marks = frozen(done(act(neuron)).project.design, "dense-2")
        assert marks is not None
        assert marks[1].all()
        assert marks.sum() == marks.shape[1]


def test_marks_follow_their_synapses_when_neurons_go_before_and_in_the_layer() -> None:
    start = done(prune(project(), "dense-2", 3, 4)).project  # from neuron 4 of dense-1
    start = done(prune(start, "dense-2", 1, 1)).project  # from neuron 1 of dense-1
    fewer = done(remove_units(start, "dense-1", [0])).project
    assert marked(pruned(fewer.design, "dense-2")) == {(3, 3)}
    fewer = done(remove_units(fewer, "dense-2", [0, 1])).project
    assert marked(pruned(fewer.design, "dense-2")) == {(1, 3)}
    more = done(set_units(fewer, "dense-1", 9)).project
    assert marked(pruned(more.design, "dense-2")) == {(1, 3)}
    without_bias = done(set_layer_field(more, "dense-2", "bias", False)).project
    assert marked(pruned(without_bias.design, "dense-2")) == {(1, 2)}


def test_marks_pass_through_a_layer_that_is_put_between_and_through_a_merge() -> None:
    start = done(prune(project(), "dense-2", 3, 4)).project
    between = done(insert(start, "dense-1", "dense-2", "dropout")).project
    assert marked(pruned(between.design, "dense-2")) == {(3, 4)}
    merged = done(branch(start, "dense-1", "dense", units=2)).project
    assert marked(pruned(merged.design, "dense-2")) == {(3, 4)}


def test_marks_never_land_on_other_synapses() -> None:
    start = done(prune(project(), "dense-2", 3, 4)).project
    merged = done(branch(start, "dense-1", "dense", units=4)).project
    swapped = done(disconnect(merged, "dense-1", "concatenate-1")).project
    swapped = done(connect(swapped, "dense-1", "concatenate-1")).project
    # now the first four columns are the other layer's, and in between they could not be known
    assert swapped.design.sources("concatenate-1") == ("dense-4", "dense-1")
    assert marked(pruned(swapped.design, "dense-2")) == set()


def test_marks_of_a_layer_end_with_its_wire_but_not_with_a_reroute_through_others() -> None:
    start = done(prune(project(), "dense-2", 3, 4)).project
    open_end = done(disconnect(start, "dense-1", "dense-2")).project.design
    assert open_end.layer("dense-2").mask == b""  # type: ignore[attr-defined]
    start = done(insert(start, "dense-1", "dense-2", "dropout")).project
    direct = done(reroute(start, Wire("dropout-1", "dense-2"), source="dense-1")).project
    assert marked(pruned(direct.design, "dense-2")) == {(3, 4)}


def test_marks_wait_while_a_fault_further_up_hides_the_shapes() -> None:
    start = done(append(Project(), "input", shape=(1, 6, 6))).project
    for kind, fields in (("conv2d", {"units": 2}), ("flatten", {}), ("dense", {"units": 3})):
        start = done(append(start, kind, **fields)).project
    start = done(prune(start, "dense-1", 2, 30)).project
    broken = done(set_layer_field(start, "conv2d-1", "kernel", 9)).project
    assert pruned(broken.design, "dense-1") is None
    healed = done(set_layer_field(broken, "conv2d-1", "kernel", 3)).project
    assert healed == start


def test_marks_follow_pixels_when_a_channel_goes() -> None:
    start = done(append(Project(), "input", shape=(1, 4, 4))).project
    for kind, fields in (("conv2d", {"units": 3}), ("flatten", {}), ("dense", {"units": 2})):
        start = done(append(start, kind, **fields)).project
    start = done(prune(start, "dense-1", 0, 1 + 4 + 2)).project  # channel 1, pixel 2 of 4
    fewer = done(remove_units(start, "conv2d-1", [0]))
    assert fewer.text == "remove channel 1 of Layer 1"
    assert marked(pruned(fewer.project.design, "dense-1")) == {(0, 1 + 2)}


def test_fixed_initial_weights_lose_what_went_and_are_dropped_when_neurons_come() -> None:
    matrix = np.arange(25.0).reshape(5, 5)
    start = project(initial=tuple(matrix.ravel()))
    fewer = done(remove_units(start, "dense-1", [1])).project.design
    np.testing.assert_array_equal(weights(fewer, "dense-2"), np.delete(matrix, 2, axis=1))
    fewer = done(remove_units(start, "dense-2", [0])).project.design
    np.testing.assert_array_equal(weights(fewer, "dense-2"), matrix[1:])
    wider = done(set_units(start, "dense-1", 5)).project.design
    np.testing.assert_array_equal(weights(wider, "dense-2"), np.pad(matrix, ((0, 0), (0, 1))))
    taller: Any = done(set_units(start, "dense-2", 6)).project.design.layer("dense-2")
    assert taller.initial == ()


def test_synapses_that_are_not_there_are_refused() -> None:
    alone = done(place(project(), "dense", (0, 0))).project
    assert "no synapses yet" in refused(prune(alone, "dense-4", 0, 0))
    assert "neuron is not there" in refused(prune(project(), "dense-2", 5, 0))
    assert "synapse is not there" in refused(prune(project(), "dense-2", 0, 5))
    assert "not there any more" in refused(freeze(project(), "ghost"))
    assert "no neurons of its own" in refused(freeze(done(append(project(), "dropout")).project, "dropout-1"))
    assert pruned(project().design, "input") is None


def test_the_column_of_a_source() -> None:
    design = project().design
    assert column_of(design, Wire("dense-1", "dense-2"), 2) == 3
    assert column_of(design, Wire("dense-1", "dense-2"), -1) == 0
    assert column_of(design, Wire("dense-1", "dense-2"), 4) is None
    assert column_of(design, Wire("input", "dense-2"), 0) is None
    bare = design.with_layer(replace(design.layer("dense-2"), bias=False))  # type: ignore[call-arg]
    assert column_of(bare, Wire("dense-1", "dense-2"), 2) == 2
    assert column_of(bare, Wire("dense-1", "dense-2"), -1) is None


# -- values that are no part of the design


def test_a_weight_set_by_hand() -> None:
    design = project().design
    found = parameter_edit(design, "dense-1", 1, 2, 0.82)
    assert found == ParameterEdit("dense-1", "weight", 1, 2, 0.82)
    assert isinstance(found, ParameterEdit)
    assert found.text(design) == "set weight 2 of neuron 2 of Layer 1 to 0.82"
    assert replace(found, column=0).text(design) == "set the bias of neuron 2 of Layer 1 to 0.82"
    assert found.opposite(0.5) == ParameterEdit("dense-1", "weight", 1, 2, 0.5)
    for value in (float("nan"), float("inf"), 10**400, "1", True, None):
        assert "must be a number" in refused(parameter_edit(design, "dense-1", 1, 2, value))
    assert "not there" in refused(parameter_edit(design, "dense-1", 4, 2, 1.0))
    assert "no weights yet" in refused(parameter_edit(design, "input", 0, 0, 1.0))
    gone = done(prune(project(), "dense-1", 1, 2)).project.design
    assert "restore it first" in refused(parameter_edit(gone, "dense-1", 1, 2, 1.0))


def test_what_if_this_neuron_were_one() -> None:
    design = project().design
    unit = design.layer("dense-1").unit_ids[2]  # type: ignore[attr-defined]
    question = WhatIf().held("dense-1", unit, 1).held("dense-1", unit, 0)
    assert question.clamps == (Clamp("dense-1", unit, 0.0),)
    assert list(question.of(design, "dense-1")) == [(2, 0.0)]
    fewer = done(remove_units(project(), "dense-1", [0])).project.design
    assert list(question.kept(fewer).of(fewer, "dense-1")) == [(1, 0.0)]
    gone = done(delete(project(), ["dense-1"])).project.design
    assert question.kept(gone) == WhatIf()
    assert question.freed("dense-1", unit) == WhatIf()
    with pytest.raises(ValueError, match="finite"):
        question.held("dense-1", unit, float("nan"))
