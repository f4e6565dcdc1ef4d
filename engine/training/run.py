"""The run: one project trained from fresh weights on, as a state machine without threads.

`advance` does training steps, or one slice of an evaluation that is due, and never takes long; `run_phase`
does one fifth of a step.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from engine.datasets.base import Data
from engine.design import Project, StopRules
from engine.edits.names import title
from engine.network import Network
from engine.optimizers import Slots
from engine.schedules import Constant
from engine.training.batches import Batches
from engine.training.evaluation import Evaluator
from engine.training.records import FLUSH, Records
from engine.training.runlog import RunLog
from engine.training.snapshot import Evaluation, frozen_copy
from engine.training.speedometer import Speedometer
from engine.training.step import PHASES, TrainingStep
from engine.training.stopping import Stopping
from engine.training.trainer import Trainer
from engine.training.vitals import Vitals
from engine.workspace import Feed

_LOST = {"value": "The loss is no longer a finite number", "gradient": "The gradient is no longer finite"}


class Run:
    """One run.

    Attributes:
        trainer: what trains: the compiled network, the optimizer's memory, the batches.
        step, epoch: finished steps and epochs; phase: the last finished phase, "update" at a batch boundary.
        stopping: whether and why it ended by itself.
        records: the curves and the newest measures.
        speed: steps per second.
        diverged_at: the layer and step where a value first was not finite, if that stopped it.
        before_batch: what a batch that is done phase by phase changes before its update, as it was before.
        log: the start of the run and everything since that does not follow from the project by itself.
    """

    phase: str
    diverged_at: tuple[str, int] | None

    def __init__(self, project: Project, data: Data) -> None:
        self.trainer = Trainer(project, data)
        self.step = self.epoch = 0
        self.phase = PHASES[-1]
        self.diverged_at = None
        self.before_batch: dict[str, Any] = {}
        self.records = Records()
        self.stopping = Stopping()
        self.log = RunLog.starting(project, data)
        self.speed = Speedometer()
        self._set_rate()

    @property
    def project(self) -> Project:
        """What is trained."""
        return self.trainer.project

    @property
    def data(self) -> Data:
        """What it is trained on."""
        return self.trainer.data

    @property
    def network(self) -> Network:
        """The compiled network."""
        return self.trainer.network

    @property
    def slots(self) -> Slots:
        """The optimizer's memory."""
        return self.trainer.slots

    @property
    def training(self) -> TrainingStep:
        """Carries out steps."""
        return self.trainer.training

    @property
    def batches(self) -> Batches:
        """The training examples in their order."""
        return self.trainer.batches

    @property
    def vitals(self) -> Vitals:
        """The layers' health."""
        return self.trainer.vitals

    @property
    def run_number(self) -> int:
        """Changes whenever the network is compiled anew."""
        return self.trainer.run_number

    @property
    def evaluations(self) -> dict[str, Evaluation]:
        """The newest measure of each split, by "train" and "test"."""
        return self.records.evaluations

    @property
    def stopped_because(self) -> str | None:
        """Why training stopped by itself, a sentence; None while it may go on."""
        return self.stopping.reason

    @property
    def _rules(self) -> StopRules:
        return self.project.training.stop

    # -- training

    def advance(self, steps: int) -> int:
        """Do up to `steps` training steps, or one slice of a due evaluation; returns the steps done."""
        if self.stopped_because is not None:
            return 0
        start = time.perf_counter()
        with np.errstate(all="ignore"):  # what is not finite is found in the loss, and named
            if self.stopping.checking:
                self._advance_check()
                done = 0
            elif self.phase != PHASES[-1]:
                done = self._finish_batch()
            else:
                done = self._steps(min(steps, self.stopping.steps_left(self._rules, self.step)))
                if done and self.diverged_at is None:
                    self.vitals.sample_if_due(self.step)
        self.stopping.seconds += time.perf_counter() - start
        self._look_at_limits()
        return done

    def _look_at_limits(self) -> None:
        if self.phase == PHASES[-1] and not self.stopping.checking:  # an epoch's end is measured first
            self.stopping.look_at_steps(self.project.training, self.network, self.step)
            if self.stopping.is_time_up(self._rules):
                self.end_by_time()

    def end_by_time(self) -> None:
        """Stop because the time is used up, which the log must know: elsewhere it is so at another step."""
        self.stopping.end_by_time(self.project.training, self.network)
        self.log.record_incident(self.step, self.project, "time up")

    def run(self, steps: int) -> int:
        """Do `steps` training steps, and the evaluations due between them; returns the steps done.

        What is due after the last may still be unfinished (`stopping.checking`); see `finish_check`.
        """
        done = 0
        while done < steps and self.stopped_because is None:
            done += self.advance(steps - done)
        return done

    def run_epoch(self) -> None:
        """Train until the end of the current epoch, or until it stops by itself."""
        epoch = self.epoch
        while self.epoch == epoch and self.stopped_because is None:
            self.advance(FLUSH)
        self.finish_check()

    def finish_check(self) -> None:
        """Measure what is due at an epoch's end, and draw the consequences: it may be the end of the run."""
        while self.stopping.checking and self.stopped_because is None:
            self.advance(0)

    def run_phase(self) -> str:
        """Do the next phase of a step; returns its name."""
        if self.stopped_because is not None:
            return self.phase
        with np.errstate(all="ignore"):
            self._finish_check()
            if self.stopping.reason is not None:
                return self.phase
            if self.phase == PHASES[-1]:
                self._batch = self._next_batch()
            following = PHASES[(PHASES.index(self.phase) + 1) % len(PHASES)]
            self.training.run_phase(following, *self._batch)
            self.phase = following
            lost = following == "loss" and not np.isfinite(self.training.loss)
            if lost or (following == "average" and not self.training.has_finite_gradients):
                self._diverged()
            elif following == PHASES[-1]:
                self._batch_done()
                self._look_at_limits()
        return following

    def _steps(self, steps: int) -> int:
        run, batches, losses = self.training.run, self.batches, self.records.waiting
        keep = self.trainer.keep if self.network.state.size else None
        scheduled = not isinstance(self.project.training.schedule, Constant)
        for done in range(steps):
            if batches.epoch_done:
                batches.next_epoch()
            if scheduled:
                self._set_rate()
            if keep is not None:
                keep()
            loss = run(*batches.next_batch())
            if loss - loss != 0.0:  # not finite
                self._diverged()
                return done
            losses.append(loss)
            self.step += 1
            if len(losses) == FLUSH:
                self.records.flush(self.step)
            if batches.epoch_done:
                self._epoch_done()
                return done + 1
        return steps

    def _set_rate(self) -> None:
        """Give the optimizer the learning rate of the coming step."""
        self.trainer.set_rate(self.epoch, self.stopping.observed.schedule)

    def _finish_batch(self) -> int:
        before = self.step
        while self.phase != PHASES[-1] and self.stopped_because is None:
            self.run_phase()
        return self.step - before

    def _next_batch(self) -> tuple[Feed, int]:
        if self.batches.epoch_done:
            self.batches.next_epoch()
        self._set_rate()
        self.trainer.keep()
        self.before_batch = {
            "position": self.batches.position,
            "dropout_state": dict(self.network.rng.bit_generator.state),
            "state": frozen_copy(self.network.state),
        }
        return self.batches.next_batch()

    def _batch_done(self) -> None:
        self.records.waiting.append(self.training.loss)
        self.step += 1
        if self.batches.epoch_done:
            self._epoch_done()

    def _epoch_done(self) -> None:
        self.epoch += 1
        self.stopping.begin_check(self.project.training, self.evaluator)
        self._advance_check()

    def _advance_check(self) -> None:
        """One slice of what must be measured at the end of an epoch."""
        for name, result in self.stopping.advance_check(self.network, self.epoch).items():
            self.records.note(name, result)

    def _finish_check(self) -> None:
        while self.stopping.checking:
            self._advance_check()
        self._look_at_limits()

    def _settle(self) -> None:
        """Come to a batch boundary with everything done: the begun batch, the measures of an epoch's end."""
        with np.errstate(all="ignore"):
            if self.phase != PHASES[-1]:
                self._finish_batch()
            self._finish_check()
        self.records.flush(self.step)

    def _diverged(self) -> None:
        name, what = self.training.first_non_finite()
        self.diverged_at = (name, self.step + 1)
        self.phase = PHASES[-1]  # the batch is given up: its gradients would ruin every weight
        self.trainer.give_up()
        self.log.record_incident(self.step, self.project, "given up")
        reason = (
            f"{_LOST[what]}: at step {self.step + 1:,} the layer "
            f"“{title(self.network.design, name)}” gave the first {what} that is not finite. "
            "Try a smaller learning rate, then reset."
        )
        self.stopping.end(reason, self.project.training, self.network)

    # -- measuring

    def evaluator(self, split: str, limit: int | None = None) -> Evaluator:
        """A measure of "train" or "test", or of its first examples, to be advanced."""
        return Evaluator(self.network, self.data, getattr(self.data, split), self.step, limit)

    def measure(self, evaluator: Evaluator) -> bool:
        """Advance a measure by one slice; True when it is finished."""
        with np.errstate(all="ignore"):
            return evaluator.advance()

    def evaluate(self, split: str) -> Evaluation:
        """Measure "train" or "test" now, whole."""
        with np.errstate(all="ignore"):
            return self.evaluator(split).finish()

    def note(self, split: str, result: Evaluation) -> None:
        """Put a measure into the curves."""
        self.records.note(split, result)
