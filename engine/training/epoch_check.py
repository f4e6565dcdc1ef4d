"""The epoch check: what is measured at the end of an epoch because something depends on it, and what follows.

The error threshold looks at the loss over the whole training set; early stopping, a target accuracy and a
schedule that waits for a plateau look at the test set.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from engine.design import TrainingConfig
from engine.layers.base import plural
from engine.regularizers import Patience
from engine.schedules import FRESH, ScheduleState
from engine.training.evaluation import Evaluator
from engine.training.snapshot import Evaluation


@dataclass(frozen=True, slots=True)
class Observed:
    """What the checks so far have seen: the states of early stopping and of a reacting schedule."""

    patience: Patience = field(default_factory=Patience)
    schedule: ScheduleState = FRESH


UNSEEN = Observed()


class EpochCheck:
    """One check, a slice per call of `advance`.

    Attributes:
        results: what has been measured, by "train" and "test".
    """

    def __init__(self, config: TrainingConfig, evaluator: Callable[[str], Evaluator]) -> None:
        self.config = config
        self.results: dict[str, Evaluation] = {}
        self._waiting = [(name, evaluator(name)) for name in needed(config)]

    def advance(self) -> bool:
        """Measure one slice; True when everything is measured."""
        if self._waiting:
            name, evaluator = self._waiting[0]
            if evaluator.advance():
                self._waiting.pop(0)
                assert evaluator.result is not None
                self.results[name] = evaluator.result
        return not self._waiting

    def observe(self, before: Observed, epoch: int) -> Observed:
        """What is known after this epoch."""
        test = self.results.get("test")
        if test is None or not test.examples:  # without test examples there is nothing to wait for
            return before
        stopping, schedule = self.config.early_stopping, self.config.schedule
        return Observed(
            stopping.observe(before.patience, epoch, test.loss) if stopping else before.patience,
            schedule.observe(before.schedule, test.loss),
        )

    def goal(self, epoch: int) -> str | None:
        """The goal that the parameters of this epoch have reached, a sentence, or None."""
        rules, train, test = self.config.stop, self.results.get("train"), self.results.get("test")
        if train and rules.error_threshold is not None and train.loss < rules.error_threshold:
            return (
                f"The loss over the training set is {train.loss:.4g}, below the threshold of "
                f"{rules.error_threshold:g}, after {epoch} epochs."
            )
        if test and rules.target_accuracy is not None and test.score >= rules.target_accuracy:
            return f"The test score of {test.score:.4g} has reached the target of {rules.target_accuracy:g}."
        return None

    def limit(self, observed: Observed, epoch: int) -> str | None:
        """The limit that is reached without it, a sentence, or None."""
        rules, stopping = self.config.stop, self.config.early_stopping
        if stopping and stopping.stops(observed.patience):
            return f"The test loss has not fallen for {stopping.patience} epochs."
        if rules.max_epochs is not None and epoch >= rules.max_epochs:
            return f"It has trained for {plural(epoch, 'epoch')}, as set."
        return None


def needed(config: TrainingConfig) -> tuple[str, ...]:
    """Which splits must be measured at the end of each epoch."""
    train = config.stop.error_threshold is not None
    test = (
        config.early_stopping is not None
        or config.stop.target_accuracy is not None
        or config.schedule.watches_loss
    )
    return tuple(name for name, asked in (("train", train), ("test", test)) if asked)
