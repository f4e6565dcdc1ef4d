"""Who is measured: the same network on the same ready batches in Synapscope, PyTorch and scikit-learn.

Also its bare matrix products alone. Each contestant is a function of a number of steps; a step is a whole
one: forward, loss, backward, mean, update.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.design import NetworkDesign, Wire
from engine.layers import LayerSpec
from engine.layers.base import size_of
from engine.layers.conv import Conv2D
from engine.layers.dense import Dense, Input
from engine.layers.pooling import MaxPool2D
from engine.layers.reshape import Flatten
from engine.losses import LOSSES
from engine.network import Network, compile_network
from engine.optimizers import OPTIMIZERS, Slots
from engine.regularizers import Regularization
from engine.training.step import TrainingStep
from engine.workspace import Feed

Run = Callable[[int], None]
Product = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Two matrices and the place of their product."""

READY = 16
"""Batches prepared beforehand; the steps go through them in turn."""
BLOCK_VALUES = 1 << 22
"""About how many values lie one behind the other for scikit-learn."""
RATE = {"sgd": 0.01, "adam": 0.001}


@dataclass(frozen=True)
class Net:
    """A network to be measured: ReLU layers, then the loss; convolutions if it starts from a picture.

    `targets` are the least ratios to PyTorch, scikit-learn and the product limit, None where none is set.
    """

    shape: tuple[int, ...]
    widths: tuple[int, ...]
    batch: int
    loss: str = "softmax_cross_entropy"
    convolutions: tuple[int, ...] = ()
    targets: tuple[float | None, float | None, float | None] = (None, None, None)

    @property
    def name(self) -> str:
        """How it is written in tables."""
        first = "-".join(f"conv{c}-pool" for c in self.convolutions) or str(self.shape[0])
        loss = ", binary" if self.loss == "binary_cross_entropy" else ""
        return f"{first}-{'-'.join(map(str, self.widths))}, {self.batch}{loss}"

    @property
    def outputs(self) -> int:
        """Units of the last layer."""
        return self.widths[-1]

    def design(self) -> NetworkDesign:
        """The design, as a person would make it."""
        count = size_of(self.shape)
        layers: list[LayerSpec] = [Input(id="input", shape=self.shape, unit_ids=tuple(range(count)))]
        for number, units in enumerate(self.convolutions):
            ids = tuple(range(count, count := count + units))
            layers.append(Conv2D(id=f"conv-{number}", unit_ids=ids, kernel=5))
            layers.append(MaxPool2D(id=f"pool-{number}"))
        if self.convolutions:
            layers.append(Flatten(id="flatten"))
        for number, units in enumerate(self.widths):
            ids = tuple(range(count, count := count + units))
            last = number == len(self.widths) - 1
            layers.append(
                Dense(id=f"dense-{number}", unit_ids=ids, activation="identity" if last else "relu")
            )
        wires = tuple(Wire(a.id, b.id) for a, b in zip(layers, layers[1:], strict=False))  # noqa: RUF007
        return NetworkDesign(layers=tuple(layers), wires=wires)

    def batches(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Ready batches: rows (batch, features) in float32, and classes (batch,)."""
        rng = np.random.default_rng(0)
        kinds = max(2, self.outputs)
        return [
            (
                rng.standard_normal((self.batch, size_of(self.shape)), np.float32),
                rng.integers(0, kinds, self.batch),
            )
            for _ in range(READY)
        ]

    def one_hot(self, classes: np.ndarray) -> np.ndarray:
        """Targets (batch, outputs) for classes."""
        if self.outputs == 1:
            return np.ones((len(classes), 1)) if self.loss.startswith("softmax") else classes[:, None]
        return np.eye(self.outputs)[classes]


NETS = (
    Net((2,), (4, 2, 1), 10, targets=(10, 9, None)),
    Net((2,), (8, 8, 8, 8, 8, 8, 1), 10, targets=(6, 5, None)),
    Net((784,), (30, 10), 10, targets=(3.9, 4, 0.6)),
    Net((784,), (16, 16, 10), 32, targets=(3.7, 3.7, 0.6)),
    Net((784,), (128, 64, 10), 128, targets=(1.3, 1.45, 0.88)),
    Net((784,), (512, 512, 10), 256, targets=(1.15, 1.2, 0.95)),
    Net((1, 28, 28), (100, 10), 32, convolutions=(20, 40), targets=(1.3, None, None)),
    Net((2,), (4, 2, 1), 10, loss="binary_cross_entropy"),
    Net((2,), (8, 8, 8, 8, 8, 8, 1), 10, loss="binary_cross_entropy"),
)


def network_of(net: Net) -> Network:
    """Our network for a net, in float32."""
    return compile_network(net.design(), LOSSES[net.loss]())


def feeds_of(net: Net) -> list[Feed]:
    """The ready batches as the trainer feeds them."""
    feeds = []
    for x, classes in net.batches():
        rows = np.hstack([np.ones((net.batch, 1), np.float32), x])
        features = rows[:, 1:]
        targets = np.ascontiguousarray(net.one_hot(classes).T, np.float32)
        feeds.append((rows.T, rows, features.T, features, targets))
    return feeds


def synapscope(net: Net, optimizer: str = "sgd") -> Run:
    """Our own engine, by the training step that sessions use."""
    network = network_of(net)
    rule = OPTIMIZERS[optimizer](learning_rate=RATE[optimizer])
    slots = Slots.fresh(rule.slots, network.parameters, rule.learning_rate)
    training, feeds, batch = TrainingStep(network, rule, slots, Regularization()), feeds_of(net), net.batch

    def run(steps: int) -> None:
        for step in range(steps):
            training.run(feeds[step % READY], batch)

    return run


def pytorch(net: Net, optimizer: str = "sgd", *, fused: bool = False) -> Run:
    """PyTorch in eager mode as its tutorials write it, or with its fastest optimizers; no loss is read."""
    torch: Any = importlib.import_module("torch")
    nn = torch.nn
    modules: list[Any] = []
    size = net.shape[0]
    for units in net.convolutions:
        modules += [nn.Conv2d(size, units, 5), nn.ReLU(), nn.MaxPool2d(2)]
        size = units
    if net.convolutions:
        with torch.no_grad():
            size = nn.Sequential(*modules, nn.Flatten())(torch.zeros(1, *net.shape)).shape[1]
        modules.append(nn.Flatten())
    for units in net.widths:
        modules += [nn.Linear(size, units), nn.ReLU()]
        size = units
    model = nn.Sequential(*modules[:-1])
    binary = net.loss == "binary_cross_entropy"
    criterion = nn.BCEWithLogitsLoss() if binary else nn.CrossEntropyLoss()
    kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[optimizer]
    rule = kind(model.parameters(), lr=RATE[optimizer], fused=fused)
    ready = []
    for x, classes in net.batches():
        targets = np.zeros_like(classes) if net.outputs == 1 and not binary else classes
        y = torch.tensor(targets[:, None], dtype=torch.float32) if binary else torch.tensor(targets)
        ready.append((torch.tensor(x.reshape(len(x), *net.shape)), y))

    def run(steps: int) -> None:
        for step in range(steps):
            x, y = ready[step % READY]
            rule.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            rule.step()

    return run


def scikit_learn(net: Net, optimizer: str = "sgd") -> Run:
    """scikit-learn's MLPClassifier without momentum and decay.

    One partial_fit goes through many batches lying one behind the other, so that its checks of the input,
    which take longer than a small step, are shared by all of them.
    """
    neural: Any = importlib.import_module("sklearn.neural_network")
    model = neural.MLPClassifier(
        net.widths[:-1],
        solver=optimizer,
        batch_size=net.batch,
        learning_rate_init=RATE[optimizer],
        momentum=0.0,
        nesterovs_momentum=False,
        alpha=0.0,
        shuffle=False,
    )
    ready, kinds = net.batches(), np.arange(max(2, net.outputs))
    repeats = max(1, min(32, BLOCK_VALUES // (READY * net.batch * net.shape[0])))
    x, y = (np.concatenate([batch[part] for batch in ready] * repeats) for part in (0, 1))
    block = READY * repeats
    model.partial_fit(*ready[0], classes=kinds)

    def run(steps: int) -> None:
        whole, rest = divmod(steps, block)
        for _ in range(whole):
            model.partial_fit(x, y)
        if rest:
            model.partial_fit(x[: rest * net.batch], y[: rest * net.batch])

    return run


def products(net: Net) -> Run:
    """The matrix products of a step alone, called as our engine calls them: what BLAS allows.

    They are those that the step needs, in its order, on the very layout of our engine and on memory of the
    same size, all written to before (pages of zeros would all be the same page): the first layer goes through
    the ready batches, every other has arrays of its own. A convolution's are one product for all windows,
    where the engine has one for each row of them.
    """
    network, rng = network_of(net), np.random.default_rng(1)
    forwards: list[list[Product]] = []
    backwards: list[list[Product]] = []
    for spec in network.order:
        if not isinstance(spec, Dense | Conv2D):
            continue
        w = network.parameter(spec.id)
        columns = net.batch * size_of(network.shapes[spec.id][1:])
        z, delta = (rng.random((len(w), columns), np.float32) for _ in range(2))
        gradient, first = np.ones_like(w), network.layout.sources[spec.id] == ("input",)
        if first and isinstance(spec, Dense):
            inputs = [feed[0] for feed in feeds_of(net)]
        else:
            inputs = [rng.random((w.shape[1], columns), np.float32)] * READY
        forwards.append([(w, x, z) for x in inputs])
        if not first:
            backwards.append([(w.T, delta, np.ones_like(inputs[0]))] * READY)
        backwards.append([(delta, x.T, gradient) for x in inputs])
    ready = [tuple(products) for products in zip(*forwards, *backwards[::-1], strict=True)]

    def run(steps: int) -> None:
        for step in range(steps):
            for a, b, out in ready[step % READY]:
                a.dot(b, out)

    return run


def has(module: str) -> bool:
    """Whether a library is installed."""
    return importlib.util.find_spec(module) is not None
