"""Playing: whether a session trains, at which pace or as fast as the machine goes, and how far."""

from __future__ import annotations

import math
import time

from engine.training.session import Session

CHUNK_SECONDS = 0.002
"""About how long the worker trains before it looks for commands."""

_LATE = 0.1  # seconds that are caught up at most, where batches come late at a pace


class Playing:
    """How one worker plays its sessions.

    Attributes:
        on: whether it trains; token: the command that began it.
        last_epoch: it goes no further than the end of this epoch, at full speed; None: on and on.
    """

    def __init__(self) -> None:
        self.on = False
        self.token = 0
        self.last_epoch: int | None = None
        self._pace = math.inf
        self._due = 0.0
        self._chunk = 1

    @property
    def at_full_speed(self) -> bool:
        """Whether it goes as fast as it can."""
        return self._pace == math.inf or self.last_epoch is not None

    @property
    def wait(self) -> float:
        """Seconds until the next batch is due."""
        return 0.0 if self.at_full_speed else max(0.0, self._due - time.perf_counter())

    def begin(self) -> None:
        """Train from now on."""
        self.on = True
        self._due = time.perf_counter()

    def stop(self) -> None:
        """Train no more until told to."""
        self.on = False

    def set_pace(self, batches_per_second: float) -> None:
        """How fast; infinity is as fast as the machine goes."""
        self._pace = batches_per_second if batches_per_second > 0 else 1.0
        self._due = time.perf_counter()

    def let_go(self) -> None:
        """Time has passed in which it could not train: nothing of it is to be caught up."""
        self._due = max(self._due, time.perf_counter())

    def train(self, session: Session) -> float:
        """Do a chunk of steps, or the one that is due; returns the seconds it took."""
        start = time.perf_counter()
        if not self.at_full_speed:
            if start < self._due:
                return 0.0
            self._due = max(self._due, start - _LATE) + 1 / self._pace
            session.advance(1)
            return time.perf_counter() - start
        done = session.advance(self._chunk)
        elapsed = time.perf_counter() - start
        if done == self._chunk:
            self._chunk = max(1, min(1024, int(done * CHUNK_SECONDS / max(elapsed, 1e-6))))
        return elapsed
