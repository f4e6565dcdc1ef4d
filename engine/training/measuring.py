"""Measuring: when loss and accuracy are taken over whole splits while a session trains.

What is measured is a copy of the network, because training goes on between the slices. At full speed a small
share of the time goes into it; whenever there is nothing else to do, it goes on at once.
"""

from __future__ import annotations

import time

from engine.network import Network
from engine.training.evaluation import Evaluator
from engine.training.session import Session

SHARE = 0.05
"""How much of the time at full speed may go into measuring."""

PAUSE = 0.5
"""Least seconds between two measures while training."""

TRAIN_SAMPLE = 10_000
"""How many training examples are measured; the check against the error threshold measures all."""


class Measuring:
    """The measures of one session, a slice per call of `advance`."""

    def __init__(self) -> None:
        self._waiting: list[tuple[str, Evaluator]] = []
        self._credit = 0.0
        self._next = 0.0
        self._step = -1
        self._original: Network | None = None
        self._copy: Network | None = None

    @property
    def busy(self) -> bool:
        """Whether a measure is under way."""
        return bool(self._waiting)

    def pending(self, session: Session) -> bool:
        """Whether the session as it stands has not been measured."""
        return bool(self._waiting) or session.step != self._step

    def earn(self, seconds: float) -> None:
        """Training took this long; a share of it may go into measuring."""
        self._credit = min(self._credit + seconds * SHARE, 0.05)

    def drop(self) -> None:
        """The network is another one: forget what is under way, and measure anew."""
        self._waiting.clear()
        self._step = -1

    def advance(self, session: Session, *, training: bool, flat_out: bool) -> None:
        """Begin a measure if one is due, and do one slice if it is affordable."""
        due = not training or time.perf_counter() >= self._next
        if due and not self._waiting and session.step != self._step:
            self._begin(session)
        if not self._waiting or (training and flat_out and self._credit < 0):
            return
        start = time.thread_time()  # where other programs hold the processor, that is no cost of measuring
        name, evaluator = self._waiting[0]
        if session.measure(evaluator):
            self._waiting.pop(0)
            assert evaluator.result is not None
            session.note(name, evaluator.result)
        if training and flat_out:  # what is measured at rest costs the training nothing
            self._credit -= time.thread_time() - start

    def _begin(self, session: Session) -> None:
        self._step = session.step
        self._next = time.perf_counter() + PAUSE
        twin, data = self._copy_of(session.network), session.data
        self._waiting = [("train", Evaluator(twin, data, data.train, session.step, TRAIN_SAMPLE))]
        if len(data.test):
            self._waiting.insert(0, ("test", Evaluator(twin, data, data.test, session.step)))

    def _copy_of(self, network: Network) -> Network:
        """The copy of a network as it is now: the same arrays each time, or memory would crumble."""
        if self._copy is None or self._original is not network:
            self._original, self._copy = network, network.twin()
        self._copy.parameters[...] = network.parameters
        self._copy.state[...] = network.state
        return self._copy
