"""Holds twenty steps of a session, which is what trains, against torch.optim on the same batches, in float64.

Every optimizer runs at settings none of which is its default, in batches of three sizes, while a schedule and
an edit change the rate; with and without what regularization adds, and with and without somebody who asks for
the vitals and the gradients between the steps. Differences are absolute.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from math import inf
from typing import Any

import numpy as np
import pytest

from engine.datasets.base import Data, Split
from engine.design import DataConfig, Project, TrainingConfig, chain
from engine.optimizers import OPTIMIZERS, Optimizer
from engine.regularizers import Regularization
from engine.schedules import StepDecay
from engine.training.session import Session

torch: Any = pytest.importorskip("torch")

EXACT, STEPS, WATCHED_STEPS = 1e-9, 20, (1, 2, 3, 7, 11, 12, 20)
FEATURES, HIDDEN, CLASSES, EXAMPLES, BATCH = 4, 6, 3, 32, 8
# The rate falls after each epoch, at first without a change of the batches' size; the edit changes both.
GAMMA, EDIT_AFTER, FASTER, OTHER_BATCH = 0.6, 10, 1.7, 5

SETTINGS: dict[str, tuple[dict[str, float], ...]] = {
    "sgd": ({"learning_rate": 0.03}, {"learning_rate": 0.8}),
    "momentum": ({"learning_rate": 0.03, "momentum": 0.5}, {"learning_rate": 0.2, "momentum": 0.98}),
    "nesterov": ({"learning_rate": 0.03, "momentum": 0.5}, {"learning_rate": 0.2, "momentum": 0.98}),
    "adagrad": ({"learning_rate": 0.05, "epsilon": 1e-5}, {"learning_rate": 0.3, "epsilon": 1e-2}),
    "adadelta": (
        {"learning_rate": 0.5, "rho": 0.8, "epsilon": 1e-4},
        {"learning_rate": 3.0, "rho": 0.97, "epsilon": 1e-3},
    ),
    "rmsprop": (
        {"learning_rate": 0.003, "rho": 0.9, "epsilon": 1e-5},
        {"learning_rate": 0.03, "rho": 0.5, "epsilon": 1e-2},
    ),
    "adam": (
        {"learning_rate": 0.02, "beta1": 0.8, "beta2": 0.99, "epsilon": 1e-6},
        {"learning_rate": 0.005, "beta1": 0.0, "beta2": 0.9, "epsilon": 1e-3},
        {"learning_rate": 0.05, "beta1": 0.995, "beta2": 0.9999, "epsilon": 1e-5},
    ),
    "adamax": (
        {"learning_rate": 0.02, "beta1": 0.8, "beta2": 0.99, "epsilon": 1e-6},
        {"learning_rate": 0.005, "beta1": 0.95, "beta2": 0.7, "epsilon": 1e-3},
    ),
    "nadam": (
        {"learning_rate": 0.02, "beta1": 0.8, "beta2": 0.99, "epsilon": 1e-6, "momentum_decay": 0.02},
        {"learning_rate": 0.005, "beta1": 0.95, "beta2": 0.9, "epsilon": 1e-3, "momentum_decay": 0.5},
    ),
    "amsgrad": (
        {"learning_rate": 0.02, "beta1": 0.8, "beta2": 0.99, "epsilon": 1e-6},
        {"learning_rate": 0.005, "beta1": 0.95, "beta2": 0.5, "epsilon": 1e-3},
    ),
    "adamw": (
        {"learning_rate": 0.02, "beta1": 0.8, "beta2": 0.99, "epsilon": 1e-6, "weight_decay": 0.3},
        {"learning_rate": 0.005, "beta1": 0.95, "beta2": 0.9, "epsilon": 1e-3, "weight_decay": 2.0},
    ),
}
PLAIN = [(0, 0.0), (1, 0.0)]  # the first two settings, without L2
CASES = [(kind, number) for kind, settings in SETTINGS.items() for number in range(len(settings))]
THEIR_NAMES = {
    "momentum": "SGD",
    "nesterov": "SGD",
    "sgd": "SGD",
    "adagrad": "Adagrad",
    "adadelta": "Adadelta",
    "rmsprop": "RMSprop",
    "adam": "Adam",
    "adamax": "Adamax",
    "nadam": "NAdam",
    "amsgrad": "Adam",
    "adamw": "AdamW",
}
# What regularization does, and whether somebody watches; the first two leave the gradient as it is.
SITUATIONS = {
    "plain": (Regularization(), False),
    "max-norm, watched": (Regularization(max_norm=0.7), True),
    "L1, L2, clipped, watched": (Regularization(l1=0.01, l2=0.05, clip_value=0.04, clip_norm=0.1), True),
}


@pytest.fixture(autouse=True)
def double_precision() -> Iterator[None]:
    """NAdam keeps a product of its own in the default precision."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def rule_of(kind: str, number: int) -> Optimizer:
    return OPTIMIZERS[kind](**SETTINGS[kind][number])


def session_of(rule: Optimizer, regularization: Regularization) -> Session:
    rng = np.random.default_rng(8)
    labels = rng.integers(0, CLASSES, EXAMPLES)
    split = Split(
        np.hstack([np.ones((EXAMPLES, 1)), rng.normal(size=(EXAMPLES, FEATURES))]),
        np.eye(CLASSES)[labels],
        labels,
    )
    names = tuple("abcd")
    data = Data(
        config=DataConfig(),
        name="drawn",
        title="Drawn",
        task="classes",
        train=split,
        test=split,
        feature_names=names,
        target_names=names[:CLASSES],
        class_names=names[:CLASSES],
    )
    drawn = {"weight_init": "xavier_normal", "bias_init": "normal"}
    design = chain(
        (FEATURES,),
        (HIDDEN, {"activation": "tanh", **drawn}),
        (CLASSES, {"activation": "identity", **drawn}),
    )
    training = TrainingConfig(
        optimizer=rule,
        batch_size=BATCH,
        precision="float64",
        schedule=StepDecay(every=1, gamma=GAMMA),
        regularization=regularization,
    )
    return Session(Project(design=design, training=training), data)


def their_options(rule: Optimizer) -> dict[str, Any]:
    """The same hyperparameters by their names."""
    ours = asdict(rule)
    options = {"lr": ours.pop("learning_rate")}
    if "beta1" in ours:
        options["betas"] = ours.pop("beta1"), ours.pop("beta2")
    if "epsilon" in ours:
        options["eps"] = ours.pop("epsilon")
    if rule.kind == "rmsprop":
        options["alpha"] = ours.pop("rho")
    if rule.kind in ("nesterov", "amsgrad"):
        options[rule.kind] = True
    return {**options, **ours}


class Twin:
    """The same network and optimizer of PyTorch's.

    Attributes:
        update: the last change that the optimizer made; took_effect: which limits have changed something.
    """

    def __init__(self, session: Session, rule: Optimizer) -> None:
        nn, network = torch.nn, session.network
        self.layers = [nn.Linear(FEATURES, HIDDEN), nn.Linear(HIDDEN, CLASSES)]
        self.net = nn.Sequential(self.layers[0], nn.Tanh(), self.layers[1])
        with torch.no_grad():
            for place, layer in zip(network.places, self.layers, strict=True):
                matrix = torch.tensor(place.of(network.parameters).copy())
                layer.bias.copy_(matrix[:, 0])
                layer.weight.copy_(matrix[:, 1:])
        self.parameters = list(self.net.parameters())
        self.optimizer = getattr(torch.optim, THEIR_NAMES[rule.kind])(self.parameters, **their_options(rule))
        self.took_effect: set[str] = set()

    def step(self, x: Any, y: Any, rate: float, regularization: Regularization) -> float:
        """A whole step; returns the loss without the penalty."""
        self.optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(self.net(torch.tensor(x)), torch.tensor(y))
        penalized = regularization.l1 or regularization.l2
        (loss + self._penalty(regularization) if penalized else loss).backward()
        self._clip(regularization)
        before = self.flat()
        self.optimizer.param_groups[0]["lr"] = rate
        self.optimizer.step()
        self.update = before - self.flat()
        if regularization.max_norm:
            self._hold(regularization.max_norm)
        return float(loss.detach())

    def _penalty(self, regularization: Regularization) -> Any:
        l1, l2, weights = regularization.l1, regularization.l2, [layer.weight for layer in self.layers]
        return sum(l2 / 2 * (w * w).sum() + l1 * w.abs().sum() for w in weights)

    def _clip(self, regularization: Regularization) -> None:
        gradients = [p.grad for p in self.parameters]
        value, norm = regularization.clip_value, regularization.clip_norm
        if value:
            if max(float(g.abs().max()) for g in gradients) > value:
                self.took_effect.add("clip_value")
            torch.nn.utils.clip_grad_value_(self.parameters, value)
        if norm and (found := torch.nn.utils.get_total_norm(gradients)) > norm:
            self.took_effect.add("clip_norm")
            for gradient in gradients:  # clip_grad_norm_ divides by the norm + 1e-6
                gradient *= norm / found

    def _hold(self, limit: float) -> None:
        with torch.no_grad():
            for layer in self.layers:
                norms = layer.weight.norm(dim=1, keepdim=True)
                if norms.max() > limit:
                    self.took_effect.add("max_norm")
                layer.weight *= (limit / norms).clamp(max=1.0)  # renorm divides by the norm + 1e-7

    def flat(self, *, gradients: bool = False) -> Any:
        """All parameters, or their gradients, in our order."""
        tensors = [(p.grad if gradients else p.detach()).numpy() for p in self.parameters]
        pairs = zip(tensors[::2], tensors[1::2], strict=True)
        return np.concatenate([np.column_stack([bias, weight]).ravel() for weight, bias in pairs])


def difference(ours: Any, theirs: Any) -> float:
    return float(np.abs(ours - theirs).max())


def assert_watched(session: Session, twin: Twin) -> None:
    """What is shown of the last step: the gradient as the optimizer got it, and the update that it made."""
    snapshot = session.snapshot(gradients=True, vitals=True)
    gradients = twin.flat(gradients=True)
    assert difference(snapshot.gradients, gradients) < EXACT
    assert difference(session.slots.update, twin.update) < EXACT
    assert snapshot.health is not None
    assert snapshot.health.step == session.step
    for place in session.network.places:
        vitals = snapshot.health.of(place.layer)
        assert vitals is not None
        assert vitals.gradient == pytest.approx(np.linalg.norm(place.of(gradients)), abs=EXACT)
        assert vitals.update == pytest.approx(np.linalg.norm(place.of(twin.update)), abs=EXACT)


def test_every_optimizer_is_compared_at_two_settings_without_a_default() -> None:
    assert set(SETTINGS) == set(THEIR_NAMES) == set(OPTIMIZERS)
    for kind, settings in SETTINGS.items():
        assert len(settings) >= 2
        usual = asdict(OPTIMIZERS[kind]())
        for chosen in settings:
            assert chosen.keys() == usual.keys()
            assert all(chosen[name] != usual[name] for name in usual)


@pytest.mark.parametrize("kind", SETTINGS)
def test_both_ways_of_the_gradient_are_compared(kind: str) -> None:
    """Where nothing is added to it, some take it multiplied by a number, and hold that until asked for it."""
    scaled = []
    for number in range(len(SETTINGS[kind])):
        for regularization in (Regularization(), Regularization(l2=0.05)):
            session = session_of(rule_of(kind, number), regularization)
            session.vitals.due = inf
            session.run(1)
            held = session.network.gradients.copy()
            session.training.settle()
            if not np.array_equal(held, session.network.gradients):
                scaled.append((number, regularization.l2))
    # a β₁ of 0 makes the number 1, a long memory as Adam's third makes it too small
    assert scaled == {"sgd": PLAIN, "adam": PLAIN[:1], "amsgrad": PLAIN, "adamw": PLAIN}.get(kind, [])


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize(("kind", "number"), CASES)
def test_twenty_steps_of_a_session(kind: str, number: int, situation: str) -> None:
    rule, (regularization, watched) = rule_of(kind, number), SITUATIONS[situation]
    session, base, sizes = session_of(rule, regularization), rule.learning_rate, set()
    twin, train = Twin(session, rule), session.data.train
    for step in range(1, STEPS + 1):
        rate = base * GAMMA**session.epoch
        session.vitals.due = inf  # not when the clock says so, but at the steps named
        assert session.run(1) == 1
        snapshot = session.snapshot()
        batch = snapshot.batch_examples
        sizes.add(len(batch))
        their_loss = twin.step(train.inputs[batch], train.targets[batch], rate, regularization)
        assert abs(snapshot.loss - their_loss) < EXACT
        assert difference(snapshot.parameters, twin.flat()) < EXACT
        if watched and step in WATCHED_STEPS:
            assert_watched(session, twin)
        if step == EDIT_AFTER:
            base *= FASTER
            faster = replace(rule, learning_rate=base)
            config = replace(session.project.training, optimizer=faster, batch_size=OTHER_BATCH)
            session.edit(replace(session.project, training=config))
    assert sizes == {8, 5, 1}
    limits = {"clip_value", "clip_norm", "max_norm"}
    assert twin.took_effect == {name for name in limits if getattr(regularization, name)}
