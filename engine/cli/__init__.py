"""The command line: what each command takes, and the commands that need no window.

Whatever is wrong with the arguments or a file is said in one sentence on standard error, with exit status 2.
Modules are imported where they are used, so that the window opens without waiting for the others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Protocol

from engine.console import CommandError, HelpShown, Parser, check_output, complain, say, whole

EXIT_OK = 0
EXIT_FAULT = 2
EXIT_INTERRUPTED = 130  # as shells say for Ctrl-C
PICTURES = (".png", ".jpg", ".jpeg", ".bmp")


class OpenWindow(Protocol):
    """Opens the window and returns the exit status when it is closed."""

    def __call__(self, path: str | None = None, example: str | None = None) -> int: ...


class SelfTest(Protocol):
    """Drives the real window and returns the exit status."""

    def __call__(self, frames: int, screenshot: str | None = None, as_json: bool = False) -> int: ...


def run(argv: Sequence[str], *, open_window: OpenWindow, self_test: SelfTest) -> int:
    """Run the command that `argv` asks for and return the exit status."""
    commands: dict[str, Callable[[list[str]], int]] = {
        "examples": _examples,
        "train": _train,
        "self-test": lambda rest: _self_test(rest, self_test),
    }
    command = commands.get(argv[0]) if argv else None
    try:
        return command(list(argv[1:])) if command else _open(list(argv), open_window)
    except HelpShown:
        return EXIT_OK
    except CommandError as error:
        complain(str(error))
        return EXIT_FAULT
    except MemoryError:
        complain("There is not enough memory for this; choose a smaller network, or smaller batches.")
        return EXIT_FAULT
    except KeyboardInterrupt:
        complain("It was interrupted; nothing was saved.")
        return EXIT_INTERRUPTED


# -- the window -------------------------------------------------------------------------------------------


def _open(argv: list[str], open_window: OpenWindow) -> int:
    parser = Parser("main.py")
    parser.add_argument("file", nargs="?")
    parser.add_argument("--example")
    parser.add_argument("--version", action="store_true")
    arguments = parser.parse_args(argv)
    if arguments.version:
        return _print_version()
    if arguments.file is not None and arguments.example is not None:
        raise CommandError("Give a file or an example, not both.")
    if arguments.example is not None:
        from engine.cli.material import find_example

        find_example(arguments.example)
    if arguments.file is not None:
        _check_file(arguments.file)
    return open_window(arguments.file, arguments.example)


def _check_file(file: str) -> None:
    """CommandError unless the window will be able to open the file (a project whose data is gone opens)."""
    from engine.cli.material import load_file
    from engine.datasets import DataError, config_for_file, load_data
    from engine.datasets.files import is_data_file

    try:
        if is_data_file(file):
            load_data(config_for_file(file))
        else:
            load_file(file)
    except DataError as error:
        raise CommandError(str(error)) from None


def _train(argv: list[str]) -> int:
    from engine.interrupts import Interrupts

    with Interrupts() as interrupts:  # from the first moment on: it may come while modules are loaded
        from engine.cli.training import run as train

        return train(argv, interrupts)


def _print_version() -> int:
    from engine.version import NAME, version

    say(f"{NAME} {version()}")
    return EXIT_OK


def _self_test(argv: list[str], self_test: SelfTest) -> int:
    parser = Parser("main.py self-test")
    parser.add_argument("--frames", type=whole("The number of frames", 1, 10**7), default=1000)
    parser.add_argument("--screenshot")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    if arguments.screenshot is not None:
        check_output(arguments.screenshot)
        if not arguments.screenshot.lower().endswith(PICTURES):
            raise CommandError(f"{arguments.screenshot!r} must be a picture: let it end in {PICTURES[0]}.")
    return self_test(arguments.frames, arguments.screenshot, arguments.json)


# -- examples ---------------------------------------------------------------------------------------------


def _examples(argv: list[str]) -> int:
    from engine.examples import DEFAULT_EXAMPLE, EXAMPLES

    parser = Parser("main.py examples")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    entries = [entry for _, entry in EXAMPLES.items()]
    if arguments.json:
        found = [
            {
                "name": entry.name,
                "title": entry.title,
                "about": entry.about,
                "epochs": entry.epochs,
                "default": entry.name == DEFAULT_EXAMPLE,
            }
            for entry in entries
        ]
        say(json.dumps(found, indent=2))
    else:
        width = max(len(entry.name) for entry in entries)
        say("\n".join(f"{entry.name:<{width}}  {entry.about}" for entry in entries))
    return EXIT_OK
