"""The command line does what it says, and answers every fault with one sentence and status 2."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import version
from engine.cli import run, training
from engine.datasets import load_data
from engine.design import NetworkDesign, Project
from engine.examples import EXAMPLES, example_project
from engine.files import FileFault, load_project, save_project
from engine.losses import SoftmaxCrossEntropy
from engine.optimizers.descent import SGD
from engine.training.resuming import resume
from engine.training.session import Session

ROOT = Path(__file__).resolve().parent.parent.parent
KEYS = {
    "example", "epochs", "seed", "train_loss", "test_loss", "best_test_accuracy", "stopped_because",
    "parameters", "samples_per_second", "seconds",
}  # fmt: skip


class Window:
    """Stands for what main.py hands over: remembers what it was asked to open."""

    def __init__(self) -> None:
        self.opened: list[tuple[str | None, str | None]] = []
        self.tested: list[tuple[int, str | None, bool]] = []

    def open(self, path: str | None = None, example: str | None = None) -> int:
        self.opened.append((path, example))
        return 7

    def test(self, frames: int, screenshot: str | None = None, as_json: bool = False) -> int:
        self.tested.append((frames, screenshot, as_json))
        return 8


def call(*arguments: str | Path, window: Window | None = None) -> int:
    window = window or Window()
    return run([str(argument) for argument in arguments], open_window=window.open, self_test=window.test)


def train(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, Any]:
    """The report of a training, which must be exactly one object on standard output."""
    assert call("train", *arguments, "--json") == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert found.keys() >= KEYS
    return found


def fault(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """The sentence that a faulty command gets; the window must not have been opened."""
    window = Window()
    assert call(*arguments, window=window) == 2
    assert not window.opened
    assert not window.tested
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith(".\n")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


def start(*arguments: str | Path, **options: Any) -> subprocess.Popen[str]:
    command = [sys.executable, str(ROOT / "main.py"), *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    return subprocess.Popen(command, text=True, cwd=ROOT, **pipes)


# -- the window and the self-test -------------------------------------------------------------------------


def test_the_window_opens_empty_with_a_file_or_with_an_example(tmp_path: Path) -> None:
    window = Window()
    table = tmp_path / "table.csv"
    table.write_text("a,b\n1,0.5\n2,0.25\n")
    project = tmp_path / "project.synapscope"
    save_project(project, example_project("xor"))
    assert call(window=window) == 7
    assert call("--example", "xor", window=window) == 7
    assert call(table, window=window) == 7
    assert call(project, window=window) == 7
    assert window.opened == [(None, None), (None, "xor"), (str(table), None), (str(project), None)]


def test_the_self_test_gets_its_arguments(tmp_path: Path) -> None:
    window, picture = Window(), str(tmp_path / "out.png")
    assert call("self-test", window=window) == 8
    assert call("self-test", "--frames", "5", "--screenshot", picture, "--json", window=window) == 8
    assert window.tested == [(1000, None, False), (5, picture, True)]


@pytest.mark.parametrize("flag", ["--help", "-h"])
@pytest.mark.parametrize("command", [(), ("train",), ("examples",), ("self-test",)])
def test_help_shows_every_command(
    capsys: pytest.CaptureFixture[str], command: tuple[str, ...], flag: str
) -> None:
    assert call(*command, flag) == 0
    out = capsys.readouterr().out
    for word in ("[FILE]", "--example NAME", "examples", "train", "self-test", "--version"):
        assert word in out


def test_the_version_is_that_of_the_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--version") == 0
    said = capsys.readouterr().out.split()
    assert said[0] == "synapscope"
    assert f'version = "{said[1]}"' in (ROOT / "pyproject.toml").read_text()


def test_without_the_source_the_installed_version_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(version, "__file__", str(tmp_path / "engine" / "version.py"))
    monkeypatch.setattr(metadata, "version", lambda name: "9.8.7")
    assert version.version() == "9.8.7"
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "somebody-else"\nversion = "1"')
    assert version.version() == "9.8.7"


# -- examples ---------------------------------------------------------------------------------------------


def test_examples_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("examples") == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(EXAMPLES)
    assert call("examples", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [entry["name"] for entry in found] == list(EXAMPLES)
    assert [entry["name"] for entry in found if entry["default"]] == ["mnist-16-16"]
    assert all(entry["title"] and entry["about"] for entry in found)


# -- training ---------------------------------------------------------------------------------------------


def test_going_on_with_a_saved_run_reports_the_best_of_all_of_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    at_once = train(capsys, "--example", "spirals", "--epochs", "60", "--seed", "5")
    path = tmp_path / "run.synapscope"
    first = train(capsys, "--example", "spirals", "--epochs", "59", "--seed", "5", "--save", path)
    then = train(capsys, path, "--epochs", "1")
    assert then["epochs"] == at_once["epochs"] == 60
    assert then["test_accuracy"] == at_once["test_accuracy"]
    assert then["best_test_accuracy"] == at_once["best_test_accuracy"]
    assert then["best_test_accuracy"] == max(first["best_test_accuracy"], then["test_accuracy"])


def test_what_will_hardly_learn_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    project = example_project("xor")
    path = tmp_path / "odd.synapscope"
    save_project(path, replace(project, training=replace(project.training, loss=SoftmaxCrossEntropy())))
    assert call("train", path, "--epochs", "1") == 0
    said = capsys.readouterr().err
    assert "Softmax cross-entropy is made for one of several classes, but these data" in said
    assert call("train", "--example", "xor", "--epochs", "1") == 0
    assert "made for" not in capsys.readouterr().err


def test_training_reports_what_the_session_says(capsys: pytest.CaptureFixture[str]) -> None:
    found = train(capsys, "--example", "circle", "--epochs", "3", "--seed", "5")
    project = example_project("circle")
    project = replace(project, training=replace(project.training, seed=5))
    session = Session(project, load_data(project.data))
    scores = []
    for _ in range(3):
        session.run_epoch()
        scores.append(session.evaluate("test").score)
    assert (found["example"], found["epochs"], found["seed"]) == ("circle", 3, 5)
    assert found["train_loss"] == session.evaluate("train").loss
    assert found["test_loss"] == session.evaluate("test").loss
    assert found["test_accuracy"] == scores[-1]
    assert found["best_test_accuracy"] == max(scores)
    assert found["parameters"]["number"] == 25
    np.testing.assert_array_equal(np.float32(found["parameters"]["values"]), session.network.parameters)
    assert found["stopped_because"] == "It has trained for 3 epochs, as set."
    assert found["seconds"] > 0
    assert found["samples_per_second"] > 0


def test_every_class_is_in_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    found = train(capsys, "--example", "circle", "--epochs", "2")
    classes = found["test_classes"]
    assert len(classes) == 2
    counts = np.array([entry["taken_for"] for entry in classes])
    assert np.trace(counts) / counts.sum() == pytest.approx(found["test_accuracy"])
    assert [entry["recall"] for entry in classes] == pytest.approx(np.diag(counts) / counts.sum(axis=1))
    assert (found["test_top_5_accuracy"], found["test_mean_absolute_error"]) == (None, None)
    assert train(capsys, "--example", "linear-regression", "--epochs", "1")["test_classes"] is None


def test_the_least_squares_solution_is_in_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    found = train(capsys, "--example", "linear-regression")
    data = load_data(example_project("linear-regression").data)
    wanted = np.linalg.lstsq(data.train.rows.astype(float), data.train.targets.astype(float), rcond=None)[0]
    np.testing.assert_allclose(found["parameters"]["values"], wanted.ravel(), atol=1e-3)
    assert found["test_r2"] > 0.9
    away = data.test.rows.astype(float) @ wanted - data.test.targets
    assert found["test_mean_absolute_error"] == pytest.approx(np.abs(away).mean(), abs=1e-3)
    assert found["test_top_5_accuracy"] is None
    assert "test_accuracy" not in found


@pytest.mark.parametrize("name", ["by-hand", "chain"])
def test_what_is_undefined_is_null(capsys: pytest.CaptureFixture[str], name: str) -> None:
    found = train(capsys, "--example", name, "--epochs", "2")
    assert found["test_r2"] is None  # one example has no variance to explain
    assert found["test_loss"] > 0


def test_large_networks_tell_the_first_hundred_values(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "digits.synapscope"
    project = example_project("mnist-16-16")
    save_project(path, replace(project, data=replace(project.data, train_limit=64)))
    found = train(capsys, path, "--epochs", "1")
    assert found["parameters"]["number"] == 13_002
    assert len(found["parameters"]["values"]) == 100
    assert found["example"] is None


def test_without_json_people_can_read_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("train", "--example", "xor", "--epochs", "400") == 0
    out, err = capsys.readouterr()
    assert "100.00%" in out
    assert "as set" in out
    assert err.splitlines()[-1].startswith("[" + "#" * 24 + "] 100%  epoch 400/400")


def test_a_saved_training_goes_on_where_it_stopped(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path, whole = tmp_path / "half.synapscope", train(capsys, "--example", "circle", "--epochs", "6")
    train(capsys, "--example", "circle", "--epochs", "4", "--save", path)
    loaded = load_project(path)
    assert loaded.project == example_project("circle"), "the limit was the command's, not the project's"
    assert loaded.checkpoint is not None
    assert (loaded.checkpoint.epoch, loaded.checkpoint.stopped_because) == (4, None)
    found = train(capsys, path, "--epochs", "2")
    assert found["epochs"] == 6
    assert found["parameters"] == whole["parameters"]
    anew = train(capsys, path, "--epochs", "6", "--seed", "0")
    assert anew["parameters"] == whole["parameters"], "another seed starts anew"


def test_a_saved_training_shows_the_measures_of_every_epoch(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "circle.synapscope"
    found = train(capsys, "--example", "circle", "--epochs", "4", "--save", out)
    loaded = load_project(out)
    assert loaded.checkpoint is not None
    curves = resume(loaded.project, load_data(loaded.project.data), loaded.checkpoint).records.drawn()
    epochs = [found["steps"] // 4 * number for number in range(5)]
    for name in ("train_score", "train_loss", "test_score", "test_loss"):
        assert curves[name].step.tolist() == epochs
        shown = {"train_score": "train_accuracy", "test_score": "test_accuracy"}.get(name, name)
        assert curves[name].mean[-1] == found[shown]


def test_limits_of_the_project_hold(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "limited.synapscope"
    project = example_project("xor")
    stop = replace(project.training.stop, error_threshold=0.01)
    save_project(path, replace(project, training=replace(project.training, stop=stop)))
    found = train(capsys, path)
    assert "below the threshold" in found["stopped_because"]
    assert found["train_loss"] < 0.01
    stop = replace(stop, error_threshold=None, max_epochs=7)
    save_project(path, replace(project, training=replace(project.training, stop=stop)))
    assert train(capsys, path)["epochs"] == 7


def test_a_table_can_be_trained_on(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("".join(f"{i},{i % 7},{'big' if i > 50 else 'small'}\n" for i in range(100)))
    found = train(capsys, path, "--epochs", "50")
    assert found["test_accuracy"] > 0.8
    one = tmp_path / "one.csv"
    one.write_text("1,2.5\n")
    assert train(capsys, one, "--epochs", "1")["test_r2"] is None, "nothing is left for testing"


def test_diverging_is_told_and_still_saved(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path, out = tmp_path / "wild.synapscope", tmp_path / "out.synapscope"
    project = example_project("linear-regression")
    save_project(path, replace(project, training=replace(project.training, optimizer=SGD(learning_rate=1e6))))
    assert call("train", path, "--save", out, "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert "no longer a finite number" in found["stopped_because"]
    assert found["train_loss"] is None
    assert out.exists()


# -- faults -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--example", "nope"], "known are: mnist-16-16"),
        (["--example"], "expected one argument"),
        (["--example", "xor", "file.csv"], "not both"),
        (["--frobnicate"], "--frobnicate"),
        (["--exam", "xor"], "--exam"),
        (["no-such-file.synapscope"], "no-such-file.synapscope"),
        (["no-such-file.csv"], "no-such-file.csv"),
        (["no\0file.csv"], "cannot be read"),
        (["no\0file"], "file"),
        ([""], "."),
        (["a", "b"], "Unrecognized"),
        (["examples", "please"], "Unrecognized"),
        (["train"], "either a file, or an example"),
        (["train", "a.csv", "--example", "xor"], "either a file, or an example"),
        (["train", "--example", "nope"], "known are"),
        (["train", "no-such-file.csv"], "no-such-file.csv"),
        (["train", "no-such-file.npz"], "no-such-file.npz"),
        (["train", "no-such-file"], "no-such-file"),
        (["train", "/"], "."),
        (["train", "--example", "xor", "--epochs", "many"], "number of epochs must be a whole number"),
        (["train", "--example", "xor", "--epochs", "1.5"], "whole number"),
        (["train", "--example", "xor", "--epochs", "0"], "from 1"),
        (["train", "--example", "xor", "--epochs", "-3"], "epochs"),
        (["train", "--example", "xor", "--epochs", "9" * 5000], "epochs"),
        (["train", "--example", "xor", "--seed", "-1"], "seed"),
        (["train", "--example", "xor", "--seed", str(2**32)], "seed"),
        (["train", "--example", "xor", "--save", "/no/such/folder/out.synapscope"], "There is no folder"),
        (["train", "--example", "xor", "--save", "/"], "not the name of a file"),
        (["train", "--example", "xor", "--save", ""], "not the name of a file"),
        (["train", "--example", "xor", "--save", "a\0b"], "not the name of a file"),
        (["train", "--example", "xor", "--save"], "expected one argument"),
        (["self-test", "--frames", "none"], "whole number"),
        (["self-test", "--frames", "0"], "from 1"),
        (["self-test", "--screenshot", "/no/such/folder/out.png"], "There is no folder"),
        (["self-test", "--screenshot", "out.txt"], "must be a picture"),
    ],
)
def test_faulty_arguments_get_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    said = fault(capsys, *arguments)
    assert any(word in said for word in words.split("|")), said


@pytest.mark.parametrize("command", [(), ("train",)])
@pytest.mark.parametrize("name", ["a.synapscope", "a.csv", "a.npz", "a-ubyte", "a.idx.gz", "a", "a.png"])
@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"PK\3\4 damaged", b"\x1f\x8b damaged", b"\xff\xfe1"])
def test_damaged_files_get_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: tuple[str, ...], name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    fault(capsys, *command, path)


def test_projects_that_cannot_run_get_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path, project = tmp_path / "odd.synapscope", example_project("xor")
    for odd, words in (
        (Project(data=project.data), "no input layer"),
        (replace(project, design=NetworkDesign(layers=project.design.layers[:1])), "Nothing is computed"),
        (replace(project, data=example_project("chain").data), "takes 2 inputs"),
        (
            replace(project, data=replace(project.data, name="csv", path=str(tmp_path / "gone.csv"))),
            "gone.csv",
        ),
        (replace(project, data=replace(project.data, name="csv", path=os.devnull)), "no such file"),
        (replace(project, data=replace(project.data, name="martian")), "martian"),
    ):
        save_project(path, odd)
        assert words in fault(capsys, "train", path)
    window = Window()
    assert call(path, window=window) == 7, "the window opens a project whose data cannot be found"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert "may not be written" in fault(
        capsys, "train", "--example", "xor", "--save", tmp_path / "out.synapscope"
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_pipe_is_not_replaced_by_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pipe = tmp_path / "out.synapscope"
    os.mkfifo(pipe)
    assert "device or a pipe" in fault(capsys, "train", "--example", "xor", "--save", pipe)
    with pytest.raises(FileFault, match="device or a pipe"):
        save_project(pipe, example_project("xor"))
    assert pipe.is_fifo()


def test_too_little_memory_is_said_in_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "_prepared", exhausted)
    assert "not enough memory" in fault(capsys, "train", "--example", "xor")


def exhausted(*_arguments: object) -> None:
    raise MemoryError


# -- the process ------------------------------------------------------------------------------------------


def test_training_imports_no_qt_and_needs_no_display() -> None:
    code = (
        "import sys, main; status = main.main(['train', '--example', 'xor', '--epochs', '2', '--json']); "
        "assert not {'PySide6', 'pyqtgraph', 'gui'} & {name.partition('.')[0] for name in sys.modules}; "
        "sys.exit(status)"
    )
    clean = {
        k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=clean,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["epochs"] == 2


def wait_for_progress(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    assert "epoch" in process.stderr.readline()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal of Ctrl-C for one process")
def test_ctrl_c_stops_cleanly_and_still_saves(tmp_path: Path) -> None:
    path = tmp_path / "out.synapscope"
    process = start("train", "--example", "spirals", "--epochs", "1000000", "--save", path, "--json")
    wait_for_progress(process)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    found = json.loads(out)
    assert found["stopped_because"] == "It was interrupted (Ctrl-C)."
    loaded = load_project(path)
    assert loaded.checkpoint is not None
    assert loaded.checkpoint.step == found["steps"] > 0
    session = resume(loaded.project, load_data(loaded.project.data), loaded.checkpoint)
    assert session.evaluate("test").loss == pytest.approx(found["test_loss"])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_standard_output_gets_one_sentence() -> None:
    with open("/dev/full", "w") as full:
        process = start("train", "--example", "xor", "--epochs", "1", "--json", stdout=full)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert err.splitlines()[-1] == "Standard output cannot be written (No space left on device)."
    assert "Traceback" not in err
    assert "Exception ignored" not in err


@pytest.mark.skipif(sys.platform == "win32", reason="needs /bin/sh")
def test_training_outlives_a_closed_standard_error() -> None:
    command = f"{sys.executable} main.py train --example xor --epochs 3 --json 2>&-"
    done = subprocess.run(
        command, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0
    assert json.loads(done.stdout)["epochs"] == 3


def test_output_survives_an_encoding_without_our_letters() -> None:
    process = start("examples", env=os.environ | {"PYTHONIOENCODING": "ascii"})
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert out.isascii()
    assert "mnist-16-16" in out
