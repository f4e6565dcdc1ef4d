"""The version of the program, wherever it runs: from its folder, installed, or as the executable."""

from __future__ import annotations

from pathlib import Path

NAME = "synapscope"


def version() -> str:
    """The version, e.g. "0.1.0"; "unknown" if nothing says it."""
    return _version_of_source() or _version_installed() or "unknown"


def _version_of_source() -> str | None:
    """What `pyproject.toml` in the source folder says: newer than any installation, which may be stale."""
    import tomllib

    path = Path(__file__).resolve().parent.parent / "pyproject.toml"
    try:
        project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
        return str(project["version"]) if project["name"] == NAME else None
    except (OSError, ValueError, KeyError):
        return None


def _version_installed() -> str | None:
    from importlib import metadata  # here, as above: it loads half of `email`, and the window waits for it

    try:
        return metadata.version(NAME)
    except metadata.PackageNotFoundError:
        return None
