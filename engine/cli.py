"""The command line: what each command takes, and the commands that need no window.

Whatever is wrong with the arguments or a file is said in one sentence on standard error, with exit status 2.
Modules are imported where they are used, so that the window opens without waiting for the others.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from engine.console import (
    CommandError,
    HelpShown,
    Parser,
    as_sentence,
    check_output,
    complain,
    say,
    whole,
)

if TYPE_CHECKING:
    from engine.datasets import Data
    from engine.design import Project
    from engine.files import LoadedProject
    from engine.headless import Run
    from engine.training.checkpoint import Checkpoint
    from engine.training.session import Session

EXIT_OK = 0
EXIT_DIVERGED = 1
EXIT_FAULT = 2
EXIT_INTERRUPTED = 130  # as shells say for Ctrl-C
DEFAULT_EPOCHS = 20
MOST_EPOCHS = 10**9


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
        _example(arguments.example)
    if arguments.file is not None:
        _check_file(arguments.file)
    return open_window(arguments.file, arguments.example)


def _check_file(file: str) -> None:
    """CommandError unless the window will be able to open the file (a project whose data is gone opens)."""
    from engine.datasets import DataError, config_for_file, load_data
    from engine.datasets.files import is_data_file

    try:
        if is_data_file(file):
            load_data(config_for_file(file))
        else:
            _load_project(file)
    except DataError as error:
        raise CommandError(str(error)) from None


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


def _example(name: str) -> Project:
    from engine.examples import example_project
    from engine.registry import UnknownNameError

    try:
        return example_project(name)
    except UnknownNameError as error:
        raise CommandError(as_sentence(str(error))) from None


# -- training ---------------------------------------------------------------------------------------------


def _train(argv: list[str]) -> int:
    parser = Parser("main.py train")
    parser.add_argument("file", nargs="?")
    parser.add_argument("--example")
    parser.add_argument("--epochs", type=whole("The number of epochs", 1, MOST_EPOCHS))
    parser.add_argument("--seed", type=whole("The seed", 0, 2**32 - 1))
    parser.add_argument("--save")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    if (arguments.file is None) == (arguments.example is None):
        raise CommandError("Name what to train: either a file, or an example with --example NAME.")
    if arguments.save is not None:
        check_output(arguments.save)
    project, data, checkpoint = _material(arguments.file, arguments.example)
    if arguments.seed is not None:  # another start, so what was learned does not count
        project = replace(project, training=replace(project.training, seed=arguments.seed))
        checkpoint = None
    done = _run_session(project, data, checkpoint, arguments.epochs)
    return _finish(done, project, arguments)


def _material(file: str | None, example: str | None) -> tuple[Project, Data, Checkpoint | None]:
    """The project, its data, and what it has learned so far."""
    from engine.datasets import DataError, load_data

    try:
        if example is not None:
            project = _example(example)
            return project, load_data(project.data), None
        assert file is not None
        return _read(file)
    except DataError as error:
        raise CommandError(str(error)) from None


def _read(file: str) -> tuple[Project, Data, Checkpoint | None]:
    """As `_material`, from a project file or a data file."""
    from engine.datasets import config_for_file, load_data
    from engine.datasets.files import is_data_file
    from engine.examples import project_for

    if is_data_file(file):
        data = load_data(config_for_file(file))
        return project_for(data), data, None
    loaded = _load_project(file)
    for warning in loaded.warnings:
        complain(warning)
    return loaded.project, load_data(loaded.project.data), loaded.checkpoint


def _load_project(file: str) -> LoadedProject:
    from engine.files import FileFault, load_project

    try:
        return load_project(os.path.abspath(file))
    except (FileFault, ValueError) as fault:  # ValueError: a null character in the name
        raise CommandError(as_sentence(str(fault))) from None


def _run_session(project: Project, data: Data, checkpoint: Checkpoint | None, epochs: int | None) -> Run:
    from engine.headless import ProgressBar, Run

    start = checkpoint.epoch if checkpoint else 0
    epochs = epochs or _usual_epochs(project, start)
    stop = replace(project.training.stop, max_epochs=None if epochs is None else start + epochs)
    limited = replace(project, training=replace(project.training, stop=stop))
    done = Run(_session(limited, data, checkpoint), epochs, ProgressBar())
    done.train_to_end()
    return done


def _usual_epochs(project: Project, start: int) -> int | None:
    """How many epochs to train where nobody says, None for until another limit of the project is met."""
    from engine.design import StopRules
    from engine.examples import EXAMPLES

    stop = project.training.stop
    if stop.max_epochs is not None:
        return max(1, stop.max_epochs - start)
    if stop != StopRules() or project.training.early_stopping is not None:
        return None
    return EXAMPLES[project.name].epochs if project.name in EXAMPLES else DEFAULT_EPOCHS


def _session(project: Project, data: Data, checkpoint: Checkpoint | None) -> Session:
    from engine.training.resuming import resume
    from engine.training.session import Session
    from engine.validation import DesignError

    units = project.design.input
    if units is not None and units.units != data.features:
        raise CommandError(
            f"The network takes {units.units} inputs, but {data.title} has {data.features} features; "
            "open the project in the window and choose other data."
        )
    try:
        if checkpoint is None:
            return Session(project, data)
        # it may have stopped at an earlier limit
        return resume(project, data, replace(checkpoint, stopped_because=None))
    except (DesignError, ValueError) as error:
        raise CommandError(as_sentence(str(error))) from None


def _finish(done: Run, project: Project, arguments: argparse.Namespace) -> int:
    """Save and tell what came out."""
    from engine.headless import report

    session = done.session
    found = report(done, arguments.example, arguments.file)
    diverged = session.diverged_at is not None
    fault = None
    if arguments.save is not None:
        fault = _save(session, project, arguments.save, diverged)
    say(json.dumps(found, allow_nan=False) if arguments.json else _summary(found, arguments.save, fault))
    if fault:
        raise CommandError(fault)
    return EXIT_DIVERGED if diverged else EXIT_OK


def _save(session: Session, project: Project, path: str, diverged: bool) -> str | None:
    """Save the project as it was opened, with what it has learned; returns what went wrong."""
    from engine.files import FileFault, save_project

    checkpoint = session.checkpoint()
    if not diverged:  # the limit was this command's, not the project's
        checkpoint = replace(checkpoint, stopped_because=None)
    try:
        save_project(path, project, checkpoint)
    except FileFault as error:
        return str(error)
    return None


def _summary(found: dict[str, Any], save: str | None, fault: str | None) -> str:
    """The report for people."""
    shown = {
        key: f"{value:.2%}" if key.endswith("accuracy") else _shown(value)
        for key, value in found.items()
        if value is not None and key != "parameters"
    }
    shown["parameters"] = _shown(found["parameters"]["number"])
    if save is not None and not fault:
        shown["saved"] = save
    width = max(map(len, shown))
    return "\n".join(f"{key.replace('_', ' '):<{width}}  {value}" for key, value in shown.items())


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
