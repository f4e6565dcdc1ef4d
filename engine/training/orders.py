"""Orders: what other threads ask the worker to do, in the order in which they came."""

from __future__ import annotations

import queue
from collections.abc import Callable

Command = Callable[[], None]


class Orders:
    """A queue of commands for one thread.

    Attributes:
        token: the number of the command that is being carried out, or was last.
        closed: whether no more are carried out.
    """

    def __init__(self) -> None:
        self.token = 0
        self.closed = False
        self._given = 0
        self._waiting: queue.SimpleQueue[tuple[int, Command]] = queue.SimpleQueue()

    def give(self, command: Command) -> int:
        """Ask for a command, from any thread; returns its number."""
        self._given += 1
        self._waiting.put((self._given, command))
        return self._given

    def carry_out(self, wait: float) -> None:
        """Carry out all that are there; wait so many seconds for the first, 0 for not at all."""
        try:
            self.token, command = self._waiting.get(timeout=wait) if wait else self._waiting.get_nowait()
            command()
            while not self.closed:
                self.token, command = self._waiting.get_nowait()
                command()
        except queue.Empty:
            pass

    def close(self) -> None:
        """Carry out no more."""
        self.closed = True
