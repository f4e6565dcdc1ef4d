"""Measures the engine beside PyTorch and scikit-learn: `uv run --extra bench python -m benchmarks.engine`.

All contestants train the same networks on ready batches in one run, taking turns, so that whatever else the
machine does meets all of them; medians are shown, and of a ratio that of the rounds, not that of two medians.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import NamedTuple

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.pop(_name, None)  # the numbers of threads are set below

import numpy as np  # noqa: E402
import threadpoolctl  # noqa: E402

from benchmarks.contestants import (  # noqa: E402
    NETS,
    RATE,
    Net,
    Run,
    feeds_of,
    has,
    network_of,
    products,
    pytorch,
    scikit_learn,
    synapscope,
)
from engine.optimizers import OPTIMIZERS, Slots  # noqa: E402
from engine.regularizers import Regularization  # noqa: E402
from engine.training.step import TrainingStep  # noqa: E402

Typical = Callable[[list[float]], float]

COLUMNS = {"ours": "ours", "torch": "PyTorch", "fused": "fused", "sklearn": "sklearn", "limit": "limit"}
"""PyTorch stands there with its default optimizers and, as "fused", with its fastest."""
OTHERS = ("torch", "fused", "sklearn", "limit")
NO_TARGETS = (None, None, None)


@contextmanager
def threads(count: int) -> Iterator[None]:
    """All libraries compute with this many threads."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(count)
    with threadpoolctl.threadpool_limits(count):
        yield


def seconds_per_step(runs: dict[str, Run], rounds: int, slice_seconds: float) -> dict[str, list[float]]:
    """The time of a step of each contestant in every round; they take turns, a slice each.

    A turn begins with a step that does not count: it fetches what the others have driven out of the caches.
    """
    steps = {name: _steps_within(run, slice_seconds) for name, run in runs.items()}
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            run(1)
            times[name].append(_seconds(run, steps[name]) / steps[name])
    return times


def _steps_within(run: Run, seconds: float) -> int:
    """How many steps take so long, by the faster of two tries: a library's first steps are slow by far."""
    steps = 1
    while (took := min(_seconds(run, steps) for _ in range(2))) < seconds / 4:
        steps *= 2
    return max(1, int(steps * seconds / took))


def _seconds(run: Run, steps: int) -> float:
    start = time.perf_counter()
    run(steps)
    return time.perf_counter() - start


def compare(
    nets: list[Net],
    thread_counts: list[int],
    optimizers: list[str],
    rounds: int,
    slice_seconds: float,
    typical: Typical,
) -> None:
    """Print the one table: samples per second, our ratios, and what each must be; then what is not reached.

    The targets are for descent with one thread; with Adam the ratio to PyTorch must not be lower than that.
    """
    print("\nSamples per second in float32, and how many times the others' speed is ours")
    print(
        f"{'threads, rule, net, batch':45}" + "".join(f"{column:>10}" for column in COLUMNS.values()), end=""
    )
    print("".join(f"{'÷ ' + COLUMNS[name]:>15}" for name in OTHERS) + "   µs/step")
    verdicts: list[Verdict] = []
    for count in thread_counts:
        for net in nets:
            aims = dict(
                zip(("torch", "sklearn", "limit"), net.targets if count == 1 else NO_TARGETS, strict=True)
            )
            for optimizer in optimizers:
                runs = contestants(net, optimizer)  # first, so that all their libraries are there to be told
                with threads(count):
                    took = seconds_per_step(runs, rounds, slice_seconds)
                title = f"{count} {optimizer:4} {net.name}"
                found = [_judged(title, name, took, aims.get(name), typical) for name in OTHERS]
                speed = {name: _short(net.batch / typical(times)) for name, times in took.items()}
                print(f"{title:45}" + "".join(f"{speed.get(name, '–'):>10}" for name in COLUMNS), end="")
                print("".join(f"{verdict.text:>15}" for verdict in found), end="")
                print(f"{typical(took['ours']) * 1e6:10.1f}", flush=True)
                verdicts += [verdict for verdict in found if verdict.target is not None]
                aims = {"torch": found[0].ratio} if optimizer == "sgd" and net.targets[0] else {}
    _show_verdicts(verdicts)


class Verdict(NamedTuple):
    """One of our ratios to another's speed, and what it must be at least; None where there is none."""

    title: str
    name: str
    ratio: float | None
    target: float | None

    @property
    def reached(self) -> bool:
        """Whether the target is reached."""
        return self.ratio is not None and self.target is not None and self.ratio >= self.target

    @property
    def text(self) -> str:
        """How it stands in the table."""
        if self.ratio is None:
            return "–"
        if self.target is None:
            return f"{self.ratio:.2f}"
        return f"{self.ratio:.2f} {'≥' if self.reached else '<'} {self.target:.3g}"


def _judged(
    title: str, name: str, took: dict[str, list[float]], target: float | None, typical: Typical
) -> Verdict:
    if name not in took:
        return Verdict(title, name, None, None)
    theirs, ours = took[name], took["ours"]
    if typical is median:  # of the rounds' ratios: what slows the machine for a while meets both
        return Verdict(title, name, median(a / b for a, b in zip(theirs, ours, strict=True)), target)
    return Verdict(title, name, typical(theirs) / typical(ours), target)


def _show_verdicts(verdicts: list[Verdict]) -> None:
    """Say which targets are not reached."""
    missed = [verdict for verdict in verdicts if not verdict.reached]
    print(f"\nTargets reached: {len(verdicts) - len(missed)} of {len(verdicts)}")
    for verdict in missed:
        print(f"Not reached: {verdict.title}: ÷ {COLUMNS[verdict.name]} {verdict.text}")


def contestants(net: Net, optimizer: str) -> dict[str, Run]:
    """Everybody who can train this net."""
    runs = {"ours": synapscope(net, optimizer), "limit": products(net)}
    if has("torch"):
        runs["torch"] = pytorch(net, optimizer)
        runs["fused"] = pytorch(net, optimizer, fused=True)
    if has("sklearn") and not net.convolutions:
        runs["sklearn"] = scikit_learn(net, optimizer)
    return runs


def _short(number: float) -> str:
    return f"{number / 1e3:,.1f} k" if number < 1e6 else f"{number / 1e6:,.2f} M"


def show_loader() -> None:
    """What gathering the batches costs beside ready ones."""
    from engine.datasets.base import Split
    from engine.training.batches import Batches

    print(
        "\nThe loader: samples per second with ready batches, and with shuffled ones gathered by the loader"
    )
    for net in NETS[:6]:
        rng = np.random.default_rng(0)
        count = max(2_000, 20 * net.batch)
        rows = np.hstack([np.ones((count, 1)), rng.standard_normal((count, net.shape[0]))]).astype(np.float32)
        targets = net.one_hot(rng.integers(0, max(2, net.outputs), count)).astype(np.float32)
        batches = Batches(
            Split(rows, targets), net.batch, np.dtype(np.float32), shuffle=True, rng=np.random.default_rng(0)
        )
        training = _training(net)

        def loaded(steps: int, batches: Batches = batches, training: TrainingStep = training) -> None:
            for _ in range(steps):
                if batches.epoch_done:
                    batches.next_epoch()
                training.run(*batches.next_batch())

        took = seconds_per_step({"ready": synapscope(net), "loaded": loaded}, 7, 0.03)
        share = 1 - median(a / b for a, b in zip(took["ready"], took["loaded"], strict=True))
        speeds = [_short(net.batch / median(took[name])) for name in ("ready", "loaded")]
        print(f"{net.name:35} {speeds[0]:>9} {speeds[1]:>9}   the loader takes {share:.0%}")


def _training(net: Net, optimizer: str = "sgd") -> TrainingStep:
    network = network_of(net)
    rule = OPTIMIZERS[optimizer](learning_rate=RATE[optimizer])
    return TrainingStep(
        network, rule, Slots.fresh(rule.slots, network.parameters, rule.learning_rate), Regularization()
    )


def show_allocation() -> None:
    """How many bytes a step allocates at most, beside the size of the network."""
    print("\nBytes allocated during a step, at most (tracemalloc), beside the bytes of its parameters.")
    print("NumPy's loops take a buffer of up to 8,192 values for an array with gaps, however large the net.")
    for net in NETS:
        for optimizer in ("sgd", "adam"):
            training, feeds = _training(net, optimizer), feeds_of(net)
            parameters = training.network.parameters.nbytes
            for feed in feeds:
                training.run(feed, net.batch)
            most = peak_bytes(training, feeds, net.batch)
            print(f"{net.name:35} {optimizer:5} {most:>9,} of {parameters:>11,}")


def peak_bytes(training: TrainingStep, feeds: list, batch: int) -> int:
    """The most bytes in use at any time of a step above those before it."""
    tracemalloc.start()
    for feed in feeds:
        training.run(feed, batch)
    most = 0
    for feed in feeds:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        training.run(feed, batch)
        most = max(most, tracemalloc.get_traced_memory()[1] - before)
    tracemalloc.stop()
    return most


def show_growth() -> None:
    """Microseconds of a step against width, depth and batch size."""
    print("\nMicroseconds per step, as one thing grows")
    series: dict[str, Callable[[int], Net]] = {
        "width of 64-n-10, batch 32": lambda n: Net((64,), (n, 10), 32),
        "hidden layers of 16 units, batch 10": lambda n: Net((16,), (16,) * n + (10,), 10),
        "hidden layers of 128 units, batch 64": lambda n: Net((128,), (128,) * n + (10,), 64),
        "batch of 784-16-16-10": lambda n: Net((784,), (16, 16, 10), n),
    }
    sizes = ((8, 32, 128, 512, 2048), (1, 2, 4, 8, 16), (1, 2, 4, 8, 16), (1, 10, 32, 128, 512))
    for (title, make), numbers in zip(series.items(), sizes, strict=True):
        runs = {str(n): synapscope(make(n)) for n in numbers}
        took = seconds_per_step(runs, 5, 0.03)
        print(f"{title:38} " + "   ".join(f"{n}: {median(t) * 1e6:,.1f}" for n, t in took.items()))


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=11, help="turns of each contestant (11)")
    parser.add_argument("--slice", type=float, default=0.05, help="seconds of a turn (0.05)")
    parser.add_argument("--threads", type=int, nargs="*", default=[1, 2], help="BLAS threads (1 2)")
    parser.add_argument("--optimizers", nargs="*", default=["sgd", "adam"], help="(sgd adam)")
    parser.add_argument("--only", nargs="*", default=[""], help="nets whose name holds one of these")
    parser.add_argument("--tables-only", action="store_true", help="leave out what is not a comparison")
    parser.add_argument(
        "--best", action="store_true", help="the fastest turns, not the median: a busy machine"
    )
    chosen = parser.parse_args()
    typical = min if chosen.best else median
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {os.cpu_count()} cores", end="")
    for name in ("torch", "sklearn"):
        if has(name):
            print(f", {name} {__import__(name).__version__}", end="")
    print()
    if not has("torch"):
        print(f"PyTorch is missing; to compare: pip --python {sys.executable} install torch==2.13.0")
    nets = [net for net in NETS if any(part in net.name for part in chosen.only)]
    compare(nets, chosen.threads, chosen.optimizers, chosen.rounds, chosen.slice, typical)
    if not chosen.tables_only:
        with threads(1):
            show_loader()
            show_allocation()
            show_growth()


if __name__ == "__main__":
    main()
