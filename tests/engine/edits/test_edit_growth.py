"""A dense layer dropped into a wire is as wide as it must be to change nothing, where that can be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.design import Project, chain
from engine.edits.architectures import use_architecture
from engine.edits.growth import WIDEST, copies, wide_enough
from engine.edits.layers import append, end_of, insert
from engine.edits.outcome import Edit
from engine.examples import example_project
from engine.losses import LOSSES
from engine.network import compile_network
from engine.transfer import transfer

LOSS = LOSSES["quadratic"]()


def project(units: int, activation: str) -> Project:
    design = chain((3,), (units, {"activation": activation}), (2, {"activation": "identity"}))
    return Project(design=design)


def grown(start: Project, source: str, target: str, **fields: Any) -> Edit:
    made = insert(start, source, target, "dense", **fields)
    assert isinstance(made, Edit)
    return made


@pytest.mark.parametrize(
    ("activation", "units", "wanted"),
    [("relu", 16, 16), ("sigmoid", 16, 16), ("tanh", 16, 32), ("identity", 5, 10), ("relu", 4, 4)],
)
def test_it_copies_what_it_is_fed_and_the_answers_stay(activation: str, units: int, wanted: int) -> None:
    start = project(units, activation)
    made = grown(start, "dense-1", "dense-2")
    spec = made.project.design.layer(made.added[0])
    assert (spec.units, spec.activation) == (wanted, "relu")
    assert copies(made.project.design, spec.id)
    before, after = (compile_network(p.design, LOSS, seed=3) for p in (start, made.project))
    assert transfer(before, after).preserves_function
    inputs = np.random.default_rng(3).normal(size=(20, 3))
    np.testing.assert_allclose(after.predict(inputs), before.predict(inputs), rtol=1e-5, atol=1e-6)


def test_behind_the_input_too_and_by_appending() -> None:
    made = append(project(4, "tanh"), "dense", "input")
    assert isinstance(made, Edit)
    assert made.project.design.layer(made.added[0]).units == 6
    assert made.text == "add Dense(6) after Input(3)"


def test_what_is_asked_for_is_done_and_what_is_too_wide_starts_small() -> None:
    assert grown(project(16, "relu"), "dense-1", "dense-2", units=3).project.design.layers[2].units == 3
    tanh = grown(project(16, "relu"), "dense-1", "dense-2", activation="tanh")
    assert tanh.project.design.layers[2].units == 8
    assert copies(tanh.project.design, tanh.added[0]) is False
    wide = project(WIDEST + 1, "relu")
    assert wide_enough(wide.design, "dense-1", "dense", {}) == {}
    start = grown(wide, "dense-1", "dense-2").project
    assert copies(start.design, start.design.layers[2].id) is False


def test_one_like_its_neighbor_is_as_wide_as_what_feeds_it_where_it_has_no_model() -> None:
    """Behind the activation layer of a residual block, which has no neurons to be like."""
    made = use_architecture(example_project("spirals"), "residual")
    assert isinstance(made, Edit)
    design = made.project.design
    end = end_of(design)
    (source,) = design.sources(end)
    assert design.layer(source).kind == "activation"
    for grown_ in (insert(made.project, source, end), append(made.project, "", source)):
        assert isinstance(grown_, Edit)
        after = grown_.project.design
        assert after.layer(grown_.added[0]).units == 16
        old, new = (compile_network(d, LOSS, seed=3) for d in (design, after))
        assert transfer(old, new).preserves_function


def test_of_layers_without_weights_and_at_the_end_nothing_is_said() -> None:
    made = insert(project(4, "relu"), "dense-1", "dense-2", "dropout")
    assert isinstance(made, Edit)
    assert copies(made.project.design, made.added[0]) is None
    end = append(project(4, "relu"), "dense")
    assert isinstance(end, Edit)
    assert end.project.design.layer(end.added[0]).units == 8
    assert copies(end.project.design, end.added[0]) is None
