"""When waves run: a script of stages on a steady clock, forward, the loss, backward, the update."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from gui.canvas.pulse import DISSOLVE_MS, LOSS_MS, SWEEP_MS

__all__ = ["DISSOLVE_MS"]

FORWARD, LOSS, BACKWARD, DISSOLVE, HELD = "forward", "loss", "backward", "dissolve", "held"
SLOW_SECONDS = 2.6  # the very first pass
REST_SECONDS, FLAT_OUT_REST_SECONDS = 4.0, 9.0  # between two sampled passes while it plays; at full speed


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of a wave: its kind and how long it takes; held stages stay at their end."""

    kind: str
    seconds: float
    held: bool = False


SWEEP = SWEEP_MS / 1000
FORWARD_PASS = (Stage(FORWARD, SWEEP),)
SLOW_PASS = (Stage(FORWARD, SLOW_SECONDS),)
BACKWARD_PASS = (Stage(BACKWARD, SWEEP), Stage(DISSOLVE, DISSOLVE_MS / 1000))
WHOLE_PASS = (*FORWARD_PASS, Stage(LOSS, LOSS_MS / 1000), *BACKWARD_PASS)


class Waves(QObject):
    """Plays scripts of stages, never two at once.

    Signals:
        began(str): a stage of this kind begins; moved(): it moved on; ended(): nothing is shown any more.

    Attributes:
        stage: what runs now, None at rest; phase: how far it is, 0 … 1.
    """

    began = Signal(str)
    moved = Signal()
    ended = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.stage: Stage | None = None
        self.phase = 0.0
        self.rested_since = 0.0
        self._script: tuple[Stage, ...] = ()
        self._begun: float | None = None

    @property
    def running(self) -> bool:
        """Whether something moves (a held stage at its end does not)."""
        return self.stage is not None and not (self.stage.held and self.phase >= 1.0)

    def play(self, script: tuple[Stage, ...]) -> None:
        """Play a script from its beginning; what runs is cut short."""
        self._script = script[1:]
        self._begin(script[0])

    def stop(self) -> None:
        """Show nothing."""
        if self.stage is not None:
            self.stage, self._script = None, ()
            self.ended.emit()

    def tick(self, now: float) -> None:
        """Move on; `now` in seconds on a steady clock."""
        if self.stage is None or not self.running:
            return
        if self._begun is None:
            self._begun = now
        self.phase = min((now - self._begun) / max(self.stage.seconds, 1e-6), 1.0)
        self.moved.emit()
        if self.phase >= 1.0 and not self.stage.held:
            self._next(now)

    def _next(self, now: float) -> None:
        if self._script:
            stage, self._script = self._script[0], self._script[1:]
            self._begin(stage)
            return
        self.rested_since = now
        self.stop()

    def _begin(self, stage: Stage) -> None:
        self.stage, self.phase, self._begun = stage, 0.0, None
        self.began.emit(stage.kind)
        self.moved.emit()
