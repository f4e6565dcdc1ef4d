"""Stopping: whether and why a run ends by itself, and what it must measure to know.

What only a run's end depends on lives here: the training time, what early stopping has seen, and the
parameters of the best epoch.

Early stopping that restores the best does so at every end but one, as Keras' does and its users ask for: when
patience, epochs, steps or time are used up, and when the loss is no longer finite. Where the goal that a
person has set is reached (a loss, an accuracy), the parameters that reached it stay. A pause is no end.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.design import StopRules, TrainingConfig
from engine.layers.base import plural
from engine.network import Network
from engine.training.epoch_check import UNSEEN, EpochCheck, Observed
from engine.training.evaluation import Evaluator
from engine.training.snapshot import Evaluation

Array = NDArray[Any]


class Stopping:
    """The end of one run.

    Attributes:
        reason: why training stopped by itself, a sentence; None while it may go on.
        restored: whether the parameters were set back to those of the best epoch when it did.
        observed: what early stopping and a reacting schedule have seen.
        best: parameters and state of the best epoch, while early stopping keeps them.
        seconds: training time; timed: whether it is limited, as it is not in a replay.
    """

    def __init__(self) -> None:
        self.reason: str | None = None
        self.restored = False
        self.observed = Observed()
        self.best: tuple[Array, Array] | None = None
        self.seconds = 0.0
        self.timed = True
        self._check: EpochCheck | None = None

    @property
    def checking(self) -> bool:
        """Whether an epoch's end is being measured."""
        return self._check is not None

    def begin_check(self, config: TrainingConfig, evaluator: Callable[[str], Evaluator]) -> None:
        """An epoch has ended: measure what the rules need."""
        self._check = EpochCheck(config, evaluator)

    def advance_check(self, network: Network, epoch: int) -> dict[str, Evaluation]:
        """Measure one slice; what was measured once all is, and then the consequences are drawn."""
        check = self._check
        if check is None or not check.advance():
            return {}
        self._check = None
        self.observed = check.observe(self.observed, epoch)
        self._keep_best(check.config, network)
        self.reason = check.goal(epoch)
        if self.reason is None and (limit := check.limit(self.observed, epoch)):
            self.end(limit, check.config, network)
        return check.results

    def steps_left(self, rules: StopRules, step: int) -> int:
        """How many steps the rules still allow."""
        return sys.maxsize if rules.max_steps is None else max(0, rules.max_steps - step)

    def look_at_steps(self, config: TrainingConfig, network: Network, step: int) -> None:
        """Stop if the steps are used up."""
        most = config.stop.max_steps
        if self.reason is None and most is not None and step >= most:
            self.end(f"It has trained for {plural(step, 'step')}, as set.", config, network)

    def is_time_up(self, rules: StopRules) -> bool:
        """Whether the time is used up while it still trains."""
        most = rules.max_seconds
        return self.reason is None and self.timed and most is not None and self.seconds >= most

    def end_by_time(self, config: TrainingConfig, network: Network) -> None:
        """Stop because the time is used up."""
        self.end(f"It has trained for {self.seconds:.1f} seconds, as set.", config, network)

    def end(self, reason: str, config: TrainingConfig, network: Network) -> None:
        """Stop for another reason than a goal that is reached: the best epoch's parameters come back."""
        stopping, patience = config.early_stopping, self.observed.patience
        if stopping is not None and patience.best is not None:
            reason += f" Epoch {patience.best_epoch} was the best"
            if stopping.restore_best and self.best is not None:
                self._restore(network, *self.best)
                reason += ", and its weights are restored" if self.restored else ""
            reason += "."
        self.reason = reason

    def resume_after_edit(self, *, other_function: bool) -> None:
        """After an edit it may go on, with all patience if it had stopped.

        What was the best counts no more where the network, the loss or the data is another.
        """
        if other_function:
            self.best, self.observed = None, replace(self.observed, patience=UNSEEN.patience)
        elif self.reason is not None:
            patience = replace(self.observed.patience, bad_epochs=0)
            self.observed = replace(self.observed, patience=patience)
        self.let_go_on()

    def let_go_on(self) -> None:
        """Whatever had stopped it is over."""
        self.reason, self.restored = None, False

    def _keep_best(self, config: TrainingConfig, network: Network) -> None:
        stopping = config.early_stopping
        if stopping is not None and self.observed.patience.improved:  # what was the best before is so no more
            keeps = stopping.restore_best
            self.best = (network.parameters.copy(), network.state.copy()) if keeps else None

    def _restore(self, network: Network, parameters: Array, state: Array) -> None:
        """Set parameters and state back, where they are not the same anyway."""
        now = (network.parameters, network.state)
        self.restored = any(a.tobytes() != b.tobytes() for a, b in zip(now, (parameters, state), strict=True))
        np.copyto(network.parameters, parameters)
        np.copyto(network.state, state)
