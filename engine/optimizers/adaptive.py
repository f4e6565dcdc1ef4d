"""Adam and its kin: a running mean of the gradient, divided by a running measure of its size.

The means start at zero and are corrected for it. The corrections are numbers, so they are moved to where they
cost one multiplication of a number instead of one of a vector: η m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ) and
v̂ = v / (1 − β₂ᵗ) is η r / (1 − β₁ᵗ) · m / (√v + ε r) with r = √(1 − β₂ᵗ). So is 1 − β₁, the weight of the new
gradient in m: Adam and those that only decay or divide otherwise take the gradient multiplied by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import ClassVar

from numpy import absolute, add, divide, maximum, multiply, sqrt, subtract

from engine.activations import constant
from engine.fields import setting
from engine.optimizers.base import (
    Array,
    Optimizer,
    Slots,
    Step,
    epsilon,
    follow_mean,
    follow_scaled,
    follow_square,
    learning_rate,
    memory,
    optimizer,
)

_LEAST_SCALE = 0.01


@dataclass(frozen=True, kw_only=True)
class Moments(Optimizer):
    """What Adam and its kin share: a mean of the gradient with memory β₁ and one of its square with β₂.

    Rules that use the gradient otherwise than through both override `bind` and `scale`.
    """

    slots: ClassVar[tuple[str, ...]] = ("mean", "square")
    sizes: ClassVar[tuple[str, ...]] = ("square",)

    learning_rate: float = learning_rate(0.001)
    beta1: float = memory(0.9, label="β₁", help="Memory of the mean.")
    beta2: float = memory(0.999, label="β₂", help="Memory of the square.")
    epsilon: float = epsilon(1e-8)

    def bind(self, parameters: Array, gradients: Array, slots: Slots) -> Step:
        return self._descend(parameters, slots, self._bind_direction(gradients, slots))

    def scale(self, rate: float) -> float | None:
        rest = 1 - self.beta1
        return rest if rest >= _LEAST_SCALE else None  # the square of a smaller one might vanish

    def bind_scaled(self, parameters: Array, gradients: Array, slots: Slots) -> Step:
        return self._descend(parameters, slots, self._bind_direction(gradients, slots, scaled=True))

    def _descend(self, parameters: Array, slots: Slots, direct: Step) -> Step:
        """A step along the update that `direct` writes into `slots.update`."""
        update = slots.update

        def step() -> None:
            direct()
            subtract(parameters, update, parameters)

        return step

    def _bind_direction(self, gradients: Array, slots: Slots, *, scaled: bool = False) -> Step:
        """A step that writes η m̂ / (√v̂ + ε) into `slots.update`."""
        update, mean, square = slots.update, slots.vectors["mean"], slots.vectors["square"]
        if scaled:
            forget = follow_scaled(gradients, mean, self.beta1)
        else:
            forget = follow_mean(gradients, mean, update, self.beta1)
        multiplied_by = 1 - self.beta1 if scaled else 1.0
        forget_square = follow_square(gradients, square, update, self.beta2, multiplied_by)
        size_of = self._size_of(slots, update, square)
        scale = constant(1.0, update)

        def step() -> None:
            slots.count += 1
            forget()
            forget_square()
            scale[...] = size_of()
            divide(mean, update, update)
            multiply(update, scale, update)

        return step

    def _size_of(self, slots: Slots, update: Array, square: Array) -> Callable[[], float]:
        """A function that writes √v + ε r into `update` and returns the factor η r / (1 − β₁ᵗ)."""
        tiny = constant(1.0, update)
        beta1, beta2, smallest, rate = self.beta1, self.beta2, self.epsilon, slots.rate

        def size_of() -> float:
            t = slots.count
            r: float = (1 - beta2**t) ** 0.5
            tiny[...] = smallest * r
            sqrt(square, update)
            add(update, tiny, update)
            return float(rate) * r / (1 - beta1**t)

        return size_of


@optimizer
@dataclass(frozen=True, kw_only=True)
class Adam(Moments):
    """Adaptive moment estimation: means of the gradient and of its square, corrected for their start."""

    kind = "adam"
    label = "Adam"
    formula = r"w \leftarrow w - \eta\, \hat m / (\sqrt{\hat v} + \epsilon)"
    source = (
        "Kingma & Ba 2015, Adam: a method for stochastic optimization, algorithm 1; Ruder 2016, section 4.6"
    )


@optimizer
@dataclass(frozen=True, kw_only=True)
class AdamW(Moments):
    """Adam with weights that also shrink by η λ w, apart from the gradient and its scaling.

    Every parameter decays, biases too, as in PyTorch.
    """

    kind = "adamw"
    label = "AdamW"
    formula = r"w \leftarrow w - \eta \left( \hat m / (\sqrt{\hat v} + \epsilon) + \lambda w \right)"
    source = "Loshchilov & Hutter 2019, Decoupled weight decay regularization, algorithm 2"

    weight_decay: float = setting(
        0.01, label="Weight decay λ", minimum=0.0, maximum=1e3, help="How fast weights shrink by themselves."
    )

    def _descend(self, parameters: Array, slots: Slots, direct: Step) -> Step:
        update, rate = slots.update, slots.rate
        decay, shrinking = constant(0.0, update), update.copy()
        weight_decay = self.weight_decay

        def step() -> None:
            direct()
            decay[...] = float(rate) * weight_decay
            multiply(parameters, decay, shrinking)
            add(update, shrinking, update)
            subtract(parameters, update, parameters)

        return step


@optimizer
@dataclass(frozen=True, kw_only=True)
class AMSGrad(Moments):
    """Adam that divides by the largest mean square so far, so that its rates never grow again."""

    kind = "amsgrad"
    label = "AMSGrad"
    formula = r"s \leftarrow \max(s, v),\quad w \leftarrow w - \eta\, \hat m / (\sqrt{\hat s} + \epsilon)"
    source = "Reddi et al. 2018, On the convergence of Adam and beyond, algorithm 2, in PyTorch's form"
    slots = ("mean", "square", "largest")
    sizes = ("square", "largest")

    def _size_of(self, slots: Slots, update: Array, square: Array) -> Callable[[], float]:
        largest = slots.vectors["largest"]
        size_of = super()._size_of(slots, update, largest)

        def size_of_largest() -> float:
            maximum(largest, square, out=largest)
            return size_of()

        return size_of_largest


@optimizer
@dataclass(frozen=True, kw_only=True)
class AdaMax(Moments):
    """Adam with the largest recent gradient, which fades, in place of the root mean square."""

    kind = "adamax"
    label = "AdaMax"
    formula = r"u \leftarrow \max(\beta_2 u, |g| + \epsilon),\quad w \leftarrow w - \eta\, \hat m / u"
    source = "Kingma & Ba 2015, section 7.1, algorithm 2; Ruder 2016, section 4.7; ε as in PyTorch"
    slots = ("mean", "largest")
    sizes = ("largest",)

    learning_rate: float = learning_rate(0.002)

    def scale(self, rate: float) -> None:
        return None

    def bind(self, parameters: Array, gradients: Array, slots: Slots) -> Step:
        update, rate = slots.update, slots.rate
        mean, largest = slots.vectors["mean"], slots.vectors["largest"]
        follow = follow_mean(gradients, mean, update, self.beta1)
        fade, tiny, scale = (constant(x, update) for x in (self.beta2, self.epsilon, 1.0))
        beta1 = self.beta1

        def step() -> None:
            slots.count += 1
            follow()
            absolute(gradients, update)
            add(update, tiny, update)
            multiply(largest, fade, largest)
            maximum(largest, update, out=largest)
            scale[...] = float(rate) / (1 - beta1**slots.count)
            divide(mean, largest, update)
            multiply(update, scale, update)
            subtract(parameters, update, parameters)

        return step


@optimizer
@dataclass(frozen=True, kw_only=True)
class Nadam(Moments):
    """Adam with Nesterov's look ahead, and a momentum μₜ that grows from about β₁/2 to β₁."""

    kind = "nadam"
    label = "Nadam"
    formula = (
        r"w \leftarrow w - \frac{\eta}{\sqrt{\hat v} + \epsilon} \left( \frac{\mu_{t+1}\, m}"
        r"{1 - \prod_{i \le t+1} \mu_i} + \frac{(1 - \mu_t)\, g}{1 - \prod_{i \le t} \mu_i} \right)"
    )
    source = "Dozat 2016, Incorporating Nesterov momentum into Adam, algorithm 2; Ruder 2016, section 4.8"

    learning_rate: float = learning_rate(0.002)
    momentum_decay: float = setting(
        0.004,
        label="Momentum decay ψ",
        minimum=0.0,
        maximum=1.0,
        help="How fast the momentum grows to β₁.",
        basic=False,
    )

    def momentum_at(self, t: int) -> float:
        """μₜ = β₁ (1 − ½ 0.96^(t ψ)) for step t = 1, 2, …"""
        fade: float = 0.96 ** (t * self.momentum_decay)
        return self.beta1 * (1 - 0.5 * fade)

    def scale(self, rate: float) -> None:
        return None

    def bind(self, parameters: Array, gradients: Array, slots: Slots) -> Step:
        update, rate = slots.update, slots.rate
        mean, square = slots.vectors["mean"], slots.vectors["square"]
        follow = follow_mean(gradients, mean, update, self.beta1)
        follow_sq = follow_square(gradients, square, update, self.beta2)
        from_mean, from_gradient, tiny = (constant(0.0, update) for _ in range(3))
        other = update.copy()
        corrections = self._corrections(slots)

        def step() -> None:
            slots.count += 1
            follow()
            follow_sq()
            r = (1 - self.beta2**slots.count) ** 0.5
            ahead, now = corrections()
            from_mean[...] = float(rate) * r * ahead
            from_gradient[...] = float(rate) * r * now
            tiny[...] = self.epsilon * r
            multiply(mean, from_mean, other)
            multiply(gradients, from_gradient, update)
            add(update, other, update)
            sqrt(square, other)
            add(other, tiny, other)
            divide(update, other, update)
            subtract(parameters, update, parameters)

        return step

    def _corrections(self, slots: Slots) -> Callable[[], tuple[float, float]]:
        """A function that gives the factors of m and g for step `slots.count`."""
        counted, product = 0, 1.0

        def corrections() -> tuple[float, float]:
            nonlocal counted, product
            t = slots.count
            if t != counted + 1:  # the count was set back or on: rewound, restored or transferred
                product = prod(self.momentum_at(i) for i in range(1, t))
            mu, ahead = self.momentum_at(t), self.momentum_at(t + 1)
            product, counted = product * mu, t
            return ahead / (1 - product * ahead), (1 - mu) / (1 - product)

        return corrections
