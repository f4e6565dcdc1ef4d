"""What a command works on: an example, a project file or a data file, whose faults are sentences."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from engine.console import CommandError, as_sentence, complain
from engine.datasets import Data, DataError, config_for_file, load_data
from engine.datasets.files import is_data_file
from engine.design import Project
from engine.examples import example_project, project_for
from engine.files import FileFault, LoadedProject, load_project
from engine.registry import UnknownNameError
from engine.training.checkpoint import Checkpoint


@dataclass
class Material:
    """What there is to train, as far as it is known by now: reading may be interrupted at any moment.

    Attributes:
        project, data: None until they are read.
        checkpoint: what was learned before, None for a fresh start.
    """

    project: Project | None = None
    data: Data | None = None
    checkpoint: Checkpoint | None = None

    def read(self, file: str | None, example: str | None, seed: int | None) -> tuple[Project, Data]:
        """Read it all (CommandError); another `seed` is another start, so what was learned does not count."""
        try:
            if example is not None:
                self.project = find_example(example)
            else:
                assert file is not None
                self._read_file(file)
            assert self.project is not None
            if seed is not None:
                self.project = replace(self.project, training=replace(self.project.training, seed=seed))
                self.checkpoint = None
            self.data = self.data or load_data(self.project.data)
        except DataError as error:
            raise CommandError(str(error)) from None
        return self.project, self.data

    def _read_file(self, file: str) -> None:
        if is_data_file(file):
            self.data = load_data(config_for_file(file))
            self.project = project_for(self.data)
            return
        loaded = load_file(file)
        for warning in loaded.warnings:
            complain(warning)
        self.project, self.checkpoint = loaded.project, loaded.checkpoint


def find_example(name: str) -> Project:
    """The example of this name, or CommandError."""
    try:
        return example_project(name)
    except UnknownNameError as error:
        raise CommandError(as_sentence(str(error))) from None


def load_file(file: str) -> LoadedProject:
    """The project in a file, or CommandError."""
    try:
        return load_project(os.path.abspath(file))
    except (FileFault, ValueError) as fault:  # ValueError: a null character in the name
        raise CommandError(as_sentence(str(fault))) from None
