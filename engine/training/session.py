"""The session: one run of one project, from fresh weights on, as a state machine without threads.

`advance` does training steps, or one slice of an evaluation that is due, and never takes long; `run_phase`
does one fifth of a step. Edits are taken at batch boundaries and carry the learned weights over. The whole
state can be taken as a checkpoint; `resuming` goes on from there, bit for bit.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.random import SeedSequence, default_rng
from numpy.typing import NDArray

from engine.datasets.base import Data
from engine.design import Project, StopRules
from engine.edits.names import title
from engine.network import Feed, Network, compile_network
from engine.optimizers import Slots
from engine.schedules import Constant
from engine.training.batches import Batches
from engine.training.byhand import ParameterChange, indices_of, put
from engine.training.checkpoint import Checkpoint
from engine.training.evaluation import Evaluator
from engine.training.history import Curve
from engine.training.runlog import RunLog
from engine.training.snapshot import Evaluation, Snapshot
from engine.training.speedometer import Speedometer
from engine.training.step import PHASES, TrainingStep
from engine.training.stopping import Stopping
from engine.training.vitals import Vitals
from engine.transfer import Memory, TransferReport, remember, transfer

Array = NDArray[Any]

FLUSH = 256
"""Losses gathered before they are put into the curve."""

_run_numbers = itertools.count(1)


class Session:
    """One run.

    Attributes:
        project, data: what is trained, and on what.
        network, slots: the compiled network and the optimizer's memory.
        run: a number that changes whenever the network is compiled anew.
        step, epoch: finished steps and epochs; phase: the last finished phase, "update" at a batch boundary.
        vitals: the layers' health, sampled now and then.
        stopping: whether and why it ended by itself.
        curves: "loss" per step, and "train_loss", "test_loss", "train_score", "test_score" per evaluation.
        diverged_at: the layer and step where a value first was not finite, if that stopped it.
        log: the start of the run and every edit since; revision: how often weights have been set by hand.
    """

    network: Network
    slots: Slots
    training: TrainingStep
    vitals: Vitals
    batches: Batches
    phase: str
    diverged_at: tuple[str, int] | None
    stopping: Stopping

    def __init__(self, project: Project, data: Data) -> None:
        self.project = project
        self.data = data
        self.log = RunLog.starting(project)
        self._compile()
        self._start()

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
            self.stopping.look_at_limits(self._rules, self.step)

    def run(self, steps: int) -> int:
        """Do `steps` training steps, with the evaluations that are due; returns the steps done."""
        done = 0
        while done < steps and self.stopped_because is None:
            done += self.advance(steps - done)
        return done

    def run_epoch(self) -> None:
        """Train until the end of the current epoch, or until it stops by itself."""
        epoch = self.epoch
        while self.epoch == epoch and self.stopped_because is None:
            self.advance(FLUSH)
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
            if following == "loss" and not np.isfinite(self.training.loss):
                self._diverged()
            elif following == PHASES[-1]:
                self._batch_done()
                self._look_at_limits()
        return following

    def _steps(self, steps: int) -> int:
        run, losses = self.training.run, self._losses
        scheduled = not isinstance(self.project.training.schedule, Constant)
        for done in range(steps):
            if self.batches.epoch_done:
                self.batches.next_epoch()
            if scheduled:
                self._set_rate()
            loss = run(*self.batches.next_batch())
            if loss - loss != 0.0:  # not finite
                self._diverged()
                return done
            losses.append(loss)
            self.step += 1
            if len(losses) == FLUSH:
                self._flush()
            if self.batches.epoch_done:
                self._epoch_done()
                return done + 1
        return steps

    def _set_rate(self) -> None:
        """Give the optimizer the learning rate of the coming step."""
        config = self.project.training
        base, schedule = config.optimizer.learning_rate, config.schedule
        rate = schedule.rate(base, self.step, len(self.batches), self.stopping.observed.schedule)
        self.slots.rate[...] = rate

    def _finish_batch(self) -> int:
        while self.phase != PHASES[-1] and self.stopped_because is None:
            self.run_phase()
        return 1

    def _next_batch(self) -> tuple[Feed, int]:
        if self.batches.epoch_done:
            self.batches.next_epoch()
        self._set_rate()
        return self.batches.next_batch()

    def _batch_done(self) -> None:
        self._losses.append(self.training.loss)
        self.step += 1
        if self.batches.epoch_done:
            self._epoch_done()

    def _epoch_done(self) -> None:
        self.epoch += 1
        self.stopping.begin_check(self.project.training, self._evaluator)
        self._advance_check()

    def _advance_check(self) -> None:
        """One slice of what must be measured at the end of an epoch."""
        for name, result in self.stopping.advance_check(self.network, self.epoch).items():
            self.note(name, result)

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
        self._flush()

    def _evaluator(self, split: str) -> Evaluator:
        return Evaluator(self.network, self.data, getattr(self.data, split), self.step)

    def _diverged(self) -> None:
        name = self.training.first_non_finite()
        self.diverged_at = (name, self.step + 1)
        self.phase = PHASES[-1]  # the batch is given up: its gradients would ruin every weight
        self.stopping.reason = (
            f"The loss is no longer a finite number: at step {self.step + 1:,} the layer "
            f"“{title(self.network.design, name)}” gave the first value that is not finite. "
            "Try a smaller learning rate, then reset."
        )

    # -- measuring

    def measure(self, evaluator: Evaluator) -> bool:
        """Advance a measure by one slice; True when it is finished."""
        with np.errstate(all="ignore"):
            return evaluator.advance()

    def evaluate(self, split: str) -> Evaluation:
        """Measure "train" or "test" now, whole."""
        with np.errstate(all="ignore"):
            return self._evaluator(split).finish()

    def note(self, split: str, result: Evaluation) -> None:
        """Put a measure into the curves."""
        self.evaluations[split] = result
        self.curves[f"{split}_loss"].append(result.step, result.loss)
        self.curves[f"{split}_score"].append(result.step, result.score)

    def snapshot(self, *, gradients: bool = False, curves: bool = False, vitals: bool = False) -> Snapshot:
        """A frozen copy of what there is to see.

        It always holds the newest sample of the vitals; `vitals` makes sure that this is of the last step.
        """
        network = self.network
        if curves:
            self._flush()
        if vitals:
            self._refresh_vitals()
        return Snapshot(
            run=self.run_number,
            step=self.step,
            epoch=self.epoch,
            batch=-(-self.batches.position // self.batches.size) % len(self.batches),
            phase=self.phase,
            loss=self.training.loss,
            parameters=_frozen(network.parameters),
            state=_frozen(network.state),
            gradients=_frozen(network.gradients) if gradients else None,
            batch_examples=self.batches.example_indices(),
            learning_rate=float(self.slots.rate),
            evaluations=dict(self.evaluations),
            curves={name: curve.data() for name, curve in self.curves.items()} if curves else {},
            steps_per_second=self._speed.read(self.step),
            health=self.vitals.newest,
            revision=self.revision,
        )

    def _refresh_vitals(self) -> None:
        newest, known = self.vitals.newest, np.isfinite(self.training.loss) and self.phase == PHASES[-1]
        if known and (newest is None or newest.step != self.step):
            with np.errstate(all="ignore"):
                self.vitals.sample(self.step)

    def _flush(self) -> None:
        losses = self._losses
        if losses:
            steps = np.arange(self.step - len(losses) + 1, self.step + 1, dtype=np.float64)
            self.curves["loss"].extend(steps, np.array(losses))
            losses.clear()

    # -- edits

    def edit(
        self, project: Project, *, data: Data | None = None, donor: Memory | None = None
    ) -> tuple[TransferReport | None, Memory]:
        """Go on with an edited project at the batch boundary; DesignError leaves everything as it was.

        Learned weights are carried over; `donor` gives back what an earlier edit removed. Returns the report
        of what was carried (None where the network stays) and a memory of the state before, for undo.
        """
        self._settle()
        before = remember(self.network, self.slots)
        old_project = self.project
        report = None
        if data is not None or _needs_compiling(old_project, project):
            report = self._recompile(project, data or self.data, donor)
        self._set_project(project, old_project, data)
        self.log.record(self.step, project, donor)
        return report, before

    def _recompile(self, project: Project, data: Data, donor: Memory | None) -> TransferReport:
        old, old_slots = self.network, self.slots
        network = _compiled(project, data)
        slots = _fresh_slots(project, network)
        report = transfer(old, network, old_slots=old_slots, new_slots=slots, donor=donor)
        self.network, self.slots = network, slots
        self.run_number = next(_run_numbers)
        self.stopping.forget_check()
        return report

    def _set_project(self, project: Project, old: Project, data: Data | None) -> None:
        config = project.training
        self.project = project
        if type(config.optimizer) is not type(old.training.optimizer):
            self.slots = _fresh_slots(project, self.network)
        if data is not None:
            self.data = data
        vitals = self.vitals
        self._make_training()
        if vitals.training.network is self.network:
            self.vitals.newest = vitals.newest
        shuffle_changed = config.shuffle != old.training.shuffle or config.precision != old.training.precision
        if data is not None or shuffle_changed:
            self._make_batches()
        elif config.batch_size != old.training.batch_size:
            self.batches.resize(config.batch_size)
        self._set_rate()
        self.stopping.resume_after_edit(self.network)
        self.diverged_at = None

    def set_parameters(self, change: ParameterChange) -> ParameterChange:
        """Set weights by hand at the batch boundary, and hold them, and only them, if the change says so.

        ValueError, one sentence, leaves everything as it was. Returns the change that undoes it: the values
        and the optimizer's memory that were there.
        """
        indices = indices_of(self.network, change.edits)
        self._settle()
        opposite = put(self.network, self.slots, change, indices)
        self.training.grip(indices if change.hold else indices[:0])
        self.revision += 1
        self.log.record_change(self.step, self.project, change)
        if self.diverged_at is not None and change.edits:
            self.diverged_at = self.stopping.reason = None
        return opposite

    def reset(self) -> None:
        """Back to the same initial weights, the same order of examples, step 0."""
        self.log = RunLog.starting(self.project)
        self._compile()
        self._start()

    # -- checkpoints

    def checkpoint(self) -> Checkpoint:
        """Everything needed to go on, taken at the batch boundary (a begun batch is finished first)."""
        self._settle()
        return Checkpoint(
            step=self.step,
            epoch=self.epoch,
            position=self.batches.position,
            epoch_state=self.batches.epoch_state,
            dropout_state=dict(self.network.rng.bit_generator.state),
            count=self.slots.count,
            rate=float(self.slots.rate),
            parameters=_frozen(self.network.parameters),
            state=_frozen(self.network.state),
            vectors={name: _frozen(vector) for name, vector in self.slots.vectors.items()},
            curves={name: (curve.table(), curve.per_stretch) for name, curve in self.curves.items()},
            stopped_because=self.stopping.reason,
            observed=self.stopping.observed,
            seconds=self.stopping.seconds,
            best=self.stopping.best,
        )

    # -- set-up

    def _compile(self) -> None:
        self.network = _compiled(self.project, self.data)
        self.slots = _fresh_slots(self.project, self.network)
        self._make_training()
        self.run_number = next(_run_numbers)

    def _make_training(self) -> None:
        config = self.project.training
        self.training = TrainingStep(self.network, config.optimizer, self.slots, config.regularization)
        self.vitals = Vitals(self.training, len(self.data.train))

    def _start(self) -> None:
        self.step = self.epoch = 0
        self.phase = PHASES[-1]
        self.diverged_at = None
        self.revision = 0
        self.evaluations: dict[str, Evaluation] = {}
        names = ("loss", "train_loss", "test_loss", "train_score", "test_score")
        self.curves = {name: Curve() for name in names}
        self._losses: list[float] = []
        self.stopping = Stopping()
        self._speed = Speedometer()
        self._make_batches()
        self._set_rate()

    def _make_batches(self) -> None:
        config = self.project.training
        rng = default_rng(SeedSequence([config.seed, 1]))
        dtype = self.network.dtype
        self.batches = Batches(self.data.train, config.batch_size, dtype, shuffle=config.shuffle, rng=rng)


def _compiled(project: Project, data: Data) -> Network:
    config = project.training
    outputs = data.train.targets.shape[1]
    return compile_network(
        project.design,
        config.loss,
        seed=config.seed,
        dtype=config.precision,
        outputs=outputs,
        batch=min(config.batch_size, len(data.train)),
    )


def _fresh_slots(project: Project, network: Network) -> Slots:
    optimizer = project.training.optimizer
    return Slots.fresh(optimizer.slots, network.parameters, optimizer.learning_rate)


def _needs_compiling(old: Project, new: Project) -> bool:
    return (
        old.design != new.design
        or old.training.loss != new.training.loss
        or old.training.precision != new.training.precision
    )


def _frozen(array: Array) -> Array:
    copy = array.copy()
    copy.flags.writeable = False
    return copy


def with_seed(project: Project, seed: int) -> Project:
    """The project with another training seed."""
    return replace(project, training=replace(project.training, seed=seed))
