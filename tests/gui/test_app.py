"""The application: what it opens at the start, and that it ends cleanly in every state."""

from __future__ import annotations

import threading

import pytest

from engine.examples import example_project
from engine.files import save_project


def test_the_network_is_there_before_the_data(new_bench):
    bench = new_bench("mnist-16-16", ready=False)
    assert bench.window.isVisible()
    assert [spec.id for spec in bench.lab.document.project.design.layers] == [
        "input", "dense-1", "dense-2", "dense-3",
    ]  # fmt: skip
    bench.wait(lambda: bench.lab.clock.frame is not None)
    assert bench.lab.example.count == 10_000


def test_an_unknown_example_gives_a_sentence_and_the_default(new_bench):
    bench = new_bench("no-such-example")
    assert "no-such-example" in bench.window.banner.text()
    assert bench.lab.document.project.name == "mnist-16-16"


def test_a_bad_file_gives_a_sentence_and_the_default_example(new_bench, tmp_path):
    path = tmp_path / "bad.synapscope"
    path.write_bytes(b"nonsense")
    bench = new_bench("circle", path=str(path))
    assert "bad.synapscope" in bench.window.banner.text()
    assert bench.window.banner.isVisible()
    assert bench.lab.document.project.name == "circle"


@pytest.mark.parametrize("state", ["loading", "resting", "playing", "flat out", "saving", "stepping"])
def test_it_ends_cleanly_in_every_state(new_bench, tmp_path, state):
    bench = new_bench("circle", ready=state != "loading")
    if state in ("playing", "flat out"):
        bench.lab.training.set_pace(float("inf") if state == "flat out" else 60.0)
        bench.lab.training.toggle()
        bench.frame_at(1)
    if state == "saving":
        bench.lab.storage.save_as(tmp_path / "x.synapscope")
    if state == "stepping":
        bench.lab.training.phase()
    bench.lab.end()
    assert not bench.lab.controller.worker.is_alive()
    assert not [t for t in threading.enumerate() if t.name.startswith("synapscope-files")]


def test_an_interruption_leaves_unsaved_work_to_be_offered(new_bench):
    from engine.files import find_abandoned

    bench = new_bench("circle")
    bench.lab.window.editing.add_layer()
    with bench.qtbot.waitSignal(bench.lab.interrupted, timeout=20_000):
        bench.lab.interrupt()
    assert not bench.lab.controller.worker.is_alive()
    bench.lab.autosaver._save._lock.release()  # as the system does when the process ends
    assert len(find_abandoned()) == 1


def test_play_asked_for_while_the_first_file_is_still_being_read_plays_it(new_bench, tmp_path):
    path = tmp_path / "mine.synapscope"
    save_project(path, example_project("circle"))
    bench = new_bench(path=str(path), ready=False)
    assert bench.lab.document.path is None
    bench.lab.training.toggle()
    bench.wait(lambda: bench.lab.document.path == path and bench.lab.controller.playing)
    bench.frame_at(3)
