"""Start Synapscope: settle what NumPy and Qt read when they load, then open the window or run a command."""

from __future__ import annotations

import builtins
import contextlib
import gc
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence

STARTED = time.perf_counter()
BLAS_THREAD_VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "BLIS_NUM_THREADS",
)
# With Python's default of 5 ms, training a tiny network starves the window.
SWITCH_INTERVAL_SECONDS = 0.0002
PAINT_ASIDE = "--paint-aside"  # the built program starts itself so, to paint while it trains
EXIT_CANNOT_START = 2
EXIT_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run Synapscope with `argv` (default: the process's own arguments) and return its exit status."""
    try:
        use_one_blas_thread()
        if argv is None and sys.argv[1:] == [PAINT_ASIDE]:
            from gui.canvas.aside import process

            return process.main()
        sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
        from engine.cli import run

        return run(list(sys.argv[1:] if argv is None else argv), open_window=open_window, self_test=self_test)
    except KeyboardInterrupt:  # before the command could listen for it
        return EXIT_INTERRUPTED
    finally:
        if argv is None:  # what is left is to take the process apart
            signal.signal(signal.SIGINT, signal.SIG_IGN)


def use_one_blas_thread() -> None:
    """Give BLAS one thread unless the user chose a number; NumPy reads the environment when it loads."""
    if not any(name in os.environ for name in BLAS_THREAD_VARIABLES):
        os.environ.update(dict.fromkeys(BLAS_THREAD_VARIABLES, "1"))


def open_window(path: str | None = None, example: str | None = None) -> int:
    """Open the window with a project or data file, or with an example, and return when it is closed."""
    if not can_open_window():
        return EXIT_CANNOT_START
    from engine.interrupts import Interrupts

    if path is None:
        load_example_ahead(example)
    with Interrupts() as interrupts:  # thrown into Qt, a Ctrl-C is lost, or aborts the program
        with uncollected():
            load_qt()
            from gui.app import run

        if interrupts.pressed:
            raise KeyboardInterrupt
        return run(path, example, interrupts)


def self_test(frames: int, screenshot: str | None = None, as_json: bool = False) -> int:
    """Drive the real window for `frames` frames and compare its picture with the engine; 0 if all holds."""
    if not can_open_window():
        return EXIT_CANNOT_START
    from engine.interrupts import Interrupts

    load_example_ahead()
    with Interrupts() as interrupts, uncollected():
        load_qt()
        from gui.self_test import run

    if interrupts.pressed:
        raise KeyboardInterrupt
    return run(frames, screenshot, as_json, started=STARTED)


def load_example_ahead(name: str | None = None) -> None:
    """Begin to load the data of an example (default: the one that opens by itself) while Qt is loading."""
    from engine.datasets.ahead import load_ahead
    from engine.examples import DEFAULT_EXAMPLE, EXAMPLES

    name = name or DEFAULT_EXAMPLE
    if name in EXAMPLES:  # of an unknown one the window complains
        load_ahead(EXAMPLES[name].project().data)


def load_qt() -> None:
    """Load Qt. PySide would then read the source of every module that follows, in search of `__feature__`."""
    import PySide6.QtWidgets  # noqa: F401

    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)  # nobody here uses it


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Collect no garbage while modules load: what they make stays, and need not be looked at again."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def can_open_window() -> bool:
    """Whether Qt can start here; if not, say on standard error what is missing (Qt itself would abort)."""
    from engine.startup import missing_display, missing_libraries

    problems = [problem for problem in (missing_display(), missing_libraries()) if problem]
    for problem in problems:
        print(problem, file=sys.stderr)
    return not problems


if __name__ == "__main__":
    sys.exit(main())
