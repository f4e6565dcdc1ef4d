"""Facts: what is said of a project on screen is what its training will meet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.datasets import load_data
from engine.examples import example_project
from engine.training.trainer import Trainer
from engine.validation import DesignError, inference
from gui.document.facts import errors_of, examined


def test_a_batch_too_large_for_memory_is_said_before_it_is_played(monkeypatch):
    project = example_project("mnist-16-16")
    data = load_data(project.data)
    monkeypatch.setattr(inference, "memory_of_machine", lambda: 12_000_000)
    large = replace(project, training=replace(project.training, batch_size=60_000))
    assert errors_of(project, data) == ()
    (fault,) = errors_of(large, data)
    assert "memory" in fault.message
    assert (fault.layer, fault.found) in {
        (known.layer, known.found) for known in examined(large, data).faults
    }
    with pytest.raises(DesignError, match="memory"):
        Trainer(large, data)


def test_no_batch_is_larger_than_the_data(monkeypatch):
    project = example_project("xor")
    monkeypatch.setattr(inference, "memory_of_machine", lambda: 12_000_000)
    huge = replace(project, training=replace(project.training, batch_size=1_000_000))
    assert errors_of(huge, load_data(project.data)) == ()
