"""Life on the canvas: brings the picture in step with frames, the clock's ticks and the waves."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect

from gui.canvas.surface import is_sparse
from gui.canvas.words import Caption, caption
from gui.session.frame_clock import Frame

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView

_WAVE_SECONDS = 0.028
_LABEL = 20  # unscaled pixels at the top of the viewport, where a wave says what travels


class Live(QObject):
    """Hands new numbers to what shows them."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self._settled_zoom = 0.0
        self._waved_at = 0.0
        view.controller.playing_changed.connect(self._on_playing)
        view.clock.frame_ready.connect(self.take)
        view.clock.tick.connect(self._on_tick)
        view.maps.settling.connect(self._on_settling)
        view.waves.changed.connect(self._on_wave)
        view.refresh.painter.scaled.connect(self.update_legend)

    def take(self, frame: Frame) -> None:
        """A new frame."""
        view, playing = self._view, self._view.controller.playing
        first = view.frame is None
        view.refresh.take(frame)
        view.waves.take(frame, playing)
        if first:
            view.planner.show_titles()
            self.show_at_once()
        if not playing:
            self.say()
            self.show_at_once()

    def forget(self) -> None:
        """The project is another one; no frame of it has come yet."""
        self._view.waves.stop()
        self._view.refresh.frame = None
        self._view.strip.say(Caption("", None))

    def say(self) -> None:
        """Say what the network says; nothing while it is unfinished."""
        view = self._view
        plan, frame = view.planner.plan, view.frame
        if frame is None or (plan is not None and plan.inference.errors):
            view.strip.say(Caption("", None))
        else:
            view.strip.say(caption(frame, view.controller.playing, view.waves.first_pass))

    def show_at_once(self) -> None:
        """Paint everything now."""
        self._view.refresh.show_all(time.perf_counter(), self._view.waves.fills)
        self._view.focus.repaint(math.inf)

    def update_legend(self) -> None:
        """Another scale, or another limit of it."""
        view = self._view
        single = view.focus.shows_fan or all(is_sparse(b.bundle) for b in view.canvas.bundles.values())
        green = view.waves.green or view.canvas.coloring.face == "gradient"
        view.legend.show_scale(green, view.focus.limit_text(), single)

    def _on_tick(self, now: float) -> None:
        # While it plays, a wave moves less often, at full speed still less: painting holds the interpreter.
        view, playing = self._view, self._view.controller.playing
        flat_out = playing and view.controller.pace == math.inf
        if not playing or now - self._waved_at >= _WAVE_SECONDS * (3 if flat_out else 1):
            self._waved_at = now
            if view.waves.tick(now, playing, flat_out=flat_out):
                self.update_legend()
        if view.refresh.tick(now, view.waves.fills, flat_out=flat_out):
            self.update_legend()
        if playing:
            view.focus.repaint(now)
        if view.refresh.answered:
            self.say()

    def show_when_settled(self) -> None:
        """Paint everything as soon as what is in view is known, once."""
        self._settled_zoom = math.nan

    def _on_settling(self) -> None:
        """The camera stands still: from near, numbers are written."""
        view, room = self._view, self._view.viewport().rect()
        view.canvas.set_zooming(False)
        seen, ratio = view.mapToScene(room).boundingRect(), view.viewport().devicePixelRatioF()
        view.canvas.set_seen(seen, room.height(), ratio)
        if view.zoom != self._settled_zoom:
            self._settled_zoom = view.zoom
            self.show_at_once()

    def _on_playing(self, playing: bool) -> None:
        self.say()
        if not playing:
            self.show_at_once()

    def _on_wave(self) -> None:
        view = self._view
        self.say()
        self.update_legend()
        view.refresh.show_neurons(view.waves.fills)
        view.viewport().update(QRect(0, 0, view.viewport().width(), view.look.theme.px(_LABEL)))
