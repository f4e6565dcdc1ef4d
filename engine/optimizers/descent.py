"""Gradient descent and its momentum: w ← w − η g, and v ← μ v + g, w ← w − η v."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from numpy import add, multiply, subtract

from engine.activations import constant
from engine.fields import setting
from engine.optimizers.base import Array, Optimizer, Slots, Step, optimizer


@optimizer
@dataclass(frozen=True, kw_only=True)
class SGD(Optimizer):
    """Gradient descent: batch, mini-batch or stochastic, as the batch size makes it."""

    kind = "sgd"
    label = "Gradient descent (SGD)"
    formula = r"w \leftarrow w - \eta\, g"
    source = "Ruder 2016, An overview of gradient descent optimization algorithms, eq. (1)–(3)"
    scaled_is_update = True

    def bind(self, parameters: Array, gradients: Array, slots: Slots) -> Step:
        rate, update = slots.rate, slots.update

        def step() -> None:
            multiply(gradients, rate, update)
            subtract(parameters, update, parameters)

        return step

    def scale(self, rate: float) -> float:
        return rate

    def bind_scaled(self, parameters: Array, gradients: Array, slots: Slots) -> Step:
        return partial(subtract, parameters, gradients, parameters)  # w ← w − η g, g scaled beforehand


@optimizer
@dataclass(frozen=True, kw_only=True)
class Momentum(Optimizer):
    """A ball rolling downhill: past gradients add up to a velocity."""

    kind = "momentum"
    label = "Momentum"
    formula = r"v \leftarrow \mu v + g,\quad w \leftarrow w - \eta v"
    source = "Polyak 1964; Ruder 2016, eq. (4), in PyTorch's form, with the rate outside v"
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
        mu = constant(self.momentum, parameters)

        def step() -> None:
            multiply(velocity, mu, velocity)
            add(velocity, gradients, velocity)
            multiply(velocity, rate, update)
            subtract(parameters, update, parameters)

        return step


@optimizer
@dataclass(frozen=True, kw_only=True)
class Nesterov(Momentum):
    """Momentum that looks ahead: it also takes the step that its new velocity is about to take."""

    kind = "nesterov"
    label = "Nesterov momentum"
    formula = r"v \leftarrow \mu v + g,\quad w \leftarrow w - \eta\,(g + \mu v)"
    source = "Nesterov 1983; Sutskever et al. 2013, eq. (3)–(4); Ruder 2016, eq. (5); in PyTorch's form"

    def bind(self, parameters: Array, gradients: Array, slots: Slots) -> Step:
        rate, update, velocity = slots.rate, slots.update, slots.vectors["velocity"]
        mu = constant(self.momentum, parameters)

        def step() -> None:
            multiply(velocity, mu, velocity)
            add(velocity, gradients, velocity)
            multiply(velocity, mu, update)
            add(update, gradients, update)
            multiply(update, rate, update)
            subtract(parameters, update, parameters)

        return step
