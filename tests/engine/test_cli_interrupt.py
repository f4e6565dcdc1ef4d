"""Ctrl-C at every stage of `train`: a real SIGINT, sent at the moment when a function is called."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.cli import material, run, training
from engine.examples import example_project
from engine.files import load_project, save_project
from engine.training.session import Session

ROOT = Path(__file__).resolve().parent.parent.parent

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no signal of Ctrl-C for one process"
)


def interrupted_at(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str, *, times: int = 1, at: int = 1
) -> None:
    """Press Ctrl-C as the function is called for the `at`-th time."""
    call, calls = getattr(owner, name), []

    def pressed(*args: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == at:
            for _ in range(times):
                signal.raise_signal(signal.SIGINT)
        return call(*args, **named)

    monkeypatch.setattr(owner, name, pressed)


def train(
    capsys: pytest.CaptureFixture[str], out: Path, *what: str | Path
) -> tuple[int, dict[str, Any], str]:
    """Train and save; the exit status, the one object of the report, and what was complained of."""
    arguments = ["train", *map(str, what), "--epochs", "2000", "--save", str(out), "--json"]
    before = signal.getsignal(signal.SIGINT)
    status = run(arguments, open_window=_no_window, self_test=_no_window)
    assert signal.getsignal(signal.SIGINT) is before
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return status, json.loads(said.out), said.err.strip()


def _no_window(*_: Any, **__: Any) -> int:
    raise AssertionError


def test_while_an_example_is_loaded_it_is_saved_untrained(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "out.synapscope"
    interrupted_at(monkeypatch, material, "load_data")
    status, report, err = train(capsys, out, "--example", "xor")
    assert status == 130
    assert (report["example"], report["steps"], report["train_loss"]) == ("xor", 0, None)
    assert report["stopped_because"] == "It was interrupted (Ctrl-C) before training began."
    assert err == f"It was interrupted before training began; the network is saved in {out}, untrained."
    loaded = load_project(out)
    assert loaded.project == example_project("xor")
    assert loaded.checkpoint is None


def test_while_a_trained_project_is_loaded_it_is_saved_as_it_was(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    source, out = tmp_path / "in.synapscope", tmp_path / "out.synapscope"
    session = Session(example_project("xor"), material.load_data(example_project("xor").data))
    session.run(7)
    save_project(source, session.project, session.checkpoint())
    interrupted_at(monkeypatch, material, "load_data")
    status, report, err = train(capsys, out, source)
    assert status == 130
    assert report["steps"] == 7
    assert report["parameters"]["number"] == 9
    assert err.endswith(f"the network is saved in {out}, as it was before.")
    loaded = load_project(out)
    assert loaded.checkpoint is not None
    assert loaded.checkpoint.step == 7


def test_before_the_project_is_known_nothing_is_saved_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.synapscope"
    source.write_text("a,b\n1,0.5\n2,0.25\n")
    out.write_bytes(b"as it was")
    interrupted_at(monkeypatch, material, "load_data")
    status, report, err = train(capsys, out, source)
    assert status == 130
    assert report["parameters"] == {"number": None, "values": []}
    assert err == "It was interrupted before training began; nothing was saved."
    assert out.read_bytes() == b"as it was"


@pytest.mark.parametrize(
    ("owner", "name", "at"),
    [(Session, "advance", 1), (Session, "advance", 5), (Session, "measure", 3)],
)
def test_while_it_trains_or_measures_it_is_measured_and_saved(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    owner: object,
    name: str,
    at: int,
) -> None:
    out = tmp_path / "out.synapscope"
    interrupted_at(monkeypatch, owner, name, at=at)
    status, report, _ = train(capsys, out, "--example", "xor")
    assert status == 0
    assert report["stopped_because"] == "It was interrupted (Ctrl-C)."
    assert 0 < report["steps"] < 2000
    assert report["train_loss"] is not None
    loaded = load_project(out)
    assert loaded.checkpoint is not None
    assert loaded.checkpoint.step == report["steps"]


def test_a_second_one_leaves_the_last_measuring_out_and_still_saves(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "out.synapscope"
    interrupted_at(monkeypatch, Session, "advance", at=4)
    interrupted_at(monkeypatch, Session, "measure", at=11)  # of the training examples, the last
    status, report, _ = train(capsys, out, "--example", "xor")
    assert status == 0
    assert report["train_loss"] is None
    loaded = load_project(out)
    assert loaded.checkpoint is not None
    assert loaded.checkpoint.step == report["steps"] > 0


@pytest.mark.parametrize("name", ["save_project", "say"])
def test_while_it_saves_or_tells_nothing_is_broken_off(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    out = tmp_path / "out.synapscope"
    interrupted_at(monkeypatch, Session, "advance", at=9)
    interrupted_at(monkeypatch, training, name, times=3)
    status, report, _ = train(capsys, out, "--example", "xor")
    assert status == 0
    assert load_project(out).checkpoint is not None
    assert report["steps"] > 0


def test_after_training_has_ended_by_itself_its_own_reason_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    interrupted_at(monkeypatch, training, "save_project")
    out = tmp_path / "out.synapscope"
    arguments = ["train", "--example", "xor", "--epochs", "3", "--save", str(out), "--json"]
    assert run(arguments, open_window=_no_window, self_test=_no_window) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["stopped_because"] == "It has trained for 3 epochs, as set."
    assert load_project(out).checkpoint is not None


@pytest.mark.parametrize("moment", [0.3, 0.7, 1.5])
def test_at_any_moment_of_a_real_process_there_is_no_traceback(tmp_path: Path, moment: float) -> None:
    out = tmp_path / "out.synapscope"
    command = [sys.executable, str(ROOT / "main.py"), "train", "--example", "mnist-16-16", "--save", str(out)]
    process = subprocess.Popen(
        [*command, "--json"], text=True, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    _after_main_began(process, lambda: time.sleep(moment))
    process.send_signal(signal.SIGINT)
    said, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    assert process.returncode in (0, 130)
    assert ("steps" in json.loads(said)) if said else process.returncode == 130
    if out.exists():
        load_project(out)


def _after_main_began(process: subprocess.Popen[str], then: Callable[[], object]) -> None:
    """Python itself cannot be interrupted in silence before it runs a program: wait until it has begun to."""
    timer = threading.Timer(60, process.kill)
    timer.start()
    while os.path.exists("/proc") and "numpy" not in Path(f"/proc/{process.pid}/maps").read_text():
        if process.poll() is not None:
            break
        time.sleep(0.01)
    timer.cancel()
    then()
