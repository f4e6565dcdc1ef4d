"""Random edits: designs validate or name their faults, ids stay unique, weights carry over, undo is exact."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from engine.design import NetworkDesign, Project, chain, units_of
from engine.edits import Edit, Outcome, Refusal
from engine.edits.activations import absorb_activation, part_activation
from engine.edits.architectures import ARCHITECTURES, insert_residual_block, use_architecture
from engine.edits.arrangement import move, tidy
from engine.edits.clipboard import duplicate
from engine.edits.flow import matrix_ids, summary
from engine.edits.layers import append, branch, insert, place
from engine.edits.removal import delete
from engine.edits.repairs import repair
from engine.edits.settings import set_layer_field
from engine.edits.synapses import freeze, prune, pruned, restore, unfreeze
from engine.edits.units import remove_units, set_units
from engine.edits.wires import MERGES, can_connect, connect, disconnect, merge_options, reroute
from engine.fields import settings_of
from engine.files.clipboard import paste, to_text
from engine.files.specs import encode
from engine.layers import LAYERS
from engine.layers.weighted import Weighted, pack
from engine.losses import LOSSES
from engine.network import Network, compile_network
from engine.transfer import transfer
from engine.validation import infer

LOSS = LOSSES["quadratic"]()
KINDS = st.sampled_from(LAYERS.names())
SMALL = st.integers(1, 6)
INDEX = st.integers(0, 7)
PLACE = st.tuples(st.floats(-500, 500), st.floats(-500, 500))
STARTS = (
    NetworkDesign(),
    chain((2,), (4, {"activation": "tanh"}), (1, {"activation": "identity"})),
    chain((3,), (5, {}), (4, {"bias": False}), (2, {})),
)
MOST_LAYERS = 14
MOST_PARAMETERS = 30_000


def pruned_pairs(design: NetworkDesign) -> dict[str, set[tuple[int, int]]]:
    """(unit, lineage of the source) of every pruned synapse, where each source stands once."""
    found = {}
    for name, (rows, columns) in matrix_ids(design).items():
        marks = pruned(design, name)
        if marks is not None and len(set(columns.tolist())) == len(columns):
            found[name] = {(int(rows[i]), int(columns[j])) for i, j in np.argwhere(marks)}
    return found


def with_random_marks(design: NetworkDesign, seed: int) -> NetworkDesign:
    """The design with about a third of all synapses pruned and frozen."""
    rng = np.random.default_rng(seed)
    for name, (rows, columns) in matrix_ids(design).items():
        spec: Any = design.layer(name)
        mask, fixed = (pack(rng.random((len(rows), len(columns))) < 0.3) for _ in range(2))
        design = design.with_layer(replace(spec, mask=mask, frozen=fixed))
    return design


class Edits(RuleBasedStateMachine):
    texts = Bundle("texts")

    @initialize(start=st.sampled_from(STARTS), seed=st.none() | st.integers(0, 99))
    def begin(self, start: NetworkDesign, seed: int | None) -> None:
        self.start = start if seed is None else with_random_marks(start, seed)
        self.project = Project(design=self.start)
        self.history: list[tuple[Project, Any]] = []  # with a deep copy, as JSON values
        self.network: Network | None = None
        self.marks: dict[str, set[tuple[int, int]]] = {}  # pruned when last known
        self.remember_marks()

    # -- helpers

    def layer(self, index: int) -> str:
        layers = self.project.design.layers
        return layers[index % len(layers)].id if layers else "nothing"

    def weighted(self, index: int) -> str:
        names = [spec.id for spec in self.project.design.layers if isinstance(spec, Weighted)]
        return names[index % len(names)] if names else "nothing"

    def take(self, outcome: Outcome, *, restoring: bool = False, pruning: bool = False) -> None:
        if isinstance(outcome, Refusal):
            assert outcome.sentence.endswith("."), outcome
            return
        assert outcome.text
        assert outcome.text[0].islower()
        assert set(outcome.added) <= {spec.id for spec in outcome.project.design.layers}
        if len(outcome.project.design.layers) > MOST_LAYERS:
            return
        if summary(outcome.project.design).total > MOST_PARAMETERS:
            return
        self.history.append((self.project, encode(self.project)))
        self.project = outcome.project
        self.pairs_survive(restoring)
        if not pruning:
            self.no_pairs_appear()

    def pairs_survive(self, restoring: bool) -> None:
        """A synapse that is still there is still pruned, unless it was restored."""
        before = pruned_pairs(self.history[-1][0].design)
        now, ids = pruned_pairs(self.project.design), matrix_ids(self.project.design)
        for name in before.keys() & now.keys():
            rows, columns = (set(axis.tolist()) for axis in ids[name])
            left = {(row, column) for row, column in before[name] if row in rows and column in columns}
            assert restoring or left <= now[name]

    def no_pairs_appear(self) -> None:
        """No mark comes to another synapse, not even past a time when synapses could not be known."""
        marks = dict(self.marks)
        self.remember_marks()
        for name in marks.keys() & self.marks.keys():
            assert self.marks[name] <= marks[name]

    def remember_marks(self) -> None:
        names = {spec.id for spec in self.project.design.layers}
        self.marks = {name: pairs for name, pairs in self.marks.items() if name in names}
        self.marks |= pruned_pairs(self.project.design)

    # -- layers

    @rule(kind=KINDS, units=SMALL, after=INDEX, at_end=st.booleans())
    def append(self, kind: str, units: int, after: int, at_end: bool) -> None:
        self.take(append(self.project, kind, "" if at_end else self.layer(after), units=units))

    @rule(after=INDEX)
    def append_like_neighbor(self, after: int) -> None:
        self.take(append(self.project, "", self.layer(after)))

    @rule(kind=st.just("") | KINDS, a=INDEX, b=INDEX)
    def insert(self, kind: str, a: int, b: int) -> None:
        self.take(insert(self.project, self.layer(a), self.layer(b), kind))

    @rule(kind=st.sampled_from(("", "", "dense", "add", "flatten")), index=INDEX)
    def insert_on_wire(self, kind: str, index: int) -> None:
        wires = self.project.design.wires
        if wires:
            wire = wires[index % len(wires)]
            self.take(insert(self.project, wire.source, wire.target, kind))

    @rule(beside=INDEX, kind=st.just("") | KINDS, merge=st.sampled_from(("", *MERGES)))
    def branch(self, beside: int, kind: str, merge: str) -> None:
        self.take(branch(self.project, self.layer(beside), kind, merge))

    @rule(kind=KINDS, at=PLACE)
    def place(self, kind: str, at: Any) -> None:
        self.take(place(self.project, kind, at))

    @rule(chosen=st.lists(INDEX, max_size=3))
    def delete(self, chosen: list[int]) -> None:
        self.take(delete(self.project, [self.layer(index) for index in chosen]))

    @rule(chosen=st.lists(INDEX, max_size=3))
    def duplicate(self, chosen: list[int]) -> None:
        self.take(duplicate(self.project, [self.layer(index) for index in chosen]))

    @rule(target=texts, chosen=st.lists(INDEX, min_size=1, max_size=3))
    def copy(self, chosen: list[int]) -> str:
        names = [self.layer(index) for index in chosen]
        return to_text(self.project.design, names, self.project.positions)

    @rule(text=consumes(texts), at=st.none() | PLACE)
    def paste(self, text: str, at: Any) -> None:
        self.take(paste(self.project, text, at))

    @rule(name=st.sampled_from(ARCHITECTURES.names()))
    def build(self, name: str) -> None:
        self.take(use_architecture(self.project, name), restoring=True)

    @rule(index=INDEX)
    def residual(self, index: int) -> None:
        wires = self.project.design.wires
        if wires:
            wire = wires[index % len(wires)]
            self.take(insert_residual_block(self.project, wire.source, wire.target))

    # -- wires

    @rule(a=INDEX, b=INDEX, merge=st.sampled_from(("", *MERGES)))
    def connect(self, a: int, b: int, merge: str) -> None:
        source, target = self.layer(a), self.layer(b)
        refusal = can_connect(self.project.design, source, target)
        options = () if refusal else merge_options(self.project.design, source, target)
        outcome = connect(self.project, source, target, merge=merge)
        assert isinstance(outcome, Edit) == (refusal is None and (not options or merge in options))
        if isinstance(outcome, Refusal) and refusal is None:
            assert outcome.options == options
        if isinstance(outcome, Edit):  # what is said to fit brings no new fault of shapes to its target
            known = {fault.message for fault in infer(self.project.design).faults if fault.expected}
            new = [f for f in infer(outcome.project.design).faults if f.layer == target and f.expected]
            assert {fault.message for fault in new if "at least" not in fault.expected} <= known
        self.take(outcome)

    @rule(index=INDEX)
    def disconnect(self, index: int) -> None:
        wires = self.project.design.wires
        if wires:
            wire = wires[index % len(wires)]
            self.take(disconnect(self.project, wire.source, wire.target))

    @rule(index=INDEX, end=INDEX, at_source=st.booleans())
    def reroute(self, index: int, end: int, at_source: bool) -> None:
        wires = self.project.design.wires
        if wires:
            to = {"source" if at_source else "target": self.layer(end)}
            self.take(reroute(self.project, wires[index % len(wires)], **to))

    # -- units and synapses

    @rule(index=INDEX, units=st.integers(-1, 7))
    def resize(self, index: int, units: int) -> None:
        self.take(set_units(self.project, self.layer(index), units))

    @rule(index=INDEX, units=st.sets(INDEX, max_size=3))
    def remove_units(self, index: int, units: set[int]) -> None:
        before = units_of_layer(self.project.design, self.weighted(index))
        outcome = remove_units(self.project, self.weighted(index), units)
        if isinstance(outcome, Edit):
            after = units_of_layer(outcome.project.design, self.weighted(index))
            assert after == tuple(unit for i, unit in enumerate(before) if i not in units)
        self.take(outcome)

    @rule(index=INDEX, row=INDEX, column=INDEX)
    def prune(self, index: int, row: int, column: int) -> None:
        self.take(prune(self.project, self.weighted(index), row, column), pruning=True)
        self.remember_marks()

    @rule(index=INDEX, row=INDEX, column=INDEX)
    def restore(self, index: int, row: int, column: int) -> None:
        self.take(restore(self.project, self.weighted(index), row, column), restoring=True)

    @rule(index=INDEX, row=st.none() | INDEX, column=st.none() | INDEX, on=st.booleans())
    def freeze(self, index: int, row: int | None, column: int | None, on: bool) -> None:
        act = freeze if on else unfreeze
        self.take(act(self.project, self.weighted(index), row, column))

    # -- fields, places, repairs

    @rule(index=INDEX, value=st.sampled_from((True, False, 1, 2, 5, 0.5, "tanh", "same", (-1,), None, "?")))
    def set_field(self, index: int, value: Any) -> None:
        name = self.layer(index)
        if name != "nothing":
            for info in settings_of(self.project.design.layer(name))[:4]:
                self.take(set_layer_field(self.project, name, info.name, value))

    @rule(index=INDEX)
    def activation_out(self, index: int) -> None:
        self.take(part_activation(self.project, self.layer(index)))

    @rule(index=INDEX)
    def activation_in(self, index: int) -> None:
        self.take(absorb_activation(self.project, self.layer(index)))

    @rule(index=INDEX, at=PLACE)
    def move(self, index: int, at: Any) -> None:
        self.take(move(self.project, {self.layer(index): at}))

    @rule()
    def tidy(self) -> None:
        self.take(tidy(self.project))

    @rule(index=INDEX)
    def repair(self, index: int) -> None:
        faults = [f for f in infer(self.project.design, LOSS, 2).faults if f.repair]
        if faults:
            fault = faults[index % len(faults)]
            outcome = repair(self.project, fault)
            if isinstance(outcome, Edit):
                assert fault not in infer(outcome.project.design, LOSS, 2).faults
            self.take(outcome, restoring=True)

    @rule(count=st.integers(1, 3))
    def undo(self, count: int) -> None:
        for _ in range(min(count, len(self.history))):
            self.project, written = self.history.pop()
            assert encode(self.project) == written
        if count:
            self.marks = {}
            self.remember_marks()

    # -- what holds always

    @invariant()
    def ids_are_unique_and_wires_lead_to_layers(self) -> None:
        design = self.project.design
        names = [spec.id for spec in design.layers]
        units = [unit for spec in design.layers for unit in units_of(spec)]
        assert len(set(names)) == len(names)
        assert len(set(units)) == len(units)
        assert {end for wire in design.wires for end in (wire.source, wire.target)} <= set(names)
        assert {place[0] for place in self.project.positions} <= set(names)

    @invariant()
    def there_is_no_circle(self) -> None:
        assert len(infer(self.project.design).order) == len(self.project.design.layers)

    @invariant()
    def it_compiles_or_names_its_faults_and_weights_carry_over(self) -> None:
        design = self.project.design
        if infer(design, LOSS).errors or (self.network is not None and design == self.network.design):
            return
        new = compile_network(design, LOSS)
        assert new.parameters.size == summary(design).total
        if self.network is not None:
            transfer(self.network, new)
        assert np.isfinite(new.predict(np.zeros((2, new.features)))).all()
        for name in matrix_ids(design):
            assert (new.parameter(name)[pruned(design, name)] == 0).all()
        self.network = new

    def teardown(self) -> None:
        """Undoing everything, step by step, gives every earlier design back, down to the first."""
        if hasattr(self, "project"):
            self.undo(len(self.history))
            assert self.project.design == self.start


def units_of_layer(design: NetworkDesign, name: str) -> tuple[int, ...]:
    return next((units_of(spec) for spec in design.layers if spec.id == name), ())


TestEdits = Edits.TestCase
TestEdits.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
