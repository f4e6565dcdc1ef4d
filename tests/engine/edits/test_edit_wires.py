"""Wires go where they fit, say why where they do not, and offer a merge where a second one arrives."""

from __future__ import annotations

import pytest

from engine.design import NetworkDesign, Project, Wire, chain
from engine.edits import Edit, Outcome, Refusal
from engine.edits.layers import append, branch, place
from engine.edits.wires import can_connect, connect, disconnect, leads_to, merge_options, reroute
from engine.validation import infer


def done(outcome: Outcome) -> Edit:
    assert isinstance(outcome, Edit), outcome
    return outcome


def refused(outcome: Outcome) -> Refusal:
    assert isinstance(outcome, Refusal)
    return outcome


PLAIN = chain((3,), (4, {}), (5, {}), (2, {"activation": "identity"}))


def with_pictures() -> NetworkDesign:
    """Input (1 × 8 × 8) → conv, and a dense layer wired to nothing."""
    made = done(append(Project(), "input", shape=(1, 8, 8)))
    made = done(append(made.project, "conv2d", units=3))
    return done(place(made.project, "dense", (0, 0), units=2)).project.design


def test_what_does_not_fit_says_why() -> None:
    assert can_connect(PLAIN, "dense-1", "dense-1") == "A layer cannot feed itself; choose another one."
    assert can_connect(PLAIN, "dense-1", "input") == (
        "The input layer takes its values from the data; wire into another layer."
    )
    assert can_connect(PLAIN, "dense-1", "dense-2") == "Layer 1 feeds Layer 2 already."
    assert can_connect(PLAIN, "dense-3", "dense-1") == (
        "That would make a cycle: Layer 1 feeds Output already, directly or through others. "
        "Wire the other way round."
    )
    assert "not there any more" in (can_connect(PLAIN, "ghost", "dense-1") or "")
    sentence = can_connect(with_pictures(), "conv2d-1", "dense-1")
    assert sentence == (
        "A dense layer takes a flat list of values, but is fed 3 × 6 × 6. Put a Flatten before it."
    )
    for source, target in (("dense-3", "dense-1"), ("dense-1", "input"), ("ghost", "dense-1")):
        assert refused(connect(Project(design=PLAIN), source, target)).sentence == can_connect(
            PLAIN, source, target
        )


def test_a_wire_into_a_layer_without_one_needs_no_merge() -> None:
    start = done(disconnect(Project(design=PLAIN), "dense-1", "dense-2"))
    assert start.text == "disconnect Layer 1 from Layer 2"
    assert can_connect(start.project.design, "dense-1", "dense-2") is None
    assert merge_options(start.project.design, "dense-1", "dense-2") == ()
    made = done(connect(start.project, "dense-1", "dense-2"))
    assert made.text == "connect Layer 1 to Layer 2"
    assert set(made.project.design.wires) == set(PLAIN.wires)


def test_a_second_wire_offers_what_fits() -> None:
    refusal = refused(connect(Project(design=PLAIN), "input", "dense-2"))
    assert refusal.options == ("concatenate",)  # 3 and 4 values cannot be added
    assert refusal.sentence == "Layer 2 is fed by Layer 1 already; merge both by Concatenate."
    square = chain((4,), (4, {}), (4, {}), (2, {}))
    assert merge_options(square, "input", "dense-2") == ("add", "concatenate")
    assert refused(connect(Project(design=square), "input", "dense-2", merge="multiply")).options


@pytest.mark.parametrize(("merge", "width"), [("add", 4), ("concatenate", 8)])
def test_a_merge_is_inserted_before_the_target(merge: str, width: int) -> None:
    square = chain((4,), (4, {}), (4, {}), (2, {}))
    made = done(connect(Project(design=square), "input", "dense-2", merge=merge))
    design = made.project.design
    assert made.added == (f"{merge}-1",)
    assert design.sources(f"{merge}-1") == ("dense-1", "input")
    assert design.sources("dense-2") == (f"{merge}-1",)
    assert infer(design).faults == ()
    assert infer(design).shapes[f"{merge}-1"] == (width,)
    # one more goes into the merge itself
    assert merge_options(design, "input", f"{merge}-1") == ()


def test_pictures_and_lists_cannot_be_merged() -> None:
    made = done(append(Project(design=with_pictures()), "conv2d", "conv2d-1", units=3))
    sentence = can_connect(made.project.design, "dense-1", "conv2d-2")
    assert sentence is not None
    assert "cannot be merged" in sentence


def test_rerouting_keeps_the_wires_place() -> None:
    start = done(branch(Project(design=PLAIN), "dense-1", "dense", units=4)).project
    merge = start.design.sources("dense-2")[0]
    assert start.design.sources(merge) == ("dense-1", "dense-4")
    made = done(reroute(start, Wire("dense-1", merge), source="input"))
    assert made.project.design.sources(merge) == ("input", "dense-4")
    assert made.text == "reroute the wire: Input to Concatenate"
    assert "cycle" in refused(reroute(start, Wire("dense-1", merge), source="dense-3")).sentence
    assert "already" in refused(reroute(start, Wire("input", "dense-1"), target="dense-3")).sentence
    assert "wire is not there" in refused(reroute(start, Wire("input", "dense-3"), source="dense-1")).sentence


def test_a_wire_that_is_gone_cannot_be_taken_off() -> None:
    assert "not there" in refused(disconnect(Project(design=PLAIN), "input", "dense-3")).sentence
    assert "not there" in refused(disconnect(Project(design=PLAIN), "ghost", "dense-3")).sentence


def test_leads_to() -> None:
    assert leads_to(PLAIN, "input", "dense-3")
    assert not leads_to(PLAIN, "dense-3", "input")
