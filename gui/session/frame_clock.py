"""The frame clock: the one timer of the window. It asks the worker, takes the newest snapshot and hands out
frames.

A frame is a snapshot together with the trace of the example on show, computed from that snapshot's
parameters when it is first asked for: at full speed most frames are replaced before anything asks. The clock
stops when nothing moves or the window is hidden, and is woken by whatever may change the picture.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from PySide6.QtCore import QObject, Qt, QTimer

from engine.datasets.base import Data
from engine.design import Project
from engine.edits.parameters import WhatIf
from engine.network import Network, compile_network
from engine.trace import NOTHING, Probe, Trace
from engine.training.history import CurveData
from engine.training.snapshot import Snapshot
from gui.session.controller import SessionController
from gui.session.example import ShownExample
from gui.session.notice import Notice
from gui.session.whatif import Question

FRAME_MS = 16
FLAT_OUT_FRAME_MS = 30
"""At full speed the window looks less often: what holds the interpreter holds the training."""
CURVE_SECONDS, FLAT_OUT_CURVE_SECONDS = 0.1, 0.8
"""Charts are redrawn at most so often, for the same reason."""
REST_SECONDS = 0.4
"""How long nothing must have changed before the clock stops."""
OWED = 3
"""Ticks after being woken that come in any case, however long the event loop was busy."""


@dataclass(frozen=True)
class Frame:
    """What is to be drawn now.

    Attributes:
        snapshot, trace: the numbers; network: the compiled design that they belong to (never trained).
        passing: makes the trace; project, data: what the network was compiled from.
        split_name, index: the example that the trace is of.
        what_if: what is held in the trace, and is no result of the network.
    """

    snapshot: Snapshot
    passing: Callable[[], Trace] = field(repr=False, compare=False)
    network: Network
    project: Project
    data: Data
    split_name: str
    index: int
    what_if: WhatIf = NOTHING

    @cached_property
    def trace(self) -> Trace:
        """The pass of the example through the network as it was at the snapshot."""
        return self.passing()


class FrameClock(QObject):
    """Hands out frames.

    Notices:
        frame_ready(Frame): at most 60 times a second, only when something is new.
        curves_ready(dict): curves by name, at most ten times a second.
        tick(float): seconds on a steady clock, while it runs: for what moves between snapshots.

    Attributes:
        frame: the newest frame, None before the first; curves: the newest curves.
        wants_gradients: whether snapshots shall bring the batch's mean gradient.
        question: what is held in the trace: what if?
    """

    def __init__(
        self, controller: SessionController, example: ShownExample, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.frame_ready, self.curves_ready, self.tick = Notice(), Notice(), Notice()
        self.controller = controller
        self.example = example
        self.question = Question(controller.document, example, self)
        self.frame: Frame | None = None
        self.curves: dict[str, CurveData] = {}
        self.wants_gradients = False
        self._probe: Probe | None = None
        self._probe_run = -1
        self._snapshot: Snapshot | None = None
        self._curves_at = 0.0
        self._awake_until = 0.0
        self._owed = 0
        self._moving: set[str] = set()
        self._hidden = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._interval = FRAME_MS
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._on_tick)
        controller.document.replaced.connect(self._forget_curves)
        controller.opened.connect(self._forget_curves)
        controller.opened.connect(self._on_opened)
        controller.woken.connect(self.wake)
        example.changed.connect(self._on_example)
        self.question.changed.connect(self._on_example)

    @property
    def running(self) -> bool:
        """Whether it ticks."""
        return self._timer.isActive()

    def wake(self) -> None:
        """Something may change: tick for a while."""
        self._awake_until = time.perf_counter() + REST_SECONDS
        self._owed = OWED
        if not self._hidden and not self._timer.isActive():
            self._timer.start()

    def keep_moving(self, what: str, moving: bool) -> None:
        """Go on ticking for an animation, named, until it says that it has ended."""
        (self._moving.add if moving else self._moving.discard)(what)
        if moving:
            self.wake()

    def set_hidden(self, hidden: bool) -> None:
        """The window is not to be seen: stop; or is again."""
        self._hidden = hidden
        if hidden:
            self._timer.stop()
        else:
            self.wake()

    def _on_tick(self) -> None:
        now = time.perf_counter()
        self._settle_pace()
        self._take()
        self.tick.emit(now)
        self._owed = max(self._owed - 1, 0)
        if now > self._awake_until and not self._expects:
            self._timer.stop()
            return
        curves = now - self._curves_at >= (FLAT_OUT_CURVE_SECONDS if self._flat_out else CURVE_SECONDS)
        if curves:
            self._curves_at = now
        self.controller.worker.request_snapshot(gradients=self.wants_gradients, curves=curves)

    def _forget_curves(self) -> None:
        """They are of another run: charts that are made from now on must not begin with them."""
        self.curves = {}

    @property
    def _expects(self) -> bool:
        """Whether something moves, or was asked for and has not come: the event loop may have stalled."""
        late = self.controller.run >= 0 and (
            self._snapshot is None or self._snapshot.run != self.controller.run
        )
        return self.controller.playing or bool(self._moving) or late or self._owed > 0

    @property
    def _flat_out(self) -> bool:
        return self.controller.playing and self.controller.pace == math.inf

    def _settle_pace(self) -> None:
        interval = FLAT_OUT_FRAME_MS if self._flat_out else FRAME_MS
        if self._interval != interval:
            self._interval = interval
            self._timer.setInterval(interval)

    def _take(self) -> None:
        snapshot = self.controller.worker.mailbox.take()
        if snapshot is None or snapshot.run != self.controller.run or self.controller.data is None:
            return
        if snapshot.curves:
            self.curves = snapshot.curves
            self.curves_ready.emit(self.curves)
        previous, self._snapshot = self._snapshot, snapshot
        if previous is None or _differs(previous, snapshot):
            self._awake_until = max(self._awake_until, time.perf_counter() + REST_SECONDS)
            self._show()

    def _on_opened(self) -> None:
        self._snapshot = None
        assert self.controller.data is not None
        if self.example.data is not self.controller.data:
            self.example.use(self.controller.data)
        self.wake()

    def _on_example(self) -> None:
        if self._snapshot is not None and self._snapshot.run == self.controller.run:
            self._show()
        self.wake()

    def _show(self) -> None:
        snapshot, data = self._snapshot, self.controller.data
        assert snapshot is not None
        assert data is not None
        if self.example.data is not data:
            self.example.use(data)
        probe = self._probe_for(snapshot)
        probe.show(snapshot.parameters, snapshot.state)
        held = self.question.held.kept(probe.network.design)
        shown = self.example.inputs, self.example.targets
        number = self.example.index + 1

        def passing() -> Trace:
            probe.show(snapshot.parameters, snapshot.state)  # it may have been shown a later one
            return probe.trace(*shown, held, step=snapshot.step, example=number)

        self.frame = Frame(
            snapshot,
            passing,
            probe.network,
            self.controller.project,
            data,
            self.example.split_name,
            self.example.index,
            held,
        )
        self.frame_ready.emit(self.frame)

    def _probe_for(self, snapshot: Snapshot) -> Probe:
        if self._probe is None or self._probe_run != snapshot.run:
            project = self.controller.project
            config = project.training
            self._probe = Probe(
                compile_network(
                    project.design, config.loss, dtype=config.precision, parameters=snapshot.parameters
                )
            )
            self._probe_run = snapshot.run
        return self._probe


def _differs(old: Snapshot, new: Snapshot) -> bool:
    return (
        (old.run, old.step, old.phase, old.playing) != (new.run, new.step, new.phase, new.playing)
        or old.revision != new.revision
        or old.evaluations != new.evaluations
        or (old.gradients is None) != (new.gradients is None)
    )
