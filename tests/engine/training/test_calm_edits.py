"""An edit that preserves the function leaves the loss where it was, and so do the steps after it."""

from __future__ import annotations

import numpy as np
import pytest

from engine.datasets import load_data
from engine.design import DataConfig, Project, TrainingConfig, chain
from engine.edits import Edit, Outcome
from engine.edits.layers import insert
from engine.edits.units import set_units
from engine.losses import Quadratic
from engine.optimizers import OPTIMIZERS
from engine.training.session import Session

EDITS = {
    "a layer": lambda project: insert(project, "dense-1", "dense-2", "dense"),
    "neurons": lambda project: set_units(project, "dense-1", 12),
}


def trained(kind: str) -> Session:
    relu = {"activation": "relu"}
    design = chain((2,), (8, relu), (8, relu), (1, {"activation": "tanh"}))
    optimizer = OPTIMIZERS[kind](learning_rate=0.01)
    config = TrainingConfig(loss=Quadratic(), optimizer=optimizer, batch_size=10, seed=5)
    project = Project(design=design, training=config, data=DataConfig(name="circle"))
    session = Session(project, load_data(project.data))
    session.run(1500)
    return session


def loss(session: Session) -> float:
    train = session.data.train
    errors = session.training.network.predict(train.inputs) - train.targets
    return float(0.5 * np.square(errors).sum(axis=1).mean())


def done(outcome: Outcome) -> Project:
    assert isinstance(outcome, Edit), outcome
    return outcome.project


@pytest.mark.parametrize("kind", [kind for kind, rule in OPTIMIZERS.items() if rule.sizes])
@pytest.mark.parametrize("what", EDITS)
def test_the_steps_after_an_edit_are_no_longer_than_those_before(kind: str, what: str) -> None:
    session = trained(kind)
    before = loss(session)
    session.edit(done(EDITS[what](session.project)))
    assert loss(session) == pytest.approx(before, rel=1e-5)
    worst = 0.0
    for _ in range(40):
        session.run(1)
        worst = max(worst, loss(session))
    assert worst < 3 * before + 0.01
