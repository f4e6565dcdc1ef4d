"""The session: a run that is watched, edited and kept.

Edits are taken at batch boundaries, carry the learned weights over, and are logged. The whole state can be
taken as a checkpoint; `resuming` goes on from there, bit for bit.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.datasets.base import Data
from engine.design import Project
from engine.training.byhand import ParameterChange, indices_of, put
from engine.training.checkpoint import Checkpoint
from engine.training.run import Run
from engine.training.snapshot import Snapshot
from engine.training.step import PHASES
from engine.transfer import Memory, TransferReport, remember


class Session(Run):
    """One run, open to a user.

    Attributes:
        revision: how often weights have been set by hand.
    """

    def __init__(self, project: Project, data: Data) -> None:
        super().__init__(project, data)
        self.revision = 0

    # -- watching

    def snapshot(self, *, gradients: bool = False, curves: bool = False, vitals: bool = False) -> Snapshot:
        """A frozen copy of what there is to see.

        It always holds the newest sample of the vitals; `vitals` makes sure that this is of the last step.
        """
        if curves:
            self.records.flush(self.step)
        if vitals:
            self._refresh_vitals()
        return Snapshot.of(self, gradients=gradients, curves=curves)

    def _refresh_vitals(self) -> None:
        newest, known = self.vitals.newest, np.isfinite(self.training.loss) and self.phase == PHASES[-1]
        if known and (newest is None or newest.step != self.step):
            with np.errstate(all="ignore"):
                self.vitals.sample(self.step)

    # -- edits

    def edit(
        self,
        project: Project,
        *,
        data: Data | None = None,
        donor: Memory | None = None,
        text: str = "",
        gesture: str = "",
    ) -> tuple[TransferReport | None, Memory]:
        """Go on with an edited project at the batch boundary; DesignError leaves everything as it was.

        Learned weights are carried over; `donor` gives back what an earlier edit removed; `text` marks the
        moment in the curves, if the network is compiled anew and has learned something, and all edits of one
        `gesture` are one mark. Returns the report of what was carried (None where the network stays) and a
        memory of the state before, for undo.
        """
        self._settle()
        before = remember(self.network, self.slots)
        report = self.trainer.edit(project, data, donor)
        self.stopping.resume_after_edit(other_function=report is not None)
        self._set_rate()
        self.diverged_at = None
        self.log.record(self.step, project, donor, data)
        if report is not None and text and self.step:
            self.records.mark(self.step, text, gesture)
        return report, before

    def set_parameters(self, change: ParameterChange) -> ParameterChange:
        """Set weights by hand at the batch boundary, and hold them, and only them, if the change says so.

        ValueError, one sentence, leaves everything as it was. Returns the change that undoes it: the values
        and the optimizer's memory that were there.
        """
        indices = indices_of(self.network, change.edits)
        self._settle()
        sizes = self.project.training.optimizer.sizes
        opposite = put(self.network, self.slots, change, indices, sizes)
        self.training.grip(indices if change.hold else indices[:0])
        self.revision += 1
        self.log.record_change(self.step, self.project, change)
        if self.diverged_at is not None and change.edits:
            self.diverged_at = None
            self.stopping.let_go_on()
        return opposite

    def reset(self) -> None:
        """Back to the same initial weights, the same order of examples, step 0."""
        Session.__init__(self, self.project, self.data)

    def checkpoint(self) -> Checkpoint:
        """Everything needed to go on from the last batch boundary; a begun batch is left out, and goes on."""
        if self.phase != PHASES[-1]:
            self.records.flush(self.step)
            return replace(Checkpoint.of(self), **self.before_batch)
        self._settle()
        return Checkpoint.of(self)
