"""Points in the plane: the sets of TensorFlow Playground, the four points of exclusive or, single examples.

The formulas are those of Playground's own `src/dataset.ts` (Smilkov & Carter 2016), with noise as a share
(its slider's percent / 100). It draws the *radius* evenly, so that its discs are denser in the middle.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import pi
from typing import Any, ClassVar

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from engine.datasets.base import DataSet, Raw, Request, dataset
from engine.fields import setting

Array = NDArray[Any]
AXES = ("x₁", "x₂")
RADIUS = 5.0
RANGE = (-6.0, 6.0)  # what Playground's picture shows


@dataclass(frozen=True, kw_only=True)
class PlanarDataSet(DataSet):
    """Base: noisy points in the plane, `−1` and `+1` (orange and blue in Playground)."""

    title: ClassVar[str]
    coding: ClassVar[tuple[float, float]] = (-1.0, 1.0)

    samples: int = setting(
        500, label="Points", minimum=2, maximum=1_000_000, help="How many points are drawn."
    )
    noise: float = setting(
        0.0, label="Noise", minimum=0.0, maximum=0.5, step=0.05, help="How far points stray over the border."
    )

    def raw(self, request: Request) -> Raw:
        points, positive = self.draw(request.rng())
        return Raw(
            title=self.title,
            inputs=points,
            feature_names=AXES,
            labels=positive.astype(np.int64),
            class_names=("−1", "+1"),
            target_names=("class",),
            value_range=RANGE,
            target_range=self.coding,
            binary=True,
        )

    def draw(self, rng: Generator) -> tuple[Array, Array]:
        """Points (n, 2), and whether each is positive (n,)."""
        raise NotImplementedError

    def stray(self, rng: Generator, points: Array) -> Array:
        """The points moved by up to `noise` · radius each way: their class is that of where they land."""
        return points + rng.uniform(-RADIUS, RADIUS, points.shape) * self.noise


@dataset
@dataclass(frozen=True, kw_only=True)
class Circle(PlanarDataSet):
    """A disc inside a ring."""

    kind = "circle"
    label = title = "Circle"
    summary = "A disc of one class inside a ring of the other."

    def draw(self, rng: Generator) -> tuple[Array, Array]:
        inside = np.arange(self.samples) < self.samples // 2
        radius = (
            np.where(inside, rng.uniform(0, 0.5, self.samples), rng.uniform(0.7, 1.0, self.samples)) * RADIUS
        )
        angle = rng.uniform(0, 2 * pi, self.samples)
        points = np.column_stack([radius * np.sin(angle), radius * np.cos(angle)])
        return points, np.hypot(*self.stray(rng, points).T) < RADIUS / 2


@dataset
@dataclass(frozen=True, kw_only=True)
class ExclusiveOrPlane(PlanarDataSet):
    """Four squares: positive where both coordinates have the same sign."""

    kind = "xor-plane"
    label = title = "Exclusive or (plane)"
    summary = "Four squares of points; opposite corners belong together."

    def draw(self, rng: Generator) -> tuple[Array, Array]:
        points = rng.uniform(-RADIUS, RADIUS, (self.samples, 2))
        points += np.where(points > 0, 0.3, -0.3)
        return points, self.stray(rng, points).prod(1) >= 0


@dataset
@dataclass(frozen=True, kw_only=True)
class Gauss(PlanarDataSet):
    """Two normal clouds around (2, 2) and (−2, −2)."""

    kind = "gauss"
    label = title = "Gaussian clouds"
    summary = "Two round clouds; one straight line separates them."

    def draw(self, rng: Generator) -> tuple[Array, Array]:
        positive = np.arange(self.samples) < self.samples // 2
        deviation = np.sqrt(np.interp(self.noise, (0, 0.5), (0.5, 4)))
        points = rng.normal(0, deviation, (self.samples, 2)) + np.where(positive, 2, -2)[:, None]
        return points, positive


@dataset
@dataclass(frozen=True, kw_only=True)
class Spirals(PlanarDataSet):
    """Two spirals wound around each other."""

    kind = "spirals"
    label = title = "Spirals"
    summary = "Two arms wound around each other: the hard one."

    def draw(self, rng: Generator) -> tuple[Array, Array]:
        positive = np.arange(self.samples) < self.samples // 2
        along = np.where(positive, np.arange(self.samples), np.arange(self.samples) - self.samples // 2)
        share = along / (self.samples // 2)
        angle = 1.75 * share * 2 * pi + np.where(positive, 0, pi)
        points = (share * RADIUS * np.vstack([np.sin(angle), np.cos(angle)])).T
        return points + rng.uniform(-1, 1, points.shape) * self.noise, positive


@dataset
@dataclass(frozen=True, kw_only=True)
class RegressionPlane(DataSet):
    """A slope: the target is (x₁ + x₂) / 10."""

    kind = "plane"
    label = "Regression plane"
    summary = "Every point has a height on one tilted plane."

    samples: int = setting(
        500, label="Points", minimum=2, maximum=1_000_000, help="How many points are drawn."
    )
    noise: float = setting(
        0.0, label="Noise", minimum=0.0, maximum=0.5, step=0.05, help="Error of the height."
    )

    def raw(self, request: Request) -> Raw:
        rng = request.rng()
        points = rng.uniform(*RANGE, (self.samples, 2))
        moved = points + rng.uniform(*RANGE, points.shape) * self.noise
        return Raw(
            title=self.label,
            inputs=points,
            feature_names=AXES,
            values=moved.sum(1, keepdims=True) / 10,
            target_names=("height",),
            value_range=RANGE,
        )


@dataset
@dataclass(frozen=True, kw_only=True)
class ExclusiveOr(DataSet):
    """The four points of exclusive or; training and test examples are the same."""

    kind = "xor"
    label = "Exclusive or"
    summary = "Four examples: true if exactly one of the two inputs is."

    def raw(self, request: Request) -> Raw:
        inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float64)
        raw = Raw(
            title=self.label,
            inputs=inputs,
            feature_names=AXES,
            labels=np.array([0, 1, 1, 0]),
            class_names=("0", "1"),
            target_names=("x₁ xor x₂",),
            value_range=(0.0, 1.0),
            binary=True,
        )
        return tested_on_itself(raw)


SINGLE_EXAMPLES = {
    "by-hand": ((0.35, 0.9), 0.5),
    "chain": ((0.5,), 1.0),
}


@dataset
@dataclass(frozen=True, kw_only=True)
class Single(DataSet):
    """One fixed example with one target, to follow with pencil and paper."""

    kind = "single"
    label = "One example"
    summary = "One example, small enough to compute by hand."

    example: str = setting("by-hand", label="Example", choices=tuple(SINGLE_EXAMPLES), help="Which one.")

    def raw(self, request: Request) -> Raw:
        inputs, target = SINGLE_EXAMPLES[self.example]
        raw = Raw(
            title=self.label,
            inputs=np.array([inputs]),
            feature_names=AXES[: len(inputs)],
            values=np.array([[target]]),
            target_names=("target",),
            value_range=(0.0, 1.0),
        )
        return tested_on_itself(raw)


def tested_on_itself(raw: Raw) -> Raw:
    """The raw data with its own examples as test examples."""
    return replace(raw, test=raw)
