"""An X display of its own with a window manager, and what can be seen on it.

Xvfb keeps its screen in a file (`-fbdir`), in the format of `xwd`; a picture is a copy of that file's pixels.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""(height, width, 3): red, green, blue."""
PROGRAMS = ("Xvfb", "openbox", "xdotool")
WIDTH, HEIGHT = 1280, 800
"""The window's own size: without a title bar it covers the screen."""
_PLAIN = """<?xml version="1.0"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
<theme><keepBorder>no</keepBorder></theme>
<focus><focusNew>yes</focusNew></focus>
<applications>
<application type="normal"><decor>no</decor><position force="yes"><x>0</x><y>0</y></position></application>
</applications>
</openbox_config>
"""


def missing_programs() -> list[str]:
    """What would have to be installed first."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


class Display:
    """A screen of 1280×800, on which the window lies at the top left without a title bar.

    Attributes:
        environment: what a program needs to open its window here, with an empty home of its own.
        home: that home.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="synapscope-outside-", ignore_cleanup_errors=True)
        self.home = Path(self._folder.name, "home")
        self.home.mkdir()
        self._started: list[subprocess.Popen[bytes]] = []
        number = self._start_server()
        self.environment = self._environment(number)
        rules = Path(self._folder.name, "openbox.xml")
        rules.write_text(_PLAIN)
        self.start("openbox", "--config-file", str(rules))

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a program here; it is ended with the display. What it says goes into a file, see `said`."""
        with Path(self._folder.name, "said.txt").open("ab") as said:
            program = subprocess.Popen(
                command, env=self.environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said
            )
        self._started.append(program)
        return program

    def said(self) -> str:
        """What the programs have written to their output."""
        return Path(self._folder.name, "said.txt").read_text(errors="replace")

    def look(self) -> Picture:
        """What is on the screen now."""
        data = Path(self._folder.name, "Xvfb_screen0").read_bytes()
        header = struct.unpack(">25I", data[:100])
        size, height, line, colors = header[0], header[5], header[12], header[19]
        pixels = np.frombuffer(data, np.uint8, height * line, size + 12 * colors)
        return pixels.reshape(height, line // 4, 4)[:, : header[4], 2::-1].copy()

    def close(self) -> None:
        """End everything that was started here."""
        for program in reversed(self._started):
            program.terminate()
            try:
                program.wait(10)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()
        self._folder.cleanup()

    def __enter__(self) -> Display:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start_server(self) -> str:
        """Start the X server on a free number, and give the number back."""
        read, write = os.pipe()
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{WIDTH}x{HEIGHT}x24"]
        command += ["-fbdir", self._folder.name, "-nolisten", "tcp", "-noreset"]
        server = subprocess.Popen(
            command, pass_fds=[write], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._started.append(server)
        os.close(write)
        with os.fdopen(read) as numbers:
            number = numbers.readline().strip()
        if not number:
            self.close()
            raise RuntimeError("Xvfb did not start.")
        return number

    def _environment(self, number: str) -> dict[str, str]:
        places = {f"XDG_{kind}_HOME": str(self.home / kind.lower()) for kind in ("CONFIG", "DATA", "STATE")}
        own = {"HOME": str(self.home), "SYNAPSCOPE_HOME": str(self.home / "synapscope"), **places}
        away = ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "QT_SCALE_FACTOR", "QT_STYLE_OVERRIDE")
        kept = {name: value for name, value in os.environ.items() if name not in away}
        return {**kept, **own, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb", "LC_ALL": "C.UTF-8"}
