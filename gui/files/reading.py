"""Reading what a person opens, a project or a data file, completely, before anything open is touched."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.datasets import config_for_file, load_data
from engine.datasets.base import Data
from engine.datasets.files import is_data_file
from engine.design import Project
from engine.examples import example_project, project_for
from engine.files import SUFFIX, FileFault, load_project
from engine.training.checkpoint import Checkpoint

FAULTS: tuple[type[Exception], ...] = (FileFault, ValueError, OSError, MemoryError)
"""What reading may raise; the text is a sentence for the user."""


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Everything needed to open a project.

    Attributes:
        project: as designed; trained: what the checkpoint belongs to, else the same.
        path: its file, None where it has none; view: what the window remembered.
    """

    project: Project
    trained: Project
    data: Data | None = None
    checkpoint: Checkpoint | None = None
    path: Path | None = None
    view: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def read_example(name: str) -> Opening:
    """An example project, with its data."""
    project = example_project(name)
    return Opening(project=project, trained=project, data=load_data(project.data))


def read_file(path: Path) -> Opening:
    """A project file, or a data file with a first project for it; one of FAULTS says what is wrong."""
    if is_data_file(path) and not path.name.endswith(SUFFIX):
        data = load_data(config_for_file(path))
        project = project_for(data)
        return Opening(project=project, trained=project, data=data)
    loaded = load_project(path)
    return Opening(
        project=loaded.project,
        trained=loaded.trained,
        data=load_data(loaded.trained.data),
        checkpoint=loaded.checkpoint,
        path=path,
        view=loaded.view,
        warnings=loaded.warnings,
    )


def sentence_of(error: Exception) -> str:
    """What to say about a fault of reading."""
    if isinstance(error, MemoryError):
        return "There is not enough memory to open this."
    text = str(error).strip() or type(error).__name__
    return text if text.endswith((".", "!", "?")) else f"{text}."
