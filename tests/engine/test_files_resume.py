"""Training saved in the middle of an epoch and continued in a fresh process gives the very same numbers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.datasets import load_data
from engine.design import DataConfig, Project, TrainingConfig, chain
from engine.files import load_project, save_project
from engine.optimizers import OPTIMIZERS
from engine.optimizers.adaptive import Adam
from engine.optimizers.base import Optimizer
from engine.training.resuming import resume
from engine.training.session import Session
from tests.engine.project_strategies import small_data

ROOT = Path(__file__).resolve().parents[2]

CONTINUE = """
import sys
from engine.datasets import load_data
from engine.files import load_project, save_project
from engine.training.resuming import resume
from engine.training.session import Session

found = load_project(sys.argv[1])
assert found.warnings == (), found.warnings
session = resume(found.trained, load_data(found.project.data), found.checkpoint)
session.run(int(sys.argv[3]))
save_project(sys.argv[2], session.project, session.checkpoint())
"""


def spirals(precision: str, optimizer: Optimizer, batch_size: int) -> Project:
    return Project(
        design=chain((2,), (8, {"activation": "tanh"}), (5, {}), (1, {"activation": "sigmoid"})),
        training=TrainingConfig(
            loss=_loss(), optimizer=optimizer, batch_size=batch_size, precision=precision, seed=3
        ),
        data=DataConfig(name="spirals"),
    )


def _loss() -> object:
    from engine.losses import Quadratic

    return Quadratic()


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("batch_size", [7, 1])
def test_going_on_in_a_fresh_process_is_never_having_stopped(
    precision: str, batch_size: int, tmp_path: Path
) -> None:
    project = spirals(precision, Adam(learning_rate=0.01), batch_size)
    data = load_data(project.data)
    per_epoch = -(-len(data.train) // batch_size)
    before, after = per_epoch + per_epoch // 3, 2 * per_epoch  # stops within an epoch, passes the ends of two
    whole = Session(project, data)
    whole.run(before + after)

    half = Session(project, data)
    half.run(before)
    saved, continued = tmp_path / "half.synapscope", tmp_path / "continued.synapscope"
    checkpoint = half.checkpoint()
    assert 0 < checkpoint.position < len(data.train)
    save_project(saved, project, checkpoint)
    command = [sys.executable, "-c", CONTINUE, str(saved), str(continued), str(after)]
    done = subprocess.run(
        command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

    found, wanted = load_project(continued).checkpoint, whole.checkpoint()
    assert found is not None
    assert found.step == wanted.step == before + after
    assert found.parameters.dtype == np.dtype(precision)
    assert found.parameters.tobytes() == wanted.parameters.tobytes()
    for name, vector in wanted.vectors.items():
        assert found.vectors[name].tobytes() == vector.tobytes()
    assert (found.epoch, found.position, found.count) == (wanted.epoch, wanted.position, wanted.count)
    assert found.epoch_state == wanted.epoch_state
    assert found.curves["loss"][1] == wanted.curves["loss"][1]
    np.testing.assert_allclose(found.curves["loss"][0], wanted.curves["loss"][0], rtol=1e-12)

    half.run(after)  # and the one that was saved went on undisturbed
    assert half.network.parameters.tobytes() == wanted.parameters.tobytes()


@pytest.mark.parametrize("batch_size", [5, 8, 23, 40])
def test_it_goes_on_from_every_batch_of_an_epoch(batch_size: int) -> None:
    project = Project(
        design=chain((3,), (2, {"activation": "identity"})), training=TrainingConfig(batch_size=batch_size)
    )
    data = small_data(3, 2, examples=23)
    whole = Session(project, data)
    for _ in range(2 * len(whole.batches) + 1):
        resumed = resume(project, data, whole.checkpoint())
        whole.run(1)
        resumed.run(1)
        assert resumed.network.parameters.tobytes() == whole.network.parameters.tobytes()


@pytest.mark.parametrize("kind", OPTIMIZERS.names())
def test_every_optimizer_goes_on_where_it_stopped(kind: str, tmp_path: Path) -> None:
    project = spirals("float32", OPTIMIZERS[kind](), 9)
    data = load_data(project.data)
    whole = Session(project, data)
    whole.run(25)
    path = tmp_path / "p.synapscope"
    save_project(path, project, whole.checkpoint())
    found = load_project(path)
    assert found.checkpoint is not None
    resumed = resume(found.trained, data, found.checkpoint)
    whole.run(40)
    resumed.run(40)
    assert resumed.network.parameters.tobytes() == whole.network.parameters.tobytes()
