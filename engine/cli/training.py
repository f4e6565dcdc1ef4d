"""`train`: trains without a window, shows how far it is, saves, and tells what came out.

Ctrl-C never loses what was trained: it ends the training, which is then measured (a second Ctrl-C leaves that
out) and saved. Before there was anything to train it is said, and the project is saved as it was.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field, replace
from typing import Any

from engine.cli.material import Material
from engine.console import CommandError, Parser, as_sentence, check_output, complain, say, whole
from engine.datasets import Data
from engine.design import Project, StopRules
from engine.examples import EXAMPLES
from engine.files import FileFault, save_project
from engine.headless import ProgressBar, Run, report, untrained_report
from engine.interrupts import Interrupts
from engine.training.checkpoint import Checkpoint
from engine.training.resuming import resume
from engine.training.session import Session
from engine.validation import Asked, DesignError, infer

EXIT_OK = 0
EXIT_DIVERGED = 1
EXIT_INTERRUPTED = 130  # as shells say for Ctrl-C
DEFAULT_EPOCHS = 20
MOST_EPOCHS = 10**9


def run(argv: list[str], interrupts: Interrupts) -> int:
    """Train what `argv` names; returns the exit status (CommandError for what cannot be done)."""
    arguments = _parsed(argv)
    return Training(arguments, interrupts).run()


def _parsed(argv: list[str]) -> argparse.Namespace:
    parser = Parser("main.py train")
    parser.add_argument("file", nargs="?")
    parser.add_argument("--example")
    parser.add_argument("--epochs", type=whole("The number of epochs", 1, MOST_EPOCHS))
    parser.add_argument("--seed", type=whole("The seed", 0, 2**32 - 1))
    parser.add_argument("--save")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    if (arguments.file is None) == (arguments.example is None):
        raise CommandError("Name what to train: either a file, or an example with --example NAME.")
    if arguments.save is not None:
        check_output(arguments.save)
    return arguments


@dataclass
class Training:
    """One `train` command: reads, trains, saves and tells."""

    arguments: argparse.Namespace
    interrupts: Interrupts
    material: Material = field(default_factory=Material)

    def run(self) -> int:
        """Do it all; returns the exit status."""
        asked = self.arguments
        try:
            with self.interrupts.at_once():
                if self.interrupts.pressed:  # while the modules were loaded
                    raise KeyboardInterrupt
                project, data = self.material.read(asked.file, asked.example, asked.seed)
                done = _prepared(project, data, self.material.checkpoint, asked.epochs, self.interrupts)
        except KeyboardInterrupt:
            return self._untrained()
        _warn(project, data)
        done.train_to_end()
        return self._finish(done, project)

    def _finish(self, done: Run, project: Project) -> int:
        """Save and tell what came out."""
        session, asked = done.session, self.arguments
        diverged = session.diverged_at is not None
        checkpoint = session.checkpoint()
        if not diverged:  # the limit was this command's, not the project's
            checkpoint = replace(checkpoint, stopped_because=None)
        fault = self._save(project, checkpoint)
        found = report(done, asked.example, asked.file)
        say(json.dumps(found, allow_nan=False) if asked.json else _summary(found, asked.save, fault))
        if fault:
            raise CommandError(fault)
        return EXIT_DIVERGED if diverged else EXIT_OK

    def _untrained(self) -> int:
        """Interrupted while it was being read: save what there is, and say that nothing was trained."""
        asked, project = self.arguments, self.material.project
        fault = None
        saved = "nothing was saved"
        if asked.save is not None and project is not None:
            fault = self._save(project, self.material.checkpoint)
            state = "untrained" if self.material.checkpoint is None else "as it was before"
            saved = f"the network is saved in {asked.save}, {state}"
        if asked.json:
            found = untrained_report(project, self.material.checkpoint, asked.example, asked.file)
            say(json.dumps(found, allow_nan=False))
        if fault:
            raise CommandError(fault)
        complain(f"It was interrupted before training began; {saved}.")
        return EXIT_INTERRUPTED

    def _save(self, project: Project, checkpoint: Checkpoint | None) -> str | None:
        """Save the project as it was opened, with what it has learned; returns what went wrong."""
        if self.arguments.save is None:
            return None
        try:
            save_project(self.arguments.save, project, checkpoint)
        except FileFault as error:
            return str(error)
        return None


def _warn(project: Project, data: Data) -> None:
    """Say what can be trained but will hardly learn, as the window does with a badge."""
    for fault in infer(project.design, project.training.loss, asked=Asked.by(data)).faults:
        complain(as_sentence(fault.message))


def _prepared(
    project: Project, data: Data, checkpoint: Checkpoint | None, epochs: int | None, interrupts: Interrupts
) -> Run:
    start = checkpoint.epoch if checkpoint else 0
    epochs = epochs or _usual_epochs(project, start)
    stop = replace(project.training.stop, max_epochs=None if epochs is None else start + epochs)
    limited = replace(project, training=replace(project.training, stop=stop))
    return Run(_session(limited, data, checkpoint), epochs, ProgressBar(), interrupts)


def _usual_epochs(project: Project, start: int) -> int | None:
    """How many epochs to train where nobody says, None for until another limit of the project is met."""
    stop = project.training.stop
    if stop.max_epochs is not None:
        return max(1, stop.max_epochs - start)
    if stop != StopRules() or project.training.early_stopping is not None:
        return None
    return EXAMPLES[project.name].epochs if project.name in EXAMPLES else DEFAULT_EPOCHS


def _session(project: Project, data: Data, checkpoint: Checkpoint | None) -> Session:
    units = project.design.input
    if units is not None and units.units != data.features:
        raise CommandError(
            f"The network takes {units.units} inputs, but {data.title} has {data.features} features; "
            "open the project in the window and choose other data."
        )
    try:
        if checkpoint is None:
            return Session(project, data)
        # it may have stopped at an earlier limit
        return resume(project, data, replace(checkpoint, stopped_because=None))
    except (DesignError, ValueError) as error:
        raise CommandError(as_sentence(str(error))) from None


def _summary(found: dict[str, Any], save: str | None, fault: str | None) -> str:
    """The report for people."""
    shown = {
        key: f"{value:.2%}" if key.endswith("accuracy") else _shown(value)
        for key, value in found.items()
        if value is not None and key not in ("parameters", "test_classes")
    }
    shown["parameters"] = _shown(found["parameters"]["number"])
    if save is not None and not fault:
        shown["saved"] = save
    width = max(map(len, shown))
    return "\n".join(f"{key.replace('_', ' '):<{width}}  {value}" for key, value in shown.items())


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
