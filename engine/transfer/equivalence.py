"""Proves that two networks compute the same function, by numbering their values.

Two values bear the same number only if they are equal for every input (value numbering, as compilers do it).
All values of the old network get numbers of their own. A value of the new network gets an old number where it
is computed from equally numbered values by the same function with the same weights. The weights of a unit are
compared as the sum Σ w·x that they form, so that a weight of zero changes nothing, nor does writing
max(0, x) − max(0, −x) for x. Only evaluation mode is looked at: dropout is the identity, batch normalization
uses its running statistics.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS
from engine.layers.base import BIAS, LayerSpec, size_of
from engine.layers.dense import Input
from engine.layers.weighted import IDENTITY_ABOVE_ZERO, Weighted
from engine.layout import Layout

Array = NDArray[Any]
Tensors = Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class Weights:
    """A design's layout with the values of its tensors."""

    layout: Layout
    parameters: Array
    state: Array

    def of(self, layer_id: str) -> Tensors:
        """A layer's tensors, trained or state, by name."""
        found = {p.name: p.of(self.parameters) for p in self.layout.places if p.layer == layer_id}
        return found | {p.name: p.of(self.state) for p in self.layout.state_places if p.layer == layer_id}


def first_difference(old: Weights, new: Weights, *, nonnegative_inputs: bool = False) -> str | None:
    """The first layer of `new` at which equality cannot be shown; None where the functions are equal."""
    return _Proof(old, new, nonnegative_inputs).first_difference()


def known_nonnegative(layout: Layout, inputs: bool) -> dict[str, bool]:
    """Which layers are known to give values ≥ 0 only."""
    found: dict[str, bool] = {}
    for spec in layout.order:
        fed = tuple(found[source] for source in layout.sources[spec.id])
        found[spec.id] = inputs if isinstance(spec, Input) else spec.nonnegative(fed)
    return found


class _Proof:
    """The numbers of all values, old and new, int64 (size,) by layer id."""

    def __init__(self, old: Weights, new: Weights, nonnegative_inputs: bool) -> None:
        self.old, self.new = old, new
        self._count = itertools.count()
        self._rows: dict[bytes, int] = {}
        self._halves: dict[int, tuple[int, int]] = {}
        self._whole: dict[int, tuple[int, bool]] = {}
        self._nonnegative, before = (
            known_nonnegative(side.layout, nonnegative_inputs) for side in (new, old)
        )
        self._old_specs = {spec.id: spec for spec in old.layout.order}
        self._old_numbers: dict[str, Array] = {}
        for spec in old.layout.order:
            self._old_numbers[spec.id] = self._moved(spec, old.layout, self._old_numbers, before, self._fresh)
        self._numbers: dict[str, Array] = {}
        for spec in new.layout.order:
            numbers, nonnegative = self._numbers, self._nonnegative
            numbers[spec.id] = self._moved(spec, new.layout, numbers, nonnegative, self._number)

    def first_difference(self) -> str | None:
        order, last = self.new.layout.order, self.new.layout.order[-1].id
        if np.array_equal(self._numbers[last], self._old_numbers[self.old.layout.order[-1].id]):
            return None
        known = np.concatenate(list(self._old_numbers.values()))
        for spec in order:
            if not isinstance(spec, Input) and not np.isin(self._numbers[spec.id], known).all():
                return spec.id
        return last

    def _moved(
        self,
        spec: LayerSpec,
        layout: Layout,
        numbers: dict[str, Array],
        nonnegative: dict[str, bool],
        compute: Any,
    ) -> Array:
        """The numbers of a layer's values: those of its sources where it only moves them, else computed."""
        sources = layout.sources[spec.id]
        copies = _copies(spec, [nonnegative[source] for source in sources])
        if spec.is_identity(False) or spec.moves or copies:
            return spec.lineage(tuple(numbers[source] for source in sources), layout.source_shapes(spec.id))
        found: Array = compute(spec, layout)
        return found

    def _fresh(self, spec: LayerSpec, layout: Layout) -> Array:
        size = size_of(layout.shapes[spec.id])
        return np.fromiter(itertools.islice(self._count, size), np.int64, size)

    def _number(self, spec: LayerSpec, layout: Layout) -> Array:
        if isinstance(spec, Input):
            return self._number_input(spec, layout)
        if isinstance(spec, Weighted):
            return self._number_weighted(spec, layout)
        return self._number_other(spec, layout)

    def _number_input(self, spec: Input, layout: Layout) -> Array:
        old = next(spec for spec in self.old.layout.order if isinstance(spec, Input))
        known = dict(zip(old.unit_ids, self._old_numbers[old.id].tolist(), strict=True))
        return np.array([known.get(unit, next(self._count)) for unit in spec.unit_ids], np.int64)

    # -- weighted layers: a unit is the same if its sum is

    def _number_weighted(self, spec: Weighted, layout: Layout) -> Array:
        numbers = self._fresh(spec, layout).reshape(spec.units, -1)
        old = self._old_specs.get(spec.id)
        if isinstance(old, Weighted) and self._same_signature(old, spec):
            self._compare_sums(old, spec, numbers)
        elif old is None:
            self._find_copies(spec, layout, numbers)
        return numbers.ravel()

    def _compare_sums(self, old: Weighted, spec: Weighted, numbers: Array) -> None:
        """Give a unit its old number where the sum of its inputs is the same as before."""
        before = self._sums(old, self.old, self._old_numbers)
        after = self._sums(spec, self.new, self._numbers)
        keys = np.unique(np.concatenate([before[0], after[0]]))
        places = {unit: row for row, unit in enumerate(old.unit_ids)}
        rows = [(places[unit], row) for row, unit in enumerate(spec.unit_ids) if unit in places]
        if not rows:
            return
        chosen = np.array(rows).T
        was, now = _spread(before, keys)[chosen[0]], _spread(after, keys)[chosen[1]]
        same = (was.astype(now.dtype) == now).all(axis=1) & after[2][chosen[1]]
        if not ACTIVATIONS[spec.activation].elementwise and not (
            same.all() and len(rows) == old.units == spec.units
        ):
            return
        outputs = self._old_numbers[old.id].reshape(old.units, -1)
        numbers[chosen[1][same]] = outputs[chosen[0][same]]

    def _sums(self, spec: Weighted, side: Weights, numbers: dict[str, Array]) -> tuple[Array, Array, Array]:
        """A layer's sums: ids of what is added, weights (units, ids), and which units' sums are known."""
        layout = side.layout
        (source,), (shape,) = layout.sources[spec.id], layout.source_shapes(spec.id)
        atoms = self._atom_numbers(numbers[source].reshape(spec.atoms(shape), -1))
        weights = side.of(spec.id)["weight"]
        known = np.ones(spec.units, bool)
        bias = weights[:, :1] if spec.bias else np.zeros((spec.units, 1), weights.dtype)
        weights = weights[:, 1:] if spec.bias else weights
        whole = [self._whole.get(int(atom)) for atom in atoms] if self._whole else []
        if any(whole):
            atoms = np.array([a if w is None else w[0] for a, w in zip(atoms, whole, strict=True)], np.int64)
        keys = spec.columns(atoms, shape)
        if any(whole):
            per_atom = len(keys) // len(atoms)
            negative = np.repeat([w is not None and w[1] for w in whole], per_atom)
            positive = np.repeat([w is not None and not w[1] for w in whole], per_atom)
            known = _balanced(keys, weights, positive, negative)
            keys, weights = keys[~negative], weights[:, ~negative]  # p max(0, x) − p max(0, −x) = p x
        return np.concatenate([[BIAS], keys]), np.hstack([bias, weights]), known

    def _atom_numbers(self, values: Array) -> Array:
        """One number per atom (values or whole channels), from its values' numbers (atoms, places)."""
        if values.shape[1] == 1:
            return values[:, 0]
        return np.array([self._rows.setdefault(row.tobytes(), next(self._count)) for row in values], np.int64)

    def _find_copies(self, spec: Weighted, layout: Layout, numbers: Array) -> None:
        """Number the units of a new layer that copy a value, or its positive or negative part."""
        (source,), (shape,) = layout.sources[spec.id], layout.source_shapes(spec.id)
        columns = spec.identity_columns(shape)
        activation, linear = spec.activation, spec.activation == "identity"
        if columns is None or not (linear or activation in IDENTITY_ABOVE_ZERO):
            return
        values = self._numbers[source].reshape(spec.atoms(shape), -1)
        weights = self.new.of(spec.id)["weight"]
        weights, bias = (weights[:, 1:], weights[:, 0]) if spec.bias else (weights, np.zeros(spec.units))
        alone = (np.count_nonzero(weights, axis=1) == 1) & (bias == 0)
        for atom, column in enumerate(columns):
            for row in np.flatnonzero(alone & (np.abs(weights[:, column]) == 1)):
                positive = weights[row, column] > 0
                if positive and (linear or self._nonnegative[source]):
                    numbers[row] = values[atom]
                elif activation == "relu":
                    numbers[row] = self._half_numbers(values[atom], negative=not positive)

    def _half_numbers(self, values: Array, *, negative: bool) -> Array:
        """The numbers of max(0, x) or max(0, −x) for one atom's values x; a channel's go together."""
        found = np.empty_like(values)
        for place, value in enumerate(values.tolist()):
            if value not in self._halves:
                self._halves[value] = next(self._count), next(self._count)
            found[place] = half = self._halves[value][negative]
            self._whole[half] = value, negative
        if len(values) > 1:
            whole, half = (int(self._atom_numbers(row[None])[0]) for row in (values, found))
            self._whole[half] = whole, negative
        return found

    # -- layers without sums

    def _number_other(self, spec: LayerSpec, layout: Layout) -> Array:
        numbers = self._fresh(spec, layout)
        fed = [self._numbers[source] for source in layout.sources[spec.id]]
        old = self._old_specs.get(spec.id)
        if old is None or old.kind != spec.kind:
            return numbers
        fed_before = [self._old_numbers[source] for source in self.old.layout.sources[old.id]]
        if spec.is_channelwise():
            return self._compare_channels(old, spec, fed_before, fed, numbers)
        if self._same_signature(old, spec) and _all_equal(fed_before, fed) and self._same_tensors(old, spec):
            return self._old_numbers[old.id]
        return numbers

    def _compare_channels(
        self, old: LayerSpec, spec: LayerSpec, before: list[Array], after: list[Array], numbers: Array
    ) -> Array:
        """Give a channel its old numbers where what it is fed, and its own tensors, are as before."""
        shape, old_shape = self.new.layout.shapes[spec.id], self.old.layout.shapes[old.id]
        fed_shapes = self.new.layout.source_shapes(spec.id), self.old.layout.source_shapes(old.id)
        if not self._same_signature(old, spec, channels=False) or shape[1:] != old_shape[1:]:
            return numbers
        if any(a[1:] != b[1:] for a, b in zip(*fed_shapes, strict=False)) or len(before) != len(after):
            return numbers

        def channels(side: Weights, fed: list[Array], count: int) -> list[bytes]:
            tensors = [t.reshape(count, -1) if len(t) == count else t for t in side.of(spec.id).values()]
            return [
                b"|".join(
                    [
                        *(numbers.reshape(count, -1)[c].tobytes() for numbers in fed),
                        *(t[c].tobytes() if len(t) == count else t.tobytes() for t in tensors),
                    ]
                )
                for c in range(count)
            ]

        outputs = self._old_numbers[old.id].reshape(old_shape[0], -1)
        known: dict[bytes, list[Array]] = {}
        for key, output in zip(channels(self.old, before, old_shape[0]), outputs, strict=True):
            known.setdefault(key, []).append(output)
        found = numbers.reshape(shape[0], -1)
        for channel, key in enumerate(channels(self.new, after, shape[0])):
            if equal := known.get(key):  # of several equal ones the first goes with the first
                found[channel] = equal.pop(0) if len(equal) > 1 else equal[0]
        return found.ravel()

    def _same_signature(self, old: LayerSpec, spec: LayerSpec, *, channels: bool = True) -> bool:
        before, after = self.old.layout.source_shapes(old.id), self.new.layout.source_shapes(spec.id)
        if not channels:  # the number of channels is left out of the comparison
            before, after = (tuple((1, *shape[1:]) for shape in shapes) for shapes in (before, after))
        return old.kind == spec.kind and old.signature(before) == spec.signature(after)

    def _same_tensors(self, old: LayerSpec, spec: LayerSpec) -> bool:
        before, after = self.old.of(old.id), self.new.of(spec.id)
        return before.keys() == after.keys() and all(np.array_equal(before[n], after[n]) for n in before)


def _copies(spec: LayerSpec, nonnegative: list[bool]) -> bool:
    """Whether an activation layer changes nothing here."""
    activation = getattr(spec, "activation", None)
    return spec.kind == "activation" and (
        activation == "identity" or (activation in IDENTITY_ABOVE_ZERO and all(nonnegative))
    )


def _all_equal(before: list[Array], after: list[Array]) -> bool:
    return len(before) == len(after) and all(map(np.array_equal, before, after))


def _spread(sums: tuple[Array, Array, Array], keys: Array) -> Array:
    """The weights (units, len(keys)) under common ids; weights of the same id add up."""
    spread = np.zeros((len(keys), len(sums[1])), sums[1].dtype)
    rows = np.searchsorted(keys, sums[0])
    if len(np.unique(rows)) == len(rows):
        spread[rows] = sums[1].T
    else:
        np.add.at(spread, rows, sums[1].T)
    return spread.T


def _balanced(keys: Array, weights: Array, positive: Array, negative: Array) -> Array:
    """Which units weigh every max(0, x) and max(0, −x) oppositely, so that together they weigh x."""
    names = np.unique(keys[positive | negative])
    units = np.ones(len(weights), bool)
    plus = _spread((keys[positive], weights[:, positive], units), names)
    minus = _spread((keys[negative], weights[:, negative], units), names)
    return np.asarray((plus == -minus).all(axis=1))
