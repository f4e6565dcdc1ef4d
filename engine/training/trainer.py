"""The trainer: a project and its data made ready to train, and made anew where an edit asks for it.

It holds what is built: the network, the optimizer's memory, the step and its vitals, and the batches. What
happens over time, and when it ends, is the session's.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.random import SeedSequence, default_rng

from engine.datasets.base import Data
from engine.design import Project
from engine.memory import Demand, demand
from engine.network import Network, compile_network
from engine.optimizers import Slots
from engine.schedules import ScheduleState
from engine.training.batches import Batches
from engine.training.step import TrainingStep
from engine.training.vitals import Vitals
from engine.transfer import Memory, TransferReport, transfer
from engine.validation import DesignError, infer

_run_numbers = itertools.count(1)


class Trainer:
    """What trains one project.

    Attributes:
        project, data: what is trained, and on what.
        network, slots: the compiled network and the optimizer's memory.
        training: carries out steps; vitals: the layers' health, sampled now and then.
        batches: the training examples, in their order.
        run_number: changes whenever the network is compiled anew.
    """

    network: Network
    slots: Slots
    training: TrainingStep
    vitals: Vitals
    batches: Batches
    run_number: int

    def __init__(self, project: Project, data: Data) -> None:
        self.project = project
        self.data = data
        self._take(_compiled(project, data))
        self.slots = self._fresh_slots()
        self._bind()
        self._begin_batches()

    def edit(self, project: Project, data: Data | None, donor: Memory | None) -> TransferReport | None:
        """Train another project from now on, with other data if given; DesignError changes nothing.

        Learned weights are carried over, and what `donor` has is given back. Returns the report of what was
        carried, None where the network stays.
        """
        old, report, vitals = self.project, None, self.vitals
        if data is not None or _needs_compiling(old, project):
            report = self._recompile(project, data or self.data, donor)
        elif _demand(old, self.data) != _demand(project, self.data):
            _needed(project, self.data)
        self.project = project
        if data is not None:
            self.data = data
        if type(project.training.optimizer) is not type(old.training.optimizer):
            self.slots = self._fresh_slots()
        self._bind()
        if vitals.training.network is self.network:
            self.vitals.newest = vitals.newest
        self._edit_batches(old, data)
        return report

    def keep(self) -> None:
        """Keep the state vector as it is before a batch, which moves it (running statistics)."""
        np.copyto(self._kept_state, self.network.state)

    def give_up(self) -> None:
        """Forget the begun batch: the state vector as kept, since values that are not finite would stay."""
        np.copyto(self.network.state, self._kept_state)

    def set_rate(self, epochs: int, observed: ScheduleState) -> None:
        """Give the optimizer the learning rate of the next step, after so many finished epochs.

        Schedules count in epochs: the step is that of a run which has had this batch size all the time.
        """
        config, batches = self.project.training, self.batches
        step = epochs * len(batches) + batches.done
        base = config.optimizer.learning_rate
        self.slots.rate[...] = config.schedule.rate(base, step, len(batches), observed)

    def _recompile(self, project: Project, data: Data, donor: Memory | None) -> TransferReport:
        old, old_slots = self.network, self.slots
        network = _compiled(project, data, beside=_needed(self.project, self.data))
        optimizer = project.training.optimizer
        slots = Slots.fresh(optimizer.slots, network.parameters, optimizer.learning_rate)
        sizes = optimizer.sizes
        report = transfer(old, network, old_slots=old_slots, new_slots=slots, sizes=sizes, donor=donor)
        slots.count = old_slots.count  # or bias corrections would take warm means for fresh ones
        network.rng.bit_generator.state = old.rng.bit_generator.state
        self._take(network)
        self.slots = slots
        return report

    def _take(self, network: Network) -> None:
        self.network = network
        self._kept_state = network.state.copy()
        self.run_number = next(_run_numbers)

    def _fresh_slots(self) -> Slots:
        optimizer = self.project.training.optimizer
        return Slots.fresh(optimizer.slots, self.network.parameters, optimizer.learning_rate)

    def _bind(self) -> None:
        config = self.project.training
        self.training = TrainingStep(self.network, config.optimizer, self.slots, config.regularization)
        self.vitals = Vitals(self.training, len(self.data.train))

    def _begin_batches(self) -> None:
        config = self.project.training
        rng = default_rng(SeedSequence([config.seed, 1]))
        dtype = self.network.dtype
        self.batches = Batches(self.data.train, config.batch_size, dtype, shuffle=config.shuffle, rng=rng)

    def _edit_batches(self, old: Project, data: Data | None) -> None:
        was, config = old.training, self.project.training
        if data is not None or config.shuffle != was.shuffle or config.precision != was.precision:
            self._begin_batches()
        elif config.batch_size != was.batch_size:
            self.batches.resize(config.batch_size)


def _compiled(project: Project, data: Data, beside: int = 0) -> Network:
    config = project.training
    needs = _demand(project, data)
    return compile_network(
        project.design,
        config.loss,
        seed=config.seed,
        dtype=config.precision,
        outputs=data.train.targets.shape[1],
        batch=needs.batch,
        vectors=needs.vectors,
        beside=beside,
    )


def _needed(project: Project, data: Data) -> int:
    """About how many bytes training takes; DesignError where there are not so many."""
    needs = _demand(project, data)
    found = infer(project.design, project.training.loss, data.train.targets.shape[1], **needs._asdict())
    if found.errors:
        raise DesignError(found.errors)
    return found.memory


def _demand(project: Project, data: Data) -> Demand:
    return demand(project.training, len(data.train))


def _needs_compiling(old: Project, new: Project) -> bool:
    return (
        old.design != new.design
        or old.training.loss != new.training.loss
        or old.training.precision != new.training.precision
    )
