"""Pictures in IDX files, the format of MNIST (LeCun, Cortes & Burges 1998), and MNIST itself as shipped.

IDX: two zero bytes, a type code, the number of dimensions, their sizes (big-endian 32 bit), then the numbers.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from engine.datasets.base import MOST_BYTES, MOST_CLASSES, DataError, DataSet, Progress, Raw, Request, dataset
from engine.resources import resource

Array = NDArray[Any]
IDX_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP_MAGIC = b"\x1f\x8b"
PIECE = 2**18  # bytes of a packed file read at a time
GZIP_FORMAT = 31  # how zlib is told: the largest window (15), with the head and the check of gzip (16)


@dataset
@dataclass(frozen=True, kw_only=True)
class Mnist(DataSet):
    """Handwritten digits: 60,000 to train and 10,000 to test, 28 × 28 grey values."""

    kind = "mnist"
    label = "MNIST digits"
    summary = "70,000 handwritten digits, 28 × 28 pixels."

    def raw(self, request: Request) -> Raw:
        return read_pictures(
            resource("data", "mnist", "train-images-idx3-ubyte.gz"), self.label, request.progress
        )


@dataset
@dataclass(frozen=True, kw_only=True)
class Idx(DataSet):
    """Pictures from a file `…images-idx3-ubyte[.gz]` with `…labels-idx1-ubyte[.gz]` beside it."""

    kind = "idx"
    label = "IDX pictures"
    summary = "Pictures and labels in the format of MNIST."
    from_file = True

    def raw(self, request: Request) -> Raw:
        path = Path(request.path)
        return read_pictures(path, path.name, request.progress)


def read_pictures(path: Path, title: str, progress: Progress) -> Raw:
    """Labelled pictures from IDX files; t10k… beside train… become the test examples. Or DataError."""
    images, labels = _pair(path)
    progress(0.4)
    test_path = _sibling(path, "train", "t10k")
    test = _pair(test_path) if test_path else None
    progress(0.5)
    if test and test[0].shape[1:] != images.shape[1:]:
        raise DataError(f"{test_path} has pictures of another size than {path.name}; they must match.")
    count = 1 + max(int(found.max(initial=0)) for _, found in filter(None, ((images, labels), test)))
    names = tuple(map(str, range(count)))
    return _raw(title, images, labels, names, test=_raw(title, *test, names, test=None) if test else None)


def _raw(title: str, images: Array, labels: Array, names: tuple[str, ...], *, test: Raw | None) -> Raw:
    shape = images.shape[1:]
    whole = images.dtype == np.uint8
    return Raw(
        title=title,
        inputs=images.reshape(len(images), prod(shape)),
        feature_names=tuple(pixel_names(shape)),
        labels=labels,
        class_names=names,
        image_shape=shape,
        value_range=(0.0, 255.0) if whole else None,
        default_range=(0.0, 1.0),
        test=test,
    )


def pixel_names(shape: tuple[int, ...]) -> Iterator[str]:
    """`row, column` of each pixel, from 1, for (height, width) or (channels, height, width)."""
    for index in np.ndindex(*shape):
        yield "pixel " + ", ".join(str(i + 1) for i in index)


def _pair(path: Path) -> tuple[Array, Array]:
    """Pictures (n, height, width) and their labels (n,)."""
    images = read_idx(path)
    label_path = _sibling(path, "images", "labels", "idx3", "idx1")
    if images.ndim != 3 or 0 in images.shape:
        raise DataError(
            f"{path.name} holds an array of shape {images.shape}, not a list of pictures; "
            "choose a file with images."
        )
    if label_path is None:
        raise DataError(
            f"There are no labels for {path.name}; put its labels-idx1-ubyte file into the same folder."
        )
    labels = read_idx(label_path)
    if labels.ndim != 1 or len(labels) != len(images):
        raise DataError(
            f"{label_path.name} has {len(labels)} labels, but {path.name} has {len(images)} pictures; "
            "choose files that belong together."
        )
    if labels.dtype.kind == "f" or labels.min() < 0 or labels.max() >= MOST_CLASSES:
        raise DataError(
            f"The labels in {label_path.name} must be whole numbers from 0 to {MOST_CLASSES - 1}."
        )
    return images, labels


def _sibling(path: Path, *swaps: str) -> Path | None:
    """The file beside `path` whose name has these (old, new) parts swapped, packed or not."""
    name = path.name.removesuffix(".gz")
    for old, new in zip(swaps[::2], swaps[1::2], strict=True):
        name = name.replace(old, new)
    if name == path.name.removesuffix(".gz"):
        return None
    return next((found for end in (".gz", "") if (found := path.with_name(name + end)).is_file()), None)


def read_idx(path: Path) -> Array:
    """The array in an IDX file, packed by gzip or not; DataError if it is not one."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == GZIP_MAGIC
            file.seek(0)
            return _parse_idx(_Unpacked(file) if packed else file, path.name)
    except (EOFError, zlib.error):
        raise DataError(f"{path.name} is damaged: it cannot be unpacked; copy it again.") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from None


class _Unpacked:
    """Reads what gzip has packed, in large pieces: `gzip` takes 8 kB at a time, and the interpreter as often.

    Never more than one piece of the file is held, so that a wrong head is found before the rest is read.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._packed = b""
        self._member = zlib.decompressobj(wbits=GZIP_FORMAT)

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, at least 1; EOFError where it ends too early, zlib.error where it is wrong."""
        parts: list[bytes] = []
        missing = size
        while missing and not (self._member.eof and not self._next_member()):
            parts.append(self._part(missing))
            missing -= len(parts[-1])
        return b"".join(parts)

    def _part(self, size: int) -> bytes:
        """Up to `size` bytes of the member that is being read, of one piece of the file."""
        if not self._packed:
            self._packed = self._file.read(PIECE)
            if not self._packed:
                raise EOFError
        part = self._member.decompress(self._packed, size)
        self._packed = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
        return part

    def _next_member(self) -> bool:
        """Begin another member, if the file goes on with one: a gzip file may have several."""
        if len(self._packed) < len(GZIP_MAGIC):
            self._packed += self._file.read(PIECE)
        if not self._packed.startswith(GZIP_MAGIC):
            return False
        self._member = zlib.decompressobj(wbits=GZIP_FORMAT)
        return True


def _parse_idx(file: IO[bytes] | _Unpacked, name: str) -> Array:
    head = file.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in IDX_TYPES or not 1 <= head[3] <= 4:
        raise DataError(f"{name} is not an IDX file; choose one as MNIST's, or a CSV or NPZ file.")
    sizes = file.read(4 * head[3])
    if len(sizes) < 4 * head[3]:
        raise DataError(f"{name} is damaged: it ends within its head; copy it again.")
    shape = tuple(int(size) for size in np.frombuffer(sizes, ">u4"))
    kind = np.dtype(IDX_TYPES[head[2]])
    expected = prod(shape) * kind.itemsize
    if expected > MOST_BYTES:
        raise DataError(f"{name} says that it holds {expected:,} bytes, too many to load; it may be damaged.")
    content = file.read(expected + 1)
    if len(content) != expected:
        more = "more" if len(content) > expected else f"only {len(content):,}"
        raise DataError(
            f"{name} is damaged: it should hold {expected:,} bytes but holds {more}; copy it again."
        )
    return np.frombuffer(content, kind).reshape(shape)
