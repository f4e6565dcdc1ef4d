"""Weights set by hand reach the picture and the disk; what if is asked of the picture alone."""

from __future__ import annotations

import numpy as np

from engine.edits.parameters import ParameterEdit
from engine.edits.units import remove_units
from engine.files import load_project


def weight(bench) -> float:
    frame = bench.lab.clock.frame
    return float(frame.network.place("dense-1").of(frame.snapshot.parameters)[2, 1])


def put(bench, value: float, gesture: str = "", hold: bool = False) -> None:
    bench.lab.document.set_parameters(
        "set", (ParameterEdit("dense-1", "weight", 2, 1, value),), gesture, hold
    )


def test_a_weight_set_at_rest_is_shown_and_undone(bench):
    before = weight(bench)
    put(bench, 0.82)
    bench.wait(lambda: weight(bench) == np.float32(0.82))
    bench.lab.document.undo_stack.undo()
    bench.wait(lambda: weight(bench) == before)
    assert bench.step == 0


def test_it_is_held_while_it_trains_until_it_is_let_go(bench):
    put(bench, 0.82, "drag", hold=True)
    bench.lab.training.toggle()
    bench.frame_at(20)
    assert weight(bench) == np.float32(0.82)
    bench.lab.controller.let_go()
    bench.wait(lambda: weight(bench) != np.float32(0.82))


def test_a_weight_set_at_rest_is_saved_by_the_autosave(bench):
    for value in (0.82, 0.5):
        put(bench, value)
        bench.wait(lambda v=value: weight(bench) == np.float32(v))
        bench.lab.autosaver.hurry()
        bench.wait(lambda v=value: saved_weight(bench) == np.float32(v))


def saved_weight(bench) -> float | None:
    path = bench.lab.autosaver._save._written
    if path is None or not path.exists() or bench.lab.autosaver._writing:
        return None
    checkpoint = load_project(path).checkpoint
    assert checkpoint is not None
    return float(bench.lab.clock.frame.network.place("dense-1").of(checkpoint.parameters)[2, 1])


def test_what_if_changes_the_picture_and_nothing_else(bench):
    question, clock = bench.lab.clock.question, bench.lab.clock
    before = bench.checkpoint()
    plain = clock.frame.trace.prediction.copy()
    question.hold("dense-1", 0, 1.0)
    assert clock.frame.trace.layers["dense-1"].a[0] == 1.0
    assert clock.frame.what_if.clamps
    assert (clock.frame.trace.prediction != plain).any()
    assert not bench.lab.document.modified
    np.testing.assert_array_equal(bench.checkpoint().parameters, before.parameters)
    question.release("dense-1", 0)
    np.testing.assert_array_equal(clock.frame.trace.prediction, plain)


def test_changed_inputs_belong_to_one_example_and_held_neurons_stay(bench):
    question, example = bench.lab.clock.question, bench.lab.example
    question.hold("input", 0, 0.25)
    question.hold("dense-1", 1, 0.0)
    assert bench.lab.clock.frame.trace.layers["input"].a[0] == np.float32(0.25)
    example.move(1)
    assert question.indices("input") == ()
    assert question.value_of("dense-1", 1) == 0.0


def test_a_held_neuron_goes_with_its_neuron_and_others_stay(bench):
    question, document = bench.lab.clock.question, bench.lab.document
    question.hold("dense-1", 1, 0.0)
    question.hold("dense-1", 3, 1.0)
    document.apply(remove_units(document.project, "dense-1", [1]))
    assert question.indices("dense-1") == (2,)
    bench.settled()
    bench.wait(lambda: bench.lab.clock.frame.trace.layers["dense-1"].a.size == 3)
    assert bench.lab.clock.frame.trace.layers["dense-1"].a[2] == 1.0
