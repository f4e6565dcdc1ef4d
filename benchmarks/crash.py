"""Kills a program that edits, saves and autosaves, at random moments, and counts what is lost.

`python -m benchmarks.crash` kills 20 times; the last line says whether every file opened and at most five
seconds of edits were lost. Each round goes on from what the one before has left, as a person would.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine.datasets.base import Data, Split
from engine.design import DataConfig, Project, TrainingConfig, chain
from engine.files import Autosave, backup_of, find_abandoned, load_project, save_project
from engine.optimizers.adaptive import Adam
from engine.training.resuming import resume
from engine.training.session import Session

ROOT = Path(__file__).resolve().parent.parent
ALLOWED_SECONDS = 5.0
AUTOSAVE_SECONDS = 2.5  # as the window does it


@dataclass(frozen=True)
class Outcome:
    """What one kill has left.

    `edits` is the number of the last edit, `lost_edits` how many of them are in no file, `lost` in how many
    seconds those were made; `opened` counts files, `doing` is what was being written at that moment.
    """

    lived: float
    doing: str = ""
    edits: int = 0
    opened: int = 0
    lost_edits: int = 0
    lost: float = 0.0
    recovered: bool = False
    fault: str = ""


@dataclass
class Diary:
    """What the victim wrote down before each thing it did: the start and the last edit, with their times."""

    started: float = 0.0
    started_with: int = 0
    edited: float = 0.0
    edits: int = 0
    doing: str = "editing"


def experiment(
    folder: Path, kills: int, seed: int, longest: float, autosave: float, units: tuple[int, int]
) -> list[Outcome]:
    """Kill `kills` times after up to `longest` seconds, with an autosave every `autosave` seconds.

    The network has two hidden layers of `units`: a large one takes longer to write.
    """
    rng = random.Random(seed)
    save_project(folder / "work.synapscope", _project(units))
    return [_round(folder, rng, rng.uniform(0.05, longest), autosave) for _ in range(kills)]


def failures(outcomes: list[Outcome]) -> list[str]:
    """What went wrong, in words."""
    too_much = [f"{item.lost:.2f} s of edits were lost" for item in outcomes if item.lost > ALLOWED_SECONDS]
    return [item.fault for item in outcomes if item.fault] + too_much


# -- the one who kills


def _round(folder: Path, rng: random.Random, lives: float, autosave: float) -> Outcome:
    command = [sys.executable, "-m", "benchmarks.crash", "--victim", str(folder), str(autosave)]
    command += [str(rng.randrange(2**32))]
    environment = {**os.environ, "SYNAPSCOPE_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as victim:
        assert victim.stdout is not None
        ready = victim.stdout.readline()
        time.sleep(lives)
        victim.send_signal(signal.SIGKILL)
        victim.wait()
    if ready != b"ready\n" or victim.returncode != -signal.SIGKILL:
        return Outcome(lives, fault="the program died by itself")
    return _look(folder, lives)


def _look(folder: Path, lives: float) -> Outcome:
    """Open everything that is there, and compare the newest of it with the last edit."""
    diary = _read_diary(folder)
    path = folder / "work.synapscope"
    recoveries = [item.path for item in find_abandoned(folder=folder / "home" / "autosave")]
    opened, faults = {}, []
    for place in (path, backup_of(path), *recoveries):
        if place.exists() or place == path:
            try:
                opened[place] = json.loads(load_project(place).project.about)
            except Exception as error:
                faults.append(f"{place.name}: {error}")
    if not opened:
        return Outcome(lives, fault="; ".join(faults))
    newest = max(
        (place for place in opened if place != backup_of(path) or len(opened) == 1),
        key=lambda at: opened[at]["edit"],
    )
    kept = opened[newest]
    if kept["edit"] < diary.started_with:
        faults.append("work was lost that was there at the start")
    return Outcome(
        lived=lives,
        doing=diary.doing,
        edits=diary.edits,
        opened=len(opened),
        lost_edits=diary.edits - kept["edit"],
        lost=max(0.0, diary.edited - max(kept["at"], diary.started)),
        recovered=newest in recoveries,
        fault="; ".join(faults),
    )


def _read_diary(folder: Path) -> Diary:
    found, doing = Diary(), []
    for line in (folder / "diary").read_text().splitlines():
        word, *rest = line.split()
        if word == "start":
            found = Diary(started=float(rest[0]), started_with=int(rest[1]), edits=int(rest[1]))
            doing = []
        elif word == "edit":
            found.edited, found.edits = float(rest[0]), int(rest[1])
        elif word == "begin":
            doing.append(rest[0])
        elif word == "end":
            doing.remove(rest[0])
    found.doing = " and ".join(doing) or "editing"
    return found


# -- the one who is killed


class Victim:
    """A program without a window: it trains, edits, saves now and then, autosaves in a thread."""

    def __init__(self, folder: Path, autosave_every: float, seed: int) -> None:
        self.path = folder / "work.synapscope"
        self.rng = random.Random(seed)
        self.every = autosave_every
        self.diary = os.open(folder / "diary", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.thread = ThreadPoolExecutor(1)
        self.writing: Future[None] | None = None
        self.autosave = Autosave(self.path)
        found = self._open()
        self.edits = json.loads(found.project.about)["edit"]
        data = _data()
        if found.checkpoint is None:
            self.session = Session(found.project, data)
        else:
            self.session = resume(found.trained, data, found.checkpoint)

    def live(self) -> None:
        """Work until killed."""
        self._write(f"start {time.time()} {self.edits}")
        print("ready", flush=True)
        autosave_at = time.perf_counter() + self.every
        while True:
            quiet_until = time.perf_counter() + self.rng.uniform(0.0, 2 * self.every)
            while time.perf_counter() < quiet_until:
                self._edit()
                if time.perf_counter() > autosave_at and (self.writing is None or self.writing.done()):
                    autosave_at = time.perf_counter() + self.every
                    self._begin_autosave()
            saving_until = time.perf_counter() + self.rng.uniform(0.0, 2 * self.every)
            while time.perf_counter() < saving_until:  # somebody who presses Ctrl+S after every change
                self._edit()
                self._save()

    def _open(self):  # type: ignore[no-untyped-def]
        """The newest of the file and of what a crash has left."""
        found = load_project(self.path)
        for recovery in find_abandoned():
            other = load_project(recovery.path)
            if json.loads(other.project.about)["edit"] > json.loads(found.project.about)["edit"]:
                found = other
                self.autosave.adopt(recovery)
            else:
                recovery.discard()
        return found

    def _edit(self) -> None:
        self.session.run(1)
        self.edits += 1
        now = time.time()
        self.session.edit(replace(self.session.project, about=json.dumps({"edit": self.edits, "at": now})))
        self._write(f"edit {now} {self.edits}")
        time.sleep(self.rng.uniform(0.0, 0.01))

    def _save(self) -> None:
        self._write("begin saving")
        save_project(self.path, self.session.project, self.session.checkpoint())
        self.autosave.discard()
        self._write("end saving")

    def _begin_autosave(self) -> None:
        project, checkpoint = self.session.project, self.session.checkpoint()
        generation = self.autosave.generation

        def write() -> None:
            self._write("begin autosaving")
            self.autosave.write(project, checkpoint, generation=generation)
            self._write("end autosaving")

        if self.writing is not None:
            self.writing.result()  # a fault must not pass unseen
        self.writing = self.thread.submit(write)

    def _write(self, line: str) -> None:
        os.write(self.diary, f"{line}\n".encode())


def _project(units: tuple[int, int]) -> Project:
    return Project(
        name="Work",
        about=json.dumps({"edit": 0, "at": time.time()}),
        design=chain((784,), (units[0], {}), (units[1], {}), (10, {"activation": "identity"})),
        training=TrainingConfig(optimizer=Adam()),
    )


def _data() -> Data:
    rng = np.random.default_rng(0)
    rows = rng.random((256, 785), np.float32)
    rows[:, 0] = 1
    labels = rng.integers(0, 10, 256)
    split = Split(rows, np.eye(10, dtype=np.float32)[labels], labels)
    names = tuple(map(str, range(10)))
    return Data(
        config=DataConfig(name="random"),
        name="random",
        title="Random",
        task="classes",
        train=split,
        test=split,
        feature_names=tuple(map(str, range(784))),
        target_names=names,
        class_names=names,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--longest", type=float, default=10.0, help="seconds until a kill, at most")
    parser.add_argument("--autosave", type=float, default=AUTOSAVE_SECONDS, help="seconds between autosaves")
    parser.add_argument("--units", type=int, nargs=2, default=(512, 256), help="of the hidden layers")
    parser.add_argument("--victim", nargs=3, metavar=("FOLDER", "AUTOSAVE", "SEED"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.victim:
        folder, every, seed = arguments.victim
        Victim(Path(folder), float(every), int(seed)).live()
    with tempfile.TemporaryDirectory() as folder:
        outcomes = experiment(
            Path(folder),
            arguments.kills,
            arguments.seed,
            arguments.longest,
            arguments.autosave,
            tuple(arguments.units),
        )
    print("kill   after   last edit  files opened  edits lost  in          newest in  killed while")
    for number, item in enumerate(outcomes, 1):
        print(
            f"{number:4}  {item.lived:5.2f} s  {item.edits:10,}  {item.opened:12}  {item.lost_edits:10}  "
            f"{item.lost:6.2f} s  {'autosave' if item.recovered else 'project':9}  {item.doing}  {item.fault}"
        )
    wrong = failures(outcomes)
    most, within = max(item.lost for item in outcomes), sum(item.doing != "editing" for item in outcomes)
    print(f"{within} of {len(outcomes)} kills hit a file being written.")
    print("; ".join(wrong) or f"Every file opened; at most {most:.2f} s of edits were lost.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
