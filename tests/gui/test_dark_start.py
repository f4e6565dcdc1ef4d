"""The window in the dark look from its first moment on: nothing of the light one is left."""

from __future__ import annotations

import json
import os
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
