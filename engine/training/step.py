"""The training step and its five phases: forward, loss, backward, average, update.

What regularization adds to the gradient, and what it holds afterwards, belongs to the update; the loss is the
data's alone. So training and test loss, and runs with another λ, can be compared, and a step costs no pass
for a number that nobody may be looking at. Nielsen's cost includes the penalty: the vitals sample it apart.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import multiply
from numpy.typing import NDArray

from engine.activations import Step
from engine.network import Feed, Network, Workspace
from engine.optimizers import Optimizer, Slots
from engine.optimizers.blocks import bind_in_blocks
from engine.regularizers import Regularization

Array = NDArray[Any]

PHASES = ("forward", "loss", "backward", "average", "update")


class TrainingStep:
    """One network, one optimizer: carries out steps whole, or phase by phase.

    Attributes:
        network, optimizer, slots: what it works on.
        work: the workspace of the last batch.
        loss: the mean loss of the last batch, before its update.
        penalty: computes what L1 and L2 add to the loss for the parameters as they are; None without them.
    """

    def __init__(
        self, network: Network, optimizer: Optimizer, slots: Slots, regularization: Regularization
    ) -> None:
        self.network = network
        self.optimizer = optimizer
        self.slots = slots
        self.loss = float("nan")
        regularize = regularization.bind(network)
        self.penalty = regularize.penalty
        update = bind_in_blocks(optimizer, network.parameters, network.gradients, slots)
        steps = (regularize.before_update, update, regularize.after_update, network.hold_after_update)
        self._own_updates = tuple(step for step in steps if step is not None)
        self._updates: tuple[Step, ...] = self._own_updates
        self._shares: dict[int, Array] = {}
        self._use(1)

    def run(self, feed: Feed, size: int) -> float:
        """A whole step; returns the batch's mean loss. Where the loss is not finite, nothing is updated."""
        if size != self.work.batch:
            self._use(size)
        work = self.work
        work.feed(feed)
        for step in work.forwards:
            step()
        self.loss = loss = work.bound_loss.forward()
        if loss - loss != 0.0:  # not finite
            return loss
        work.bound_loss.backward()
        multiply(self._slope, self._share, self._slope)  # the average over the examples, where it is cheapest
        for step in work.backwards:
            step()
        for step in self._updates:
            step()
        return loss

    def run_phase(self, phase: str, feed: Feed, size: int) -> None:
        """One phase of a step; the phases must be called in their order, all with the same batch.

        After "backward" the gradients are the sum over the batch, after "average" the mean, bit for bit that
        of `run`: δ is divided by the number of examples once, at the loss, and all gradients follow.
        """
        if size != self.work.batch:
            self._use(size)
        if phase == "forward":
            self.work.feed(feed)
            self.work.forward()
        elif phase == "loss":
            self.loss = self.work.bound_loss.forward()
        elif phase == "backward":
            self.work.backward()
        elif phase == "average":
            self.work.bound_loss.forward()  # its δ anew: the way back has changed it in place
            self.work.bound_loss.backward()
            multiply(self._slope, self._share, self._slope)
            for step in self.work.backwards:
                step()
        else:
            for step in self._updates:
                step()

    def grip(self, indices: Array) -> None:
        """Hold these parameters (flat indices) as they are now, their slots at 0; none: let go."""
        parameters, vectors = self.network.parameters, tuple(self.slots.vectors.values())
        values = parameters[indices]

        def hold() -> None:
            parameters[indices] = values
            for vector in vectors:
                vector[indices] = 0.0

        self._updates = (*self._own_updates, hold) if indices.size else self._own_updates

    def first_non_finite(self) -> str:
        """The id of the first layer, in order of computation, whose output is not finite in the last
        batch.
        """
        for spec in self.network.order:
            if not np.isfinite(self.work.signals[spec.id].features).all():
                return spec.id
        return self.network.order[-1].id

    def _use(self, size: int) -> None:
        self.work: Workspace = self.network.workspace(size, training=True)
        self._slope = self.work.output.delta
        if size not in self._shares:
            self._shares[size] = np.array(1 / size, self.network.dtype)
        self._share = self._shares[size]
