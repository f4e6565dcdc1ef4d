"""Decides which wave runs when: the first slow pass, sampled passes while it plays, the phases of a step."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from gui.canvas import waves as w
from gui.canvas.scene import CanvasScene
from gui.canvas.sweep import Sweep
from gui.session.frame_clock import Frame, FrameClock

_NAME = "waves"


class WaveDirector(QObject):
    """Waves on the scene.

    Signals:
        changed(): a stage began or ended.

    Attributes:
        enabled: whether sampled passes run while it plays; fresh: a new network has not shown its first pass.
        calm: highlights instead of sweeps.
    """

    changed = Signal()

    def __init__(self, scene: CanvasScene, clock: FrameClock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.enabled = True
        self.fresh = True
        self._clock = clock
        self._frame: Frame | None = None
        self._phase = "update"
        self.sweep = Sweep(scene)
        self.player = w.Waves(self)
        self.player.began.connect(self._on_began)
        self.player.moved.connect(lambda: self.sweep.move(self.player.phase))
        self.player.ended.connect(self._on_ended)

    @property
    def calm(self) -> bool:
        """Highlights instead of sweeps."""
        return self.sweep.calm

    @calm.setter
    def calm(self, calm: bool) -> None:
        self.sweep.calm = calm

    @property
    def fills(self) -> bool:
        """Whether the wave colors the neurons itself."""
        return self.sweep.fills and self.player.stage is not None and self.player.stage.kind == w.FORWARD

    @property
    def first_pass(self) -> bool:
        """Whether the first, slow pass of a fresh network runs: its end shows what the network says."""
        return self.player.stage is w.SLOW_PASS[0]

    @property
    def green(self) -> bool:
        """Whether gradients are shown, so that the legend must be theirs."""
        stage = self.player.stage
        return stage is not None and stage.kind in (w.BACKWARD, w.DISSOLVE)

    @property
    def label(self) -> str:
        """What travels now."""
        return self.sweep.label() if self.player.stage is not None else ""

    def play(self, script: tuple[w.Stage, ...], fills: bool = False) -> None:
        """Play a script with the newest frame, if that is of what is drawn."""
        if self.sweep.can_show(self._frame):
            self.sweep.fills = fills
            self.player.play(script)
            self._keep_moving()

    def stop(self) -> None:
        """Show nothing."""
        self.player.stop()

    def take(self, frame: Frame, playing: bool) -> None:
        """A new frame: the first of a network is shown as a slow pass, a phase of a step as its stage."""
        self._frame = frame
        phase, self._phase = self._phase, frame.snapshot.phase
        if self.fresh:
            self.fresh = False
            if frame.snapshot.step == 0:
                self.play(w.SLOW_PASS, fills=True)
        elif not playing and phase != frame.snapshot.phase:
            self._show_phase(frame.snapshot.phase)
        averaged = frame.snapshot.phase == "average" and frame.snapshot.gradients is not None
        if averaged and not playing and self.player.stage is not None and self.sweep.can_show(frame):
            self.sweep.frame = frame
            self.sweep.show_marks(True)
            self.changed.emit()

    def tick(self, now: float, playing: bool, *, flat_out: bool = False) -> bool:
        """Move on; True while something is shown."""
        self.player.tick(now)
        if self.player.stage is not None:
            if playing and self.player.stage.held:
                self.player.stop()  # it plays on: what a step held is gone
            return True
        due = self.player.rested_since + (w.FLAT_OUT_REST_SECONDS if flat_out else w.REST_SECONDS)
        if playing and self.enabled and now > due and self.sweep.can_show(self._frame):
            self.player.rested_since = now
            self.play(w.WHOLE_PASS)
        return False

    def _show_phase(self, phase: str) -> None:
        self._clock.wants_gradients = phase in ("backward", "average")
        self.sweep.batch_mean = False
        if phase == "forward":
            self.play((w.Stage(w.FORWARD, w.SWEEP, held=True),), fills=True)
        elif phase == "loss":
            self.play((w.Stage(w.LOSS, 0.3, held=True),))
        elif phase == "backward":
            self.play((w.Stage(w.BACKWARD, w.SWEEP, held=True),))
        elif phase == "average":
            self._clock.wake()
        elif self.player.stage is not None:
            self.play((w.Stage(w.DISSOLVE, w.DISSOLVE_MS / 1000),))

    def _on_began(self, kind: str) -> None:
        if self._frame is None or not self.sweep.can_show(self._frame):
            self.player.stop()  # an edit came between two stages
            return
        self.sweep.begin(kind, self._frame)
        self.changed.emit()

    def _on_ended(self) -> None:
        self.sweep.fills = False
        self.sweep.clear()
        self._keep_moving()
        self.changed.emit()

    def _keep_moving(self) -> None:
        self._clock.keep_moving(_NAME, self.player.running)
