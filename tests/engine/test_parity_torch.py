"""Holds our numbers against PyTorch's in float64: values, gradients, and twenty steps of every optimizer.

Differences are absolute, with `rtol=0`: NumPy's own default would let pass a relative 1e-7 besides. Only the
losses' values, which reach 1e9, are held to a relative 1e-12 where that is more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from engine.activations import ACTIVATIONS
from engine.design import chain
from engine.losses import LOSSES, Huber, Loss
from engine.network import Network, compile_network
from engine.optimizers import OPTIMIZERS, Optimizer, Slots
from engine.regularizers import Regularization
from engine.schedules import (
    SCHEDULES,
    Constant,
    Cosine,
    Exponential,
    OneCycle,
    Plateau,
    Schedule,
    ScheduleState,
    StepDecay,
    WarmUp,
)

torch: Any = pytest.importorskip("torch")
F: Any = torch.nn.functional

EXACT, TEN_STEPS, TWENTY_STEPS = 1e-9, 1e-10, 1e-9


def hard_sigmoid(z: Any) -> Any:
    """Their formula from their operations: `F.hardsigmoid` has 1/6 in single precision, whatever z has."""
    return F.hardtanh(z / 6 + 0.5, 0.0, 1.0)  # unlike clamp without a slope at ±3, as F.hardsigmoid


THEIR_ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "identity": lambda z: z,
    "sigmoid": torch.sigmoid,
    "hard_sigmoid": hard_sigmoid,
    "tanh": torch.tanh,
    "softsign": F.softsign,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "selu": F.selu,
    "gelu": lambda z: F.gelu(z, approximate="tanh"),
    "silu": F.silu,
    "softplus": lambda z: F.softplus(z, threshold=600),
    "softmax": lambda z: F.softmax(z, dim=1),
}
# Of rows z (batch, outputs) and targets, each the mean over examples of what an example costs.
THEIR_LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "quadratic": lambda z, y: 0.5 * F.mse_loss(z, y, reduction="sum") / len(z),
    "mean_squared": F.mse_loss,
    "mean_absolute": F.l1_loss,
    "huber": F.huber_loss,
    "binary_cross_entropy": lambda z, y: F.binary_cross_entropy_with_logits(z, y, reduction="sum") / len(z),
    "softmax_cross_entropy": F.cross_entropy,
    "hinge": lambda z, y: F.relu(1 - y * z).sum() / len(z),
    "kullback_leibler": lambda z, y: F.kl_div(F.log_softmax(z, dim=1), y, reduction="batchmean"),
}
THEIR_OPTIMIZERS: dict[str, tuple[str, dict[str, Any]]] = {
    "sgd": ("SGD", {"lr": 0.1}),
    "momentum": ("SGD", {"lr": 0.1, "momentum": 0.9}),
    "nesterov": ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    # from here on their own defaults, which are ours
    "adagrad": ("Adagrad", {}),
    "adadelta": ("Adadelta", {}),
    "rmsprop": ("RMSprop", {}),
    "adam": ("Adam", {}),
    "adamax": ("Adamax", {}),
    "nadam": ("NAdam", {}),
    "amsgrad": ("Adam", {"amsgrad": True}),
    "adamw": ("AdamW", {}),
}


@pytest.fixture(autouse=True)
def double_precision() -> Iterator[None]:
    """NAdam keeps a product of its own in the default precision."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def targets_for(loss: Loss, rows: int, outputs: int, rng: np.random.Generator) -> Any:
    if loss.targets == "shares":
        return rng.dirichlet(np.ones(outputs), rows)
    if loss.targets == "signs":
        return rng.choice([-1.0, 1.0], (rows, outputs))
    return rng.random((rows, outputs))


def test_everything_is_compared_but_what_they_do_not_have() -> None:
    assert set(ACTIVATIONS) - set(THEIR_ACTIVATIONS) == {"step"}
    assert set(LOSSES) == set(THEIR_LOSSES)
    assert set(OPTIMIZERS) == set(THEIR_OPTIMIZERS)
    compared = {ours.kind for ours, *_ in SCHEDULES_OF_BOTH}
    assert set(SCHEDULES) - compared == {"plateau"}  # which has a test of its own


@pytest.mark.parametrize("name", THEIR_ACTIVATIONS)
def test_activations(name: str) -> None:
    """At ordinary points, far out, and at the kinks themselves, where the slope is a convention."""
    ordinary = np.random.default_rng(0).normal(scale=3, size=(5, 40))
    special = np.array([[0.0, -3.0, 3.0, -50.0, 50.0, -1e4, 1e4, 1e-9]] * 5)
    z = np.hstack([ordinary, special + (np.arange(5)[:, None] if name == "softmax" else 0)])
    their_z = torch.tensor(z.T, requires_grad=True)
    their_a = THEIR_ACTIVATIONS[name](their_z)
    their_a.sum().backward() if name != "softmax" else (their_a * their_a).sum().backward()
    np.testing.assert_allclose(ACTIVATIONS[name](z), their_a.detach().numpy().T, rtol=0, atol=EXACT)
    if name != "softmax":
        np.testing.assert_allclose(
            ACTIVATIONS[name].derivative(z), their_z.grad.numpy().T, rtol=0, atol=EXACT
        )
    else:
        delta, a = np.empty_like(z), np.empty_like(z)
        forward, pull_back = ACTIVATIONS[name].bind(z, a, delta, np.empty_like(z))
        forward()
        delta[...] = 2 * a
        pull_back()
        np.testing.assert_allclose(delta, their_z.grad.numpy().T, rtol=0, atol=EXACT)


def test_their_hard_sigmoid_is_the_formula_but_for_its_constant() -> None:
    z = torch.linspace(-4, 4, 101, requires_grad=True)
    F.hardsigmoid(z).sum().backward()
    assert set(z.grad.numpy()) == {0.0, float(np.float32(1 / 6))}
    np.testing.assert_allclose(hard_sigmoid(z).detach(), F.hardsigmoid(z).detach(), rtol=0, atol=1.5e-8)


@pytest.mark.parametrize("scale", [1.0, 30.0, 1e4])
@pytest.mark.parametrize("kind", THEIR_LOSSES)
def test_losses(kind: str, scale: float) -> None:
    rng, loss = np.random.default_rng(1), LOSSES[kind]()
    z, y = rng.normal(scale=scale, size=(9, 4)), targets_for(loss, 9, 4, rng)
    their_z = torch.tensor(z, requires_grad=True)
    value = THEIR_LOSSES[kind](their_z, torch.tensor(y))
    value.backward()
    assert loss.value(z.T, y.T) == pytest.approx(value.item(), rel=1e-12, abs=EXACT)
    np.testing.assert_allclose(loss.gradient(z.T, y.T).T / 9, their_z.grad.numpy(), rtol=0, atol=EXACT)


def test_huber_with_another_delta() -> None:
    z, y = np.random.default_rng(2).normal(scale=3, size=(2, 8, 3))
    theirs = F.huber_loss(torch.tensor(z), torch.tensor(y), delta=2.5).item()
    assert Huber(delta=2.5).value(z.T, y.T) == pytest.approx(theirs, rel=1e-13)


class TheirNetwork:
    """The same network 4-6-5-3 in PyTorch, with our weights."""

    def __init__(self, ours: Network, activation: str, last: str) -> None:
        self.activations = [THEIR_ACTIVATIONS[name] for name in (activation, activation, last)]
        matrices = [place.of(ours.parameters).copy() for place in ours.places]
        self.biases = [torch.tensor(matrix[:, 0].copy(), requires_grad=True) for matrix in matrices]
        self.weights = [torch.tensor(matrix[:, 1:].copy(), requires_grad=True) for matrix in matrices]
        self.parameters = [*self.weights, *self.biases]

    def __call__(self, x: Any) -> Any:
        for weight, bias, phi in zip(self.weights, self.biases, self.activations, strict=True):
            x = phi(F.linear(x, weight, bias))
        return x

    def flat(self, *, gradients: bool = False) -> Any:
        """All parameters, or their gradients, in our order."""
        value = (lambda p: p.grad.numpy()) if gradients else (lambda p: p.detach().numpy())
        pairs = zip(self.biases, self.weights, strict=True)
        return np.concatenate([np.hstack([value(b)[:, None], value(w)]).ravel() for b, w in pairs])


def both(activation: str, loss: Loss, seed: int = 0) -> tuple[Network, TheirNetwork]:
    last = "identity" if loss.link != "identity" or activation == "relu" else activation
    hidden = {"activation": activation, "bias_init": "normal", "weight_init": "xavier_normal"}
    design = chain((4,), (6, hidden), (5, hidden), (3, {**hidden, "activation": last}))
    ours = compile_network(design, loss, seed=seed, dtype="float64")
    return ours, TheirNetwork(ours, activation, last)


@pytest.mark.parametrize("kind", THEIR_LOSSES)
@pytest.mark.parametrize("activation", THEIR_ACTIVATIONS)
def test_the_gradients_of_a_network(activation: str, kind: str) -> None:
    loss, rng = LOSSES[kind](), np.random.default_rng(3)
    ours, theirs = both(activation, loss)
    x, y = rng.normal(size=(7, 4)), targets_for(loss, 7, 3, rng)
    value = THEIR_LOSSES[kind](theirs(torch.tensor(x)), torch.tensor(y))
    value.backward()
    assert ours.loss_of(x, y) == pytest.approx(value.item(), abs=EXACT)
    np.testing.assert_allclose(ours.gradient_of(x, y), theirs.flat(gradients=True), rtol=0, atol=EXACT)


def train_both(optimizer: Optimizer, regularization: Regularization | None = None) -> Iterator[float]:
    """The largest difference between our parameters and theirs after each step, for ever."""
    loss = LOSSES["softmax_cross_entropy"]()
    ours, theirs = both("tanh", loss)
    name, options = THEIR_OPTIMIZERS[optimizer.kind]
    decay = {} if regularization is None else {"weight_decay": regularization.l2}
    their_optimizer = getattr(torch.optim, name)(theirs.parameters, **options, **decay)
    slots = Slots.fresh(optimizer.slots, ours.parameters, optimizer.learning_rate)
    step = optimizer.bind(ours.parameters, ours.gradients, slots)
    before = None if regularization is None else regularization.bind(ours).before_update
    rng = np.random.default_rng(4)
    while True:
        x, y = rng.normal(size=(8, 4)), np.eye(3)[rng.integers(0, 3, 8)]
        ours.gradients[...] = ours.gradient_of(x, y)
        if before is not None:
            before()
        step()
        their_optimizer.zero_grad()
        F.cross_entropy(theirs(torch.tensor(x)), torch.tensor(y)).backward()
        their_optimizer.step()
        yield float(np.abs(ours.parameters - theirs.flat()).max())


@pytest.mark.parametrize("kind", THEIR_OPTIMIZERS)
def test_twenty_steps_of_every_optimizer(kind: str) -> None:
    steps = train_both(OPTIMIZERS[kind]())
    differences = [next(steps) for _ in range(20)]
    assert max(differences[:10]) < TEN_STEPS
    assert max(differences) < TWENTY_STEPS


@pytest.mark.parametrize("kind", ["sgd", "momentum", "adam"])
def test_l2_without_sparing_biases_is_their_weight_decay(kind: str) -> None:
    steps = train_both(OPTIMIZERS[kind](), Regularization(l2=0.05, spare_biases=False))
    assert max(next(steps) for _ in range(20)) < TWENTY_STEPS


def test_clipping() -> None:
    ours, _ = both("tanh", LOSSES["mean_squared"]())
    gradient = np.random.default_rng(6).normal(size=ours.gradients.shape)
    parameter = torch.zeros(len(gradient), requires_grad=True)
    for ours_clips, clip, limit in (
        ("clip_value", torch.nn.utils.clip_grad_value_, 0.5),
        ("clip_norm", torch.nn.utils.clip_grad_norm_, 0.5),
        ("clip_norm", torch.nn.utils.clip_grad_norm_, 1e3),
    ):
        ours.gradients[...] = gradient
        parameter.grad = torch.tensor(gradient)
        step = Regularization(**{ours_clips: limit}).bind(ours).before_update
        assert step is not None
        step()
        clip([parameter], limit)
        theirs = parameter.grad.numpy()
        norm = np.linalg.norm(gradient)
        if ours_clips == "clip_norm" and norm > limit:
            theirs *= (
                norm + 1e-6
            ) / norm  # they divide by the norm + 1e-6, Pascanu et al. and we by the norm
        np.testing.assert_allclose(ours.gradients, theirs, rtol=0, atol=EXACT)


STEPS_PER_EPOCH = 4
BASE = 0.3
# Ours, theirs, and whether theirs takes its step once an epoch.
SCHEDULES_OF_BOTH: list[tuple[Schedule, str, dict[str, Any], bool]] = [
    (Constant(), "ConstantLR", {"factor": 1.0}, True),
    (StepDecay(every=3, gamma=0.2), "StepLR", {"step_size": 3, "gamma": 0.2}, True),
    (Exponential(gamma=0.8), "ExponentialLR", {"gamma": 0.8}, True),
    (Cosine(epochs=12, floor=0.1), "CosineAnnealingLR", {"T_max": 48, "eta_min": 0.03}, False),
    (WarmUp(epochs=3, start=0.2), "LinearLR", {"start_factor": 0.2, "total_iters": 12}, False),
    (
        OneCycle(epochs=12, rise=0.4, divisor=10, end_divisor=100),
        "OneCycleLR",
        {"max_lr": BASE, "total_steps": 48, "pct_start": 0.4, "div_factor": 10, "final_div_factor": 100},
        False,
    ),
]


def their_optimizer() -> Any:
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=BASE)


@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step:UserWarning")
@pytest.mark.parametrize(
    ("ours", "name", "options", "by_epoch"), SCHEDULES_OF_BOTH, ids=lambda x: str(x)[:12]
)
def test_schedules(ours: Schedule, name: str, options: dict[str, Any], by_epoch: bool) -> None:
    optimizer = their_optimizer()
    scheduler = getattr(torch.optim.lr_scheduler, name)(optimizer, **options)
    for step in range(48):
        theirs = optimizer.param_groups[0]["lr"]
        assert ours.rate(BASE, step, STEPS_PER_EPOCH) == pytest.approx(theirs, abs=1e-12)
        if step < 47 and (not by_epoch or (step + 1) % STEPS_PER_EPOCH == 0):
            scheduler.step()


@pytest.mark.parametrize("cooldown", [0, 2])
def test_reduce_on_plateau(cooldown: int) -> None:
    ours, state, optimizer = (
        Plateau(patience=2, gamma=0.4, cooldown=cooldown),
        ScheduleState(),
        their_optimizer(),
    )
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.4, patience=2, cooldown=cooldown)
    losses = 1 + np.random.default_rng(7).random(60) / np.arange(1, 61)
    for epoch, loss in enumerate(losses):
        state = ours.observe(state, float(loss))
        theirs.step(loss)
        assert ours.rate(BASE, epoch, 1, state) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12)
    assert state.scale < 0.1
