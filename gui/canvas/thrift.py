"""Thrift: what the window may take of a processor while training runs as fast as the machine goes.

While Python runs in the window's thread, the training waits; while Qt paints by itself, both share memory and
caches. So the time of that thread is metered, all that it does, and painting waits while it has had more than
its share. On a fast machine nothing ever waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable

SHARE = 0.15  # of one core
_MOST_DEBT, _MOST_SAVED = 0.12, 0.03  # seconds of work: after more, it neither waits longer nor hurries more
_FORGOTTEN = 0.5  # seconds without being asked: it begins anew


class Thrift:
    """A meter that is asked at every tick, in the thread that it meters."""

    def __init__(self, share: float = SHARE, spent: Callable[[], float] = time.thread_time) -> None:
        self._share = share
        self._spent = spent
        self._saved = 0.0
        self._asked_at = self._spent_then = -1e9

    def allows(self, now: float) -> bool:
        """Whether there is time left to paint; `now` in seconds on a steady clock."""
        spent = self._spent()
        passed = now - self._asked_at
        if passed > _FORGOTTEN:
            self._saved = 0.0
        else:
            saved = self._saved + self._share * passed - (spent - self._spent_then)
            self._saved = min(max(saved, -_MOST_DEBT), _MOST_SAVED)
        self._asked_at, self._spent_then = now, spent
        return self._saved >= 0.0
