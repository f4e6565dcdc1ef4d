"""The parts of the running program that are not seen; the window is handed them together."""

from __future__ import annotations

from dataclasses import dataclass

from gui.document.document import Document
from gui.files.autosaver import Autosaver
from gui.files.storage import Storage
from gui.session.controller import SessionController
from gui.session.example import ShownExample
from gui.session.frame_clock import FrameClock
from gui.session.training import Training
from gui.settings import SettingsStore


@dataclass(frozen=True, slots=True)
class Parts:
    """What the window shows and works on; none of it knows the window."""

    settings: SettingsStore
    document: Document
    controller: SessionController
    example: ShownExample
    clock: FrameClock
    storage: Storage
    autosaver: Autosaver
    training: Training
