"""Garbage is collected by the event loop, not by whichever thread makes one object too many.

Python's collector runs in the thread, and within the call, that allocates. In the worker it would destroy
widgets, which belong to the window's thread; within a call of Qt, a widget that Qt is at work on: either can
hang the program or end it. What is there before the event loop begins stays until the end, and is not looked
at again.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator

from PySide6.QtCore import QTimer

EVERY_MS = 1000


@contextlib.contextmanager
def collected_by_the_event_loop() -> Iterator[None]:
    """Meanwhile, the thread of this call collects garbage, from a timer."""
    timer = QTimer(interval=EVERY_MS)
    timer.timeout.connect(_collect)
    enabled = gc.isenabled()
    gc.disable()
    gc.freeze()
    timer.start()
    try:
        yield
    finally:
        timer.stop()
        gc.unfreeze()
        if enabled:
            gc.enable()


def _collect() -> None:
    """Collect as many generations as Python itself would."""
    due = [count > most for count, most in zip(gc.get_count(), gc.get_threshold(), strict=True)]
    if due[0]:
        gc.collect(2 if due[1] and due[2] else 1 if due[1] else 0)
