"""A respite for the window: the training rests for the moment in which all widgets take another look or size.

Then Qt asks thousands of small questions that are answered in Python. Each of them would have to take the
interpreter from the training first, so that a fifth of a second of work became a standstill of several.
"""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, QTimer

from gui.session.controller import SessionController

CALM_MS = 40
"""How long nothing of the kind must have happened before the training goes on."""


class Respite(QObject):
    """Lets the training rest while `take` is called again and again, and a moment longer."""

    def __init__(self, controller: SessionController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._over: threading.Event | None = None
        self._timer = QTimer(self, singleShot=True, interval=CALM_MS)
        self._timer.timeout.connect(self.end)

    def take(self, _why: object = None) -> None:
        """Something that is much work for the window begins, or goes on."""
        if self._over is None and self._controller.playing:
            self._over = threading.Event()
            self._controller.worker.rest(self._over)
        if self._over is not None:
            self._timer.start()

    def end(self) -> None:
        """The training goes on."""
        self._timer.stop()
        if self._over is not None:
            self._over.set()
            self._over = None
