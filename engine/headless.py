"""Training without a window: a session driven to its end, with a progress bar and a report of the result."""

from __future__ import annotations

import math
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TextIO

from engine.design import Project
from engine.interrupts import Interrupts
from engine.network import Array
from engine.training.checkpoint import Checkpoint
from engine.training.measuring import TRAIN_SAMPLE
from engine.training.session import Session
from engine.training.snapshot import Evaluation

SLICE_SECONDS = 0.05  # training between two looks at the clock and at Ctrl-C
TTY_SECONDS = 0.1
PLAIN_SECONDS = 2.0
BAR = 24
MOST_VALUES = 100
INTERRUPTED = "It was interrupted (Ctrl-C)."
INTERRUPTED_EARLY = "It was interrupted (Ctrl-C) before training began."
_BESIDE = {"test_top_5_accuracy": "top_5", "test_mean_absolute_error": "absolute_error"}
"""What the report says of the test examples beside the score, by key; the attribute of the measure."""


@dataclass
class Run:
    """One headless run of a session.

    Attributes:
        epochs: how many epochs are to be done, None for no limit.
        interrupts: Ctrl-C ends the training; once more, and the last measuring is left out.
        samples: examples trained on; training_seconds: spent on them alone; seconds: with evaluations.
        test: the newest measure on the test examples, None if there are none; best: the best score so far.
    """

    session: Session
    epochs: int | None
    bar: ProgressBar
    interrupts: Interrupts = field(default_factory=Interrupts)
    samples: int = 0
    training_seconds: float = 0.0
    seconds: float = 0.0
    test: Evaluation | None = None
    train: Evaluation | None = None
    best: float = math.nan
    _chunk: int = field(default=1, repr=False)

    def train_to_end(self) -> None:
        """Train until the session stops by itself or Ctrl-C is pressed; then measure on all examples."""
        start, first_epoch = time.perf_counter(), self.session.epoch
        if not self.session.step and not self.interrupts.pressed:  # how it was before it knew anything
            self._note("test")
            self._note("train", TRAIN_SAMPLE)
        self.best = self._best_before()
        while self.session.stopped_because is None and not self.interrupts.pressed:
            epoch = self.session.epoch
            self._advance()
            if self.session.epoch > epoch:
                self._measure_test()
                if self.session.stopped_because is None:  # at the end all of them are measured
                    self._note("train", TRAIN_SAMPLE)
            self.bar.show(self, self.session.epoch - first_epoch)
        with suppress(KeyboardInterrupt), self.interrupts.at_once():
            # once more, because stopping may have gone back to the best weights
            self._measure_test()
            self.train = self._note("train")
        self.seconds = time.perf_counter() - start
        self.bar.show(self, self.session.epoch - first_epoch, last=True)

    def _best_before(self) -> float:
        """The best score of what a saved run had measured since it began to learn; NaN for a fresh one."""
        curve = self.session.records.curves["test_score"].data()
        return max(curve.high[curve.step > 0].tolist(), default=math.nan)

    @property
    def stopped_because(self) -> str:
        """Why it is over, a sentence."""
        return self.session.stopped_because or INTERRUPTED

    def _advance(self) -> None:
        """Some steps: about as many as take SLICE_SECONDS."""
        session = self.session
        size, left = session.batches.size, len(session.data.train) - session.batches.position
        start = time.perf_counter()
        done = session.advance(self._chunk)
        elapsed = time.perf_counter() - start
        if done:
            # the last batch of an epoch may be smaller
            self.samples += min(done * size, left or len(session.data.train))
            self.training_seconds += elapsed
            wanted = SLICE_SECONDS * done / max(elapsed, 1e-9)
            self._chunk = max(1, min(int(wanted), 4 * self._chunk))

    def _note(self, split: str, limit: int | None = None) -> Evaluation | None:
        """Measure a split, or its first examples, and put it into the curves, which are saved as well."""
        session = self.session
        if not len(getattr(session.data, split)):
            return None
        evaluator = session.evaluator(split, limit)
        while not session.measure(evaluator):
            pass
        assert evaluator.result is not None
        session.note(split, evaluator.result)
        return evaluator.result

    def _measure_test(self) -> None:
        test, restored = self.test, self.session.stopping.restored
        if test is None or test.step != self.session.step or restored:
            self.test = test = self._note("test")
        if test is not None and not self.best >= test.score:  # the first is compared with NaN
            self.best = test.score


def report(run: Run, example: str | None, file: str | None) -> dict[str, Any]:
    """What came out, ready for JSON: what is not finite, or was not measured any more, is None."""
    session = run.session
    score = "r2" if session.data.task == "regression" else "accuracy"
    values = session.network.parameters
    found = {
        "example": example,
        "file": file,
        "epochs": session.epoch,
        "steps": session.step,
        "seed": session.project.training.seed,
        "train_loss": _finite(run.train.loss) if run.train else None,
        f"train_{score}": _finite(run.train.score) if run.train else None,
        "test_loss": _finite(run.test.loss) if run.test else None,
        f"test_{score}": _finite(run.test.score) if run.test else None,
        **{key: _of_test(run, name) for key, name in _BESIDE.items()},
        "test_classes": _classes(run),
        "best_test_accuracy": None,
        f"best_test_{score}": _finite(run.best),
        "stopped_because": run.stopped_because,
        "parameters": _parameters(values),
        "samples_per_second": round(run.samples / run.training_seconds) if run.samples else None,
        "seconds": round(run.seconds, 3),
    }
    return found


def untrained_report(
    project: Project | None, checkpoint: Checkpoint | None, example: str | None, file: str | None
) -> dict[str, Any]:
    """The report of a run that was interrupted while its project or its data were being read."""
    measured = ("train_loss", "train_accuracy", "test_loss", "test_accuracy", *_BESIDE, "test_classes")
    return {
        "example": example,
        "file": file,
        "epochs": checkpoint.epoch if checkpoint else 0,
        "steps": checkpoint.step if checkpoint else 0,
        "seed": project.training.seed if project else None,
        **dict.fromkeys((*measured, "best_test_accuracy")),
        "stopped_because": INTERRUPTED_EARLY,
        "parameters": _parameters(checkpoint.parameters) if checkpoint else {"number": None, "values": []},
        "samples_per_second": None,
        "seconds": 0.0,
    }


def _parameters(values: Array) -> dict[str, Any]:
    shown = [_finite(float(value)) for value in values[:MOST_VALUES]]
    return {"number": values.size, "values": shown}


def _classes(run: Run) -> list[dict[str, Any]] | None:
    """Per class of the test examples its scores, and how often it was taken for each class in turn."""
    test = run.test
    if test is None or test.confusion is None or test.class_scores is None:
        return None
    scores, names = test.class_scores, run.session.data.class_names
    columns = (scores.precision, scores.recall, scores.f1)
    return [
        {"name": name, "precision": precision, "recall": recall, "f1": f1, "taken_for": row}
        for name, precision, recall, f1, row in zip(
            names, *(column.tolist() for column in columns), test.confusion.tolist(), strict=False
        )
    ]


def _of_test(run: Run, name: str) -> float | None:
    """What was measured of the test examples beside the score; None where it has no meaning."""
    value: float | None = getattr(run.test, name, None)
    return None if value is None else _finite(value)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


class ProgressBar:
    """A bar on a terminal; elsewhere a plain line now and then. Training outlives the stream."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream: TextIO | None = stream or sys.stderr  # which is None where it was closed at the start
        self._live = self._stream is not None and self._stream.isatty()
        self._next = 0.0
        self._width = 0

    def show(self, run: Run, epochs: int, *, last: bool = False) -> None:
        """Show how far a run is, if it is time to."""
        now = time.perf_counter()
        if self._stream is None or (now < self._next and not last):
            return
        self._next = now + (TTY_SECONDS if self._live else PLAIN_SECONDS)
        text = self._text(run, epochs, last)
        if self._live:
            text, self._width = "\r" + text.ljust(self._width), len(text)
        if last or not self._live:
            text += "\n"
        with suppress(OSError, ValueError):  # closed, or its reader has gone
            self._stream.write(text)
            self._stream.flush()

    def _text(self, run: Run, epochs: int, last: bool) -> str:
        batches = run.session.batches
        within = 0.0 if batches.epoch_done else batches.position / len(run.session.data.train)
        parts = []
        if run.epochs is not None:
            share = min(1.0, (epochs + within) / run.epochs)
            parts.append(f"[{'#' * round(BAR * share):<{BAR}}] {share:4.0%}")
        total = "" if run.epochs is None else f"/{run.epochs}"
        parts.append(f"epoch {epochs}{total}")
        if last and run.train is not None:
            parts.append(f"loss {run.train.loss:.4g}")
        if run.test is not None and math.isfinite(run.test.score):
            regression = run.session.data.task == "regression"
            parts.append(f"test R2 {run.test.score:.4g}" if regression else f"test {run.test.score:.2%}")
        if run.training_seconds > 0:
            parts.append(f"{run.samples / run.training_seconds:,.0f} examples/s")
        return "  ".join(parts)
