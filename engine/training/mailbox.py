"""The mailbox: holds the newest item only, so that a slow reader never falls behind a fast writer."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """One writer, one reader; a new item replaces one that was not taken. A deque's ends are thread-safe."""

    def __init__(self) -> None:
        self._items: deque[T] = deque(maxlen=1)

    def put(self, item: T) -> None:
        """Leave an item, dropping an older one."""
        self._items.append(item)

    def take(self) -> T | None:
        """The newest item, once; None where there is nothing new."""
        try:
            return self._items.pop()
        except IndexError:
            return None
