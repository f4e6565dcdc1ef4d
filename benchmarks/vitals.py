"""Measures what the sampled metrics cost: `uv run python -m benchmarks.vitals`.

One session trains as the worker drives it, in turns with vitals, without, and without again. The cost is the
median, over the rounds, of how much longer a step takes with them; the noise is the same between the turns
that do not differ.
"""

from __future__ import annotations

import argparse
import math
import os
import time
from collections.abc import Callable
from statistics import median

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402

from benchmarks.contestants import RATE, Net  # noqa: E402
from engine.datasets.base import Data, Split  # noqa: E402
from engine.design import DataConfig, Project, TrainingConfig  # noqa: E402
from engine.layers.base import size_of  # noqa: E402
from engine.losses import LOSSES  # noqa: E402
from engine.optimizers.descent import SGD  # noqa: E402
from engine.regularizers import Regularization  # noqa: E402
from engine.training.playing import CHUNK_SECONDS  # noqa: E402
from engine.training.session import Session  # noqa: E402
from engine.training.vitals import MOST_PER_SECOND  # noqa: E402

Clock = Callable[[], float]

NETS = (
    Net((2,), (4, 2, 1), 10, loss="binary_cross_entropy"),
    Net((784,), (16, 16, 10), 32),
    Net((784,), (512, 512, 10), 256),
    Net((1, 28, 28), (100, 10), 32, convolutions=(20, 40)),
)


def data_of(net: Net) -> Data:
    """Random examples that fit a net: enough for an epoch of 50 batches or more."""
    rng, count, features = np.random.default_rng(0), max(500, 50 * net.batch), size_of(net.shape)
    rows = np.hstack([np.ones((count, 1)), rng.standard_normal((count, features))]).astype(np.float32)
    labels = rng.integers(0, max(2, net.outputs), count)
    split = Split(rows, net.one_hot(labels).astype(np.float32), labels)
    names = tuple(map(str, range(max(2, net.outputs))))
    return Data(
        config=DataConfig(),
        name="random",
        title="Random",
        task="binary" if net.outputs == 1 else "classes",
        train=split,
        test=split,
        feature_names=tuple(map(str, range(features))),
        target_names=names[: net.outputs],
        class_names=names,
    )


class Trainer:
    """A session driven in chunks, as the worker does.

    Attributes:
        samples: how many samples of the vitals were taken.
    """

    def __init__(self, net: Net, l2: float) -> None:
        training = TrainingConfig(
            loss=LOSSES[net.loss](),
            optimizer=SGD(learning_rate=RATE["sgd"]),
            batch_size=net.batch,
            regularization=Regularization(l2=l2),
        )
        self.session = Session(Project(design=net.design(), training=training), data_of(net))
        self.samples = 0
        self._chunk = 1

    def train(self, seconds: float, clock: Clock, *, vitals: bool) -> float:
        """Train for so long, with vitals or without; returns the seconds of a step."""
        session, newest = self.session, self.session.vitals.newest
        session.vitals.due = 0.0 if vitals else math.inf
        steps, start = session.step, clock()
        end = time.perf_counter() + seconds
        while (before := time.perf_counter()) < end:
            done = session.advance(self._chunk)
            took = time.perf_counter() - before
            self.samples += session.vitals.newest is not newest
            newest = session.vitals.newest
            if done == self._chunk:
                self._chunk = max(1, min(1024, int(done * CHUNK_SECONDS / max(took, 1e-6))))
        return (clock() - start) / max(1, session.step - steps)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=21, help="turns of each session (21)")
    parser.add_argument("--slice", type=float, default=0.25, help="seconds of a turn (0.25)")
    parser.add_argument("--l2", type=float, default=0.0, help="L2, whose penalty is sampled as well (0)")
    parser.add_argument("--cpu", action="store_true", help="processor time, on a busy machine")
    chosen = parser.parse_args()
    clock = time.process_time if chosen.cpu else time.perf_counter
    heads = ("µs/step", "with", "cost", "noise", "µs/sample", "samples/s")
    print(f"{'net, batch':34} " + " ".join(f"{head:>9}" for head in heads))
    for net in NETS:
        print(f"{net.name:34} " + row(net, chosen.rounds, chosen.slice, chosen.l2, clock), flush=True)


def row(net: Net, rounds: int, seconds: float, l2: float, clock: Clock) -> str:
    """One net's line of the table."""
    trainer, times = Trainer(net, l2), []
    trainer.train(seconds, clock, vitals=True)
    trainer.samples = 0
    for number in range(rounds):
        turns = [0, 1, 2]
        order = turns[number % 3 :] + turns[: number % 3]
        took = {turn: trainer.train(seconds, clock, vitals=turn == 2) for turn in order}
        times.append([took[turn] for turn in turns])
    without, _, within = (median(column) * 1e6 for column in zip(*times, strict=True))
    cost, noise = (median(t[i] / t[0] - 1 for t in times) for i in (2, 1))
    rate = trainer.samples / (rounds * seconds)
    each = microseconds_per_sample(trainer, clock)
    return f"{without:9.1f} {within:9.1f} {cost:9.2%} {noise:9.2%} {each:9.1f} {rate:9.1f}"


def microseconds_per_sample(trainer: Trainer, clock: Clock) -> float:
    """The time of one sample among as much training as between two, which leaves the caches to others."""
    session, times = trainer.session, []
    for _ in range(50):
        trainer.train(1 / MOST_PER_SECOND, clock, vitals=False)
        start = clock()
        session.vitals.sample(session.step)
        times.append(clock() - start)
    return median(times) * 1e6


if __name__ == "__main__":
    main()
