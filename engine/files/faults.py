"""Faults of files: whatever is wrong, the user reads one sentence that says what, where and what to do."""

from __future__ import annotations

import errno
from pathlib import Path

LONGEST = 300
"""Characters of a detail that comes from a file or a library: a hostile file must not fill the screen."""


class FileFault(Exception):  # noqa: N818  a fault, as everywhere in the engine
    """A file that cannot be read or written; its text is one sentence for the user.

    `backup` is the file that may be opened instead, where there is one.
    """

    def __init__(self, sentence: str, *, backup: Path | None = None) -> None:
        super().__init__(sentence)
        self.backup = backup


class Unreadable(Exception):  # noqa: N818
    """What is wrong inside a file, as a clause without a full stop; a `FileFault` adds what to do."""

    def __init__(self, clause: str) -> None:
        super().__init__(shortened(clause))


def shortened(text: str) -> str:
    """`text` in one line of bearable length."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def shown(path: Path) -> str:
    """A file's name in quotation marks, as it can be printed anywhere."""
    return f"“{shortened(path.name.encode('utf-8', 'replace').decode())}”"


def reading_fault(path: Path, error: OSError) -> FileFault:
    """What the operating system says when a file cannot be read."""
    name, folder = shown(path), shown(path.parent)
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return FileFault(
            f"There is no file {name} in the folder {folder}; it may have been moved or deleted."
        )
    if isinstance(error, PermissionError):
        return FileFault(f"You may not read {name}; ask for the right to read it, or open a copy.")
    return FileFault(f"{name} cannot be read ({_reason(error)}); check the disk, or open a copy.")


def writing_fault(path: Path, error: OSError) -> FileFault:
    """What the operating system says when a file cannot be written."""
    name, folder = shown(path), shown(path.parent)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FileFault(f"The disk is full, so {name} was not saved; free some space, or save elsewhere.")
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return FileFault(
            f"You may not write to the folder {folder}, so {name} was not saved; save elsewhere."
        )
    if isinstance(error, FileNotFoundError | NotADirectoryError) and not path.parent.is_dir():
        return FileFault(f"There is no folder {folder}, so {name} was not saved; choose another folder.")
    if isinstance(error, IsADirectoryError):
        return FileFault(f"{name} is a folder, so nothing was saved; choose another name.")
    if error.errno == errno.ENAMETOOLONG:
        return FileFault(f"The name {name} is too long, so nothing was saved; choose a shorter one.")
    return FileFault(f"{name} was not saved ({_reason(error)}); check the disk, or save elsewhere.")


def _reason(error: OSError) -> str:
    return shortened(error.strerror or type(error).__name__)
