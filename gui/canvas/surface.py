"""The pictures of one bundle at one zoom: its resting synapses, what flows in a wave, the marks it leaves.

A surface covers a region of device pixels; its synapses are worked out once, off the GUI thread.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QRectF, QRunnable, QThreadPool, Signal
from PySide6.QtGui import QImage

from gui.canvas.boxes import Bundle, Points
from gui.canvas.color import ColorTable, ScaleLimit
from gui.canvas.mapping import SPARSE, Mapping, paint, work_out
from gui.canvas.pulse import Pulse
from gui.canvas.scatter import COMBS, TURNS
from gui.canvas.strokes import Strokes
from gui.canvas.tracks import BuildCancelledError

Array = NDArray[Any]


@dataclass(frozen=True)
class Region:
    """A window of device pixels: left, top, width, height; zoom is device pixels per scene unit.

    Device pixels are counted from the scene's origin, so that panning by whole pixels keeps a region.
    """

    left: int
    top: int
    width: int
    height: int
    zoom: float
    ratio: float

    def place(self, points: Points) -> Points:
        """Return scene points (n, 2) in pixels of the region."""
        return np.asarray(points * self.zoom - (self.left, self.top))

    @property
    def scene_rect(self) -> QRectF:
        """What it covers, in scene units."""
        z = self.zoom
        return QRectF(self.left / z, self.top / z, self.width / z, self.height / z)

    def contains(self, other: Region) -> bool:
        """Whether it covers all of another one at the same zoom."""
        return (
            self.zoom == other.zoom
            and self.ratio == other.ratio
            and self.left <= other.left
            and self.top <= other.top
            and self.left + self.width >= other.left + other.width
            and self.top + self.height >= other.top + other.height
        )


def is_sparse(bundle: Bundle) -> bool:
    """Whether a bundle is drawn as single curves."""
    return len(bundle) <= SPARSE


class Surface:
    """The pictures of a bundle (or of some of its synapses) in a region.

    Attributes:
        region: where; mapping: which pixel sees which synapses; image: the synapses at rest.
        pulse, marks: what a wave shows now, and what it leaves; pulse_image, marks_image: the same for Qt.
    """

    def __init__(self, mapping: Mapping, region: Region) -> None:
        self.mapping, self.region = mapping, region
        self.picture = np.zeros(mapping.shape, np.uint32)
        self.image = image_over(self.picture)
        self._turn = 0  # whose turn it is among the combs
        self._pulses: dict[str, tuple[Pulse, QImage]] = {}

    @property
    def sparse(self) -> bool:
        """Whether it draws single curves."""
        return isinstance(self.mapping, Strokes)

    def pulse(self, name: str) -> tuple[Pulse, QImage]:
        """One of the moving pictures, "flow" or "marks", and the image of what it shows."""
        if name not in self._pulses:
            made = Pulse(self.mapping.shape)
            self._pulses[name] = made, image_over(made.shown)
        return self._pulses[name]

    def drop_pulses(self) -> None:
        """Give back the memory of the moving pictures."""
        self._pulses.clear()

    def paint(self, values: Array, table: ColorTable, scale: ScaleLimit, out: Array | None = None) -> bool:
        """Paint values (synapses,) into `out` or the resting picture; True if the scale moved."""
        return paint(self.mapping, values, table, scale, self.picture if out is None else out)

    def paint_comb(self, values: Array, table: ColorTable, scale: ScaleLimit) -> bool:
        """Paint values (synapses,) into the next comb of the resting picture; True if the scale moved.

        After as many calls as there are combs the whole picture is renewed; if the scale moves, at once.
        """
        comb = TURNS[self._turn]
        self._turn = (self._turn + 1) % COMBS
        moved = paint(self.mapping, values, table, scale, self.picture, (comb,), follow=self._turn == 0)
        if moved:
            paint(self.mapping, values, table, scale, self.picture, follow=False)
        return moved


def image_over(array: NDArray[np.uint32]) -> QImage:
    """Return a picture that shares the memory of an array (rows, columns), which must outlive it."""
    rows, columns = array.shape
    made = QImage(array.data, columns, rows, columns * 4, QImage.Format.Format_ARGB32_Premultiplied)
    made.ndarray = array  # type: ignore[attr-defined]  # keeps the memory alive
    return made


def build(
    bundle: Bundle, region: Region, cancelled: Callable[[], bool] | None = None, ids: Array | None = None
) -> Surface:
    """Work out a surface of a bundle, or of some of its synapses."""
    starts, ends = region.place(bundle.starts), region.place(bundle.ends)
    if ids is not None:
        starts, ends = starts[ids], ends[ids]
    size = region.width, region.height
    mapping = work_out(starts, ends, size, region.ratio, is_sparse(bundle), cancelled)
    return Surface(mapping, region)


class Builder(QObject):
    """Builds surfaces in a thread of its own, newest wish first forgotten: a key has one job at a time.

    Signals:
        built(str, Surface): the key and what was built.
    """

    built = Signal(str, object)
    _done = Signal(str, int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._pool.setThreadPriority(self.thread().Priority.LowPriority)
        self._current: dict[str, int] = {}
        self._wanted: dict[str, Region] = {}
        self._count = 0
        self._closed = False
        self._done.connect(self._on_done)  # queued: it comes from the pool's thread

    @property
    def busy(self) -> bool:
        """Whether something is being built."""
        return bool(self._current)

    def request(self, key: str, bundle: Bundle, region: Region) -> None:
        """Build a surface; an earlier wish under the same key is forgotten."""
        if self._wanted.get(key) == region and key in self._current:
            return
        self._count += 1
        token = self._count
        self._current[key], self._wanted[key] = token, region
        self._pool.start(_Job(self, key, token, bundle, region))

    def forget(self, key: str) -> None:
        """Nobody wants it any more."""
        self._current.pop(key, None)
        self._wanted.pop(key, None)

    def close(self) -> None:
        """Stop everything and wait for the thread."""
        self._closed = True
        self._current.clear()
        self._pool.clear()
        self._pool.waitForDone(5000)

    def is_cancelled(self, key: str, token: int) -> bool:
        """Asked by the job, in its thread."""
        return self._closed or self._current.get(key) != token

    def _on_done(self, key: str, token: int, surface: Surface | None) -> None:
        if self._closed or self._current.get(key) != token:
            return
        self.forget(key)
        if surface is not None:
            self.built.emit(key, surface)


class _Job(QRunnable):
    def __init__(self, builder: Builder, key: str, token: int, bundle: Bundle, region: Region) -> None:
        super().__init__()
        self._builder, self._key, self._token = builder, key, token
        self._bundle, self._region = bundle, region

    def run(self) -> None:
        def cancelled() -> bool:
            return self._builder.is_cancelled(self._key, self._token)

        if cancelled():
            return
        try:
            surface = build(self._bundle, self._region, cancelled)
        except BuildCancelledError:
            return
        with contextlib.suppress(RuntimeError):  # the canvas is gone, and its builder with it
            self._builder._done.emit(self._key, self._token, surface)
