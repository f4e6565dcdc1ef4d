"""Waves show engine values: w·a forward, w·δ and ∂L/∂w backward, phase by phase."""

from __future__ import annotations

import numpy as np
import pytest

from engine.edits.units import set_units
from gui.canvas import values
from gui.canvas import waves as w
from gui.canvas.items.passing import FLOW, MARKS


def weight(frame, layer):
    place = next(p for p in frame.network.places if p.layer == layer)
    return place.of(frame.snapshot.parameters), place.of(frame.trace.gradients)


@pytest.fixture
def circle(stage):
    made = stage("circle")
    made.view.set_waves(False)
    return made


def test_what_flows_is_w_times_a_and_w_times_delta(circle):
    frame = circle.view.frame
    matrix, gradient = weight(frame, "dense-2")
    a = np.concatenate([[1.0], frame.trace.layers["dense-1"].a])
    delta = frame.trace.layers["dense-2"].delta
    bundle = circle.view.canvas.bundles["dense-1", "dense-2"].bundle
    for k in range(len(bundle)):
        j, i = bundle.unit[k], bundle.source_unit[k] + 1
        assert values.forward_flow(frame, bundle)[k] == pytest.approx(matrix[j, i] * a[i], rel=1e-5)
        assert values.backward_flow(frame, bundle)[k] == pytest.approx(matrix[j, i] * delta[j], rel=1e-5)
        assert values.marks(frame, bundle)[k] == pytest.approx(delta[j] * a[i], rel=1e-4, abs=1e-7)
        assert values.marks(frame, bundle)[k] == gradient[j, i]


def lit(item, name):
    """Columns of a bundle that a moving picture covers, as shares of its width."""
    pulse, _ = item.surface.pulse(name)
    columns = np.flatnonzero((pulse.shown >> 24).any(axis=0))
    return columns / pulse.shown.shape[1]


def test_the_forward_wave_goes_from_left_to_right_and_leaves_nothing(circle):
    view = circle.view
    view.play_forward_wave()
    items = list(view.canvas.bundles.values())
    peaks = []
    for step in range(41):
        view.waves.player.tick(100.0 + step * w.SWEEP / 40)
        if view.waves.player.stage is not None:
            assert view.waves.player.stage.kind == w.FORWARD
            peaks.append([lit(item, FLOW).size for item in items])
    sizes = np.array(peaks)
    assert (sizes.max(axis=0) > 0).all()
    assert (np.diff(sizes.argmax(axis=0)) > 0).all()
    assert view.waves.player.stage is None
    assert all(FLOW not in item.wave.known for item in items)


def test_the_backward_wave_marks_every_bundle_but_sends_nothing_into_the_inputs(circle):
    view = circle.view
    view.waves.play((w.Stage(w.BACKWARD, 1.0, held=True),))
    view.waves.player.tick(10.0)
    view.waves.player.tick(10.5)
    last = view.canvas.bundles["dense-2", "dense-3"]
    first = view.canvas.bundles["input", "dense-1"]
    assert lit(last, MARKS).size > 0
    assert view.legend.green
    view.waves.player.tick(11.0)
    assert FLOW not in first.wave.known
    assert FLOW in last.wave.known
    for item in view.canvas.bundles.values():
        assert lit(item, MARKS).size > 0
    assert view.waves.label.startswith("← w·δ")
    view.waves.stop()
    assert not view.legend.green


def test_stepping_through_the_phases_shows_each_and_the_update_dissolves_the_marks(circle):
    view, controller = circle.view, circle.controller
    seen = []
    view.waves.changed.connect(
        lambda: seen.append(view.waves.player.stage.kind) if view.waves.player.stage else seen.append("")
    )
    for phase, kind in (("forward", w.FORWARD), ("loss", w.LOSS), ("backward", w.BACKWARD)):
        controller.step_phase()
        circle.wait(lambda phase=phase: view.frame.snapshot.phase == phase)
        assert seen[-1] == kind
        circle.wait(lambda: not view.waves.player.running)
        assert view.waves.player.stage.held
    controller.step_phase()
    circle.wait(lambda: view.frame.snapshot.phase == "average" and view.frame.snapshot.gradients is not None)
    frame = view.frame
    item = view.canvas.bundles["dense-1", "dense-2"]
    shown = item.wave.known[MARKS][0]
    place = next(p for p in frame.network.places if p.layer == "dense-2")
    np.testing.assert_array_equal(shown, item.bundle.values(place.of(frame.snapshot.gradients)))
    assert "mean of the batch" in view.waves.label
    before = frame.snapshot.parameters.copy()
    controller.step_phase()
    circle.wait(lambda: view.frame.snapshot.phase == "update")
    assert seen[-1] == w.DISSOLVE
    assert (view.frame.snapshot.parameters != before).any()
    circle.wait(lambda: view.waves.player.stage is None)
    assert not view.canvas.focused


def test_the_first_thing_is_one_slow_forward_pass(qtbot, stage):
    made = stage("circle")
    began = []
    made.view.waves.player.began.connect(began.append)
    made.view.waves.player.ended.connect(lambda: began.append("end"))
    made.controller.reset()
    made.wait(lambda: began == [w.FORWARD])
    assert made.view.waves.player.stage.seconds == w.SLOW_SECONDS
    assert made.view.waves.fills
    made.wait(lambda: began == [w.FORWARD, "end"])


def test_while_a_wave_fills_the_neurons_only_what_is_true_is_written(stage):
    made = stage("circle")
    made.view.play_forward_wave()
    made.view.waves.sweep.fills = True
    made.view.waves.player.tick(50.0)
    made.view.waves.player.tick(50.0 + w.SWEEP / 2)
    layers, trace = made.view.canvas.layers, made.view.frame.trace.layers
    np.testing.assert_array_equal(layers["input"].values, trace["input"].a)
    last = layers["dense-3"]
    assert not np.allclose(last.values, trace["dense-3"].a)
    assert last.silent
    assert not layers["input"].silent
    made.view.waves.stop()
    made.rest()
    np.testing.assert_array_equal(last.values, trace["dense-3"].a)
    assert not last.silent


def test_sampled_passes_run_while_it_plays_and_training_goes_on(stage):
    made = stage("circle")
    made.view.set_waves(True)
    made.view.waves.player.rested_since = -1e9
    made.controller.play()
    made.wait(lambda: made.view.waves.player.stage is not None)
    label = made.view.waves.label
    step = made.view.waves.sweep.frame.snapshot.step
    assert f"step {step:,}" in label
    made.wait(lambda: made.view.frame.snapshot.step > step)
    made.view.set_waves(False)
    made.controller.pause()


def test_reduced_motion_shows_highlights_instead_of_sweeps(circle):
    view = circle.view
    view.set_reduce_motion(True)
    view.play_forward_wave()
    view.waves.player.tick(5.0)
    view.waves.player.tick(5.0 + w.SWEEP / 2)
    for item in view.canvas.bundles.values():
        covered = lit(item, FLOW)
        assert covered.min() < 0.1
        assert covered.max() > 0.9


def test_no_wave_shows_a_frame_of_the_network_before_an_edit(circle):
    view = circle.view
    view.set_waves(True)
    old = view.frame
    circle.document.applied.disconnect(circle.controller._on_applied)  # the worker is busy
    circle.document.apply(set_units(circle.document.project, "dense-1", 300))
    for now in (1000.0, 1000.1, 1000.5, 1001.5, 1002.0, 1003.0):
        assert not view.waves.tick(now, playing=True)
    view.play_backward_wave()
    assert view.waves.player.stage is None
    assert view.frame is old
    view.waves.take(old, playing=True)
    view.live.show_at_once()
    assert view.waves.player.stage is None


def test_a_wave_ends_where_an_edit_comes_between_two_of_its_stages(circle):
    view = circle.view
    old = view.frame
    view.waves.play(w.WHOLE_PASS)
    view.waves.player.tick(10.0)
    view.planner.plan = view.planner.made_of(set_units(circle.document.project, "dense-1", 300).project)
    view.canvas.set_plan(view.planner.plan)
    for now in (10.2, 10.4, 12.0, 12.1, 14.0):
        view.waves.player.tick(now)
    assert view.frame is old
    assert view.waves.player.stage is None
