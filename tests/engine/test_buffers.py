"""Buffers begin at a whole cache line, in the network and wherever else a sum is formed of them."""

from __future__ import annotations

import numpy as np
import pytest

from engine import buffers
from engine.design import Project, TrainingConfig, chain
from engine.optimizers.adaptive import Adam
from engine.training.session import Session
from tests.engine.project_strategies import small_data


def is_aligned(array: np.ndarray) -> bool:
    return array.size == 0 or array.ctypes.data % buffers.LINE == 0


@pytest.mark.parametrize("shape", [0, 1, 7, (3, 5), (0, 4), (785, 33)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_they_are_what_numpy_makes_at_a_whole_line(shape: int | tuple[int, ...], dtype: type) -> None:
    for made, wanted in ((buffers.zeros, np.zeros), (buffers.ones, np.ones)):
        found = made(shape, dtype)
        assert is_aligned(found)
        assert found.flags.c_contiguous
        assert found.flags.writeable
        assert found.dtype == dtype
        np.testing.assert_array_equal(found, wanted(shape, dtype))


def test_a_copy_is_its_own() -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3).T
    copied = buffers.copy(array, np.float64)
    np.testing.assert_array_equal(copied, array)
    copied[0, 0] = 9
    assert array[0, 0] == 0
    assert is_aligned(copied)


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_everything_that_training_computes_with_is_aligned(precision: str) -> None:
    design = chain((3,), (5, {"activation": "tanh"}), (2, {}))
    config = TrainingConfig(batch_size=7, precision=precision, optimizer=Adam())
    session = Session(Project(design=design, training=config), small_data(3, 2))
    session.run(3)
    network, work = session.network, session.training.work
    arrays = [network.parameters, network.gradients, network.state, *session.slots.vectors.values()]
    for signal in work.signals.values():
        if signal.stays:
            arrays += [signal.value, signal.grad]
    batches = session.batches
    arrays += [batches._block, batches._block_targets, batches._columns]
    assert all(is_aligned(array) for array in arrays)
