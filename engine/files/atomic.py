"""Atomic writing: a file is always the old one or the new one, never half of it, whatever happens in between.

The new content goes to a temporary file in the same folder and to the disk (fsync); then it takes the name in
one operation (rename), and the folder goes to the disk. The previous version may be kept under another name.
"""

from __future__ import annotations

import contextlib
import errno
import filecmp
import itertools
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

LEFT_BEHIND_SECONDS = 3600.0
"""A temporary file this old belongs to a program that was killed."""

_numbers = itertools.count(1)


def write_atomically(path: Path, write: Callable[[BinaryIO], object], *, backup: Path | None = None) -> None:
    """Let `write` fill a new file, then put it at `path`; OSError leaves `path` as it was.

    A link is followed, so that it stays one; `backup` is where the previous version is kept, if there is one:
    writing the same once more leaves the older one there.
    A device or a pipe, which a new file would replace, is refused.
    """
    path = Path(os.path.realpath(path))
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a folder")
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is a device or a pipe, not a file")
    _remove_left_behind(path)
    temporary = _temporary(path)
    try:
        _write_to_disk(temporary, write)
        if path.exists():
            shutil.copymode(path, temporary)
            if backup is not None and not filecmp.cmp(path, temporary, shallow=False):
                with contextlib.suppress(OSError):  # the new version is worth more than a copy of the old one
                    _keep(path, backup)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    _folder_to_disk(path.parent)


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}-{next(_numbers)}.tmp")


def _write_to_disk(path: Path, write: Callable[[BinaryIO], object]) -> None:
    with open(path, "xb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())


def _keep(path: Path, backup: Path) -> None:
    """Give the present version a second name, atomically: by a link where there are links, else by a copy."""
    temporary = _temporary(backup)
    try:
        try:
            os.link(path, temporary)
        except (OSError, NotImplementedError):
            shutil.copy2(path, temporary)
        os.replace(temporary, backup)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()  # there only after a failure, or when both names were one file already


def _folder_to_disk(folder: Path) -> None:
    """Make the rename itself survive a power cut; Windows has no such thing and needs none."""
    if os.name != "nt":
        with contextlib.suppress(
            OSError
        ):  # some network file systems refuse; the file is in place all the same
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _remove_left_behind(path: Path) -> None:
    """Remove what a killed program has left of its own attempts to write this file and its backup."""
    prefix = f".{path.name}."
    with contextlib.suppress(OSError):
        for entry in os.scandir(path.parent):
            if entry.name.startswith(prefix) and entry.name.endswith(".tmp"):
                with contextlib.suppress(OSError):
                    if time.time() - entry.stat().st_mtime > LEFT_BEHIND_SECONDS:
                        os.unlink(entry.path)
