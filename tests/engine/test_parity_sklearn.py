"""Holds whole training steps against scikit-learn's perceptrons, which know nothing of PyTorch."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from engine.design import chain
from engine.losses import LOSSES
from engine.network import Network, compile_network
from engine.optimizers import Optimizer, Slots
from engine.optimizers.adaptive import Adam
from engine.optimizers.descent import SGD, Momentum, Nesterov
from engine.regularizers import Regularization
from engine.training.step import TrainingStep

neural = pytest.importorskip("sklearn.neural_network")

EXACT, STEPS, EXAMPLES, ALPHA = 1e-9, 20, 30, 0.7
ACTIVATIONS = {"identity": "identity", "sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}
SOLVERS: dict[str, tuple[Optimizer, dict[str, Any]]] = {
    "sgd": (SGD(learning_rate=0.1), {"solver": "sgd", "momentum": 0.0}),
    "momentum": (Momentum(learning_rate=0.1), {"solver": "sgd", "nesterovs_momentum": False}),
    "nesterov": (Nesterov(learning_rate=0.1), {"solver": "sgd", "nesterovs_momentum": True}),
    # they add ε before the bias correction, as Kingma & Ba's ε̂, so that only a vanishing one is the same
    "adam": (Adam(learning_rate=0.01, epsilon=1e-30), {"solver": "adam", "epsilon": 1e-30}),
}
# the loss, how many outputs, and theirs: a classifier of so many classes, or a regressor
TASKS = {"softmax_cross_entropy": 3, "binary_cross_entropy": 1, "quadratic": 2}


def targets_of(loss: str, rng: np.random.Generator) -> tuple[Any, Any]:
    """Ours (examples, outputs), and theirs."""
    if loss == "quadratic":
        values = rng.normal(size=(EXAMPLES, 2))
        return values, values
    classes = np.arange(EXAMPLES) % (3 if loss == "softmax_cross_entropy" else 2)
    return (
        np.eye(3)[classes] if loss == "softmax_cross_entropy" else classes[:, None].astype(float)
    ), classes


def theirs(loss: str, activation: str, options: dict[str, Any], rate: float, ours: Network) -> Any:
    """Their network with our weights, its optimizer at the beginning; every `partial_fit` is one step."""
    kind = neural.MLPRegressor if loss == "quadratic" else neural.MLPClassifier
    options = {"hidden_layer_sizes": (5,), "batch_size": EXAMPLES, "shuffle": False, **options}
    made = kind(activation=ACTIVATIONS[activation], alpha=ALPHA, learning_rate_init=rate, **options)
    x, (_, y) = np.zeros((EXAMPLES, 4)), targets_of(loss, np.random.default_rng(0))
    fit(made, x, y)
    for place, weight, bias in zip(ours.places, made.coefs_, made.intercepts_, strict=True):
        matrix = place.of(ours.parameters)
        weight[...], bias[...] = matrix[:, 1:].T, matrix[:, 0]
    optimizer = made._optimizer
    for slot in ("velocities", "ms", "vs"):
        for array in getattr(optimizer, slot, []):
            array[...] = 0.0
    optimizer.t = 0
    return made


def fit(made: Any, x: Any, y: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if isinstance(made, neural.MLPClassifier):
            made.partial_fit(x, y, classes=np.unique(y))
        else:
            made.partial_fit(x, y)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("loss", TASKS)
def test_twenty_steps_with_their_penalty(loss: str, solver: str, activation: str) -> None:
    optimizer, options = SOLVERS[solver]
    hidden = {"activation": activation, "bias_init": "normal", "weight_init": "xavier_normal"}
    last = {**hidden, "activation": "identity"}
    network = compile_network(
        chain((4,), (5, hidden), (TASKS[loss], last)), LOSSES[loss](), seed=4, dtype="float64"
    )
    rng = np.random.default_rng(5)
    x, (ours_y, their_y) = rng.normal(size=(EXAMPLES, 4)), targets_of(loss, rng)
    other = theirs(loss, activation, options, optimizer.learning_rate, network)
    slots = Slots.fresh(optimizer.slots, network.parameters, optimizer.learning_rate)
    # their penalty is α/2 ‖w‖² over the number of examples in the batch
    step = TrainingStep(network, optimizer, slots, Regularization(l2=ALPHA / EXAMPLES))
    rows = np.hstack([np.ones((EXAMPLES, 1)), x])
    feed = (rows.T, rows, rows[:, 1:].T, rows[:, 1:], np.ascontiguousarray(ours_y.T))
    for _ in range(STEPS):
        step.run(feed, EXAMPLES)
        fit(other, x, their_y)
    for place, weight, bias in zip(network.places, other.coefs_, other.intercepts_, strict=True):
        matrix = place.of(network.parameters)
        assert np.abs(matrix[:, 1:].T - weight).max() < EXACT
        assert np.abs(matrix[:, 0] - bias).max() < EXACT
