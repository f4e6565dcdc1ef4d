"""Weight transfer: what a network has learned, carried into an edited one, optimizer memory included.

Tensors are matched by layer id and name, their rows by unit ids, their columns by the lineage of what feeds
them. What has no ancestor keeps the new network's fresh values, except where the function can be preserved
(after Chen, Goodfellow & Shlens 2015, "Net2Net", sections 2.3 and 2.4):

* a new unit, or a new wire, gets outgoing weights of zero;
* a new layer between others starts as the identity where it can; see `engine.insertion`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.design import NetworkDesign, units_of
from engine.equivalence import Weights, first_difference, known_nonnegative
from engine.insertion import Insertion, plan
from engine.layers.base import LayerSpec, name_of
from engine.layers.weighted import Weighted
from engine.losses import Loss
from engine.matching import match
from engine.network import Layout, Network
from engine.optimizers import Slots
from engine.places import Place
from engine.validation import infer

Array = NDArray[Any]


@dataclass(frozen=True)
class Memory:
    """A network's learned state at one moment, for undo: read-only copies.

    Attributes:
        vectors: the optimizer's slot vectors, by name.
    """

    design: NetworkDesign
    loss: Loss
    parameters: Array
    state: Array
    vectors: dict[str, Array] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LayerTransfer:
    """How many of a layer's parameters were carried, restored from a memory, and new."""

    layer: str
    carried: int
    restored: int
    new: int


@dataclass(frozen=True, slots=True)
class TransferReport:
    """What became of the learned weights; `sentences` say it on screen."""

    layers: tuple[LayerTransfer, ...]
    preserves_function: bool
    sentences: tuple[str, ...]

    @property
    def carried(self) -> int:
        """Parameters carried, in all layers."""
        return sum(layer.carried for layer in self.layers)

    @property
    def restored(self) -> int:
        """Parameters restored from the memory, in all layers."""
        return sum(layer.restored for layer in self.layers)

    @property
    def new(self) -> int:
        """Parameters without an ancestor, in all layers."""
        return sum(layer.new for layer in self.layers)


def remember(network: Network, slots: Slots | None = None) -> Memory:
    """A memory of the network as it is now."""
    vectors = {} if slots is None else {name: _kept(vector) for name, vector in slots.vectors.items()}
    return Memory(network.design, network.loss, _kept(network.parameters), _kept(network.state), vectors)


def transfer(
    old: Network,
    new: Network,
    *,
    old_slots: Slots | None = None,
    new_slots: Slots | None = None,
    donor: Memory | None = None,
    nonnegative_inputs: bool = False,
) -> TransferReport:
    """Carry what `old` has learned into `new`, in place; what only `donor` has is restored from it.

    Args:
        old: the network before the edit, unchanged.
        new: the edited one with fresh parameters; its parameters and state are overwritten.
        old_slots: the old optimizer's memory.
        new_slots: the new one's; slots of the same name are carried where the parameter is, else left alone.
        donor: the state at an earlier moment: what undo brings back is restored as it was then.
        nonnegative_inputs: whether all features are known to be ≥ 0.
    """
    return _Transfer(old, new, old_slots, new_slots, donor, nonnegative_inputs).run()


@dataclass(slots=True)
class _Source:
    """Where values come from: a layout, its lineages, and its vectors."""

    layout: Layout
    parameters: Array
    state: Array
    vectors: dict[str, Array]
    lineages: dict[str, Array]
    specs: dict[str, LayerSpec]
    places: dict[tuple[str, str], Place]

    @classmethod
    def of(cls, layout: Layout, parameters: Array, state: Array, vectors: dict[str, Array]) -> _Source:
        specs = {spec.id: spec for spec in layout.order}
        places = {(place.layer, place.name): place for place in (*layout.places, *layout.state_places)}
        return cls(layout, parameters, state, vectors, layout.lineages(), specs, places)

    def identities(self, layer_id: str) -> dict[str, tuple[Array, ...]]:
        fed = tuple(self.lineages[source] for source in self.layout.sources[layer_id])
        return dict(self.specs[layer_id].identities(fed, self.layout.source_shapes(layer_id)))


class _Transfer:
    def __init__(
        self,
        old: Network,
        new: Network,
        old_slots: Slots | None,
        new_slots: Slots | None,
        donor: Memory | None,
        nonnegative_inputs: bool,
    ) -> None:
        self.network, self.old_network = new, old
        self.nonnegative_inputs = nonnegative_inputs
        vectors = {} if old_slots is None else old_slots.vectors
        self.old = _Source.of(old.layout, old.parameters, old.state, vectors)
        self.donor = None if donor is None else _remembered(donor)
        self.new_vectors = {} if new_slots is None else new_slots.vectors
        self.layout = new.layout
        self.sentences: list[str] = []
        self.insertions: list[Insertion] = []

    def run(self) -> TransferReport:
        self.plain = self.layout.lineages()
        self.lineages = self._lineages_with_insertions()
        layers = []
        for spec in self.layout.order:
            counts = [self._tensor(place) for place in self.layout.places if place.layer == spec.id]
            for place in self.layout.state_places:
                if place.layer == spec.id:
                    self._tensor(place, trained=False)
            if counts:
                layers.append(LayerTransfer(spec.id, *(sum(column) for column in zip(*counts, strict=True))))
        for insertion in self.insertions:
            insertion.fill(self.network.parameter(insertion.spec.id))
        self.network.prune()
        return self._report(tuple(layers))

    # -- insertions: what a new layer may stand for

    def _lineages_with_insertions(self) -> dict[str, Array]:
        """The new network's lineages, where an inserted layer that copies its source bears the source's."""
        nonnegative = known_nonnegative(self.layout, self.nonnegative_inputs)
        found: dict[str, Array] = {}
        for spec in self.layout.order:
            sources, shapes = self.layout.sources[spec.id], self.layout.source_shapes(spec.id)
            fed = tuple(found[source] for source in sources)
            found[spec.id] = spec.lineage(fed, shapes)
            if isinstance(spec, Weighted) and self._is_inserted(spec):
                insertion = plan(spec, shapes[0], nonnegative=nonnegative[sources[0]])
                if isinstance(insertion, Insertion):
                    self.insertions.append(insertion)
                    found[spec.id] = insertion.lineage(fed[0], found[spec.id])
                else:
                    self.sentences.append(insertion)
        return found

    def _is_inserted(self, spec: LayerSpec) -> bool:
        """Whether a layer is new and lies where the old network had a wire (or its end)."""
        if spec.id in self.old.specs or (self.donor is not None and spec.id in self.donor.specs):
            return False
        anchor = self.layout.sources[spec.id][0]
        while anchor not in self.old.specs:
            if len(self.layout.sources[anchor]) != 1:
                return False
            anchor = self.layout.sources[anchor][0]
        fed = [layer for layer, sources in self.old.layout.sources.items() if anchor in sources]
        return not fed or any(
            layer in self.layout.sources and anchor not in self.layout.sources[layer] for layer in fed
        )

    # -- tensors

    def _tensor(self, place: Place, *, trained: bool = True) -> tuple[int, int, int]:
        """Fill one tensor; returns how many values were carried, restored and new."""
        spec = next(spec for spec in self.layout.order if spec.id == place.layer)
        shapes = self.layout.source_shapes(spec.id)
        covered = np.zeros(place.shape, bool)
        counts = []
        for source, lineages in ((self.old, self.lineages), (self.donor, self.plain)):
            before = covered.copy()
            if source is not None and _same_kind(source.specs.get(spec.id), spec):
                fed = tuple(lineages[layer] for layer in self.layout.sources[spec.id])
                ids = spec.identities(fed, shapes).get(place.name)
                was = source.identities(spec.id).get(place.name)
                if ids is not None and was is not None and len(ids) == len(was):
                    self._copy(source, place, was, ids, covered, trained)
            counts.append(int(np.count_nonzero(covered & ~before)))
        if trained and len(place.shape) == 2:
            self._silence(place, covered)
        return counts[0], counts[1], covered.size - sum(counts)

    def _copy(
        self,
        source: _Source,
        place: Place,
        was: tuple[Array, ...],
        ids: tuple[Array, ...],
        covered: Array,
        trained: bool,
    ) -> None:
        """Copy what matches and is not covered yet, by axis ids before (`was`) and after (`ids`)."""
        rows = [match(a, b) for a, b in zip(was, ids, strict=True)]
        before, after = np.ix_(*(m.before for m in rows)), np.ix_(*(m.after for m in rows))
        free, sign = ~covered[after] & ~self._back(source, place, before, after), rows[-1].sign
        covered[after] |= free
        old_place = source.places[place.layer, place.name]
        if not trained:
            _copy_where(free, old_place.of(source.state)[before], place.of(self.network.state), after)
            return
        _copy_where(
            free, old_place.of(source.parameters)[before] * sign, place.of(self.network.parameters), after
        )
        for name in source.vectors.keys() & self.new_vectors.keys():
            values = old_place.of(source.vectors[name])[before]
            _copy_where(free & (sign > 0), values, place.of(self.new_vectors[name]), after)

    def _back(self, source: _Source, place: Place, before: Any, after: Any) -> Any:
        """Which synapses are pruned in the old network and come back from the donor."""
        spec, was = self.network.design.layer(place.layer), source.specs[place.layer]
        if source is not self.old or self.donor is None or place.name != "weight":
            return np.False_
        if not isinstance(spec, Weighted) or not isinstance(was, Weighted):
            return np.False_
        gone = was.pruned(source.layout.source_shapes(place.layer)[0])
        if gone is None:
            return np.False_
        still = spec.pruned(self.layout.source_shapes(place.layer)[0])
        back: Array = gone[before] if still is None else gone[before] & ~still[after]
        return back

    def _silence(self, place: Place, covered: Array) -> None:
        """In the rows of known units, weights without an ancestor become 0, unless all are without one."""
        assert place.spec is not None
        if covered[:, int(place.spec.bias_column) :].any():
            known = covered.any(axis=1, keepdims=True)
            place.of(self.network.parameters)[known & ~covered] = 0.0

    # -- the report

    def _report(self, layers: tuple[LayerTransfer, ...]) -> TransferReport:
        self._say_what_changed()
        old = Weights(self.old.layout, self.old.parameters, self.old.state)
        new = Weights(self.layout, self.network.parameters, self.network.state)
        preserves = False
        if self.network.loss.link != self.old_network.loss.link:
            self.sentences.append("What the network says is read differently, because the loss is another.")
        else:
            changed = first_difference(old, new, nonnegative_inputs=self.nonnegative_inputs)
            preserves = changed is None
            if changed is not None:
                name = name_of(self.network.design.layer(changed))
                self.sentences.append(f"The network's function changes, from {name} on.")
        if preserves:
            self.sentences.append("The network computes the same function as before.")
        return TransferReport(layers, preserves, (_counted(layers), *self.sentences))

    def _say_what_changed(self) -> None:
        self.sentences += [insertion.sentence for insertion in self.insertions]
        for layer_id, spec in self.old.specs.items():
            if layer_id not in self.layout.sources:
                self.sentences.append(f"{name_of(spec)} was removed.")
                continue
            now = self.network.design.layer(layer_id)
            gone = len(set(units_of(spec)) - set(units_of(now)))
            come = len(set(units_of(now)) - set(units_of(spec)))
            if gone:
                self.sentences.append(f"{name_of(now)} lost {_units(gone)} with all weights.")
            if come:
                self.sentences.append(
                    f"{name_of(now)} gained {_units(come)}, whose outgoing weights start at 0."
                )
            before, after = (getattr(layer, "activation", None) for layer in (spec, now))
            if before != after:
                self.sentences.append(f"The activation of {name_of(now)} changed from {before} to {after}.")


def _copy_where(free: Array, values: Array, into: Array, at: tuple[Array, ...]) -> None:
    into[at] = np.where(free, values, into[at])


def _remembered(memory: Memory) -> _Source:
    layout = Layout.of(memory.design, infer(memory.design))
    return _Source.of(layout, memory.parameters, memory.state, memory.vectors)


def _same_kind(before: LayerSpec | None, after: LayerSpec) -> bool:
    return before is not None and before.kind == after.kind


def _kept(array: Array) -> Array:
    copy = array.copy()
    copy.flags.writeable = False
    return copy


def _units(count: int) -> str:
    return "1 unit" if count == 1 else f"{count:,} units"


def _counted(layers: tuple[LayerTransfer, ...]) -> str:
    carried, restored, new = (
        sum(getattr(layer, word) for layer in layers) for word in ("carried", "restored", "new")
    )
    parts = [f"{carried:,} carried over", *([f"{restored:,} restored"] if restored else []), f"{new:,} new"]
    return f"Parameters: {', '.join(parts)}."
