"""The view options: look, text size, motion, waves, what neurons show, the drawer and the presentation."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from gui import theme
from gui.settings import SettingsStore

FACES = ("activation", "weights", "bias", "gradient")


class ViewOptions(QObject):
    """What the actions of the View menu do; views listen to the signals.

    Signals:
        waves_changed(bool), motion_changed(bool), face_changed(str), drawer_changed(bool),
        presentation_changed(bool), log_changed(bool): the option is another.
    """

    waves_changed = Signal(bool)
    motion_changed = Signal(bool)
    face_changed = Signal(str)
    drawer_changed = Signal(bool)
    presentation_changed = Signal(bool)
    log_changed = Signal(bool)

    def __init__(self, settings: SettingsStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self.waves = True
        self.face = "weights"
        self.drawer = False
        self.presentation = False
        self.log = settings.values.log_loss

    def set_theme(self, choice: Any) -> None:
        """Follow the system, or keep to one look."""
        self.settings.change(theme=choice)
        theme.manager().choose(choice)

    def set_text_scale(self, scale: float) -> None:
        """Make all text larger or smaller."""
        self.settings.change(text_scale=scale)
        self._scale()

    def set_reduce_motion(self, reduced: bool) -> None:
        """Highlights instead of sweeps."""
        self.settings.change(reduce_motion=reduced)
        self.motion_changed.emit(reduced)

    def set_waves(self, shown: bool) -> None:
        """Show passes as waves while it trains."""
        self.waves = shown
        self.waves_changed.emit(shown)

    def set_neuron_face(self, face: str) -> None:
        """What a neuron shows: its activation, or its weights as a picture."""
        self.face = face if face in FACES else FACES[0]
        self.face_changed.emit(self.face)

    def set_drawer(self, shown: bool) -> None:
        """Open or close the large charts."""
        self.drawer = shown
        self.drawer_changed.emit(shown)

    def set_presentation(self, on: bool) -> None:
        """Canvas and transport only, with larger text."""
        self.presentation = on
        self._scale()
        self.presentation_changed.emit(on)

    def set_log(self, on: bool) -> None:
        """The loss on a logarithmic axis, in all charts."""
        self.log = on
        self.settings.change(log_loss=on)
        self.log_changed.emit(on)

    def apply(self) -> None:
        """Bring the settings into effect, at the start."""
        theme.manager().choose(self.settings.values.theme)
        self._scale()
        self.motion_changed.emit(self.settings.values.reduce_motion)
        self.log_changed.emit(self.log)

    def state(self) -> dict[str, Any]:
        """What is remembered with a project."""
        return {"waves": self.waves, "face": self.face, "log": self.log}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what was remembered; anything odd is passed over."""
        if isinstance(state.get("waves"), bool):
            self.set_waves(state["waves"])
        if isinstance(state.get("log"), bool):
            self.set_log(state["log"])
        if state.get("face") in FACES:
            self.set_neuron_face(state["face"])

    def _scale(self) -> None:
        factor = theme.PRESENTATION_SCALE if self.presentation else 1.0
        theme.manager().set_scale(self.settings.values.text_scale * factor)
