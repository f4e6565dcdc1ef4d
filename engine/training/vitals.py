"""Vitals: how the layers fare while they learn, sampled within a small share of the time and so always on.

A sample reads the flat vectors and the last batch's values where they lie. Its own cost sets the pause after
it: a small net is sampled up to 30 times a second, a large one less often.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import inf

from engine.metrics import LOOKED_AT, HealthMeter, LayerHealth, LayerNorms, NormMeter
from engine.training.step import TrainingStep

MOST_PER_SECOND = 30
"""A sample that comes seldom finds cold caches: the smallest net's takes 0.14 ms instead of 0.03."""
SHARE = 0.005
"""How much of the time may go into samples. 3% are promised, also where other programs take two thirds of the
processor, and a sample costs more than its own time: the steps after it find cold caches."""


@dataclass(frozen=True, slots=True)
class LayerVitals:
    """One layer's numbers; None where they have no meaning for it.

    Attributes:
        weight, gradient, update: Euclidean norms of its parameters after the update, of the gradient of the
        mean loss (with what regularization added or clipped), and of the update that the optimizer made,
        pruned and frozen ones left out.
        ratio: update over weight, around 1e-3 where training goes well.
        dead: the share of units that gave 0 for every example lately; saturated: the share of values near
        an end of the activation's range.
    """

    layer: str
    weight: float | None = None
    gradient: float | None = None
    update: float | None = None
    ratio: float | None = None
    dead: float | None = None
    saturated: float | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """One sample, taken at the batch boundary after `step` steps.

    Attributes:
        layers: those that have parameters, or an activation that dies or saturates, in order of computation.
        penalty: what L1 and L2 add to the loss, for the parameters after the update; 0 without them.
    """

    step: int
    layers: tuple[LayerVitals, ...]
    penalty: float

    def of(self, layer_id: str) -> LayerVitals | None:
        """A layer's numbers, if it has any."""
        return next((vitals for vitals in self.layers if vitals.layer == layer_id), None)


class Vitals:
    """Samples one network's training.

    Attributes:
        training: what is sampled.
        newest: the newest sample, None before the first.
        due: when the next may be taken, on the clock of `time.perf_counter`; infinity for never.
    """

    def __init__(self, training: TrainingStep, examples: int = LOOKED_AT) -> None:
        self.training = training
        self.newest: Health | None = None
        self.due = 0.0
        self._norms = NormMeter(training.network, training.slots)
        self._health = HealthMeter(training.network, min(examples, LOOKED_AT))
        self._took = inf

    def sample_if_due(self, step: int) -> None:
        """Take a sample if the share of the time allows it; see `sample`."""
        start = time.perf_counter()
        if start < self.due:
            return
        self.sample(step)
        took = time.perf_counter() - start
        # the shorter of the last two: a thread that had to wait in between has not worked longer
        self.due = start + max(1 / MOST_PER_SECOND, min(took, self._took) / SHARE)
        self._took = took

    def sample(self, step: int) -> None:
        """Take a sample at the batch boundary after `step` steps."""
        training = self.training
        training.settle()
        training.slots.update[training.network.held] = 0.0  # pruned and frozen ones were put back
        norms = {found.layer: found for found in self._norms.read()}
        health = {found.layer: found for found in self._health.read(training.work)}
        layers = tuple(
            _merged(spec.id, norms.get(spec.id), health.get(spec.id))
            for spec in training.network.order
            if spec.id in norms or spec.id in health
        )
        self.newest = Health(step, layers, training.penalty() if training.penalty else 0.0)


def _merged(layer: str, norms: LayerNorms | None, health: LayerHealth | None) -> LayerVitals:
    dead, saturated = (health.dead, health.saturated) if health else (None, None)
    if norms is None:
        return LayerVitals(layer, dead=dead, saturated=saturated)
    return LayerVitals(layer, norms.weight, norms.gradient, norms.update, norms.ratio, dead, saturated)
