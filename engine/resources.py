"""Finds what Synapscope ships beside its code: from source, from an installed wheel and in the executable."""

from __future__ import annotations

import sys
from pathlib import Path


def resource(*parts: str) -> Path:
    """The path of a shipped file, e.g. `resource("data", "mnist", "train-labels-idx1-ubyte.gz")`."""
    return resources_folder().joinpath(*parts)


def resources_folder() -> Path:
    """The folder `resources`: beside `engine`, or where PyInstaller unpacks the program's data."""
    bundle: str | None = getattr(sys, "_MEIPASS", None)
    return (Path(bundle) if bundle else Path(__file__).resolve().parent.parent) / "resources"
