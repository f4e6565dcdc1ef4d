"""Ctrl-C, noted instead of thrown, so that what was trained is measured and saved in peace."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any


class Interrupts:
    """Notes every Ctrl-C while it is entered; only within `at_once` does one raise KeyboardInterrupt.

    Attributes:
        pressed: how often Ctrl-C has been pressed.
    """

    def __init__(self) -> None:
        self.pressed = 0
        self._at_once = False
        self._before: Any = None

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():  # only there may signals be taken over
            self._before = signal.signal(signal.SIGINT, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Work that can be broken off anywhere: a Ctrl-C raises KeyboardInterrupt."""
        self._at_once = True
        try:
            yield
        finally:
            self._at_once = False

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.pressed += 1
        if self._at_once:
            self._at_once = False  # once: while it unwinds, another one is only noted
            raise KeyboardInterrupt
