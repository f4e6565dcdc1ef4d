"""The speedometer: steps a second over about the last half second."""

from __future__ import annotations

import time
from collections import deque

WINDOW = 0.5
"""Seconds over which speed is averaged."""


class Speedometer:
    """Reads the speed from the step counts that it is shown."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque(maxlen=64)

    def read(self, step: int) -> float:
        """Steps a second, given the step count now; 0 at the first reading."""
        now = time.perf_counter()
        self._marks.append((now, step))
        while len(self._marks) > 2 and now - self._marks[1][0] > WINDOW:
            self._marks.popleft()
        then, first = self._marks[0]
        return (step - first) / (now - then) if now > then else 0.0
