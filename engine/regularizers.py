"""Regularization: what keeps weights small, steps short and training from going on for too long.

The penalty belongs to the loss: L + λ₂/2 Σ w² + λ₁ Σ |w|. Nielsen writes λ/2n Σ w² for n training examples
(chapter 3, eq. 85), so his λ = 5 for n = 50,000 is λ₂ = 1e-4 here; and since ∂(λ₂/2 w²)/∂w = λ₂ w, λ₂ is what
PyTorch calls `weight_decay` (in SGD exactly; AdamW decouples it and has a field of its own).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy import absolute, add, divide, maximum, minimum, multiply, sign, sqrt, vdot
from numpy.typing import NDArray

from engine import buffers
from engine.activations import Step, constant
from engine.fields import setting
from engine.places import Place

Array = NDArray[Any]


class Flat(Protocol):
    """What is regularized: a network's flat vectors, where its tensors lie in them, and what is held."""

    parameters: Array
    gradients: Array
    places: tuple[Place, ...]
    held: Array


class BoundRegularization(NamedTuple):
    """A regularization bound to a network's flat vectors; None stands for nothing to do.

    `penalty()` is what it adds to the loss. `before_update()` adds the penalty's gradient to the *mean*
    gradient and clips the sum; `after_update()` holds the norms. None of them allocates.
    """

    penalty: Callable[[], float] | None
    before_update: Step | None
    after_update: Step | None


@dataclass(frozen=True, kw_only=True)
class Regularization:
    """All of it in one frozen value; every part is off where it is 0."""

    l1: float = setting(
        0.0, label="L1", minimum=0.0, maximum=1e6, help="Pulls every weight to 0 by the same amount."
    )
    l2: float = setting(
        0.0, label="L2 (weight decay)", minimum=0.0, maximum=1e6, help="Pulls weights to 0, large ones more."
    )
    spare_biases: bool = setting(
        True,
        label="Spare biases",
        help="L1 and L2 leave out biases, and the scales and shifts of normalization.",
        basic=False,
    )
    max_norm: float = setting(
        0.0,
        label="Max-norm",
        minimum=0.0,
        maximum=1e6,
        help="Scales the weights into a neuron back to this length. 0: off.",
        basic=False,
    )
    clip_value: float = setting(
        0.0,
        label="Clip gradient by value",
        minimum=0.0,
        maximum=1e9,
        help="Holds every component of the gradient within ± this. 0: off.",
        basic=False,
    )
    clip_norm: float = setting(
        0.0,
        label="Clip gradient by norm",
        minimum=0.0,
        maximum=1e9,
        help="Shortens a gradient that is longer than this. 0: off.",
        basic=False,
    )

    def bind(self, network: Flat) -> BoundRegularization:
        """Bind to the network's flat vectors of parameters and gradients."""
        before: list[Step] = []
        penalties: list[Callable[[], float]] = []
        if self.l1 or self.l2:
            spared = decay_mask(network) if self.spare_biases else np.ones_like(network.parameters)
            scratch = np.empty_like(network.parameters)
        for bind, strength in ((_bind_l2, self.l2), (_bind_l1, self.l1)):
            if strength:
                penalty, step = bind(network, strength * spared, scratch)
                penalties.append(penalty)
                before.append(step)
        if self.clip_value:
            before.append(_clip_value_step(network.gradients, self.clip_value))
        if self.clip_norm:
            before.append(_clip_norm_step(network.gradients, network.held, self.clip_norm))
        after = _max_norm_steps(network, self.max_norm) if self.max_norm else []
        return BoundRegularization(_sum_of(penalties), _all_of(before), _all_of(after))


def decay_mask(network: Flat) -> Array:
    """1 for the weights of synapses, 0 for biases and for one-dimensional tensors, as a flat vector."""
    mask = np.zeros_like(network.parameters)
    for place in network.places:
        _weights_of(place, mask)[...] = 1
    return mask


def _weights_of(place: Place, flat: Array) -> Array:
    """A tensor's weights without biases, a view (units, …) of a flat vector; empty where it is 1-D."""
    tensor = place.of(flat)
    if tensor.ndim < 2:
        return tensor[:0]
    return tensor[:, 1:] if place.spec is not None and place.spec.bias_column else tensor


def _bind_l2(network: Flat, decay: Array, scratch: Array) -> tuple[Callable[[], float], Step]:
    w, g = network.parameters, network.gradients

    def penalty() -> float:  # λ₂/2 Σ w²
        multiply(w, decay, scratch)
        return 0.5 * float(vdot(w, scratch))

    def step() -> None:  # g ← g + λ₂ w
        multiply(w, decay, scratch)
        add(g, scratch, g)

    return penalty, step


def _bind_l1(network: Flat, decay: Array, scratch: Array) -> tuple[Callable[[], float], Step]:
    w, g = network.parameters, network.gradients

    def penalty() -> float:  # λ₁ Σ |w|
        absolute(w, scratch)
        return float(vdot(scratch, decay))

    def step() -> None:  # g ← g + λ₁ sign w
        sign(w, scratch)
        multiply(scratch, decay, scratch)
        add(g, scratch, g)

    return penalty, step


def _clip_value_step(g: Array, limit: float) -> Step:
    low, high = constant(-limit, g), constant(limit, g)

    def step() -> None:
        maximum(g, low, out=g)
        minimum(g, high, out=g)

    return step


def _clip_norm_step(g: Array, held: Array, limit: float) -> Step:
    scale = constant(1.0, g)
    kept = g[held]

    def length() -> float:  # of what is going to move: without pruned and frozen parameters
        if not held.size:
            return math.sqrt(vdot(g, g))
        g.take(held, out=kept, mode="clip")
        g[held] = 0.0
        norm = math.sqrt(vdot(g, g))
        g[held] = kept
        return norm

    def step() -> None:  # Pascanu et al. 2013, algorithm 1: g ← g c/‖g‖ where ‖g‖ > c
        norm = length()
        if norm > limit:
            scale[...] = limit / norm
            multiply(g, scale, g)

    return step


def _max_norm_steps(network: Flat, limit: float) -> list[Step]:
    weights = (_weights_of(place, network.parameters) for place in network.places)
    return [_max_norm_step(w, limit) for w in weights if w.size]


def _max_norm_step(w: Array, limit: float) -> Step:
    squares = buffers.zeros_like(w)
    rows = squares.reshape(len(w), -1)
    ones = buffers.ones(rows.shape[1], w.dtype)
    norms = buffers.zeros(len(w), w.dtype)
    column = norms.reshape(-1, *(1 for _ in w.shape[1:]))
    most = constant(limit, w)

    def step() -> None:  # Srivastava et al. 2014, section 5.1: w ← w c/‖w‖ for units with ‖w‖ > c
        multiply(w, w, squares)
        np.dot(rows, ones, norms)
        sqrt(norms, norms)
        maximum(norms, most, out=norms)
        divide(most, norms, norms)
        multiply(w, column, w)

    return step


def _sum_of(penalties: list[Callable[[], float]]) -> Callable[[], float] | None:
    if len(penalties) < 2:
        return penalties[0] if penalties else None
    return lambda: sum(penalty() for penalty in penalties)


def _all_of(steps: list[Step]) -> Step | None:
    if len(steps) < 2:
        return steps[0] if steps else None

    def all_steps() -> None:
        for step in steps:
            step()

    return all_steps


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """What early stopping has seen: the best loss, its epoch, how many epochs since were not better."""

    best: float | None = None
    best_epoch: int = 0
    bad_epochs: int = 0

    @property
    def improved(self) -> bool:
        """Whether the last epoch was the best so far: the moment to keep a copy of the parameters."""
        return self.best is not None and self.bad_epochs == 0


@dataclass(frozen=True, kw_only=True)
class EarlyStopping:
    """Stop when the loss on the test examples has not fallen by `min_delta` for `patience` epochs.

    Prechelt 1998, "Early stopping – but when?". A pure state machine: `observe` gives the next state;
    who keeps and restores the parameters is the session.
    """

    patience: int = setting(
        10,
        label="Patience",
        minimum=1,
        maximum=1_000_000,
        unit="epochs",
        help="How many bad epochs it bears.",
    )
    min_delta: float = setting(
        0.0,
        label="Least change",
        minimum=0.0,
        maximum=1e6,
        help="A loss counts as better when lower by this.",
    )
    restore_best: bool = setting(
        True,
        label="Restore the best",
        help="When training ends, go back to the parameters of the best epoch, unless a goal was reached.",
    )

    def observe(self, state: Patience, epoch: int, loss: float) -> Patience:
        """The state after an epoch that ended with this loss; a loss that is not a number is never better."""
        limit = inf if state.best is None else state.best - self.min_delta
        if loss < limit:
            return Patience(best=loss, best_epoch=epoch)
        return replace(state, bad_epochs=state.bad_epochs + 1)

    def stops(self, state: Patience) -> bool:
        """Whether training should stop now."""
        return state.bad_epochs >= self.patience
