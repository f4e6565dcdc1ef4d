"""Reduces screenshots to a palette, so that the repository stays small. It needs Pillow.

uv run --with pillow python -m benchmarks.reducing FILE …
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

SMALL_ENOUGH = 200_000  # bytes of a picture that keeps all its colors
OFTEN, COLORS = 64, 256  # the colors that are kept as they are, and all


def reduce(path: Path) -> None:
    """Reduce a large picture to a palette: the commonest colors stay, the others become the nearest."""
    from PIL import Image

    with Image.open(path) as opened:
        opened.convert("RGB").save(path, optimize=True)
    if path.stat().st_size <= SMALL_ENOUGH:
        return
    with Image.open(path) as opened:
        pixels = np.asarray(opened.convert("RGB")).astype(np.uint32)
    packed = pixels @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    numbers, places, counts = np.unique(packed, return_inverse=True, return_counts=True)
    colors = (numbers[:, None] >> np.array([16, 8, 0], np.uint32) & 255).astype(np.uint8)
    often = colors[np.argsort(-counts, kind="stable")[:OFTEN]]
    rest = Image.fromarray(colors[None]).quantize(COLORS - len(often), kmeans=2)
    palette = np.concatenate([often, np.reshape(rest.getpalette(), (-1, 3))])[:COLORS].astype(np.int32)
    nearest = np.concatenate(
        [((part[:, None].astype(np.int32) - palette) ** 2).sum(2).argmin(1) for part in _slices(colors)]
    )
    few = Image.fromarray(nearest[places.ravel()].reshape(pixels.shape[:2]).astype(np.uint8))
    few.putpalette(palette.astype(np.uint8).tobytes())
    few.save(path, optimize=True)


def _slices(colors: Any) -> Iterator[Any]:
    yield from (colors[first : first + 4096] for first in range(0, len(colors), 4096))


if __name__ == "__main__":
    for name in sys.argv[1:]:
        reduce(Path(name))
        print(f"{name}: {Path(name).stat().st_size / 1000:,.0f} kB")
