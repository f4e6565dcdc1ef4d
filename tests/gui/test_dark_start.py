"""The window in its look from its first moment on: nothing of the light one is left, no letter is smaller."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint

from gui import theme
from tests.gui.conftest import Bench


def ground(bench: Bench) -> str:
    """The color below the viewport of the canvas, beside legend and caption."""
    canvas = bench.window.canvas
    corner = canvas.mapTo(bench.window, canvas.rect().bottomLeft()) + QPoint(3, -3)
    return bench.window.grab().toImage().pixelColor(corner).name()


def test_the_strip_below_the_canvas_is_dark_at_once_and_follows_the_look(
    new_bench: Callable[..., Bench],
) -> None:
    settings = Path(os.environ["SYNAPSCOPE_HOME"], "settings.json")
    settings.parent.mkdir()
    settings.write_text(json.dumps({"theme": "dark"}))
    bench = new_bench("chain")
    assert ground(bench) == theme.DARK.canvas.lower()
    bench.window.actions_["view.present"].trigger()
    assert ground(bench) == theme.DARK.canvas.lower()
    bench.window.options.set_theme("light")
    assert ground(bench) == theme.LIGHT.canvas.lower()


def test_the_letters_have_the_look_s_size_from_the_first_moment_on(new_bench: Callable[..., Bench]) -> None:
    """In a process of its own: later windows of one process find the style sheet already there."""
    settings = Path(os.environ["SYNAPSCOPE_HOME"], "settings.json")
    settings.parent.mkdir()
    settings.write_text(json.dumps({"text_scale": 1.25}))
    code = """
from gui.app import Laboratory, application
app = application()
lab = Laboratory()
lab.start(None, "chain")
lab.window.show()
app.processEvents()
row = lab.window.inspector.learning.chosen.layers.rows["dense-1"]
parts = (row.name, row.units.field, row.activation, lab.window.navigator.split, lab.window.menuBar())
print({part.fontInfo().pixelSize() for part in parts})
lab.end()
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "{16}"
