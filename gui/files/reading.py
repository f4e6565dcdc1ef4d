"""Reading what a person opens, a project or a data file, completely, before anything open is touched."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.datasets import config_for_file, load_data
from engine.datasets.base import Data
from engine.datasets.files import is_data_file
from engine.design import Project
from engine.edits import Edit
from engine.edits.data import use_data
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
        fault: why its data cannot be had, "" if they are here or are loaded later.
    """

    project: Project
    trained: Project
    data: Data | None = None
    checkpoint: Checkpoint | None = None
    path: Path | None = None
    view: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    fault: str = ""

    def with_data(self, data: Data) -> Opening | None:
        """The same on other data; None where what was learned does not fit them."""
        outcome = use_data(self.trained, data)
        if not isinstance(outcome, Edit) or outcome.project != replace(
            self.trained, data=outcome.project.data
        ):
            return None
        checkpoint = self.checkpoint
        if checkpoint is not None and checkpoint.position > len(data.train):
            checkpoint = replace(checkpoint, position=0)
        return replace(self, trained=outcome.project, data=data, checkpoint=checkpoint, fault="")


def read_example(name: str) -> Opening:
    """An example project, with its data."""
    project = example_project(name)
    return Opening(project=project, trained=project, data=load_data(project.data))


def read_file(path: Path) -> Opening:
    """A project file, or a data file with a first project for it; one of FAULTS says what is wrong.

    A project whose data are gone is opened without them: they can be chosen anew.
    """
    if is_data_file(path) and not path.name.endswith(SUFFIX):
        table = load_data(config_for_file(path))
        project = project_for(table)
        return Opening(project=project, trained=project, data=table)
    loaded = load_project(path)
    data: Data | None = None
    fault = ""
    try:
        data = load_data(loaded.trained.data)
    except FAULTS as error:
        fault = sentence_of(error)
    return Opening(
        project=loaded.project,
        trained=loaded.trained,
        data=data,
        checkpoint=loaded.checkpoint,
        path=path,
        view=loaded.view,
        warnings=loaded.warnings,
        fault=fault,
    )


def sentence_of(error: Exception) -> str:
    """What to say about a fault of reading."""
    if isinstance(error, MemoryError):
        return "There is not enough memory to open this."
    text = str(error).strip() or type(error).__name__
    return text if text.endswith((".", "!", "?")) else f"{text}."
