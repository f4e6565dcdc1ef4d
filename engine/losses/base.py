"""What every loss is: a small value object that says what it is, and binds its arithmetic to arrays once.

A loss sees the output layer's columns `(units, batch)` and the targets of the same shape. Where a loss
belongs together with an output function (softmax with cross-entropy), that function is its *link*: the loss
takes the output layer's z, and the prediction is link(z). This keeps it exact at logits of ±10⁴, and visible:
the output layer is the identity and the loss says that it applies softmax.

Sums are products with ones, because `dot` costs 0.4 µs and `sum` 0.6 µs. Products are methods of the arrays,
`u.dot(v)`: the function `dot(u, v)` takes 0.5 µs longer, `vdot(u, v)` 0.6 µs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from engine import buffers
from engine.activations import ACTIVATIONS, Step
from engine.registry import Registry

Array = NDArray[Any]


class Target(Protocol):
    """Holds the current batch's targets, columns (units, batch), in `value`."""

    value: Array


class BoundLoss(NamedTuple):
    """A loss bound to its arrays.

    `forward()` writes the prediction and returns the mean loss over the batch; `backward()`, after it, writes
    ∂(example's loss)/∂z into the delta array: *not* divided by the batch size, because averaging over the
    examples is a step of its own.
    """

    forward: Callable[[], float]
    backward: Step


@dataclass(frozen=True, kw_only=True)
class Loss:
    """Base of all losses; see the module's text.

    `tasks` names the tasks it fits: "regression", "binary" (one output that says yes or no), "classes" (one
    output per class). `targets` is the coding that it expects: "zero_one" (each between 0 and 1), "shares"
    (each example's sum to one, as one-hot does), "signs" (−1 or 1), or "" where any number will do.
    """

    kind: ClassVar[str]
    label: ClassVar[str]
    formula: ClassVar[str]
    link: ClassVar[str] = "identity"
    tasks: ClassVar[tuple[str, ...]]
    targets: ClassVar[str] = ""

    def bind(self, z: Array, target: Target, delta: Array, prediction: Array) -> BoundLoss:
        """Bind to z, delta and prediction, all columns (units, batch), contiguous.

        `prediction` may be z itself where the link is the identity.
        """
        raise NotImplementedError

    def value(self, z: Array, targets: Array) -> float:
        """The mean loss of output columns z (units, batch) against targets of that shape."""
        z = np.array(z, copy=True, order="C")
        return self.bind(z, Columns(targets), np.empty_like(z), np.empty_like(z)).forward()

    def gradient(self, z: Array, targets: Array) -> Array:
        """∂(example's loss)/∂z for columns (units, batch), a new array."""
        z = np.array(z, copy=True, order="C")
        delta = np.empty_like(z)
        bound = self.bind(z, Columns(targets), delta, np.empty_like(z))
        bound.forward()
        bound.backward()
        return delta

    def predict(self, z: Array) -> Array:
        """link(z): what the network says, columns (units, batch), a new array."""
        return ACTIVATIONS[self.link](z)


@dataclass(slots=True)
class Columns:
    """Targets that stay the same: the simplest Target."""

    value: Array


LOSSES: Registry[type[Loss]] = Registry("loss")


def loss(cls: type[Loss]) -> type[Loss]:
    """Class decorator: put a loss into the registry."""
    return LOSSES.register(cls.kind, cls)


def summed(like: Array) -> tuple[Array, Callable[[], float]]:
    """An array for one term per output and example, and a function that adds them all up."""
    terms = buffers.zeros(like.shape, like.dtype)  # in C order whatever `like` is, so that `flat` is a view
    flat, ones = in_a_row(terms), buffers.ones(terms.size, terms.dtype)

    def total() -> float:
        return float(flat.dot(ones))

    return terms, total


def in_a_row(array: Array) -> Array:
    """All values of a contiguous array as one vector, a view: `u.dot(u)` is then the sum of their squares."""
    return array.reshape(-1, copy=False)


def predicting(forward: Callable[[], float], z: Array, prediction: Array) -> Callable[[], float]:
    """`forward`, preceded by prediction = z where the prediction has an array of its own."""
    if prediction is z:
        return forward

    def copying() -> float:
        np.copyto(prediction, z)
        return forward()

    return copying
