"""One thread for the disk: calls run there in order, and their results come back to the window's thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

SHOWN_AFTER_MS = 300
"""Work that takes longer says so."""

Call = Callable[[], Any]
Take = Callable[[Any], object]


class Background(QObject):
    """Runs calls in order, in one thread of its own.

    Signals:
        busy_changed(str): what takes longer than a moment, or "" when nothing does any more.
    """

    busy_changed = Signal(str)
    _done = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="synapscope-files")
        self._running: list[str] = []
        self._closed = False
        self._timer = QTimer(self, singleShot=True, interval=SHOWN_AFTER_MS)
        self._timer.timeout.connect(lambda: self.busy_changed.emit(self._running[0] if self._running else ""))
        self._done.connect(self._on_done, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether anything is being done."""
        return bool(self._running)

    def run(
        self, what: str, call: Call, then: Take, failed: Take, expected: tuple[type[Exception], ...] = ()
    ) -> None:
        """Do `call` in the thread, then `then(result)` here; `failed(error)` for an expected exception.

        `what` says on screen what is being done; "" does it silently. Other exceptions are raised here.
        """
        if self._closed:
            return
        if what:
            self._running.append(what)
            if not self._timer.isActive():
                self._timer.start()

        def deliver(future: Future[Any]) -> None:
            self._done.emit(what, future, (then, failed, expected))

        self._pool.submit(call).add_done_callback(deliver)

    def close(self) -> None:
        """Finish what was begun; nothing comes back from now on."""
        self._closed = True
        self._timer.stop()
        self._pool.shutdown(wait=True)

    def _on_done(self, what: str, future: Future[Any], answers: tuple[Take, Take, tuple[Any, ...]]) -> None:
        if what:
            self._running.remove(what)
            if not self._running:
                self._timer.stop()
                self.busy_changed.emit("")
        if self._closed:
            return
        then, failed, expected = answers
        error = future.exception()
        if error is None:
            then(future.result())
        elif isinstance(error, expected):
            failed(error)
        else:
            raise error
