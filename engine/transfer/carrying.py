"""Carrying: the new network's tensors filled with what the old one has learned.

Tensors are matched by layer id and name, their rows by unit ids, their columns by the lineage of what feeds
them. What has no ancestor keeps the new network's fresh values, except where the function can be preserved
(after Chen, Goodfellow & Shlens 2015, "Net2Net", sections 2.3 and 2.4):

* a new unit, or a new wire, gets outgoing weights of zero;
* a new layer between others starts as the identity where it can; see `engine.transfer.insertion`.

What an optimizer remembers is carried with its parameter. New parameters have no history, and an optimizer
that divides by the size of past gradients would take none for gradients of zero: its first steps there would
be several times too long, and undo what the edit had preserved. So they start with the largest size around
them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.address import with_titles
from engine.layers.base import LayerSpec
from engine.layers.weighted import Weighted
from engine.matching import match
from engine.network import Network
from engine.optimizers import Slots
from engine.places import Place
from engine.transfer.insertion import Insertions
from engine.transfer.memory import Memory
from engine.transfer.report import LayerTransfer, TransferReport, changes, counted, judge
from engine.transfer.source import Source

Array = NDArray[Any]


def transfer(
    old: Network,
    new: Network,
    *,
    old_slots: Slots | None = None,
    new_slots: Slots | None = None,
    sizes: tuple[str, ...] = (),
    donor: Memory | None = None,
    nonnegative_inputs: bool = False,
) -> TransferReport:
    """Carry what `old` has learned into `new`, in place; what only `donor` has is restored from it.

    Args:
        old: the network before the edit, unchanged.
        new: the edited one with fresh parameters; its parameters and state are overwritten.
        old_slots: the old optimizer's memory.
        new_slots: the new one's; slots of the same name are carried where the parameter is. Elsewhere
            those in `sizes` start at the largest carried in the tensor, or in the network if the tensor is
            new; others are left alone.
        sizes: the slots that measure how large gradients have been.
        donor: the state at an earlier moment: what undo brings back is restored as it was then.
        nonnegative_inputs: whether all features are known to be ≥ 0.
    """
    source = Source.living(old, old_slots)
    giver = None if donor is None else Source.remembered(donor)
    insertions = Insertions.into(new.layout, source, giver, nonnegative_inputs=nonnegative_inputs)
    vectors = {} if new_slots is None else new_slots.vectors
    carrying = _Carrying(source, giver, new, vectors, insertions.lineages)
    layers = carrying.run()
    carrying.settle(sizes)
    for insertion in insertions.made:
        insertion.fill(new.parameter(insertion.spec.id))
    new.prune()
    known = {} if giver is None else giver.specs
    preserves, verdict = judge(old, new, nonnegative_inputs=nonnegative_inputs)
    said = (
        *insertions.refused,
        *(made.sentence for made in insertions.made),
        *changes(old, new, known),
        verdict,
    )
    sentences = tuple(with_titles(sentence, new.design, old.design) for sentence in (counted(layers), *said))
    return TransferReport(layers, preserves, sentences)


class _Carrying:
    """Fills one network, tensor by tensor.

    `lineages` are the new network's, with insertions; `plain` its own, without.
    """

    def __init__(
        self,
        old: Source,
        donor: Source | None,
        network: Network,
        vectors: dict[str, Array],
        lineages: dict[str, Array],
    ) -> None:
        self.old, self.donor = old, donor
        self.network, self.layout = network, network.layout
        self.new_vectors = vectors
        self.remembered = np.zeros(network.parameters.shape, bool)  # parameters that kept their slots
        self.lineages, self.plain = lineages, network.layout.lineages()

    def run(self) -> tuple[LayerTransfer, ...]:
        """Fill everything; returns the counts of every layer that has parameters."""
        layers = []
        for spec in self.layout.order:
            counts = [self._tensor(spec, place) for place in self.layout.places if place.layer == spec.id]
            for place in self.layout.state_places:
                if place.layer == spec.id:
                    self._tensor(spec, place, trained=False)
            if counts:
                layers.append(LayerTransfer(spec.id, *(sum(column) for column in zip(*counts, strict=True))))
        return tuple(layers)

    def settle(self, sizes: tuple[str, ...]) -> None:
        """Give new parameters a size of past gradients; see above."""
        if not self.remembered.any():
            return
        for vector in (self.new_vectors[name] for name in sizes if name in self.new_vectors):
            largest = vector[self.remembered].max()
            for place in self.layout.places:
                values, known = place.of(vector), place.of(self.remembered)
                values[~known] = values[known].max() if known.any() else largest

    def _tensor(self, spec: LayerSpec, place: Place, *, trained: bool = True) -> tuple[int, int, int]:
        """Fill one tensor; returns how many values were carried, restored and new."""
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
        source: Source,
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
        if self.new_vectors.keys() <= source.vectors.keys():  # not where the donor is of another optimizer
            kept = place.of(self.remembered)
            kept[after] |= free & (sign > 0)
        for name in source.vectors.keys() & self.new_vectors.keys():
            values = old_place.of(source.vectors[name])[before]
            _copy_where(free & (sign > 0), values, place.of(self.new_vectors[name]), after)

    def _back(self, source: Source, place: Place, before: Any, after: Any) -> Any:
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


def _copy_where(free: Array, values: Array, into: Array, at: tuple[Array, ...]) -> None:
    into[at] = np.where(free, values, into[at])


def _same_kind(before: LayerSpec | None, after: LayerSpec) -> bool:
    return before is not None and before.kind == after.kind
