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
from engine.edits import Edit
from engine.edits.layers import insert
from engine.files import load_project, save_project
from engine.optimizers import OPTIMIZERS
from engine.optimizers.adaptive import Adam
from engine.optimizers.base import Optimizer
from engine.regularizers import EarlyStopping
from engine.schedules import Plateau
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


def everything_that_remembers(kind: str, precision: str) -> Project:
    """Running statistics, randomness, a schedule that waits for a plateau, early stopping, an optimizer."""
    project = Project(
        design=chain((3,), (9, {"activation": "tanh"}), (6, {}), (2, {"activation": "identity"})),
        training=TrainingConfig(
            optimizer=OPTIMIZERS[kind](),
            batch_size=5,
            precision=precision,
            seed=3,
            schedule=Plateau(patience=1, gamma=0.5),
            early_stopping=EarlyStopping(patience=1000),
        ),
    )
    for source, target, layer in (("dense-1", "dense-2", "batch_norm"), ("dense-2", "dense-3", "dropout")):
        made = insert(project, source, target, layer)
        assert isinstance(made, Edit)
        project = made.project
    return project


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("kind", OPTIMIZERS.names())
def test_everything_that_remembers_goes_on_where_it_stopped(
    kind: str, precision: str, tmp_path: Path
) -> None:
    project, data = everything_that_remembers(kind, precision), small_data(3, 2)
    whole, half = Session(project, data), Session(project, data)
    whole.run(203)
    half.run(12)  # in the middle of the third epoch
    path, elsewhere = tmp_path / "p.synapscope", []
    save_project(path, project, half.checkpoint())
    for step in (13, 126, 203):  # and stopped, saved and loaded again
        found = load_project(path)
        assert found.checkpoint is not None
        elsewhere.append(np.empty(4093 * step, np.uint8))  # so that the next arrays lie elsewhere
        resumed = resume(found.trained, data, found.checkpoint)
        resumed.run(step - resumed.step)
        save_project(path, resumed.project, resumed.checkpoint())
    last, wanted = load_project(path).checkpoint, whole.checkpoint()
    assert last is not None
    assert float(whole.slots.rate) < OPTIMIZERS[kind]().learning_rate
    for name in ("step", "epoch", "position", "epoch_state", "dropout_state", "count", "rate", "observed"):
        assert getattr(last, name) == getattr(wanted, name), name
    pairs = [(last.parameters, wanted.parameters), (last.state, wanted.state)]
    pairs += [(last.vectors[name], wanted.vectors[name]) for name in wanted.vectors]
    assert last.best is not None
    assert wanted.best is not None
    pairs += list(zip(last.best, wanted.best, strict=True))
    assert all(a.tobytes() == b.tobytes() and a.dtype == precision for a, b in pairs)


def test_the_blas_of_another_package_is_not_taken_for_that_of_numpy() -> None:
    pytest.importorskip("scipy.linalg")
    code = (
        "from engine.files.environment import current_environment as now\n"
        "before = now('float32')\n"
        "import scipy.linalg\n"
        "assert now('float32') == before, now('float32').differences(before)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("phases", [1, 2, 3, 4])
@pytest.mark.parametrize("steps", [0, 3, 4, 9])
def test_a_begun_batch_is_left_out_and_goes_on(steps: int, phases: int) -> None:
    """With 20 examples in batches of 5, an epoch ends after 4 steps: the begun batch may be of the next."""
    project, data = everything_that_remembers("adam", "float64"), small_data(3, 2)
    whole, half = Session(project, data), Session(project, data)
    whole.run(steps + 10)
    half.run(steps)
    for _ in range(phases):
        phase = half.run_phase()
    before = half.network.parameters.copy()
    resumed = resume(project, data, half.checkpoint())
    assert (half.phase, half.step) == (phase, steps), "saved, it is where it was"
    assert resumed.step == steps
    np.testing.assert_array_equal(resumed.network.parameters, before)
    for session in (half, resumed):
        session.run(steps + 10 - session.step)
        assert session.network.parameters.tobytes() == whole.network.parameters.tobytes()
        assert session.network.state.tobytes() == whole.network.state.tobytes()
