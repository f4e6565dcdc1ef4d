"""The training step and its five phases: forward, loss, backward, average, update.

What regularization adds to the gradient, and what it holds afterwards, belongs to the update; the loss is the
data's alone. So training and test loss, and runs with another λ, can be compared, and a step costs no pass
for a number that nobody may be looking at. Nielsen's cost includes the penalty: the vitals sample it apart.

The way back is linear in the δ it starts from. So a factor of the gradient is multiplied in there, where it
meets one number per output and example instead of one per weight: 1/n, and what the optimizer would multiply
g by. In plain descent this is η, which makes the update one subtraction; in Adam 1 − β₁. Then
`network.gradients` holds the product until `settle` is asked for g.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import copyto, divide, multiply, nan, vdot
from numpy.typing import NDArray

from engine.activations import Step
from engine.network import Network
from engine.optimizers import Optimizer, Slots
from engine.optimizers.blocks import bind_in_blocks
from engine.regularizers import Regularization
from engine.workspace import Feed, Workspace

Array = NDArray[Any]

PHASES = ("forward", "loss", "backward", "average", "update")
_ALARMING = 1e4
"""A loss beyond which the gradients may overflow, and so are looked at before they are used."""
_LEAST_SCALE = 1e-9
"""With a smaller η, η g leaves the range of float32, and with 0 the gradient would be lost."""


class TrainingStep:
    """One network, one optimizer: carries out steps whole, or phase by phase.

    Attributes:
        network, optimizer, slots: what it works on. After `run`, `settle` before the gradients are read.
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
        self._before = regularize.before_update
        self._update: Step | None = None
        self._update_scaled: Step | None = None
        self._after = (regularize.after_update, network.hold_after_update)
        self._grip: Step | None = None
        self._factor = np.ones((), network.dtype)
        self._unsettled = False
        self._use(1)

    def run(self, feed: Feed, size: int) -> float:
        """A whole step; returns the batch's mean loss.

        Where the loss is not finite, nothing is updated; where the gradients are not, neither, and the loss
        is given as NaN.
        """
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
        if self.slots.rate.item() != self._rate:
            self._unsettled = False  # the gradients are about to be written anew
            self._take_rate()
        multiply(self._slope, self._factor, self._slope)  # δ ← δ / n, the average, times the scale
        for step in work.backwards:
            step()
        if loss > _ALARMING and not self.has_finite_gradients:
            self.loss = nan
            return nan
        for step in self._updates:
            step()
        self._unsettled = self._scaled
        return loss

    def run_phase(self, phase: str, feed: Feed, size: int) -> None:
        """One phase of a step; the phases must be called in their order, all with the same batch.

        After "backward" the gradients are the sum over the batch, after "average" the mean; the parameters
        after "update" are bit for bit those of `run`. For this the way back is gone anew with each factor.
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
            self._go_back(np.array(1 / size, self.network.dtype))
        else:
            self._take_rate()
            if self._scaled:
                self._go_back(self._factor)
            for step in self._updates:
                step()
            self._unsettled = self._scaled
            self.settle()

    def settle(self) -> None:
        """Make `network.gradients` the mean gradient g of the last step, and `slots.update` its update."""
        if self._unsettled:
            gradients = self.network.gradients
            if self.optimizer.scaled_is_update:
                copyto(self.slots.update, gradients)  # η g
            divide(gradients, self._scale, gradients)
            self._unsettled = False

    def grip(self, indices: Array) -> None:
        """Hold these parameters (flat indices) as they are now; none: let go.

        Their slots are held at 0, except the sizes of past gradients: without them the first steps after
        letting go would be many times too long.
        """
        parameters, sizes = self.network.parameters, self.optimizer.sizes
        vectors = tuple(vector for name, vector in self.slots.vectors.items() if name not in sizes)
        values = parameters[indices]

        def hold() -> None:
            parameters[indices] = values
            for vector in vectors:
                vector[indices] = 0.0

        self._grip = hold if indices.size else None
        self._take_rate()

    @property
    def has_finite_gradients(self) -> bool:
        """Whether all gradients of the last way back are finite."""
        gradients = self.network.gradients
        length = float(vdot(gradients, gradients))  # allocates nothing, but may overflow by itself
        return length - length == 0.0 or bool(np.isfinite(gradients).all())

    def first_non_finite(self) -> tuple[str, str]:
        """Where the last batch gave the first number that is not finite, and whether "value" or "gradient".

        The id of the first layer, in order of computation, whose output is not finite; else of the first one
        on the way back with such a ∂L/∂w.
        """
        network = self.network
        for spec in network.order:
            if not np.isfinite(self.work.signals[spec.id].features).all():
                return spec.id, "value"
        for place in reversed(network.places):
            if not np.isfinite(place.of(network.gradients)).all():
                return place.layer, "gradient"
        return network.order[-1].id, "value"

    def _go_back(self, factor: Array) -> None:
        """The way back anew, with δ times a factor: the last one has changed δ in place."""
        self.work.bound_loss.forward()
        self.work.bound_loss.backward()
        multiply(self._slope, factor, self._slope)
        for step in self.work.backwards:
            step()

    def _use(self, size: int) -> None:
        self.work: Workspace = self.network.workspace(size, training=True)
        self._slope = self.work.output.delta
        self._take_rate()

    def _take_rate(self) -> None:
        """Find the factor of δ for the batch size and the learning rate, and the steps of the update."""
        self.settle()
        self._rate: float = self.slots.rate.item()
        scale = self.optimizer.scale(self._rate)
        self._scaled = self._before is None and scale is not None and scale > _LEAST_SCALE
        self._scale = scale if self._scaled and scale is not None else 1.0
        self._factor[...] = self._scale / self.work.batch
        steps = (self._before, self._bound_update(), *self._after, self._grip)
        self._updates: tuple[Step, ...] = tuple(step for step in steps if step is not None)

    def _bound_update(self) -> Step:
        """The optimizer's update for gradients scaled or not, bound when it is first needed."""
        optimizer, vectors = self.optimizer, (self.network.parameters, self.network.gradients, self.slots)
        if self._scaled:
            self._update_scaled = self._update_scaled or bind_in_blocks(optimizer.bind_scaled, *vectors)
            return self._update_scaled
        self._update = self._update or bind_in_blocks(optimizer.bind, *vectors)
        return self._update
