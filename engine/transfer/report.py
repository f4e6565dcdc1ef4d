"""The report of a transfer: what was carried, what is new, whether the function stays, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.activations import ACTIVATIONS
from engine.design import units_of
from engine.layers.base import LayerSpec, name_of
from engine.network import Network
from engine.transfer.equivalence import Weights, first_difference


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


def changes(before: Network, after: Network, restored: Mapping[str, LayerSpec]) -> list[str]:
    """What of the old network's layers has changed, a sentence each.

    restored: the layers, by id, of the moment that what comes back is taken from; empty where there is none.
    """
    sentences = []
    for spec in before.order:
        if spec.id in after.layout.sources:
            known = set(units_of(restored[spec.id])) if spec.id in restored else set[int]()
            sentences += _changes_of(spec, after.design.layer(spec.id), known)
        else:
            sentences.append(f"{name_of(spec)} was removed.")
    return sentences


def _changes_of(spec: LayerSpec, now: LayerSpec, restored: set[int]) -> list[str]:
    sentences = []
    gone = len(set(units_of(spec)) - set(units_of(now)))
    fresh = set(units_of(now)) - set(units_of(spec))
    back, come = len(fresh & restored), len(fresh - restored)
    if gone:
        sentences.append(f"{name_of(now)} lost {_units(gone)} with all weights.")
    if back:
        sentences.append(
            f"{name_of(now)} got back {_units(back)} with {'its' if back == 1 else 'their'} weights."
        )
    if come:
        sentences.append(f"{name_of(now)} gained {_units(come)}, whose outgoing weights start at 0.")
    before, after = (_activation(layer) for layer in (spec, now))
    if before != after:
        sentences.append(f"The activation of {name_of(now)} changed from {before} to {after}.")
    return sentences


def _activation(spec: LayerSpec) -> str:
    """What its activation is called, "none" where it has none."""
    name = getattr(spec, "activation", "")
    return ACTIVATIONS[name].label if name else "none"


def judge(before: Network, after: Network, *, nonnegative_inputs: bool) -> tuple[bool, str]:
    """Whether both compute the same function, and the sentence that says so."""
    if after.loss.link != before.loss.link:
        return False, "What the network says is read differently, because the loss is another."
    old, new = (Weights(net.layout, net.parameters, net.state) for net in (before, after))
    changed = first_difference(old, new, nonnegative_inputs=nonnegative_inputs)
    removed = changed is not None and not old.layout.sources.keys() <= new.layout.sources.keys()
    # A layer that copied what it was fed is gone: seen from behind, it was put in.
    if changed is None or (removed and not first_difference(new, old, nonnegative_inputs=nonnegative_inputs)):
        return True, "The network computes the same function as before."
    return False, f"The network's function changes, from {name_of(after.design.layer(changed))} on."


def counted(layers: tuple[LayerTransfer, ...]) -> str:
    """How many parameters were carried, restored and new, as a sentence."""
    carried, restored, new = (
        sum(getattr(layer, word) for layer in layers) for word in ("carried", "restored", "new")
    )
    parts = [f"{carried:,} carried over", *([f"{restored:,} restored"] if restored else []), f"{new:,} new"]
    return f"Parameters: {', '.join(parts)}."


def _units(count: int) -> str:
    return "1 unit" if count == 1 else f"{count:,} units"
