"""What a drop would do, decided without a window, for every place of a picture."""

from __future__ import annotations

import pytest

from engine.design import Project
from engine.edits.layers import place
from engine.examples import empty_project, example_project
from engine.layers import LAYERS
from gui.canvas.boxes import Layout
from gui.canvas.dropping import APART, BEHIND, decide, decide_architecture, put_at
from gui.canvas.plan import plan


def picture(project: Project) -> Layout:
    return plan(project, None, 956, 680).layout


def center(layout: Layout, layer: str) -> tuple[float, float]:
    return layout.boxes[layer].body.center


def between(layout: Layout, source: str, target: str) -> tuple[float, float]:
    a, b = layout.boxes[source].body, layout.boxes[target].body
    return (a.right + b.x) / 2, (a.center[1] + b.center[1]) / 2


def test_between_two_layers_it_is_inserted_and_wired() -> None:
    project = example_project("circle")
    layout = picture(project)
    drop = decide(project, layout, "dense", *between(layout, "dense-1", "dense-2"))
    assert (drop.how, drop.sources, drop.targets) == ("insert", ("dense-1",), ("dense-2",))
    design = drop.outcome.project.design
    assert design.sources("dense-4") == ("dense-1",)
    assert design.targets("dense-4") == ("dense-2",)
    assert drop.sentence == "Add Dense(8) between Dense(4) and Dense(2), which changes nothing at first"


def test_beside_a_layer_it_branches() -> None:
    project = example_project("circle")
    layout = picture(project)
    drop = decide(project, layout, "dense", *center(layout, "dense-2"))
    assert drop.how == "branch"
    design = drop.outcome.project.design
    assert design.sources("dense-4") == ("dense-1",)
    assert design.sources("dense-3") == ("concatenate-1",)


def test_on_the_input_it_goes_behind_it() -> None:
    project = example_project("circle")
    layout = picture(project)
    drop = decide(project, layout, "dense", *center(layout, "input"))
    assert drop.how == "append"
    assert drop.outcome.project.design.sources("dense-4") == ("input",)
    assert drop.outcome.project.design.sources("dense-1") == ("dense-4",)


def test_behind_the_end_it_goes_on_and_far_away_it_stays_unconnected() -> None:
    project = example_project("circle")
    layout = picture(project)
    body = layout.boxes["dense-3"].body
    drop = decide(project, layout, "dense", body.right + 100, body.center[1])
    assert (drop.how, drop.sources) == ("append", ("dense-3",))
    x, y = body.right + BEHIND + 200, body.center[1] + 900
    drop = decide(project, layout, "dense", x, y)
    assert drop.how == "place"
    (placed,) = drop.outcome.project.positions
    assert placed[0] == "dense-4"
    assert abs(placed[1] - x) < 1
    assert "nothing" in drop.sentence


def test_between_two_open_ends_it_joins_them() -> None:
    project = empty_project()
    project = place(project, "input", (0.0, 0.0)).project
    project = place(project, "dense", (600.0, 0.0)).project
    layout = picture(project)
    drop = decide(project, layout, "dense", *between(layout, "input-1", "dense-1"))
    assert drop.how == "insert"
    assert drop.outcome.project.design.sources("dense-1") == ("dense-2",)


def test_a_second_input_is_refused_with_a_sentence() -> None:
    project = example_project("circle")
    drop = decide(project, picture(project), "input", 100.0, 100.0)
    assert drop.how == "refuse"
    assert "one input" in drop.sentence


@pytest.mark.parametrize("kind", sorted(LAYERS))
@pytest.mark.parametrize("name", ["circle", "empty"])
def test_every_layer_can_be_dropped_anywhere_or_says_why_not(kind: str, name: str) -> None:
    project = empty_project() if name == "empty" else example_project(name)
    layout = picture(project)
    for x in range(-100, 1100, 150):
        for y in range(-100, 800, 150):
            drop = decide(project, layout, kind, float(x), float(y))
            assert drop.sentence
            assert (drop.how == "refuse") == (kind == "input" and name == "circle")


def test_an_architecture_takes_the_place_of_the_network() -> None:
    drop = decide_architecture(example_project("circle"), "mlp", 1)
    assert drop.how == "build"
    assert drop.outcome.project.design.layers[-1].units == 1
    assert decide_architecture(example_project("circle"), "lenet", 1).how == "refuse"


def dropped(project: Project, x: float, y: float, kind: str = "dense") -> Project:
    layout = picture(project)
    return put_at(decide(project, layout, kind, x, y), project, picture, x, y).outcome.project


@pytest.mark.parametrize("kind", ["input", "dense"])
def test_the_neurons_of_a_dropped_layer_lie_around_the_mouse(kind: str) -> None:
    made = dropped(empty_project(), 400.0, 300.0, kind)
    (name,) = [spec.id for spec in made.design.layers]
    assert center(picture(made), name) == pytest.approx((400.0, 300.0))


def test_among_layers_placed_by_hand_it_stays_where_it_was_dropped() -> None:
    start = dropped(empty_project(), 200.0, 300.0, "input")
    made = dropped(start, 380.0, 330.0)
    assert made.design.sources("dense-1") == ("input-1",)
    assert center(picture(made), "dense-1") == pytest.approx((380.0, 330.0))
    close = picture(dropped(start, 230.0, 300.0))
    assert close.boxes["dense-1"].body.x - close.boxes["input-1"].body.right == pytest.approx(APART)
    auto = example_project("circle")
    layout = picture(auto)
    assert not dropped(auto, *between(layout, "dense-1", "dense-2")).positions
