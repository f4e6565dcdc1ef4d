"""What a test of the running window finds: checks that hold or not, and how long the event loop stalled."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer


@dataclass(slots=True)
class Result:
    """What was found: per check "" or what is wrong, and numbers that are only reported."""

    checks: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether every check holds."""
        return bool(self.checks) and not any(self.checks.values())

    def as_dict(self) -> dict[str, Any]:
        """For --json."""
        return {"ok": self.ok, **self.numbers, "checks": {name: w or "ok" for name, w in self.checks.items()}}

    def as_text(self) -> str:
        """For people."""
        lines = [f"{'FAIL' if wrong else 'ok  '}  {name}{f': {wrong}' if wrong else ''}"
                 for name, wrong in self.checks.items()]  # fmt: skip
        lines += [f"      {name.replace('_', ' ')}: {value}" for name, value in self.numbers.items()]
        return "\n".join([*lines, "All holds." if self.ok else "Something does not hold."])


class StallWatch(QObject):
    """Measures how long the event loop kept a timer waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.worst = 0.0
        self._last = 0.0
        self._timer = QTimer(self, interval=20)  # more often, and the watch itself would hold the training
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_timeout)

    def start(self) -> None:
        """Measure from now on."""
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> None:
        """Measure no more."""
        self._timer.stop()

    def _on_timeout(self) -> None:
        now = time.perf_counter()
        self.worst = max(self.worst, now - self._last - self._timer.interval() / 1000)
        self._last = now
