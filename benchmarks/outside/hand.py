"""Mouse and keyboard from outside: everything goes through the X server, by xdotool."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from benchmarks.outside.display import Display

Point = tuple[int, int]
_PAUSE = "0.04"  # seconds between the steps of a hand


class Hand:
    """Moves, clicks, drags and types; points are pixels of the screen."""

    def __init__(self, display: Display) -> None:
        self._display = display

    def sees_window(self, name: str) -> bool:
        """Whether a window with this in its title is to be seen."""
        return self._run("search", "--onlyvisible", "--name", name) == 0

    def move(self, to: Point) -> None:
        """Move the mouse there, with a last small step as a hand makes it."""
        x, y = to
        self._do(
            "mousemove", f"{x - 3}", f"{y}", "sleep", _PAUSE, "mousemove", f"{x}", f"{y}", "sleep", _PAUSE
        )

    def click(self, at: Point) -> None:
        """Click there."""
        self.move(at)
        self._do("click", "1", "sleep", _PAUSE)

    def key(self, *keys: str) -> None:
        """Press keys, one after another: “ctrl+z”, “Return”."""
        for key in keys:
            self._do("key", "--clearmodifiers", key, "sleep", _PAUSE)

    def type(self, text: str) -> None:
        """Type letters."""
        self._do("type", "--delay", "20", text)

    def drag(self, start: Point, end: Point, shown: Callable[[], object] | None = None) -> None:
        """Press at one point and let go at another, once `shown` has seen what it waited for."""
        self.move(start)
        self._do("mousedown", "1", "sleep", _PAUSE)
        for share in (0.06, 0.12, 0.4, 0.7, 0.95):
            x, y = (round(a + share * (b - a)) for a, b in zip(start, end, strict=True))
            self._do("mousemove", f"{x}", f"{y}", "sleep", _PAUSE)
        self.move(end)
        try:
            if shown is not None:
                shown()
        finally:
            self._do("mouseup", "1", "sleep", _PAUSE)

    def _do(self, *words: str) -> None:
        if self._run(*words):
            raise RuntimeError(f"xdotool could not do this: {' '.join(words)}")

    def _run(self, *words: str) -> int:
        quiet = subprocess.DEVNULL
        environment = self._display.environment
        return subprocess.run(
            ["xdotool", *words], env=environment, timeout=60.0, stdout=quiet, stderr=quiet, check=False
        ).returncode
