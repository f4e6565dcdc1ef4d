"""Kills the real window while somebody edits and saves in it, at random moments, and counts what is lost.

`python -m benchmarks.crash` kills 20 times (`kill -9`, no display needed); the last line says whether the
project opened at every next start, with unsaved work offered back, and how many seconds of edits were lost at
most. Each round goes on from what the one before has left, as a person would.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.design import Project
from engine.examples import example_project
from engine.files import FileFault, backup_of, load_project, save_project

ROOT = Path(__file__).resolve().parent.parent
ALLOWED_SECONDS = 5.0
PATIENCE_SECONDS = 180.0
FILE = "work.synapscope"


@dataclass(frozen=True)
class Outcome:
    """What one kill has left, and what the next start made of it.

    `edits` is the number of the last edit, `lost_edits` how many of them were not offered back, `lost` in how
    many seconds those were made; `doing` is what was being written at that moment; `offered` says whether the
    next start offered work back.
    """

    lived: float
    doing: str = ""
    edits: int = 0
    lost_edits: int = 0
    lost: float = 0.0
    offered: bool = False
    fault: str = ""


@dataclass
class Diary:
    """What was written down before each thing was done: the start and the last edit, with their times."""

    started: float = 0.0
    started_with: int = 0
    edited: float = 0.0
    edits: int = 0
    doing: str = "editing"
    faults: list[str] = field(default_factory=list)


def experiment(folder: Path, kills: int, seed: int, longest: float, example: str) -> Iterator[Outcome]:
    """Kill `kills` times, up to `longest` seconds after the work began, and start once more after each."""
    rng = random.Random(seed)
    save_project(folder / FILE, _project(example))
    killed: tuple[Outcome, Diary] | None = None
    for number in range(kills + 1):
        lives = rng.uniform(0.05, longest) if number < kills else 0.0
        started, diary, fault = _run(folder, rng.randrange(2**32), lives)
        if killed is not None:
            yield _judged(*killed, started, fault if started is None else "")
        if started is None:
            break
        faults = [fault] * bool(fault) + diary.faults + _unreadable(folder)
        killed = Outcome(lives, doing=diary.doing, edits=diary.edits, fault="; ".join(faults)), diary


def failures(outcomes: list[Outcome]) -> list[str]:
    """What went wrong, in words."""
    too_much = [f"{item.lost:.2f} s of edits were lost" for item in outcomes if item.lost > ALLOWED_SECONDS]
    return [item.fault for item in outcomes if item.fault] + too_much


def _run(folder: Path, seed: int, lives: float) -> tuple[dict[str, Any] | None, Diary, str]:
    """Start the window, let it live for a while and kill it: what it said, its diary, what went wrong."""
    command = [sys.executable, "-m", "benchmarks.crash_window", str(folder), str(seed)]
    home = folder / "home"
    environment = {
        **os.environ,
        "HOME": str(home),
        "SYNAPSCOPE_HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "QT_QPA_PLATFORM": "offscreen",
    }
    with (
        open(folder / "errors", "wb") as errors,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=errors) as window,
    ):
        line = _first_line(window)
        time.sleep(lives)
        window.send_signal(signal.SIGKILL)
        window.wait()
    if not line:
        said = (folder / "errors").read_text(errors="replace").strip().splitlines()
        return None, Diary(), f"the window did not open the project ({said[-1] if said else 'no word'})"
    fault = "" if window.returncode == -signal.SIGKILL else "the program died by itself"
    return json.loads(line), _read_diary(folder), fault


def _first_line(window: subprocess.Popen[bytes]) -> bytes:
    """What it says when its project is open; nothing if that takes too long."""
    assert window.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(window.stdout, selectors.EVENT_READ)
        return window.stdout.readline() if selector.select(PATIENCE_SECONDS) else b""


def _judged(outcome: Outcome, diary: Diary, started: dict[str, Any] | None, fault: str) -> Outcome:
    """The outcome, now that the next start has opened what was left."""
    faults = [outcome.fault] * bool(outcome.fault) + [fault] * bool(fault)
    if started is None:
        return replace(outcome, fault="; ".join(faults))
    if started["edit"] < diary.started_with:
        faults.append("work was lost that was there at the start")
    if started["banner"]:
        faults.append(started["banner"])
    lost_edits = diary.edits - started["edit"]
    since = max(started["at"], diary.started)
    return replace(
        outcome,
        lost_edits=lost_edits,
        lost=max(0.0, diary.edited - since) if lost_edits else 0.0,
        offered=any(offer["newer"] for offer in started["offers"]),
        fault="; ".join(faults),
    )


def _unreadable(folder: Path) -> list[str]:
    """Which of the project's files cannot be read: neither it nor its backup may ever be half written."""
    faults = []
    for path in (folder / FILE, backup_of(folder / FILE)):
        try:
            if path.exists() or path.name == FILE:
                load_project(path)
        except FileFault as fault:
            faults.append(str(fault))
    return faults


def _read_diary(folder: Path) -> Diary:
    """The part of the diary that tells of the last start."""
    found, doing = Diary(), []
    for line in (folder / "diary").read_text().splitlines():
        word, *rest = line.split()
        if word == "start":
            found, doing = Diary(float(rest[0]), int(rest[1]), edits=int(rest[1])), []
        elif word == "edit":
            found.edited, found.edits = float(rest[0]), int(rest[1])
        elif word == "begin":
            doing.append(rest[0])
        elif word == "end" and rest[0] in doing:
            doing.remove(rest[0])
        elif word == "fault":
            found.faults.append(" ".join(rest))
    found.doing = " and ".join(doing) or "editing"
    return found


def _project(example: str) -> Project:
    return replace(example_project(example), about=json.dumps({"edit": 0, "at": time.time()}))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--longest", type=float, default=5.0, help="seconds of work until a kill, at most")
    parser.add_argument("--example", default="circle", help="the network that is worked on")
    arguments = parser.parse_args()
    begin = time.perf_counter()
    outcomes: list[Outcome] = []
    print("kill   after   last edit  offered back  edits lost  in        killed while", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for item in experiment(
            Path(folder), arguments.kills, arguments.seed, arguments.longest, arguments.example
        ):
            outcomes.append(item)
            offered = "yes" if item.offered else "no"
            print(
                f"{len(outcomes):4}  {item.lived:5.2f} s  {item.edits:10,}  {offered:12}  "
                f"{item.lost_edits:10}  {item.lost:6.2f} s  {item.doing}  {item.fault}",
                flush=True,
            )
    wrong = failures(outcomes)
    if len(outcomes) < arguments.kills:
        wrong.append(f"only {len(outcomes)} kills could be done")
    within = sum(item.doing != "editing" for item in outcomes)
    print(f"{within} of {len(outcomes)} kills hit a file being written; {time.perf_counter() - begin:.0f} s.")
    most = max((item.lost for item in outcomes), default=0.0)
    print("; ".join(wrong) or f"The project opened every time; at most {most:.2f} s of edits were lost.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
