"""The window's side of a session: commands go out, frames come in, and the clock rests when nothing moves."""

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from engine.examples import example_project
from engine.network import compile_network
from engine.trace import Probe
from gui.document.document import Document
from gui.session.controller import SessionController
from gui.session.example import ShownExample
from gui.session.frame_clock import FrameClock


class Parts:
    """A document with its session, as the main window has them."""

    def __init__(self, name: str = "circle") -> None:
        self.document = Document(example_project(name))
        self.controller = SessionController(self.document)
        self.example = ShownExample()
        self.clock = FrameClock(self.controller, self.example)


@pytest.fixture
def parts(qapp: QObject, qtbot: QtBot) -> Iterator[Parts]:
    parts = Parts()
    with qtbot.waitSignal(parts.controller.opened, timeout=10_000):
        parts.controller.open(parts.document.project)
    yield parts
    assert parts.controller.shut_down()


def wait_for_step(parts: Parts, qtbot: QtBot, step: int) -> None:
    qtbot.waitUntil(
        lambda: parts.clock.frame is not None and parts.clock.frame.snapshot.step >= step, timeout=10_000
    )


def test_a_frame_is_the_trace_of_the_example_with_the_snapshots_weights(parts: Parts, qtbot: QtBot) -> None:
    parts.controller.play()
    wait_for_step(parts, qtbot, 20)
    parts.controller.pause()
    frame = parts.clock.frame
    config = frame.project.training
    probe = Probe(compile_network(frame.project.design, config.loss, dtype=config.precision))
    probe.show(frame.snapshot.parameters, frame.snapshot.state)
    split = getattr(frame.data, frame.split_name)
    expected = probe.trace(split.inputs[frame.index], split.targets[frame.index])
    np.testing.assert_array_equal(frame.trace.prediction, expected.prediction)
    np.testing.assert_array_equal(frame.trace.gradients, expected.gradients)


def test_the_clock_rests_when_nothing_moves_and_wakes(parts: Parts, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not parts.clock.running, timeout=10_000)
    step = parts.clock.frame.snapshot.step
    parts.controller.step_batch()
    assert parts.clock.running
    wait_for_step(parts, qtbot, step + 1)
    qtbot.waitUntil(lambda: not parts.clock.running, timeout=10_000)


def test_the_clock_stops_while_hidden(parts: Parts, qtbot: QtBot) -> None:
    parts.controller.play()
    parts.clock.set_hidden(True)
    assert not parts.clock.running
    parts.clock.set_hidden(False)
    wait_for_step(parts, qtbot, 5)


def test_another_example_shows_at_once_without_training(parts: Parts, qtbot: QtBot) -> None:
    wait_for_step(parts, qtbot, 0)
    parts.example.show(7)
    qtbot.waitUntil(lambda: parts.clock.frame.index == 7, timeout=10_000)
    np.testing.assert_array_equal(parts.clock.frame.trace.target, parts.clock.frame.data.test.targets[7])


def test_an_edit_reaches_the_run_and_undo_restores_what_was_removed(parts: Parts, qtbot: QtBot) -> None:
    parts.controller.play()
    wait_for_step(parts, qtbot, 30)
    parts.controller.pause()
    qtbot.waitUntil(lambda: not parts.clock.running, timeout=10_000)
    weights = parts.clock.frame.network.parameter("dense-1").copy()
    project = parts.document.project
    smaller = dataclasses.replace(project, design=project.design.resized("dense-1", 2))
    with qtbot.waitSignal(parts.controller.edited, timeout=10_000):
        parts.document.edit("remove two neurons", smaller)
    with qtbot.waitSignal(parts.controller.edited, timeout=10_000):
        parts.document.undo_stack.undo()
    qtbot.waitUntil(lambda: parts.clock.frame.snapshot.run == parts.controller.run, timeout=10_000)
    np.testing.assert_array_equal(parts.clock.frame.network.parameter("dense-1"), weights)


def test_curves_come_at_most_ten_times_a_second(parts: Parts, qtbot: QtBot) -> None:
    received = []
    parts.clock.curves_ready.connect(received.append)
    parts.controller.set_pace(200)
    parts.controller.play()
    qtbot.wait(1000)
    parts.controller.pause()
    assert 3 <= len(received) <= 12
    assert len(received[-1]["loss"]) > 0


def test_the_end_of_an_epoch_pauses(parts: Parts, qtbot: QtBot) -> None:
    parts.controller.step_epoch()
    assert parts.controller.playing
    qtbot.waitUntil(lambda: not parts.controller.playing, timeout=10_000)
    qtbot.waitUntil(
        lambda: parts.clock.frame is not None and parts.clock.frame.snapshot.epoch == 1, timeout=10_000
    )


def test_a_late_snapshot_from_before_play_does_not_look_like_a_pause(parts: Parts, qtbot: QtBot) -> None:
    wait_for_step(parts, qtbot, 0)
    for _ in range(5):  # the worker still answers requests that were made while it rested
        parts.controller.play()
        qtbot.wait(40)
        assert parts.controller.playing
        parts.controller.pause()
        qtbot.wait(20)
        assert not parts.controller.playing


def test_a_checkpoint_arrives_in_the_windows_thread(parts: Parts, qtbot: QtBot) -> None:
    received = []
    parts.controller.play()
    parts.controller.take_checkpoint(received.append)
    qtbot.waitUntil(lambda: bool(received), timeout=10_000)
    assert received[0].parameters.size == parts.controller.project.design.layer("dense-1").units * 3 + 10 + 3
