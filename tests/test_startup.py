"""The program says what is missing in one sentence and exits with status 2, where Qt would abort."""

from __future__ import annotations

import ast
import ctypes
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import main
from engine import startup
from engine.design import DataConfig
from engine.examples import DEFAULT_EXAMPLE, example_project
from engine.startup import missing_display, missing_libraries

ROOT = Path(__file__).resolve().parent.parent
LINUX_ONLY = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="a display is only optional on Linux"
)
DISPLAY_VARIABLES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `code` in a new interpreter without a display, except for what `environment` says."""
    clean = {name: value for name, value in os.environ.items() if name not in DISPLAY_VARIABLES}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class Machine:
    """A stand-in for the dynamic loader of a machine that lacks some libraries."""

    def __init__(self, *lacks: str) -> None:
        self.lacks = lacks

    def load(self, name: str) -> object:
        if name in self.lacks:
            raise OSError(f"{name}: cannot open shared object file")
        return object()


@LINUX_ONLY
@pytest.mark.parametrize("call", ["main.open_window()", "main.self_test(1)"])
def test_without_a_display_one_sentence_and_status_2(call: str) -> None:
    done = run_python(
        f"import sys, main; status = {call}; assert 'PySide6' not in sys.modules; sys.exit(status)"
    )
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    (sentence,) = [line for line in done.stderr.splitlines() if "display" in line]
    assert "neither DISPLAY nor WAYLAND_DISPLAY is set" in sentence
    assert "Traceback" not in done.stderr


@LINUX_ONLY
def test_a_display_that_does_not_answer_is_named() -> None:
    done = run_python("import sys, main; sys.exit(main.open_window())", DISPLAY=":65000")
    assert done.returncode == 2, done.stderr
    assert "DISPLAY=:65000 does not answer" in done.stderr


@pytest.mark.parametrize(
    "platform", ["offscreen", "minimal", "offscreen:configfile=a.json", "xcb;offscreen", "vnc"]
)
def test_platforms_without_a_display_server_need_none(platform: str) -> None:
    assert missing_display({"QT_QPA_PLATFORM": platform}, "linux") is None


def test_a_platform_chosen_by_the_user_is_respected() -> None:
    assert missing_display({"QT_QPA_PLATFORM": "xcb"}, "linux") is not None
    assert missing_display({"QT_QPA_PLATFORM": "wayland"}, "linux") is not None
    assert missing_display({"QT_QPA_PLATFORM": ""}, "linux") is not None


@LINUX_ONLY
def test_a_wayland_compositor_that_listens_is_a_display(tmp_path: Path) -> None:
    environ = {"WAYLAND_DISPLAY": "w-0", "XDG_RUNTIME_DIR": str(tmp_path)}
    assert "WAYLAND_DISPLAY=w-0" in (missing_display(environ, "linux") or "")
    with socket.socket(socket.AF_UNIX) as compositor:
        compositor.bind(str(tmp_path / "w-0"))
        compositor.listen()
        assert missing_display(environ, "linux") is None
        lacking = Machine("libwayland-cursor.so.0", "libxcb-cursor.so.0")
        assert "libwayland-cursor0" in (missing_libraries(lacking.load, environ, "linux") or "")
        assert "libxcb-cursor0" not in (missing_libraries(lacking.load, environ, "linux") or "")


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_elsewhere_qt_brings_everything(system: str) -> None:
    assert missing_display({}, system) is None
    assert missing_libraries(Machine("libGL.so.1").load, {}, system) is None


def test_missing_libraries_are_named_as_packages_in_one_sentence() -> None:
    sentence = missing_libraries(Machine("libEGL.so.1", "libxcb-cursor.so.0").load, {}, "linux")
    assert sentence == (
        "Synapscope needs system libraries that are missing here; "
        "install them with: sudo apt-get install libegl1 libxcb-cursor0"
    )
    assert missing_libraries(Machine().load, {}, "linux") is None


def test_offscreen_needs_no_x_libraries() -> None:
    lacking = Machine(*startup.LIBRARIES_BY_PLATFORM["xcb"])
    assert missing_libraries(lacking.load, {"QT_QPA_PLATFORM": "offscreen"}, "linux") is None


@LINUX_ONLY
def test_the_real_loader_tells_what_is_there() -> None:
    assert startup._loads(ctypes.CDLL, "libc.so.6")
    assert not startup._loads(ctypes.CDLL, "libno-such-library.so.9")


def test_start_up_gives_blas_one_thread_unless_the_user_chose() -> None:
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    unset = f"import os, main; [os.environ.pop(n, None) for n in {names}]; "
    code = "main.use_one_blas_thread(); print([os.environ.get(n) for n in main.BLAS_THREAD_VARIABLES])"
    assert run_python(unset + code).stdout.strip() == "['1', '1', '1', '1', '1']"
    chosen = run_python(unset + "os.environ['OMP_NUM_THREADS'] = '2'; " + code)
    assert chosen.stdout.strip() == "[None, '2', None, None, None]"


def test_start_up_loads_neither_numpy_nor_qt() -> None:
    code = "import sys, main; print([m for m in ('numpy', 'PySide6', 'engine') if m in sys.modules])"
    assert run_python(code).stdout.strip() == "[]"


PRESSED_WHILE_QT_LOADS = """
import signal, sys, main
def press(event, arguments):
    if event == "import" and arguments[0] == "shibokensupport.signature.loader":
        signal.raise_signal(signal.SIGINT)
sys.addaudithook(press)
sys.exit(main.main())
"""
PRESSED_WHILE_THE_WINDOW_IS_SHOWN = """
import signal, sys, main
from gui.main_window import MainWindow
show = MainWindow.showEvent
def pressed(window, event):
    signal.raise_signal(signal.SIGINT)
    show(window, event)
MainWindow.showEvent = pressed
sys.exit(main.main())
"""


@LINUX_ONLY
@pytest.mark.parametrize("code", [PRESSED_WHILE_QT_LOADS, PRESSED_WHILE_THE_WINDOW_IS_SHOWN])
def test_ctrl_c_while_the_program_starts_ends_it(code: str, tmp_path: Path) -> None:
    """Thrown in there as KeyboardInterrupt, it made Qt abort, or was swallowed by Qt."""
    done = run_python(code, QT_QPA_PLATFORM="offscreen", HOME=str(tmp_path))
    assert done.returncode == 130, done.stderr
    assert "Traceback" not in done.stderr


def test_the_data_of_the_first_example_are_loaded_while_qt_is(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[DataConfig] = []
    monkeypatch.setattr("engine.datasets.ahead.load_ahead", begun.append)
    for name in (None, "circle", "no such example"):
        main.load_example_ahead(name)
    assert begun == [example_project(name).data for name in (DEFAULT_EXAMPLE, "circle")]


def test_loading_the_window_reads_no_sources_and_collects_no_garbage() -> None:
    done = run_python(
        "import gc, inspect, main; main.load_qt(); read, found = [], [];"
        "inspect.getsource = lambda module: read.append(module) or '';"
        "gc.callbacks.append(lambda phase, info: found.append(phase))\n"
        "with main.uncollected(): import gui.app\n"
        "assert gc.isenabled() and gc.get_freeze_count() > 0; print([read, found])",
        QT_QPA_PLATFORM="offscreen",
    )
    assert done.returncode == 0, done.stderr
    assert ast.literal_eval(done.stdout) == [[], []]
