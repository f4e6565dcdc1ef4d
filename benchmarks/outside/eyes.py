"""Eyes: finds things in a picture of the window by their colors and places, as a person does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.outside.display import Picture
from benchmarks.outside.hand import Point

Mask = NDArray[np.bool_]
ACCENT = (0x5A, 0x48, 0xC8)  # what is chosen, and the ports and the ghost
FIELD = (0xFF, 0xFF, 0xFF)  # where something can be typed or chosen
CANVAS = (0xFB, 0xFB, 0xFA)


@dataclass(frozen=True)
class Box:
    """A part of the picture; right and bottom are not part of it."""

    left: int
    top: int
    right: int
    bottom: int

    def of(self, picture: Picture) -> Picture:
        """What the picture shows there."""
        return picture[self.top : self.bottom, self.left : self.right]

    @property
    def center(self) -> Point:
        """Its middle."""
        return (self.left + self.right) // 2, (self.top + self.bottom) // 2

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.bottom - self.top


def near(picture: Picture, color: tuple[int, int, int], within: int = 24) -> Mask:
    """Which pixels have about this color."""
    return np.abs(picture.astype(np.int16) - color).max(axis=2) <= within


def spots(picture: Picture, box: Box, color: tuple[int, int, int], reach: int = 4) -> list[Box]:
    """Groups of pixels of a color, from left to right; gaps of up to `reach` pixels do not part them."""
    points = {(int(x), int(y)) for y, x in np.argwhere(near(box.of(picture), color))}
    found = []
    while points:
        waiting, group = [points.pop()], []
        while waiting:
            x, y = waiting.pop()
            group.append((x, y))
            around = {
                (x + dx, y + dy) for dx in range(-reach, reach + 1) for dy in range(-reach, reach + 1)
            } & points
            points -= around
            waiting += around
        xs, ys = zip(*group, strict=True)
        found.append(
            Box(box.left + min(xs), box.top + min(ys), box.left + max(xs) + 1, box.top + max(ys) + 1)
        )
    return sorted(found, key=lambda spot: (spot.left, spot.top))


def rings(picture: Picture, box: Box) -> list[Box]:
    """The ports: small accent-colored circles, round and hollow."""
    return [
        spot
        for spot in spots(picture, box, ACCENT, reach=2)
        if 9 <= spot.width <= 18
        and abs(spot.width - spot.height) <= 2
        and near(picture[spot.center[1], spot.center[0]][None, None], CANVAS)[0, 0]
    ]


def fields(picture: Picture, x: int, top: int, bottom: int) -> list[Point]:
    """The middles of what can be filled in, of those that a vertical line crosses, from top to bottom."""
    white = near(picture[top:bottom, x][:, None], FIELD, within=1)[:, 0]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], white, [False]]).astype(np.int8)))
    return [
        (x, top + int(start + end) // 2) for start, end in edges.reshape(-1, 2) if 20 <= end - start <= 40
    ]


def ink(picture: Picture, box: Box, paper: tuple[int, int, int] = CANVAS) -> int:
    """How many pixels of a box are not paper."""
    return int(np.count_nonzero(~near(box.of(picture), paper, within=40)))
