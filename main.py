"""Start Synapscope: settle what NumPy and Qt read when they load, then open the window or run a command."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

BLAS_THREAD_VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "BLIS_NUM_THREADS",
)
# With Python's default of 5 ms, training a tiny network starves the window.
SWITCH_INTERVAL_SECONDS = 0.0002
EXIT_CANNOT_START = 2
EXIT_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run Synapscope with `argv` (default: the process's own arguments) and return its exit status."""
    try:
        use_one_blas_thread()
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

    with Interrupts() as interrupts:  # thrown into Qt, a Ctrl-C is lost, or aborts the program
        from gui.app import run

        if interrupts.pressed:
            raise KeyboardInterrupt
        return run(path, example, interrupts)


def self_test(frames: int, screenshot: str | None = None, as_json: bool = False) -> int:
    """Drive the real window for `frames` frames and compare its picture with the engine; 0 if all holds."""
    if not can_open_window():
        return EXIT_CANNOT_START
    from engine.interrupts import Interrupts

    with Interrupts() as interrupts:
        from gui.self_test import run

    if interrupts.pressed:
        raise KeyboardInterrupt
    return run(frames, screenshot, as_json)


def can_open_window() -> bool:
    """Whether Qt can start here; if not, say on standard error what is missing (Qt itself would abort)."""
    from engine.startup import missing_display, missing_libraries

    problems = [problem for problem in (missing_display(), missing_libraries()) if problem]
    for problem in problems:
        print(problem, file=sys.stderr)
    return not problems


if __name__ == "__main__":
    sys.exit(main())
