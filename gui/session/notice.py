"""A notice: told to its listeners as a Qt signal is, but without giving the interpreter back in between.

Each emission of a Qt signal lets another thread have the interpreter, once for every slot: 33 times a second
with ten slots, the window waits for the training and the training for the window.
"""

from __future__ import annotations

import inspect
import sys
import weakref
from collections.abc import Callable
from typing import Any

import shiboken6

Listener = Callable[..., object]


class Notice:
    """Listeners are told in the order in which they came, with all arguments.

    Methods are held weakly, as Qt holds receivers.
    """

    def __init__(self) -> None:
        self._listeners: list[Callable[[], Listener | None]] = []

    def connect(self, listener: Listener) -> None:
        """Tell it from now on, until its object is gone."""
        if inspect.ismethod(listener):
            self._listeners.append(weakref.WeakMethod(listener))
        else:
            self._listeners.append(lambda: listener)

    def disconnect(self, listener: Listener) -> None:
        """Tell it no more."""
        self._listeners = [known for known in self._listeners if known() not in (None, listener)]

    def emit(self, *arguments: Any) -> None:
        """Tell all; what one of them raises goes to `sys.excepthook`, the others are told all the same."""
        for known in tuple(self._listeners):
            if known not in self._listeners:  # one that was told before it has disconnected it
                continue
            listener = known()
            if listener is None or not _is_there(listener):
                self._listeners = [other for other in self._listeners if other is not known]
                continue
            try:
                listener(*arguments)
            except Exception:
                sys.excepthook(*sys.exc_info())


def _is_there(listener: Listener) -> bool:
    """Whether the object that it belongs to, if it is Qt's, has not been deleted."""
    owner = getattr(listener, "__self__", None)
    return not isinstance(owner, shiboken6.Object) or shiboken6.isValid(owner)
