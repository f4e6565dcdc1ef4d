"""Loading pyqtgraph in small pieces, so that the window stays awake while it does.

Half of what `import pyqtgraph` costs is that it looks at every class of Qt, which PySide makes only then, and
some more are modules of Python's own; both can be had one by one. The rest is loaded in another thread.
Whoever needs the charts at once imports them and finds done what has been done.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator
from importlib import import_module
from itertools import chain
from time import perf_counter, sleep

from PySide6.QtCore import QObject, QTimer

PIECE_SECONDS = 0.008
"""How long the event loop is held at a time."""
PAUSE_MS = 4
QT_MODULES = ("QtCore", "QtGui", "QtWidgets")
HEAVY_MODULES = (
    *("subprocess", "cProfile", "pstats", "colorama", "xml.etree.ElementTree", "sysconfig", "pydoc"),
    *("multiprocessing", "multiprocessing.util", "multiprocessing.connection"),
    *("PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets", "PySide6.QtTest"),
)
"""What pyqtgraph imports; a module that it needs no more costs its time, one that is not there nothing."""


class Loading(QObject):
    """Loads pyqtgraph beside the running event loop, and then does what needs it, in pieces as well."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pieces: Iterator[None] = iter(())
        self._timer = QTimer(self, interval=PAUSE_MS)
        self._timer.timeout.connect(self._go_on)

    def start(self, following: Iterator[None]) -> None:
        """Load, and then go through `following`."""
        self._pieces = chain(_pieces(), following)
        self._timer.start()

    def stop(self) -> None:
        """Do no more: somebody wants it at once."""
        self._timer.stop()
        self._pieces = iter(())

    def _go_on(self) -> None:
        end = perf_counter() + PIECE_SECONDS
        for _piece in self._pieces:
            if perf_counter() > end:
                return
        self._timer.stop()


def _pieces() -> Iterator[None]:
    """Do a little at every step."""
    if "pyqtgraph" in sys.modules:
        return
    for name in QT_MODULES:
        module = import_module(f"PySide6.{name}")
        for part in dir(module):
            getattr(module, part)
            yield
    for name in HEAVY_MODULES:
        try:
            import_module(name)
        except ImportError:
            continue
        yield
    yield from _imported_aside("pyqtgraph")


def _imported_aside(name: str) -> Iterator[None]:
    """Import in another thread what cannot be divided; as Qt's classes are there, it mostly reads files."""
    thread = threading.Thread(target=import_module, args=(name,), name="synapscope-charts")
    collects = gc.isenabled()
    gc.disable()  # what is collected in that thread might be a widget of this one
    thread.start()
    try:
        while thread.is_alive():
            sleep(PIECE_SECONDS / 4)
            yield
    finally:
        thread.join()
        if collects:
            gc.enable()
