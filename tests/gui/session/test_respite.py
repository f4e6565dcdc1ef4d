"""The training rests while the window is given another look or size, and goes on by itself."""

from __future__ import annotations

import time

from tests.gui.conftest import Bench


def playing(bench: Bench) -> None:
    bench.lab.training.set_pace(float("inf"))
    bench.lab.training.toggle()
    bench.frame_at(50)


def worker_step(bench: Bench) -> int:
    session = bench.lab.controller.worker.session
    assert session is not None
    return session.step


def test_the_training_rests_while_the_window_has_much_to_do_and_goes_on(bench: Bench) -> None:
    playing(bench)
    respite = bench.window.respite
    respite.take()
    time.sleep(0.2)  # the event loop is busy, and the worker has come to the command
    resting = worker_step(bench)
    time.sleep(0.1)
    assert worker_step(bench) == resting
    bench.wait(lambda: worker_step(bench) > resting)
    assert bench.lab.controller.playing


def test_another_size_and_another_look_are_such_moments(bench: Bench) -> None:
    playing(bench)
    taken: list[str] = []
    worker = bench.lab.controller.worker
    rest = worker.rest
    worker.rest = lambda until: taken.append("") or rest(until)  # type: ignore[method-assign]
    bench.window.resize(1100, 700)
    bench.wait(lambda: len(taken) == 1)
    bench.window.respite.end()
    bench.window.options.set_text_scale(1.25)
    assert len(taken) == 2


def test_a_paused_training_is_left_alone(bench: Bench) -> None:
    bench.window.respite.take()
    bench.lab.training.batch()
    bench.frame_at(1)
