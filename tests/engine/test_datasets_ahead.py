"""Data begun to load early are those that come, once; what goes wrong is said when they are taken."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from engine.datasets import DataError, ahead
from engine.datasets.ahead import load_ahead, take_data
from engine.design import DataConfig

CIRCLE = DataConfig(name="circle")


def loads_of(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The name of each thread that loads data from now on."""
    threads: list[str] = []
    load = ahead.load_data

    def noted(config: DataConfig):
        threads.append(threading.current_thread().name)
        return load(config)

    monkeypatch.setattr(ahead, "load_data", noted)
    return threads


def test_what_was_loaded_ahead_is_taken_once(monkeypatch):
    threads = loads_of(monkeypatch)
    load_ahead(CIRCLE)
    load_ahead(CIRCLE)  # it is on its way already
    first, second = take_data(CIRCLE), take_data(CIRCLE)
    assert threads == ["synapscope-data", threading.current_thread().name]
    assert first is not second
    assert np.array_equal(first.train.inputs, second.train.inputs)


def test_other_data_are_not_mistaken_for_those_loaded_ahead(monkeypatch):
    threads = loads_of(monkeypatch)
    load_ahead(CIRCLE)
    other = take_data(DataConfig(name="circle", seed=CIRCLE.seed + 1))
    assert not np.array_equal(other.train.inputs, take_data(CIRCLE).train.inputs)
    assert len(threads) == 2


def test_a_fault_is_raised_where_the_data_are_taken():
    wrong = DataConfig(name="circle", options=(("colour", 1),))
    load_ahead(wrong)
    with pytest.raises(DataError, match="colour"):
        take_data(wrong)
