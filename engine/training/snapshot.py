"""Snapshots: frozen copies of a session's state at a batch boundary (or between phases), for the window."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from numpy.typing import NDArray

from engine.metrics import ClassScores, class_scores
from engine.training.history import CurveData
from engine.training.vitals import Health

if TYPE_CHECKING:
    from engine.training.session import Session

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A measure over a whole split: mean loss, and accuracy (classes) or R² (regression).

    `top_5` is the share of examples whose class is among the five largest outputs, None up to five classes;
    `absolute_error` the mean of |a − y| over examples and outputs, None for classes.
    `confusion` counts how often class i, the row, was taken for class j, the column: int, (classes, classes),
    read-only; None for regression and where there are more than 100 classes.
    """

    step: int
    loss: float
    score: float
    examples: int
    confusion: Array | None = field(default=None, compare=False, repr=False)
    top_5: float | None = None
    absolute_error: float | None = None

    @property
    def class_scores(self) -> ClassScores | None:
        """Precision, recall and F1 of every class; None where there is no confusion matrix."""
        return None if self.confusion is None else class_scores(self.confusion)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the window sees.

    Attributes:
        run: the number of the compiled network; a snapshot of another run is dropped.
        step, epoch, batch: finished steps and epochs, and finished batches of the current epoch.
        phase: the last finished phase; "update" at a batch boundary.
        loss: mean loss of the last batch, NaN before the first; the data's alone, without a penalty.
        parameters, state: read-only copies of the flat vectors.
        gradients: read-only copy: the mean over the last batch, or the sum before the phase "average"; None
        unless asked for.
        batch_examples: which training examples the last batch held.
        curves: loss and evaluation curves by name, empty unless asked for.
        evaluations: the newest measure of each split, by "train" and "test".
        steps_per_second: measured speed; 0 while paused.
        health: norms, dead and saturated shares per layer and the penalty of L1 and L2: the newest sample,
        whose `step` may be an earlier one; None before the first batch.
        revision: how often weights have been set by hand.
    """

    run: int
    step: int
    epoch: int
    batch: int
    phase: str
    loss: float
    parameters: Array
    state: Array
    gradients: Array | None
    batch_examples: Array
    learning_rate: float
    evaluations: dict[str, Evaluation] = field(default_factory=dict)
    curves: dict[str, CurveData] = field(default_factory=dict)
    playing: bool = False
    steps_per_second: float = 0.0
    health: Health | None = None
    revision: int = 0

    @classmethod
    def of(cls, session: Session, *, gradients: bool, curves: bool) -> Self:
        """What there is to see of a session, copied."""
        network, batches, records = session.network, session.batches, session.records
        if gradients:
            session.training.settle()
        return cls(
            run=session.run_number,
            step=session.step,
            epoch=session.epoch,
            batch=-(-batches.position // batches.size) % len(batches),
            phase=session.phase,
            loss=session.training.loss,
            parameters=frozen_copy(network.parameters),
            state=frozen_copy(network.state),
            gradients=frozen_copy(network.gradients) if gradients else None,
            batch_examples=batches.example_indices(),
            learning_rate=float(session.slots.rate),
            evaluations=dict(records.evaluations),
            curves=records.drawn() if curves else {},
            steps_per_second=session.speed.read(session.step),
            health=session.vitals.newest,
            revision=session.revision,
        )

    @property
    def penalty(self) -> float | None:
        """What L1 and L2 add to the loss, as last sampled: loss + penalty is Nielsen's cost C.

        0 without them, None before the first sample.
        """
        return None if self.health is None else self.health.penalty


def frozen_copy(array: Array) -> Array:
    """A copy that nobody can write to."""
    copy = array.copy()
    copy.flags.writeable = False
    return copy
