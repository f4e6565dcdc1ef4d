"""The console: arguments whose faults are sentences, and output that survives any stream."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

USAGE = """\
  main.py [FILE]                      open the window, with a project or a data file
  main.py --example NAME              open an example
  main.py examples [--json]           list the examples
  main.py train (FILE | --example NAME) [--epochs N] [--seed S] [--save OUT] [--json]
                                      train without a window; Ctrl-C stops and still saves
  main.py self-test [--frames N] [--screenshot OUT.png] [--json]
                                      drive the real window and compare its picture with the engine
  main.py --version
"""


class CommandError(Exception):
    """What is wrong with a command: one sentence for the user."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose faults are sentences and whose help is the whole usage."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog=prog, add_help=False, allow_abbrev=False)
        self.add_argument("-h", "--help", action=_Help, nargs=0)

    def error(self, message: str) -> NoReturn:
        text = message.removeprefix("argument ")
        raise CommandError(f"{as_sentence(text).removesuffix('.')}; see {self.prog} --help.")


class HelpShown(Exception):  # noqa: N818  it is not an error
    """Help was asked for and given."""


class _Help(argparse.Action):
    """Prints how everything is used."""

    def __call__(self, *_: object) -> NoReturn:
        say("Synapscope, a desktop laboratory for neural networks.\n\n" + USAGE)
        raise HelpShown


def whole(what: str, lowest: int, highest: int) -> Callable[[str], int]:
    """An argument type: a whole number within limits."""

    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise CommandError(f"{what} must be a whole number, not {text[:40]!r}.") from None
        if not lowest <= number <= highest:
            raise CommandError(f"{what} must be from {lowest} to {highest}, not {text[:40]}.")
        return number

    return parse


def check_output(file: str) -> None:
    """CommandError if it is clear from the start that the file cannot be written."""
    path = Path(file)
    if "\0" in file:
        raise CommandError(f"{file!r} is not the name of a file; choose another.")
    try:
        folder = path.parent.is_dir()
        is_folder = path.is_dir()
        is_other = path.exists() and not path.is_file()
        allowed = os.access(path.parent, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))
    except (OSError, ValueError) as error:
        raise CommandError(f"{file!r} cannot be written ({error}); choose another name.") from None
    if not file or is_folder:
        raise CommandError(f"{file!r} is not the name of a file; choose another.")
    if is_other:
        raise CommandError(f"{file!r} is a device or a pipe, not a file; choose another name.")
    if not folder:
        raise CommandError(
            f"There is no folder {str(path.parent)!r} to save {path.name!r} in; make it first."
        )
    if not allowed:
        raise CommandError(f"{file!r} may not be written; choose another place.")


def as_sentence(text: str) -> str:
    """`text` in one line, with a capital and a full stop."""
    line = " ".join(text.split())
    return line[:1].upper() + line[1:] + ("" if line.endswith((".", "?", "!")) else ".")


def say(text: str) -> None:
    """Print to standard output, whatever its encoding; CommandError if it cannot be written."""
    stream = sys.stdout
    try:
        encoding = getattr(stream, "encoding", None) or "utf-8"
        print(text.encode(encoding, "replace").decode(encoding), file=stream, flush=True)
    except OSError as error:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  so that closing it fails quietly
        raise CommandError(f"Standard output cannot be written ({error.strerror}).") from None


def complain(sentence: str) -> None:
    """Say one sentence on standard error."""
    with suppress(OSError, ValueError, AttributeError):  # there may be nobody to complain to
        sys.stderr.write(" ".join(sentence.split()) + "\n")
