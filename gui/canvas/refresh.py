"""When which part of the picture is painted anew, so that training keeps the processor.

Painting holds the interpreter, and so the worker: while it plays, a tick paints of every bundle one comb, a
part of its picture that all its synapses cross; and beside that neurons (at most ten times a second), weight
pictures or answers (at most four times), whichever has waited longest; another example at once. At full speed
bundles are painted aside, if that can be, and all else less often. At rest, everything is painted at once.
"""

from __future__ import annotations

import time

from gui.canvas.aside.painter import Painter
from gui.canvas.scene import CanvasScene
from gui.session.frame_clock import Frame

SECONDS = {"neurons": 0.1, "faces": 0.25, "answers": 0.25}  # between two paintings
FLAT_OUT_SECONDS = {"neurons": 0.3, "faces": 0.6, "answers": 0.4}
SHARE = 0.1  # of the time that one bundle may take
_STALEST = 1.0  # seconds that nothing waits longer than, however long its painting takes


class Refresh:
    """Paints the newest frame.

    Attributes:
        painter: paints bundles aside at full speed; frame: the newest.
        face: what neurons that see a picture show, "weights" or "activation".
        answered: whether the last tick wrote answers.
    """

    def __init__(self, scene: CanvasScene, painter: Painter) -> None:
        self.scene, self.painter = scene, painter
        self.frame: Frame | None = None
        self.face = "weights"
        self.answered = False
        self._painted_at = dict.fromkeys(SECONDS, 0.0)
        self._cost = dict.fromkeys(SECONDS, 0.0)  # seconds that it took to paint them last
        self._new: set[str] = set()

    def take(self, frame: Frame) -> None:
        """A new frame; what it changes is painted by the coming ticks."""
        before, self.frame = self.frame, frame
        if before is None or (before.split_name, before.index) != (frame.split_name, frame.index):
            self._painted_at["neurons"] = self._painted_at["answers"] = 0.0
        self.scene.take_weights(frame)
        self._new.update(SECONDS)

    def tick(self, now: float, filling: bool, *, flat_out: bool = False) -> bool:
        """Paint what is due; True if a scale moved. `filling`: a wave colors the neurons itself."""
        self.answered = False
        if self.frame is None:
            return False
        aside = flat_out and self.scene.paint_aside(self.painter, now)
        moved = not aside and self.scene.renew(now, SHARE)
        what, wait = max(self._waits(now, filling, flat_out).items(), key=lambda pair: pair[1])
        if wait >= 1.0:
            self._paint(self.frame, what, now)
        return moved

    def _waits(self, now: float, filling: bool, flat_out: bool) -> dict[str, float]:
        """How long each kind of thing has waited, as a multiple of how long it should."""
        found = dict.fromkeys(SECONDS, 0.0)
        for what in SECONDS:
            if what not in self._new or (filling and what != "faces"):
                continue
            should = (FLAT_OUT_SECONDS if flat_out else SECONDS)[what]
            if flat_out:
                should = max(should, min(self._cost[what] / SHARE, _STALEST))
            found[what] = (now - self._painted_at[what]) / should
        return found

    def _paint(self, frame: Frame, what: str, now: float) -> None:
        begun = time.perf_counter()
        self._new.discard(what)
        if what == "neurons":
            self.scene.show_neurons(frame)
        elif what == "answers":
            self.answered = True
            self.scene.show_answers(frame)
        else:
            self.scene.show_faces(frame, self.face == "weights")
        self._painted_at[what], self._cost[what] = now, time.perf_counter() - begun

    def show_all(self, now: float, filling: bool) -> None:
        """Paint everything now."""
        if self.frame is None:
            return
        self._new.clear()
        self._painted_at = dict.fromkeys(SECONDS, now)
        self.scene.take_weights(self.frame)
        self.show_neurons(filling)
        self.scene.show_faces(self.frame, self.face == "weights")
        self.scene.repaint_stale()

    def show_neurons(self, filling: bool) -> None:
        """Color the neurons by the newest frame, unless a wave does."""
        if self.frame is not None and not filling:
            self.scene.show_neurons(self.frame)
            self.scene.show_answers(self.frame)
