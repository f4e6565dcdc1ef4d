"""A gesture: all changes of one drag, one held button or one turn of the wheel, which undo as one."""

from __future__ import annotations

import itertools

from PySide6.QtCore import QElapsedTimer

_numbers = itertools.count(1)
_PAUSE_MS = 700


def new_gesture() -> str:
    """An id that no other gesture of this run bears."""
    return f"gesture-{next(_numbers)}"


class Bursts:
    """Gives changes that follow each other quickly (wheel, repeated key) the same gesture id."""

    def __init__(self) -> None:
        self._since = QElapsedTimer()
        self._gesture = ""

    def gesture(self) -> str:
        """The id for a change made now."""
        if not self._since.isValid() or self._since.elapsed() > _PAUSE_MS:
            self._gesture = new_gesture()
        self._since.start()
        return self._gesture
