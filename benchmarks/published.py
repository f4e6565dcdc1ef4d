"""Published figures, trained again: three experiments of Nielsen's book, each with three seeds.

    uv run python -m benchmarks.published [overfitting] [initialization] [convolution] [--seeds 0 1 2]

Michael Nielsen, "Neural Networks and Deep Learning" (2015): chapter 3 for the first two, chapter 6 for the
third. Without names all three run; the convolution takes some minutes for each seed. Of each figure it says
whether the mean of the seeds is within 1.5 points of it; the exit status is 1 if one is not, above or below.
A single seed may be outside by chance.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import mean
from typing import Any

from engine.datasets import load_data
from engine.datasets.base import Data, Split
from engine.design import DataConfig, NetworkDesign, Project, TrainingConfig, Wire, chain
from engine.layers.conv import Conv2D
from engine.layers.dense import Dense, Input
from engine.layers.pooling import MaxPool2D
from engine.layers.reshape import Flatten
from engine.losses import BinaryCrossEntropy, SoftmaxCrossEntropy
from engine.optimizers.descent import SGD
from engine.regularizers import Regularization
from engine.training.session import Session

VALIDATION = 10_000
"""Nielsen keeps the last 10,000 of the 60,000 training images for validation."""
TOLERANCE = 1.5
"""In points of a hundred: how far the mean of the seeds may be from the published figure, above or below."""


@dataclass(frozen=True)
class Trial:
    """One curve of the book: what it is, the published figure, and how to get it."""

    name: str
    published: float
    figure: str
    run: Callable[[int], float]


def dense_net(initial: str, l2: float, rate: float, seed: int) -> Project:
    """784-30-10 of sigmoid neurons with the cross-entropy cost, biases N(0, 1)."""
    fields = {"weight_init": initial, "bias_init": "normal"}
    return Project(
        design=chain(
            (784,), (30, {"activation": "sigmoid", **fields}), (10, {"activation": "identity", **fields})
        ),
        training=TrainingConfig(
            loss=BinaryCrossEntropy(),
            optimizer=SGD(learning_rate=rate),
            batch_size=10,
            seed=seed,
            regularization=Regularization(l2=l2),
        ),
    )


def convolution_net(seed: int) -> Project:
    """Chapter 6: 20 kernels of 5 × 5, pooling 2 × 2, 100 sigmoid neurons, softmax; rate 0.1, batch 10."""
    sigmoid = {"activation": "sigmoid", "weight_init": "lecun_normal", "bias_init": "normal"}
    layers = (
        Input(id="input", shape=(1, 28, 28), unit_ids=tuple(range(784))),
        Conv2D(id="conv", unit_ids=tuple(range(784, 804)), kernel=5, **sigmoid),
        MaxPool2D(id="pool"),
        Flatten(id="flatten"),
        Dense(id="hidden", unit_ids=tuple(range(804, 904)), **sigmoid),
        Dense(id="output", unit_ids=tuple(range(904, 914)), activation="identity", weight_init="zeros"),
    )
    ids = [spec.id for spec in layers]
    return Project(
        design=NetworkDesign(layers=layers, wires=tuple(Wire(a, b) for a, b in pairwise(ids))),
        training=TrainingConfig(
            loss=SoftmaxCrossEntropy(), optimizer=SGD(learning_rate=0.1), batch_size=10, seed=seed
        ),
    )


def mnist(examples: int, *, validation: bool = False) -> Data:
    """The first examples for training; measured on the test images, or on Nielsen's validation images."""
    data = load_data(DataConfig(name="mnist"))
    if validation:
        data = replace(data, test=_part(data.train, len(data.train) - VALIDATION, len(data.train)))
    return replace(data, train=_part(data.train, 0, examples))


def scores(project: Project, data: Data, epochs: int) -> Iterator[float]:
    """The accuracy on the test split after each epoch."""
    session = Session(project, data)
    for epoch in range(1, epochs + 1):
        session.run_epoch()
        score = session.evaluate("test").score
        _tell(f"    epoch {epoch} of {epochs}: {100 * score:.2f}%")
        yield score


def peak(project: Project, data: Data, epochs: int) -> float:
    """The best accuracy of all epochs."""
    best = 0.0
    first_at = 0
    for epoch, score in enumerate(scores(project, data, epochs), 1):
        if score > best:
            best, first_at = score, epoch
    _tell(f"    best {100 * best:.2f}% after epoch {first_at}", keep=True)
    return best


def trials(names: list[str]) -> Iterator[Trial]:
    """The trials of the named experiments."""
    if "overfitting" in names:
        data = mnist(1_000)
        for l2, published in ((0.0, 82.27), (0.1 / 1_000, 87.10)):
            yield Trial(
                f"1,000 images, 400 epochs, λ = {l2 * 1_000:g}: best test accuracy",
                published,
                "chapter 3, “Overfitting and regularization”",
                lambda seed, l2=l2: peak(dense_net("normal", l2, 0.5, seed), data, 400),
            )
    if "initialization" in names:
        data = mnist(50_000, validation=True)
        for initial, published in (("normal", 86.43), ("lecun_normal", 92.70)):
            yield Trial(
                f"initial weights “{initial}”, λ = 5: validation accuracy after one epoch",
                published,
                "chapter 3, “Weight initialization”",
                lambda seed, initial=initial: peak(dense_net(initial, 5 / 50_000, 0.1, seed), data, 1),
            )
    if "convolution" in names:
        data = mnist(50_000)
        yield Trial(
            "one convolution layer, 60 epochs: best test accuracy",
            98.78,
            "chapter 6, “Convolutional neural networks in practice”",
            lambda seed: peak(convolution_net(seed), data, 60),
        )


def verdict(published: float, found: Sequence[float]) -> tuple[bool, str]:
    """Whether the mean of what the seeds gave is near enough to the published figure, and that in words."""
    off = round(mean(found) - published, 2)  # as printed
    if abs(off) <= TOLERANCE:
        return True, f"within {TOLERANCE:g} points of it"
    side = "above" if off > 0 else "below"
    return False, f"OUTSIDE: {abs(off):.2f} points {side} it, more than {TOLERANCE:g}"


def main(argv: list[str]) -> int:
    """Run the named experiments and print what each figure is here; 1 if one is too far off, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    known = ["overfitting", "initialization", "convolution"]
    parser.add_argument("names", nargs="*", choices=[*known, []], help="which experiments")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    chosen = parser.parse_args(argv)
    all_near = True
    for trial in trials(chosen.names or known):
        start = time.perf_counter()
        found = [100 * trial.run(seed) for seed in chosen.seeds]
        seconds = (time.perf_counter() - start) / len(found)
        each = ", ".join(f"{value:.2f}" for value in found)
        near, words = verdict(trial.published, found)
        all_near = all_near and near
        print(f"{trial.name}  ({trial.figure})")
        print(f"    published {trial.published:.2f}%, here {mean(found):.2f}% ({each}): {words}")
        print(f"    {seconds:.0f} s each", flush=True)
    return 0 if all_near else 1


def _part(split: Split, start: int, end: int) -> Split:
    labels: Any = None if split.labels is None else split.labels[start:end]
    return Split(split.rows[start:end], split.targets[start:end], labels)


def _tell(text: str, *, keep: bool = False) -> None:
    if sys.stderr.isatty() or keep:
        print(f"\r{text:<60}", end="\n" if keep else "", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
