"""Pruned synapses stay exactly zero and frozen ones keep every bit, under every optimizer."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from engine.design import NetworkDesign, Project, TrainingConfig, Wire
from engine.layers.conv import Conv2D
from engine.layers.dense import Dense, Input
from engine.layers.reshape import Flatten
from engine.layers.weighted import pack
from engine.optimizers import OPTIMIZERS
from engine.regularizers import EarlyStopping, Regularization
from engine.training.session import Session
from tests.engine.project_strategies import small_data

EVERYTHING = Regularization(l1=0.01, l2=0.05, spare_biases=False, max_norm=1.5, clip_value=0.5, clip_norm=0.7)


def marks(rows: int, columns: int, seed: int) -> tuple[Any, Any]:
    """A third of the synapses pruned, a third frozen, some both; one whole unit frozen with its bias."""
    rng = np.random.default_rng(seed)
    pruned, frozen = rng.random((rows, columns)) < 0.3, rng.random((rows, columns)) < 0.3
    pruned[:, 0] = False  # a bias is no synapse
    frozen[0] = True
    return pruned, frozen


def design() -> tuple[NetworkDesign, dict[str, tuple[Any, Any]]]:
    """A convolution and two dense layers with masks of their own."""
    found = {"conv": marks(3, 1 + 9, 1), "hidden": marks(5, 1 + 12, 2), "out": marks(2, 1 + 5, 3)}
    made = {layer: {"mask": pack(p), "frozen": pack(f)} for layer, (p, f) in found.items()}
    layers = (
        Input(id="input", shape=(1, 4, 4), unit_ids=tuple(range(16))),
        Conv2D(id="conv", unit_ids=(20, 21, 22), kernel=3, activation="tanh", **made["conv"]),
        Flatten(id="flat"),
        Dense(id="hidden", unit_ids=(30, 31, 32, 33, 34), activation="tanh", **made["hidden"]),
        Dense(id="out", unit_ids=(40, 41), activation="identity", **made["out"]),
    )
    wires = tuple(Wire(a.id, b.id) for a, b in pairwise(layers))
    return NetworkDesign(layers=layers, wires=wires), found


@pytest.mark.parametrize("regularization", [Regularization(), EVERYTHING], ids=["plain", "regularized"])
@pytest.mark.parametrize("kind", OPTIMIZERS.names())
def test_masks_hold_under_every_optimizer(kind: str, regularization: Regularization) -> None:
    network_design, found = design()
    optimizer: Any = OPTIMIZERS[kind]()
    if hasattr(optimizer, "weight_decay"):
        optimizer = replace(optimizer, weight_decay=0.1)
    config = TrainingConfig(
        optimizer=optimizer,
        regularization=regularization,
        batch_size=5,
        early_stopping=EarlyStopping(patience=2, min_delta=1e3),
    )
    session = Session(Project(design=network_design, training=config), small_data(16, 2))
    before = {layer: session.network.parameter(layer).copy() for layer in found}
    session.run(7)
    slower = replace(config, batch_size=4, early_stopping=None)  # bound anew in the middle of the run
    session.edit(Project(design=network_design, training=slower))
    session.run(30)
    assert session.step > 30
    for layer, (pruned, frozen) in found.items():
        weight = session.network.parameter(layer)
        assert not weight[pruned].any(), layer
        held = pruned | frozen
        assert weight[held].tobytes() == before[layer][held].tobytes(), layer
        assert (weight[~held] != before[layer][~held]).mean() > 0.9, layer  # L1 sets few of them to zero


def test_a_pruned_synapse_is_zero_where_weights_come_from_elsewhere() -> None:
    network_design, found = design()
    session = Session(Project(design=network_design, training=TrainingConfig()), small_data(16, 2))
    session.network.parameters[...] = 1.0
    session.edit(
        Project(name="other", design=network_design, training=replace(TrainingConfig(), precision="float64"))
    )
    for layer, (pruned, _) in found.items():
        weight = session.network.parameter(layer)
        assert not weight[pruned].any()
        assert (weight[~pruned] == 1).all()
