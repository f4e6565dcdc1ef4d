"""Parts of a network travel as text, come back with fresh ids, and garbage is refused with a sentence."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.design import Project, Wire, chain, units_of
from engine.edits import Edit, Outcome, Refusal
from engine.edits.architectures import (
    ARCHITECTURES,
    autoencoder,
    built,
    insert_residual_block,
    lenet,
    mlp,
    perceptron,
    residual,
    use_architecture,
)
from engine.edits.arrangement import move
from engine.edits.change import MAX_LAYERS, MAX_PARAMETERS, MAX_VALUES, MAX_WIRES
from engine.edits.flow import known_shapes, summary
from engine.edits.layers import append
from engine.edits.synapses import freeze, prune, pruned
from engine.edits.wires import connect
from engine.files import shapes as limits
from engine.files.clipboard import from_text, paste, to_text
from engine.layers import LAYERS
from engine.layers.base import Shape, size_of
from engine.losses import LOSSES
from engine.network import compile_network
from engine.transfer import transfer
from engine.validation import infer

LOSS = LOSSES["quadratic"]()


def done(outcome: Outcome) -> Edit:
    assert isinstance(outcome, Edit), outcome
    return outcome


def refused(outcome: Any) -> str:
    assert isinstance(outcome, Refusal)
    return outcome.sentence


def project() -> Project:
    return Project(design=chain((3,), (4, {"activation": "tanh"}), (5, {}), (2, {"activation": "identity"})))


def test_a_copy_pastes_unconnected_with_fresh_ids_and_its_inner_wires() -> None:
    start = done(prune(project(), "dense-2", 1, 2)).project
    text = to_text(start.design, ["dense-1", "dense-2"])
    made = done(paste(start, text, (100, 50)))
    assert made.text == "paste 2 layers"
    design = made.project.design
    first, second = made.added
    assert design.sources(first) == ()
    assert design.sources(second) == (first,)
    assert design.layer(first).activation == "tanh"  # type: ignore[attr-defined]
    assert made.project.positions == ((first, 100.0, 50.0), (second, 260.0, 50.0))
    units = [unit for spec in design.layers for unit in units_of(spec)]
    assert len(set(units)) == len(units)
    # the pruned synapse came along: it lies between the two layers
    assert pruned(design, second).tolist() == pruned(start.design, "dense-2").tolist()  # type: ignore[union-attr]


def test_marks_stay_behind_where_their_sources_do() -> None:
    start = done(freeze(done(prune(project(), "dense-2", 1, 2)).project, "dense-2")).project
    made = done(paste(start, to_text(start.design, ["dense-2"])))
    spec: Any = made.project.design.layer(made.added[0])
    assert (spec.mask, spec.frozen, made.project.positions) == (b"", b"", ())


def test_places_are_kept_relative_to_the_first_layer() -> None:
    start = done(move(project(), {"dense-1": (10, 10), "dense-2": (30, -5)})).project
    text = to_text(start.design, ["dense-1", "dense-2"], start.positions)
    made = done(paste(Project(), text, (100, 100)))
    assert made.project.positions == (("dense-1", 100.0, 100.0), ("dense-2", 120.0, 85.0))


def test_the_text_is_short_and_readable() -> None:
    text = to_text(project().design, ["dense-1"])
    assert json.loads(text) == {
        "synapscope": "layers",
        "layers": [{"kind": "dense", "id": "dense-1", "unit_ids": [[3, 7]], "activation": "tanh"}],
        "wires": [],
        "positions": [],
    }
    assert "\n" in text


def test_an_input_is_pasted_only_where_there_is_none() -> None:
    text = to_text(project().design, ["input", "dense-1"])
    made = done(paste(project(), text))
    assert made.text == "paste Dense(4)"
    whole = done(paste(Project(), text)).project.design
    assert infer(whole).faults == ()
    assert "one input layer" in refused(paste(project(), to_text(project().design, ["input"])))
    assert "no layers" in refused(paste(project(), to_text(project().design, [])))


def test_a_fragment_survives_a_mail_program() -> None:
    text = to_text(project().design, ["dense-1", "dense-2"])
    assert from_text("\r\n  " + text.replace("\n", "\r\n") + "\n\n") == from_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        "null",
        "{}",
        '{"synapscope": "layers"}',
        '{"synapscope": "layers", "layers": []}',
        '{"synapscope": "layers", "layers": [5]}',
        '{"synapscope": "layers", "layers": [{"kind": "dense"}]}',
        '{"synapscope": "layers", "layers": [{"kind": "bomb", "id": "a"}]}',
        '{"synapscope": "layers", "layers": [{"kind": "dense", "id": "a", "unit_ids": [[0, 9000000]]}]}',
        '{"synapscope": "layers", "layers": [{"kind": "dense", "id": "", "unit_ids": [[0, 1]]}]}',
        '{"synapscope": "layers", "layers": [{"kind": "dropout", "id": "a", "rate": 1.2}]}',
        '{"synapscope": "layers", "layers": [{"kind": "flatten", "id": "a"}], "wires": [["a", "b"]]}',
        '{"synapscope": "layers", "layers": [{"kind": "flatten", "id": "a"}], "wires": 3}',
        '{"synapscope": "layers", "layers": [{"kind": "add", "id": "a"}], "positions": [["a", 1e999, 0]]}',
        "[" * 100_000,
        "\ud800",
        "x" * 9_000_000,
    ],
    ids=range(19),
)
def test_garbage_is_refused_with_a_sentence(text: str) -> None:
    sentence = refused(paste(project(), text, (0, 0)))
    assert sentence.startswith("This text cannot be pasted here: ")
    assert len(sentence) < 500


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_refused(text: str) -> None:
    assert refused(paste(project(), text))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(LAYERS.names()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_a_damaged_fragment_is_pasted_soundly_or_refused(data: Any) -> None:
    content = json.loads(to_text(project().design, ["dense-1", "dense-2"]))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(
            st.sampled_from([content, *content["layers"]]) if _listed(content) else st.just(content)
        )
        place[data.draw(st.sampled_from(sorted(place)))] = data.draw(JSON)
    outcome = paste(project(), json.dumps(content), (0, 0))
    if isinstance(outcome, Edit):
        design = outcome.project.design
        assert {spec.id for spec in project().design.layers} < {spec.id for spec in design.layers}
        assert not [
            f for f in infer(design).faults if f.field in ("id", "unit_ids") and "least" not in f.message
        ]
        assert len(infer(design).order) <= len(design.layers)


def _listed(content: dict[str, Any]) -> bool:
    layers = content.get("layers")
    return isinstance(layers, list) and bool(layers) and all(isinstance(x, dict) and x for x in layers)


@pytest.mark.parametrize("kind", LAYERS.names())
def test_every_kind_of_layer_travels(kind: str) -> None:
    made = done(append(Project(), kind))
    name = made.added[0]
    assert done(paste(Project(), to_text(made.project.design, [name]))).project.design == made.project.design


def test_the_limits_are_those_of_a_project_file() -> None:
    for name, value in (
        ("MAX_LAYERS", MAX_LAYERS),
        ("MAX_WIRES", MAX_WIRES),
        ("MAX_VALUES", MAX_VALUES),
        ("MAX_PARAMETERS", MAX_PARAMETERS),
    ):
        assert getattr(limits, name) == value


# -- architectures


@pytest.mark.parametrize("shape", [(2,), (784,), (1, 28, 28), (3, 10, 12)])
@pytest.mark.parametrize("name", ARCHITECTURES.names())
def test_every_architecture_runs(name: str, shape: Shape) -> None:
    if name == "lenet" and shape == (2,):
        assert "at least 4 × 4" in refused(use_architecture(Project(), name, shape=shape))
        return
    design = built(name, shape, 3)
    assert infer(design).faults == ()
    net = compile_network(design, LOSS)
    assert net.outputs == (size_of(shape) if name == "autoencoder" else 3)


def test_builders_do_what_they_say() -> None:
    assert [units_of(spec) and len(units_of(spec)) for spec in mlp((4,), 3, (7, 5)).layers] == [4, 7, 5, 3]
    assert summary(perceptron((4,), 3)).total == 3 * 5
    assert known_shapes(autoencoder((100,), code=3))["dense-2"] == (3,)
    assert summary(lenet((1, 28, 28), 10)).total == 520 + 20_040 + 64_100 + 1_010
    skip = residual((4,), 2)
    assert set(skip.sources("add-1")) == {"dense-1", "dense-3"}


def test_an_architecture_takes_the_place_of_the_network_but_not_of_its_input() -> None:
    start = done(move(project(), {"dense-1": (1, 1)})).project
    made = done(use_architecture(start, "residual"))
    assert made.text == "build: Residual block"
    assert made.project.design.input == start.design.input
    assert made.project.positions == ()
    assert compile_network(made.project.design, LOSS).outputs == 2
    other = done(use_architecture(start, "mlp", shape=(1, 4, 4), outputs=5)).project.design
    assert compile_network(other, LOSS).outputs == 5
    assert "no architecture" in refused(use_architecture(start, "magic"))
    assert done(use_architecture(Project(), "perceptron")).project.design.input is not None


def test_nothing_learned_lands_in_another_architecture_by_chance() -> None:
    start = project()
    made = done(use_architecture(start, "mlp")).project
    old, new = (compile_network(p.design, LOSS, seed=s) for s, p in enumerate((start, made)))
    assert transfer(old, new).carried == 0


def test_a_residual_block_goes_into_a_wire_of_values() -> None:
    made = done(insert_residual_block(project(), "dense-1", "dense-2"))
    assert made.text == "add a residual block between Layer 1 and Layer 2"
    design = made.project.design
    assert infer(design).faults == ()
    assert design.sources("dense-2") == ("activation-1",)
    assert set(design.sources("add-1")) == {"dense-1", "dense-5"}
    assert "flat list" in refused(insert_residual_block(project(), "input", "dense-2"))
    wider = done(connect(made.project, "input", "dense-2", merge="concatenate"))
    assert infer(wider.project.design).faults == ()


def test_edits_never_change_what_they_are_given() -> None:
    start = project()
    before = repr(start)
    done(use_architecture(start, "mlp"))
    done(insert_residual_block(start, "dense-1", "dense-2"))
    assert repr(start) == before
    assert replace(start) == start
    assert Wire("dense-1", "dense-2") in start.design.wires
