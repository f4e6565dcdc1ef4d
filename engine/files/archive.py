"""The zip around a project: two members, each read only after its claimed size was checked."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from engine.files.faults import FileFault, Unreadable, reading_fault, shown

PROJECT = "project.json"
WEIGHTS = "weights.safetensors"
FIRST_BYTES = b"PK\x03\x04"
MAX_MEMBERS = 1_000
MAX_PROJECT_BYTES = 32 << 20

_EPOCH = (1980, 1, 1, 0, 0, 0)
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    struct.error,
    ValueError,
    RuntimeError,  # encrypted; NotImplementedError for a method of compression that we do not have
    LookupError,
)


def write_archive(file: BinaryIO, project: bytes, weights: bytes | None) -> None:
    """Write the members; the same content gives the same bytes."""
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo(PROJECT, _EPOCH), project, zipfile.ZIP_DEFLATED)
        if weights is not None:  # learned numbers do not compress
            archive.writestr(zipfile.ZipInfo(WEIGHTS, _EPOCH), weights, zipfile.ZIP_STORED)


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The zip at `path`; FileFault if there is none."""
    try:
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode):
            raise FileFault(
                f"{shown(path)} is a folder, not a project; choose a file that ends in .synapscope."
            )
        if not stat.S_ISREG(found.st_mode):  # a pipe would wait forever
            raise FileFault(f"{shown(path)} is not a file; choose a file that ends in .synapscope.")
        file = open(path, "rb")  # noqa: SIM115  closed below
    except OSError as error:
        raise reading_fault(path, error) from None
    except ValueError:  # a null character in the name
        raise FileFault(f"{shown(path)} is not the name of a file; choose another.") from None
    with file, _zip(path, file) as archive:
        yield archive


def has_member(archive: zipfile.ZipFile, name: str) -> bool:
    """Whether the zip holds a member of this name."""
    return name in archive.NameToInfo


def read_member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """A member's bytes, checksum verified; Unreadable if missing, damaged or larger than `most`."""
    if not has_member(archive, name):
        raise Unreadable(f"the part {name} is missing")
    info = archive.getinfo(name)
    if info.file_size > most:
        raise Unreadable(
            f"the part {name} claims {info.file_size:,} bytes, more than the {most:,} it can need"
        )
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Unreadable(f"the part {name} is compressed in an unknown way")
    try:
        with archive.open(info) as member:
            data = member.read()
    except _DAMAGE as error:
        raise Unreadable(f"the part {name} cannot be read ({error})") from None
    if len(data) != info.file_size:
        raise Unreadable(f"the part {name} is cut off")
    return data


def _zip(path: Path, file: IO[bytes]) -> zipfile.ZipFile:
    try:
        first = file.read(len(FIRST_BYTES))
    except OSError as error:
        raise reading_fault(path, error) from None
    if not first:
        raise Unreadable("it is empty")
    if first != FIRST_BYTES:
        raise FileFault(f"{shown(path)} is not a Synapscope project; choose one that Synapscope has saved.")
    try:
        archive = zipfile.ZipFile(file)
    except _DAMAGE as error:
        raise Unreadable(f"its end is missing or broken, perhaps it was cut off ({error})") from None
    if len(archive.infolist()) > MAX_MEMBERS:
        raise Unreadable("it has impossibly many parts")
    return archive
