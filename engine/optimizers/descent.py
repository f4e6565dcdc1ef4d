"""Gradient descent and its momentum: w ← w − η g, and v ← μ v − η g, w ← w + v."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import add, multiply, subtract

from engine.fields import setting
from engine.optimizers.base import Array, Optimizer, Slots, Step, optimizer


@optimizer
@dataclass(frozen=True, kw_only=True)
class SGD(Optimizer):
    """Gradient descent: batch, mini-batch or stochastic, as the batch size makes it."""

    kind = "sgd"
    label = "Gradient descent (SGD)"
    formula = r"w \leftarrow w - \eta\, g"
    source = "Ruder 2016, An overview of gradient descent optimization algorithms, eq. (3)"

    def bind(self, parameters: Array, gradients: Array, slots: Slots) -> Step:
        rate, update = slots.rate, slots.update

        def step() -> None:
            multiply(gradients, rate, update)
            subtract(parameters, update, parameters)

        return step


@optimizer
@dataclass(frozen=True, kw_only=True)
class Momentum(Optimizer):
    """A ball rolling downhill: past gradients add up to a velocity."""

    kind = "momentum"
    label = "Momentum"
    formula = r"v \leftarrow \mu v + g,\quad w \leftarrow w - \eta v"
    source = "Ruder 2016, eq. (4), in the form of Sutskever et al. 2013 that PyTorch uses (rate outside)"
    slots = ("velocity",)

    momentum: float = setting(
        0.9,
        label="Momentum",
        minimum=0.0,
        below=1.0,
        step=0.05,
        help="How much of the last velocity is kept.",
    )

    def bind(self, parameters: Array, gradients: Array, slots: Slots) -> Step:
        rate, update, velocity = slots.rate, slots.update, slots.vectors["velocity"]
        mu = np.array(self.momentum, parameters.dtype)

        def step() -> None:
            multiply(velocity, mu, velocity)
            add(velocity, gradients, velocity)
            multiply(velocity, rate, update)
            subtract(parameters, update, parameters)

        return step
