"""Checkpoints: everything that a session needs to go on exactly where it stopped."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from engine.network import Network
from engine.optimizers import Slots
from engine.training.epoch_check import UNSEEN, Observed
from engine.training.snapshot import frozen_copy

if TYPE_CHECKING:
    from engine.training.session import Session

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A session's state at a batch boundary.

    Attributes:
        position, epoch_state: examples given out in this epoch, and the generator's state before its order
        was drawn.
        dropout_state: the generator's state for randomness in layers.
        count, rate, vectors: the optimizer's own step count, current rate and slot vectors.
        observed: what early stopping and a reacting schedule have seen; seconds: training time.
        best: parameters and state of the best epoch, while early stopping keeps them.
        curves: per name the table of a Curve and its values per stretch; marks: (step, what was edited).
    """

    step: int
    epoch: int
    position: int
    epoch_state: dict[str, Any]
    dropout_state: dict[str, Any]
    count: int
    rate: float
    parameters: Array
    state: Array
    vectors: dict[str, Array]
    curves: dict[str, tuple[Array, int]] = field(default_factory=dict)
    marks: tuple[tuple[int, str], ...] = ()
    stopped_because: str | None = None
    observed: Observed = UNSEEN
    seconds: float = 0.0
    best: tuple[Array, Array] | None = None

    @classmethod
    def of(cls, session: Session) -> Self:
        """The state of a session that stands at a batch boundary, everything measured and recorded."""
        batches, slots, stopping = session.batches, session.slots, session.stopping
        return cls(
            step=session.step,
            epoch=session.epoch,
            position=batches.position,
            epoch_state=batches.epoch_state,
            dropout_state=dict(session.network.rng.bit_generator.state),
            count=slots.count,
            rate=float(slots.rate),
            parameters=frozen_copy(session.network.parameters),
            state=frozen_copy(session.network.state),
            vectors={name: frozen_copy(vector) for name, vector in slots.vectors.items()},
            curves=session.records.tables(),
            marks=tuple(session.records.marks),
            stopped_because=stopping.reason,
            observed=stopping.observed,
            seconds=stopping.seconds,
            best=stopping.best,
        )

    def check(self, network: Network, slots: Slots) -> None:
        """ValueError, one sentence, unless it fits this network and its optimizer."""
        if self.parameters.shape != network.parameters.shape:
            raise ValueError(
                f"The saved weights are {self.parameters.size:,} numbers, but the network has "
                f"{network.parameters.size:,} parameters."
            )
        if self.state.shape != network.state.shape:
            raise ValueError("The saved running statistics do not fit the network.")
        if set(self.vectors) != set(slots.vectors):
            raise ValueError("The saved optimizer state belongs to another optimizer.")
        if any(vector.shape != network.parameters.shape for vector in self.vectors.values()):
            raise ValueError("The saved optimizer state does not fit the network.")
        if self.best is not None and (
            self.best[0].shape != network.parameters.shape or self.best[1].shape != network.state.shape
        ):
            raise ValueError("The saved weights of the best epoch do not fit the network.")
        if not np.issubdtype(self.parameters.dtype, np.floating):
            raise ValueError("The saved weights are not floating-point numbers.")
