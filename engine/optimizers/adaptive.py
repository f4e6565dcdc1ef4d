"""Optimizers that give every parameter its own rate from the history of its gradients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import add, divide, multiply, sqrt, subtract

from engine.fields import setting
from engine.optimizers.base import Array, Optimizer, Slots, Step, optimizer


@optimizer
@dataclass(frozen=True, kw_only=True)
class Adam(Optimizer):
    """Adaptive moment estimation: means of the gradient and of its square, corrected for their start."""

    kind = "adam"
    label = "Adam"
    formula = r"w \leftarrow w - \eta\, \hat m / (\sqrt{\hat v} + \epsilon)"
    source = (
        "Kingma & Ba 2015, Adam: a method for stochastic optimization, algorithm 1; Ruder 2016, eq. (19)–(21)"
    )
    slots = ("mean", "square")

    learning_rate: float = setting(
        0.001,
        label="Learning rate",
        kind="float",
        above=0.0,
        maximum=1e6,
        logarithmic=True,
        help="How far each step goes against the gradient.",
    )
    beta1: float = setting(0.9, label="β₁", minimum=0.0, below=1.0, help="Memory of the mean.", basic=False)
    beta2: float = setting(
        0.999, label="β₂", minimum=0.0, below=1.0, help="Memory of the square.", basic=False
    )
    epsilon: float = setting(
        1e-8, label="ε", above=0.0, maximum=1.0, help="Keeps the division finite.", basic=False
    )

    def bind(self, parameters: Array, gradients: Array, slots: Slots) -> Step:
        g, update, mean, square = gradients, slots.update, slots.vectors["mean"], slots.vectors["square"]
        kind = parameters.dtype.type
        b1, b2, rest1, rest2 = (
            np.array(x, kind) for x in (self.beta1, self.beta2, 1 - self.beta1, 1 - self.beta2)
        )
        root, size, tiny = np.array(1, kind), np.array(1, kind), np.array(self.epsilon, kind)

        def step() -> None:
            slots.count = t = slots.count + 1
            root[...] = (1 - self.beta2**t) ** -0.5
            size[...] = float(slots.rate) / (1 - self.beta1**t)
            multiply(mean, b1, mean)  # m ← β₁ m + (1 − β₁) g
            multiply(g, rest1, update)
            add(mean, update, mean)
            multiply(g, g, update)  # v ← β₂ v + (1 − β₂) g²
            multiply(update, rest2, update)
            multiply(square, b2, square)
            add(square, update, square)
            sqrt(square, update)  # √v̂ + ε, with v̂ = v / (1 − β₂ᵗ)
            multiply(update, root, update)
            add(update, tiny, update)
            divide(mean, update, update)  # η m̂ / (√v̂ + ε), with m̂ = m / (1 − β₁ᵗ)
            multiply(update, size, update)
            subtract(parameters, update, parameters)

        return step
