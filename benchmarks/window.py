"""The window's price: training with the live picture beside the same training without a window.

    xvfb-run -a -s "-screen 0 1280x800x24" uv run python -m benchmarks.window [--seconds 10] [--pairs 5]

The default example plays at full speed, waves on, all synapses drawn from current weights; alternately
without a window, with the same worker and the same measuring of accuracy. Each run is a process of its own.
It prints steps a second of every pair and the median ratio; frames a second (new numbers for whoever shows
them), how many times a second every bundle of synapses was drawn from new weights (that which was drawn least
often; a quarter of its pixels counts as once where they are painted in the window's process), and the worst
event-loop stall after start-up.

    … python -m benchmarks.window --endure 30

plays for so many minutes in the window and prints memory (of the process that paints as well) and reference
counts each minute, with the slope of memory from minute 5 on.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from itertools import pairwise
from statistics import median
from typing import Any

SETTLE_SECONDS = 3.0


def without_window(example: str, seconds: float) -> dict[str, Any]:
    """Train at full speed with the worker alone."""
    from engine.examples import example_project
    from engine.training.events import Opened
    from engine.training.worker import Worker

    worker = Worker()
    worker.start()
    worker.open(example_project(example))
    while not isinstance(worker.events.get(timeout=60), Opened):
        pass
    worker.play()
    time.sleep(SETTLE_SECONDS)
    start, first = time.perf_counter(), _step(worker)
    time.sleep(seconds)
    steps = _step(worker) - first
    elapsed = time.perf_counter() - start
    worker.close()
    return {"steps_per_second": steps / elapsed}


def with_window(example: str, seconds: float) -> dict[str, Any]:
    """Train at full speed in the real window, waves on."""
    from PySide6.QtCore import QTimer

    from gui.canvas.items.bundle import BundleItem
    from gui.self_test import StallWatch

    renewed: Counter[str] = Counter()  # how often each bundle got a picture from newer weights

    def count(name: str) -> None:
        plain = getattr(BundleItem, name)

        def counted(item: BundleItem, *arguments: Any) -> Any:
            renewed[item.key] += 1
            return plain(item, *arguments)

        setattr(BundleItem, name, counted)

    for way in ("take_picture", "repaint_comb"):
        count(way)
    laboratory = _open(example)
    clock = laboratory.clock
    frames: list[float] = []
    marks: list[tuple[float, int]] = []
    painted: list[int] = []
    stalls = StallWatch()
    clock.frame_ready.connect(lambda _frame: frames.append(time.perf_counter()))

    def begin() -> None:
        marks.append((time.perf_counter(), clock.frame.snapshot.step))
        frames.clear()
        renewed.clear()
        stalls.start()
        QTimer.singleShot(int(seconds * 1000), end)

    def end() -> None:
        marks.append((time.perf_counter(), clock.frame.snapshot.step))
        keys = [item.key for item in laboratory.window.canvas.canvas.bundles.values()]
        painted.append(min(renewed[key] for key in keys))
        stalls.stop()
        _quit()

    _play_when_ready(laboratory)
    QTimer.singleShot(int(SETTLE_SECONDS * 1000) + 3000, begin)
    _exec()
    laboratory.end()
    (t0, s0), (t1, s1) = marks
    elapsed = t1 - t0
    return {
        "steps_per_second": (s1 - s0) / elapsed,
        "frames_per_second": len(frames) / elapsed,
        "drawn_per_second": painted[0] / elapsed,
        "worst_frame_ms": 1000 * max(b - a for a, b in pairwise(frames)),
        "worst_stall_ms": 1000 * stalls.worst,
    }


def endure(example: str, minutes: float) -> int:
    """Play in the window for a long time and watch memory and reference counts."""
    import numpy as np
    import psutil
    from PySide6.QtCore import QTimer

    laboratory = _open(example)
    process = psutil.Process()
    rows: list[tuple[float, float, int, int]] = []
    start = time.perf_counter()

    def note() -> None:
        minute = (time.perf_counter() - start) / 60
        memory = sum(p.memory_info().rss for p in (process, *process.children()))
        row = (minute, memory / 2**20, sys.getrefcount(None), sys.getrefcount(True))
        rows.append(row)
        frame = laboratory.clock.frame
        step = frame.snapshot.step if frame else 0
        print(
            f"minute {row[0]:5.1f}  {row[1]:7.1f} MB  None {row[2]}  True {row[3]}  step {step:,}", flush=True
        )
        if minute >= minutes:
            _quit()

    timer = QTimer(interval=60_000)
    timer.timeout.connect(note)
    timer.start()
    _play_when_ready(laboratory)
    _exec()
    laboratory.end()
    late = np.array([row for row in rows if row[0] >= min(5.0, minutes / 2)])
    for name, column in (("memory (MB)", 1), ("references to None", 2), ("references to True", 3)):
        print(f"slope of {name} a minute: {np.polyfit(late[:, 0], late[:, column], 1)[0]:.3f}")
    return 0


def main(argv: list[str]) -> int:
    """Alternate the two, or endure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--example", default="mnist-16-16")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--endure", type=float, metavar="MINUTES")
    parser.add_argument("--only", choices=("with", "without"), help=argparse.SUPPRESS)
    chosen = parser.parse_args(argv)
    if chosen.endure:
        with Home():
            return endure(chosen.example, chosen.endure)
    if chosen.only:
        measure = with_window if chosen.only == "with" else without_window
        print(json.dumps(measure(chosen.example, chosen.seconds)))
        return 0
    return _compare(chosen.example, chosen.seconds, chosen.pairs)


def _compare(example: str, seconds: float, pairs: int) -> int:
    ratios = []
    for number in range(1, pairs + 1):
        alone = _run("without", example, seconds)
        seen = _run("with", example, seconds)
        ratios.append(seen["steps_per_second"] / alone["steps_per_second"])
        print(
            f"pair {number}: without {alone['steps_per_second']:,.0f} steps/s, with "
            f"{seen['steps_per_second']:,.0f} ({100 * ratios[-1]:.0f}%); "
            f"{seen['frames_per_second']:.1f} frames/s, synapses {seen['drawn_per_second']:.1f} times/s; "
            f"worst frame {seen['worst_frame_ms']:.0f} ms, worst stall {seen['worst_stall_ms']:.0f} ms",
            flush=True,
        )
    print(f"median: training keeps {100 * median(ratios):.1f}%")
    return 0


def _run(which: str, example: str, seconds: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.window", "--only", which]
    command += ["--example", example, "--seconds", str(seconds)]
    with Home():
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


class Home(tempfile.TemporaryDirectory):  # type: ignore[type-arg]
    """A settings folder of its own, so that nobody's settings count or change."""

    def __enter__(self) -> str:
        folder = super().__enter__()
        os.environ["SYNAPSCOPE_HOME"] = folder
        return folder


def _step(worker: Any) -> int:
    worker.mailbox.take()
    worker.request_snapshot()
    while (snapshot := worker.mailbox.take()) is None:
        time.sleep(0.0005)
    step: int = snapshot.step
    return step


def _open(example: str) -> Any:
    from gui.app import Laboratory, application

    application()
    laboratory = Laboratory()
    laboratory.window.resize(1280, 800)
    laboratory.start(example=example)
    laboratory.training.set_pace(float("inf"))
    return laboratory


def _play_when_ready(laboratory: Any) -> None:
    from PySide6.QtCore import QTimer

    def look() -> None:
        if laboratory.clock.frame is not None and laboratory.window.canvas.is_settled:
            timer.stop()
            laboratory.window.canvas.set_waves(True)
            laboratory.training.toggle()

    timer = QTimer(laboratory, interval=50)
    timer.timeout.connect(look)
    timer.start()


def _exec() -> None:
    from gui.app import application

    application().exec()


def _quit() -> None:
    from gui.app import application

    application().exit()  # quit() would ask about the unsaved weights


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.setswitchinterval(0.0002)
    sys.exit(main(sys.argv[1:]))
