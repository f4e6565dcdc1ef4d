"""Optimizers that divide by the size of past gradients: Adagrad, RMSprop, Adadelta."""

from __future__ import annotations

from dataclasses import dataclass

from numpy import add, divide, multiply, sqrt, subtract

from engine.activations import constant
from engine.optimizers.base import (
    Array,
    Optimizer,
    Slots,
    Step,
    epsilon,
    follow_square,
    learning_rate,
    memory,
    optimizer,
)


@optimizer
@dataclass(frozen=True, kw_only=True)
class Adagrad(Optimizer):
    """Parameters that have moved much move less from now on; the rates only ever fall."""

    kind = "adagrad"
    label = "Adagrad"
    formula = r"s \leftarrow s + g^2,\quad w \leftarrow w - \eta\, g / (\sqrt{s} + \epsilon)"
    source = "Duchi et al. 2011, Adaptive subgradient methods, fig. 1; Ruder 2016, section 4.3"
    slots = ("square",)
    sizes = ("square",)

    learning_rate: float = learning_rate(0.01)
    epsilon: float = epsilon(1e-10)

    def bind(self, parameters: Array, gradients: Array, slots: Slots) -> Step:
        update, square = slots.update, slots.vectors["square"]
        descend = _descend_scaled(parameters, gradients, slots, self.epsilon)

        def step() -> None:
            multiply(gradients, gradients, update)
            add(square, update, square)
            descend()

        return step


@optimizer
@dataclass(frozen=True, kw_only=True)
class RMSprop(Optimizer):
    """Adagrad that forgets: divides by a running root mean square of the gradient."""

    kind = "rmsprop"
    label = "RMSprop"
    formula = (
        r"v \leftarrow \rho v + (1 - \rho)\, g^2,\quad w \leftarrow w - \eta\, g / (\sqrt{v} + \epsilon)"
    )
    source = "Hinton et al. 2012, Neural networks for machine learning, lecture 6e; Ruder 2016, section 4.5"
    slots = ("square",)
    sizes = ("square",)

    learning_rate: float = learning_rate(0.01)
    rho: float = memory(0.99, label="ρ", help="Memory of the square.")
    epsilon: float = epsilon(1e-8)

    def bind(self, parameters: Array, gradients: Array, slots: Slots) -> Step:
        follow = follow_square(gradients, slots.vectors["square"], slots.update, self.rho)
        descend = _descend_scaled(parameters, gradients, slots, self.epsilon)

        def step() -> None:
            follow()
            descend()

        return step


@optimizer
@dataclass(frozen=True, kw_only=True)
class Adadelta(Optimizer):
    """Steps in the units of the parameters: scaled by the size of past steps over that of past gradients."""

    kind = "adadelta"
    label = "Adadelta"
    formula = (
        r"d = \sqrt{\frac{u + \epsilon}{v + \epsilon}}\; g,\quad u \leftarrow \rho u + (1 - \rho)\, d^2,"
        r"\quad w \leftarrow w - \eta\, d"
    )
    source = "Zeiler 2012, Adadelta: an adaptive learning rate method, algorithm 1; Ruder 2016, section 4.4"
    slots = ("square", "step_square")

    learning_rate: float = learning_rate(1.0)
    rho: float = memory(0.9, label="ρ", help="Memory of both squares.")
    epsilon: float = epsilon(1e-6)

    def bind(self, parameters: Array, gradients: Array, slots: Slots) -> Step:
        rate, update = slots.rate, slots.update
        square, step_square = slots.vectors["square"], slots.vectors["step_square"]
        tiny = constant(self.epsilon, parameters)
        other = update.copy()
        follow = follow_square(gradients, square, other, self.rho)
        follow_step = follow_square(update, step_square, other, self.rho)

        def step() -> None:
            follow()
            add(square, tiny, other)
            add(step_square, tiny, update)
            divide(update, other, update)
            sqrt(update, update)
            multiply(update, gradients, update)
            follow_step()
            multiply(update, rate, update)
            subtract(parameters, update, parameters)

        return step


def _descend_scaled(parameters: Array, gradients: Array, slots: Slots, epsilon: float) -> Step:
    """A step w ← w − η g / (√s + ε), with the slot "square" as s."""
    rate, update, square = slots.rate, slots.update, slots.vectors["square"]
    tiny = constant(epsilon, parameters)

    def step() -> None:
        sqrt(square, update)
        add(update, tiny, update)
        divide(gradients, update, update)
        multiply(update, rate, update)
        subtract(parameters, update, parameters)

    return step
