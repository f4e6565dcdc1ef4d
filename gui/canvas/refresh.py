"""When which part of the picture is painted anew, so that training keeps the processor.

Painting holds the interpreter, and so the worker: while it plays, a tick paints neurons (at most ten times a
second) or one bundle (each at most ten times a second), or weight pictures or answers (at most four times),
whichever has waited longest; another example at once. At full speed all also waits as long as the window
has had more than its share of the processor; but nothing waits much longer than a second. At rest, everything
is painted at once.
"""

from __future__ import annotations

from gui.canvas.scene import CanvasScene
from gui.canvas.thrift import Thrift
from gui.session.frame_clock import Frame

NEURONS, BUNDLES, FACES, ANSWERS = 1 / 10, 1 / 10, 1 / 4, 1 / 4  # seconds between two paintings
SHARE = 0.1  # of the time that one bundle may take
_STALEST = 1.0  # seconds that nothing waits longer than, however little time there is


class Refresh:
    """Paints the newest frame.

    Attributes:
        frame: the newest; face: what neurons that see a picture show, "weights" or "activation".
        answered: whether the last tick wrote answers.
    """

    def __init__(self, scene: CanvasScene) -> None:
        self.scene = scene
        self.frame: Frame | None = None
        self.face = "weights"
        self.answered = False
        self._thrift = Thrift()
        self._neurons_at = self._faces_at = self._answers_at = self._painted_at = 0.0
        self._new_neurons = self._new_faces = self._new_answers = False

    def take(self, frame: Frame, playing: bool) -> None:
        """A new frame; what it changes is painted by the coming ticks."""
        before, self.frame = self.frame, frame
        if before is None or (before.split_name, before.index) != (frame.split_name, frame.index):
            self._neurons_at = self._answers_at = 0.0
        self.scene.take_weights(frame)
        self._new_neurons = self._new_faces = self._new_answers = True

    def tick(self, now: float, filling: bool, *, flat_out: bool = False) -> bool:
        """Paint what is due; True if bundles were. `filling`: a wave colors the neurons itself."""
        self.answered = False
        if self.frame is None:
            return False
        waits = self._waits(now, filling)
        what = max(waits, key=lambda name: waits[name])
        enough = not flat_out or self._thrift.allows(now) or now - self._painted_at > _STALEST / len(waits)
        if waits[what] < 1.0 or not enough:
            return False
        self._painted_at = now
        return self._paint(what, now)

    def _waits(self, now: float, filling: bool) -> dict[str, float]:
        """How long each kind of thing has waited, as a multiple of how long it should."""
        neurons, answers = self._new_neurons and not filling, self._new_answers and not filling
        return {
            "neurons": (now - self._neurons_at) / NEURONS if neurons else 0.0,
            "answers": (now - self._answers_at) / ANSWERS if answers else 0.0,
            "faces": (now - self._faces_at) / FACES if self._new_faces else 0.0,
            "bundles": self.scene.coloring.longest_wait(now, SHARE) / BUNDLES,
        }

    def _paint(self, what: str, now: float) -> bool:
        assert self.frame is not None
        if what == "neurons":
            self._neurons_at, self._new_neurons = now, False
            self.scene.show_neurons(self.frame)
        elif what == "answers":
            self._answers_at, self._new_answers, self.answered = now, False, True
            self.scene.show_answers(self.frame)
        elif what == "faces":
            self._faces_at, self._new_faces = now, False
            self.scene.show_faces(self.frame, self.face == "weights")
        else:
            return self.scene.repaint_stale(now, BUNDLES, SHARE)
        return False

    def show_all(self, now: float, filling: bool) -> None:
        """Paint everything now."""
        if self.frame is None:
            return
        self._new_neurons = self._new_faces = self._new_answers = False
        self._neurons_at = self._faces_at = self._answers_at = now
        self.scene.take_weights(self.frame)
        self.show_neurons(filling)
        self.scene.show_faces(self.frame, self.face == "weights")
        self.scene.repaint_stale(now, 0)

    def show_neurons(self, filling: bool) -> None:
        """Color the neurons by the newest frame, unless a wave does."""
        if self.frame is not None and not filling:
            self.scene.show_neurons(self.frame)
            self.scene.show_answers(self.frame)
