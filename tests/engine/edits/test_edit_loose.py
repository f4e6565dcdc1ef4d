"""Loose ends: what a layer without a wire is joined with, and that the real output stays the output."""

from __future__ import annotations

import pytest

from engine.design import Project, Wire
from engine.edits.architectures import use_architecture
from engine.edits.clipboard import duplicate, fragment_of, paste
from engine.edits.layers import append, place
from engine.edits.names import title
from engine.edits.outcome import Edit, Outcome
from engine.edits.removal import delete
from engine.edits.repairs import repair, repair_label
from engine.edits.wires import disconnect
from engine.examples import example_project
from engine.validation import Fault, infer
from engine.validation.loose import output_of


def done(outcome: Outcome) -> Edit:
    assert isinstance(outcome, Edit), outcome
    return outcome


def faults(project: Project, layer: str = "") -> list[Fault]:
    return [fault for fault in infer(project.design).errors if layer in ("", fault.layer)]


@pytest.fixture
def without_flatten() -> Project:
    start = done(use_architecture(example_project("mnist-16-16"), "lenet")).project
    return done(delete(start, ["flatten-1"])).project


def labels(fault: Fault) -> list[str]:
    return [repair_label(choice) for choice in fault.choices]


def test_a_layer_taken_out_between_others_that_do_not_fit_is_told() -> None:
    start = done(use_architecture(example_project("mnist-16-16"), "lenet")).project
    made = done(delete(start, ["flatten-1"]))
    assert made.text == "remove Flatten"
    assert made.note.startswith("Max pooling 2 and Layer ")
    assert "do not fit each other" in made.note
    assert not done(delete(example_project("circle"), ["dense-2"])).note


def test_flatten_is_put_back_first_where_it_was_taken_out(without_flatten: Project) -> None:
    (unfed,) = faults(without_flatten, "dense-1")
    assert labels(unfed)[0] == "Insert Flatten"
    mended = done(repair(without_flatten, unfed))
    assert mended.text.startswith("add Flatten between Max pooling")
    assert not infer(mended.project.design).errors
    assert title(mended.project.design, "dense-2") == "Output"


def test_what_leads_nowhere_is_wired_on_before_it_is_removed(without_flatten: Project) -> None:
    (loose,) = faults(without_flatten, "max_pool2d-2")
    assert labels(loose) == ["Wire it on", "Remove the layer"]
    assert not infer(done(repair(without_flatten, loose)).project.design).errors
    assert output_of(without_flatten.design) == "dense-2"
    assert title(without_flatten.design, "max_pool2d-2") != "Output"


def test_a_wire_is_drawn_from_a_loose_end_rather_than_from_the_input() -> None:
    start = done(disconnect(example_project("circle"), "dense-1", "dense-2")).project
    (unfed,) = faults(start, "dense-2")
    assert Wire("dense-1", "dense-2") in done(repair(start, unfed)).project.design.wires


def test_an_input_that_leads_nowhere_is_wired_to_what_nothing_feeds() -> None:
    start = done(disconnect(example_project("circle"), "input", "dense-1")).project
    (loose,) = faults(start, "input")
    assert labels(loose) == ["Wire it on"]
    assert not infer(done(repair(start, loose)).project.design).errors


@pytest.mark.parametrize("how", ["duplicate", "paste", "place", "build on"])
def test_the_output_stays_the_output_beside_what_is_not_wired(how: str) -> None:
    start = example_project("circle")
    if how == "duplicate":
        made = done(duplicate(start, ["dense-2", "dense-3"]))
    elif how == "paste":
        made = done(paste(start, fragment_of(start.design, ["dense-1", "dense-2"]), (0.0, 300.0)))
    else:
        made = done(place(start, "dense", (0.0, 300.0)))
        if how == "build on":
            made = done(append(made.project, "dense", made.added[0]))
    design = made.project.design
    assert output_of(design) == "dense-3"
    assert title(design, "dense-3") == "Output"
    blamed = {fault.layer for fault in faults(made.project)}
    assert blamed
    assert blamed.isdisjoint({"input", "dense-1", "dense-2", "dense-3"})


def test_a_copy_is_not_wired_behind_the_output() -> None:
    made = done(duplicate(example_project("circle"), ["dense-2"]))
    (copy,) = made.added
    mended = done(repair(made.project, faults(made.project, copy)[0])).project.design
    assert mended.sources(copy) != ("dense-3",)
    assert output_of(mended) == "dense-3"


def test_nothing_is_said_twice_of_a_layer_without_any_wire() -> None:
    made = done(place(example_project("circle"), "dense", (0.0, 300.0)))
    (fault,) = faults(made.project)
    assert labels(fault) == ["Wire it", "Remove the layer"]
