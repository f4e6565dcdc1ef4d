"""Schedules: how the learning rate changes while training goes on.

A schedule is a frozen value and a pure function of the step, so that a run can be rewound and replayed. The
one that reacts to what happens, reduce on plateau, keeps what it has seen in a frozen `ScheduleState`, which
is saved with a checkpoint. Times are in epochs; `base` is the learning rate that the optimizer was given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, inf, pi
from typing import Any, ClassVar

from engine.fields import setting
from engine.registry import Registry


@dataclass(frozen=True, kw_only=True, slots=True)
class ScheduleState:
    """What a reacting schedule has seen: all others leave it alone.

    `best` is the lowest loss so far, `bad_epochs` how many epochs in a row were not better, `cooldown` for
    how many more epochs it waits, `scale` the product of all reductions.
    """

    best: float | None = None
    bad_epochs: int = 0
    cooldown: int = 0
    scale: float = 1.0


FRESH = ScheduleState()


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """Base of all schedules; `formula` is LaTeX with η₀ the base rate and e the epoch, `source` the paper."""

    kind: ClassVar[str]
    label: ClassVar[str]
    formula: ClassVar[str]
    source: ClassVar[str] = ""
    watches_loss: ClassVar[bool] = False
    """Whether `observe` is to be called at the end of each epoch."""

    def rate(self, base: float, step: int, steps_per_epoch: int, state: ScheduleState = FRESH) -> float:
        """The learning rate of step 0, 1, 2, …; `steps_per_epoch` ≥ 1."""
        raise NotImplementedError

    def observe(self, state: ScheduleState, loss: float) -> ScheduleState:
        """The state after an epoch that ended with this loss."""
        return state


SCHEDULES: Registry[type[Schedule]] = Registry("schedule")


def schedule(cls: type[Schedule]) -> type[Schedule]:
    """Class decorator: put a schedule into the registry."""
    return SCHEDULES.register(cls.kind, cls)


def _epochs(default: float, help: str) -> Any:
    return setting(default, label="Epochs", above=0.0, maximum=1e6, step=1.0, unit="epochs", help=help)


def _factor(default: float, help: str, label: str = "Factor") -> Any:
    return setting(default, label=label, above=0.0, maximum=1.0, step=0.05, help=help)


def _progress(step: int, epochs: float, steps_per_epoch: int) -> float:
    """How far step has come on a way of that many epochs, from 0 to 1."""
    return min(step / max(1.0, epochs * steps_per_epoch), 1.0)


@schedule
@dataclass(frozen=True, kw_only=True)
class Constant(Schedule):
    """The same rate all the time."""

    kind = "constant"
    label = "Constant"
    formula = r"\eta = \eta_0"

    def rate(self, base: float, step: int, steps_per_epoch: int, state: ScheduleState = FRESH) -> float:
        return base


@schedule
@dataclass(frozen=True, kw_only=True)
class StepDecay(Schedule):
    """Down a stair: times γ after every so many epochs (PyTorch's StepLR, one step of its own an epoch)."""

    kind = "step"
    label = "Step"
    formula = r"\eta = \eta_0\, \gamma^{\lfloor e / n \rfloor}"

    every: int = setting(
        10, label="Every", minimum=1, maximum=1_000_000, unit="epochs", help="Epochs on each stair."
    )
    gamma: float = _factor(0.1, "What the rate is multiplied by.", "Factor γ")

    def rate(self, base: float, step: int, steps_per_epoch: int, state: ScheduleState = FRESH) -> float:
        stairs = step // (self.every * steps_per_epoch)
        factor: float = self.gamma**stairs
        return base * factor


@schedule
@dataclass(frozen=True, kw_only=True)
class Exponential(Schedule):
    """Times γ after each epoch (PyTorch's ExponentialLR)."""

    kind = "exponential"
    label = "Exponential"
    formula = r"\eta = \eta_0\, \gamma^{\lfloor e \rfloor}"

    gamma: float = _factor(0.95, "What the rate is multiplied by after each epoch.", "Factor γ")

    def rate(self, base: float, step: int, steps_per_epoch: int, state: ScheduleState = FRESH) -> float:
        factor: float = self.gamma ** (step // steps_per_epoch)
        return base * factor


@schedule
@dataclass(frozen=True, kw_only=True)
class Cosine(Schedule):
    """Half a wave of the cosine from the base rate down to the lowest, where it stays (CosineAnnealingLR)."""

    kind = "cosine"
    label = "Cosine"
    formula = r"\eta = \eta_0 \left( f + \frac{1 - f}{2} (1 + \cos(\pi e / n)) \right)"
    source = "Loshchilov & Hutter 2017, SGDR: stochastic gradient descent with warm restarts, eq. (5)"

    epochs: float = _epochs(10.0, "How long the way down takes.")
    floor: float = setting(
        0.0,
        label="Lowest",
        minimum=0.0,
        maximum=1.0,
        step=0.01,
        help="The last rate, as a share of the first.",
    )

    def rate(self, base: float, step: int, steps_per_epoch: int, state: ScheduleState = FRESH) -> float:
        return _cosine_way(base, base * self.floor, _progress(step, self.epochs, steps_per_epoch))


@schedule
@dataclass(frozen=True, kw_only=True)
class WarmUp(Schedule):
    """Up a ramp from a share of the base rate, which then stays (PyTorch's LinearLR)."""

    kind = "warm_up"
    label = "Warm-up"
    formula = r"\eta = \eta_0\, (f + (1 - f) \min(1, e / n))"
    source = "Goyal et al. 2017, Accurate, large minibatch SGD, section 2.2"

    epochs: float = _epochs(1.0, "How long the ramp is.")
    start: float = _factor(0.1, "The first rate, as a share of the last.", "Start")

    def rate(self, base: float, step: int, steps_per_epoch: int, state: ScheduleState = FRESH) -> float:
        return base * (self.start + (1 - self.start) * _progress(step, self.epochs, steps_per_epoch))


@schedule
@dataclass(frozen=True, kw_only=True)
class OneCycle(Schedule):
    """Up to the base rate and down to almost nothing, both along a cosine (PyTorch's OneCycleLR)."""

    kind = "one_cycle"
    label = "One cycle"
    formula = r"\eta_0 / d \;\nearrow\; \eta_0 \;\searrow\; \eta_0 / (d\, d_{end})"
    source = "Smith & Topin 2018, Super-convergence"

    epochs: float = _epochs(10.0, "How long the whole cycle takes.")
    rise: float = setting(
        0.3, label="Rise", above=0.0, below=1.0, step=0.05, help="The share of the cycle that goes up."
    )
    divisor: float = setting(
        25.0,
        label="Start divisor",
        minimum=1.0,
        maximum=1e9,
        help="The first rate is the base rate over this.",
    )
    end_divisor: float = setting(
        1e4, label="End divisor", minimum=1.0, maximum=1e9, help="The last rate is the first one over this."
    )

    def rate(self, base: float, step: int, steps_per_epoch: int, state: ScheduleState = FRESH) -> float:
        total = max(2.0, self.epochs * steps_per_epoch)
        top, end = max(self.rise * total - 1, 0.0), total - 1
        first = base / self.divisor
        if step < top:
            return _cosine_way(first, base, step / top)
        return _cosine_way(base, first / self.end_divisor, min((step - top) / (end - top), 1.0))


@schedule
@dataclass(frozen=True, kw_only=True)
class Plateau(Schedule):
    """Times a factor whenever the loss has not fallen for `patience` epochs (PyTorch's ReduceLROnPlateau)."""

    kind = "plateau"
    label = "Reduce on plateau"
    formula = r"\eta \leftarrow \gamma\, \eta \text{ after } n \text{ epochs without a better loss}"
    watches_loss = True

    gamma: float = setting(
        0.1, label="Factor γ", above=0.0, below=1.0, step=0.05, help="What the rate is multiplied by."
    )
    patience: int = setting(
        10,
        label="Patience",
        minimum=0,
        maximum=1_000_000,
        unit="epochs",
        help="How many bad epochs it bears.",
    )
    threshold: float = setting(
        1e-4,
        label="Threshold",
        minimum=0.0,
        below=1.0,
        help="A loss counts as better when it is lower by this share.",
        basic=False,
    )
    cooldown: int = setting(
        0,
        label="Cool-down",
        minimum=0,
        maximum=1_000_000,
        unit="epochs",
        help="How many epochs it waits after a reduction.",
        basic=False,
    )
    lowest: float = setting(
        0.0, label="Lowest", minimum=0.0, maximum=1e6, help="The rate never falls below this.", basic=False
    )

    def rate(self, base: float, step: int, steps_per_epoch: int, state: ScheduleState = FRESH) -> float:
        return max(base * state.scale, min(self.lowest, base))

    def observe(self, state: ScheduleState, loss: float) -> ScheduleState:
        better = loss < (inf if state.best is None else state.best * (1 - self.threshold))
        cooldown = max(state.cooldown - 1, 0)
        if better:
            return replace(state, best=loss, bad_epochs=0, cooldown=cooldown)
        bad = 0 if state.cooldown else state.bad_epochs + 1
        if bad <= self.patience:
            return replace(state, bad_epochs=bad, cooldown=cooldown)
        return replace(state, bad_epochs=0, cooldown=self.cooldown, scale=state.scale * self.gamma)


def _cosine_way(start: float, end: float, progress: float) -> float:
    """From start (progress 0) to end (1) along half a wave of the cosine."""
    return end + (start - end) * (1 + cos(pi * progress)) / 2
