"""Facts: what is said of a project on screen is what its training will meet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.datasets import load_data
from engine.edits import Edit
from engine.edits.synapses import prune
from engine.examples import example_project
from engine.training.trainer import Trainer
from engine.validation import DesignError, inference
from gui.document.facts import (
    Count,
    errors_of,
    examined,
    parameter_count,
    parameter_counts,
    said_of_pruned,
)


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


def test_a_pruned_synapse_is_absent_and_no_parameter():
    project = example_project("circle")
    for column in (0, 1):  # the bias, and a weight
        edited = prune(project, "dense-1", 2, column)
        assert isinstance(edited, Edit)
        project = edited.project
    assert parameter_counts(project.design)["dense-1"] == Count(weights=7, biases=3, pruned=2)
    assert parameter_count(project.design).total == 23
    assert "2 pruned" in said_of_pruned(parameter_count(project.design))
    assert said_of_pruned(parameter_count(example_project("circle").design)) == ""
