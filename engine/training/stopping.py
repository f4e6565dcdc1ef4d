"""Stopping: whether and why a run ends by itself, and what it must measure to know.

What only a run's end depends on lives here: the training time, what early stopping has seen, and the
parameters of the best epoch.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.design import StopRules, TrainingConfig
from engine.network import Network
from engine.training.epoch_check import EpochCheck, Observed
from engine.training.evaluation import Evaluator
from engine.training.snapshot import Evaluation

Array = NDArray[Any]


class Stopping:
    """The end of one run.

    Attributes:
        reason: why training stopped by itself, a sentence; None while it may go on.
        observed: what early stopping and a reacting schedule have seen.
        best: parameters and state of the best epoch, while early stopping keeps them.
        seconds: training time.
    """

    def __init__(self) -> None:
        self.reason: str | None = None
        self.observed = Observed()
        self.best: tuple[Array, Array] | None = None
        self.seconds = 0.0
        self._check: EpochCheck | None = None

    @property
    def checking(self) -> bool:
        """Whether an epoch's end is being measured."""
        return self._check is not None

    def forget_check(self) -> None:
        """The network is another one: its last epoch is not measured any more."""
        self._check = None

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
        self.reason = check.reason(self.observed, epoch)
        self._keep_or_restore(check.config, network)
        return check.results

    def steps_left(self, rules: StopRules, step: int) -> int:
        """How many steps the rules still allow."""
        return sys.maxsize if rules.max_steps is None else max(0, rules.max_steps - step)

    def look_at_limits(self, rules: StopRules, step: int) -> None:
        """Stop if the steps or the time are used up."""
        if self.reason is not None:
            return
        if rules.max_steps is not None and step >= rules.max_steps:
            self.reason = f"It has trained for {step:,} steps, as set."
        elif rules.max_seconds is not None and self.seconds >= rules.max_seconds:
            self.reason = f"It has trained for {self.seconds:.1f} seconds, as set."

    def resume_after_edit(self, network: Network) -> None:
        """After an edit it may go on; the best epoch's parameters count only where they still fit."""
        self.reason = None
        if self.best is not None and self.best[0].shape != network.parameters.shape:
            self.best = None

    def _keep_or_restore(self, config: TrainingConfig, network: Network) -> None:
        stopping = config.early_stopping
        if stopping is None or not stopping.restore_best:
            return
        if self.observed.patience.improved:
            self.best = (network.parameters.copy(), network.state.copy())
        elif stopping.stops(self.observed.patience) and self.best is not None:
            np.copyto(network.parameters, self.best[0])
            np.copyto(network.state, self.best[1])
