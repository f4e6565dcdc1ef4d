"""The window's side of painting aside: starts the process, gives it bundles, takes back their pictures."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QObject, QProcess, QProcessEnvironment, QTimer, Signal
from PySide6.QtGui import QImage

import gui
from gui.canvas.aside.process import PAINTED
from gui.canvas.aside.sheet import Sheet, forget, new_sheet
from gui.canvas.color import ColorTable
from gui.canvas.items.bundle import BundleItem
from gui.canvas.surface import Surface, image_over

ARGUMENT = "--paint-aside"  # as `main` knows it: makes the built program the process that paints

_DELAY = 1.0  # seconds of being asked before a process is worth its start
_PAUSE = 0.5  # seconds without being asked: it begins anew
_SLOW, _LATE = 0.3, 10.0  # seconds after which an answer is not waited for, and will not come at all
_IDLE_MS = 20_000  # without being asked: it is ended
_END_MS = 1000


@dataclass
class Part:
    """One bundle as the process knows it."""

    item: BundleItem
    surface: Surface
    table: ColorTable
    sheet: Sheet
    images: tuple[QImage, QImage]
    taken: bool = False


class Painter(QObject):
    """Has bundles painted by a process of its own.

    Signals:
        scaled(): the scale of a bundle has moved.
    """

    scaled = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._running = False
        self._heard = b""  # of an answer that has not come whole
        self._parts: dict[str, Part] = {}
        self._asked_at = self._asked_since = self._ordered_at = -1e9
        self._painting: tuple[str, ...] = ()  # keys
        self._files: list[str] = []  # that could not be removed while they were in use
        self._closed = _processors() < 2
        self._idle = QTimer(self, interval=_IDLE_MS)
        self._idle.timeout.connect(self._on_idle)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.close)

    @property
    def busy(self) -> bool:
        """Whether it is painting."""
        return bool(self._painting)

    def prepare(self, items: Sequence[BundleItem], now: float) -> bool:
        """Whether it can paint all of these from now on; what it lacks it begins to fetch: ask at every tick.

        While the process is slow, the window had better paint by itself.
        """
        if self._closed:
            return False
        if now - self._asked_at > _PAUSE:
            self._asked_since = now
        self._asked_at = now
        if now - self._asked_since < _DELAY:
            return False
        if self._process is None:
            self._start()
        if not self._running or (self.busy and self._is_late(now)):
            return False
        self._drop_all_but({item.key for item in items})
        known = [self._knows(item) for item in items]
        return all(known)

    def _is_late(self, now: float) -> bool:
        """Whether its answer should have come; one that will never come ends it."""
        if now - self._ordered_at > _LATE:
            self._on_answer()  # it may be there, but the window has slept
            if self.busy:
                self.close()
        return self.busy and now - self._ordered_at > _SLOW

    def paint(self, items: Sequence[BundleItem]) -> None:
        """Have the values of bundles that it is ready for painted; each is handed its picture."""
        for item in items:
            assert item.values is not None
            sheet = self._parts[item.key].sheet
            copy(item.values, sheet.values)
            sheet.limit[0] = item.color_scale.limit
            sheet.side[0] ^= 1
            item.awaits = True
        self._painting, self._ordered_at = tuple(item.key for item in items), time.perf_counter()
        self._order({"paint": self._painting})

    def close(self) -> None:
        """End the process; nothing is painted aside any more."""
        self._closed = True
        self._end()

    def _end(self) -> None:
        """End the process, until it is needed again."""
        self._idle.stop()
        self._painting, self._running, self._heard = (), False, b""
        process, self._process = self._process, None
        if process is not None:
            process.blockSignals(True)
            process.kill()  # it has nothing to lose
            process.waitForFinished(_END_MS)
            process.deleteLater()
        self._drop_all_but(set())
        self._files = [path for path in self._files if not forget(path)]

    def _on_idle(self) -> None:
        """Give its memory back if nobody has asked for long."""
        if time.perf_counter() - self._asked_at > _IDLE_MS / 1000:
            self._end()

    def _start(self) -> None:
        process = self._process = QProcess(self)
        process.started.connect(self._on_started)
        process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        process.readyReadStandardOutput.connect(self._on_answer)
        process.errorOccurred.connect(self.close)
        process.finished.connect(self.close)
        if getattr(sys, "frozen", False):
            process.start(sys.executable, [ARGUMENT])
        else:
            environment = QProcessEnvironment.systemEnvironment()
            found = str(Path(gui.__file__).parent.parent), environment.value("PYTHONPATH")
            environment.insert("PYTHONPATH", os.pathsep.join(filter(None, found)))
            process.setProcessEnvironment(environment)
            process.start(sys.executable, ["-P", "-m", "gui.canvas.aside.process"])  # -P: no module from here
        self._idle.start()

    def _on_started(self) -> None:
        self._running = True

    def _knows(self, item: BundleItem) -> bool:
        """Whether it has a bundle as it is now; else it is told."""
        part, values = self._parts.get(item.key), item.values
        same = part is not None and part.surface is item.surface and part.table is item.table
        if part is None or not same or values is None or part.sheet.values.dtype != values.dtype:
            if not self.busy and not self._closed:  # else it would answer for the new sheet with the old one
                self._give(item)
            return False
        return part.taken

    def _give(self, item: BundleItem) -> None:
        surface, bundle = item.surface, item.bundle
        assert surface is not None
        assert item.values is not None
        self._drop(item.key)
        region, (rows, columns) = surface.region, surface.mapping.shape
        try:
            sheet = new_sheet(
                synapses=len(bundle), precision=str(item.values.dtype), rows=rows, columns=columns,
                width=region.width, height=region.height, ratio=region.ratio,
            )  # fmt: skip
        except OSError:
            self.close()
            return
        sheet.starts[:], sheet.ends[:] = region.place(bundle.starts), region.place(bundle.ends)
        sheet.write_table(item.table)
        images = image_over(sheet.pictures[0]), image_over(sheet.pictures[1])
        self._parts[item.key] = Part(item, surface, item.table, sheet, images)
        self._order({"take": item.key, **asdict(sheet.form)})

    def _drop_all_but(self, keys: set[str]) -> None:
        for key in self._parts.keys() - keys:
            self._drop(key)

    def _drop(self, key: str) -> None:
        part = self._parts.pop(key, None)
        if part is not None:
            if not forget(part.sheet.form.path):
                self._files.append(part.sheet.form.path)
            self._order({"drop": key})

    def _order(self, order: dict[str, Any]) -> None:
        if self._process is not None:
            self._process.write(json.dumps(order).encode() + b"\n")

    def _on_answer(self) -> None:
        if self._process is None:
            return
        *lines, self._heard = (self._heard + self._process.readAllStandardOutput().data()).split(b"\n")
        for line in lines:
            if line == PAINTED:
                self._show()
                continue
            taken = json.loads(line).get("taken")
            for part in self._parts.values():
                part.taken |= part.sheet.form.path == taken

    def _show(self) -> None:
        """Hand the pictures over, if they are still wanted."""
        painted, self._painting = self._painting, ()
        moved = False
        for key in painted:
            part = self._parts.get(key)
            if part is None or not part.item.awaits or part.item.surface is not part.surface:
                continue
            sheet = part.sheet
            moved |= part.item.take_picture(part.images[sheet.side[0]], float(sheet.limit[0]))
        if moved:
            self.scaled.emit()


def copy(source: NDArray[Any], target: NDArray[Any]) -> None:
    """Copy an array into another, both contiguous, without giving the interpreter back.

    To get it again may take longer. Another precision, rarely, is converted.
    """
    if source.dtype != target.dtype:
        target[:] = source
    else:
        target.data.cast("B")[:] = source.data.cast("B")


def _processors() -> int:
    """Return how many processors this program may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
