"""A project whose data are gone opens, says so, loses nothing, and goes on once the data are there again."""

from __future__ import annotations

import numpy as np
import pytest

from engine.files import load_project

ROWS = "\n".join(f"{i},{i % 7},{2 * i + 1}" for i in range(60))


@pytest.fixture
def orphan(new_bench, tmp_path):
    """A trained project on a table that is gone: its file, the table's new place, and its weights."""
    table, path = tmp_path / "flats.csv", tmp_path / "mine.synapscope"
    table.write_text(f"size,age,price\n{ROWS}\n")
    bench = new_bench(path=str(table), ready=False)
    bench.wait(lambda: bench.lab.document.project.data.name == "csv" and bench.lab.clock.frame is not None)
    bench.wait(lambda: bench.lab.clock.frame.project.data.name == "csv")
    bench.lab.training.toggle()
    bench.frame_at(5)
    bench.lab.training.toggle()
    bench.lab.storage.save_as(path)
    bench.wait(lambda: bench.lab.document.path == path)
    weights, step = bench.checkpoint().parameters, bench.checkpoint().step
    moved = tmp_path / "elsewhere" / "flats.csv"
    moved.parent.mkdir()
    table.rename(moved)
    again = new_bench(path=str(path), ready=False)
    again.wait(lambda: again.lab.document.path == path)
    again.wait(again.window.banner.isVisible)
    return again, path, moved, weights, step


def test_it_opens_with_a_sentence_and_a_way_to_choose_the_data(orphan):
    bench, path, _, _, _ = orphan
    window = bench.window
    assert "flats.csv" in window.banner.text()
    assert window.banner.button.text() == "Choose the data …"
    assert bench.lab.document.project == load_project(path).project
    assert not bench.lab.document.modified
    bench.lab.training.toggle()
    assert not bench.lab.controller.playing
    bench.click(window.banner.button)
    bench.wait(window.flyouts.data.isVisible)


def test_saving_it_keeps_what_was_learned(orphan):
    bench, path, _, weights, step = orphan
    done = []
    bench.lab.storage.save(done.append)
    bench.wait(lambda: done == [True])
    loaded = load_project(path)
    assert loaded.checkpoint.step == step
    np.testing.assert_array_equal(loaded.checkpoint.parameters, weights)


def test_with_its_data_file_it_goes_on_where_it_was(orphan):
    bench, _, moved, weights, step = orphan
    bench.window.files.open_path(moved)
    bench.wait(lambda: bench.lab.clock.frame is not None)
    bench.settled()
    checkpoint = bench.checkpoint()
    assert checkpoint.step == step
    np.testing.assert_array_equal(checkpoint.parameters, weights)
    assert bench.lab.document.project.data.path == str(moved)
    assert bench.lab.document.modified
    assert not bench.window.banner.isVisible()
    bench.lab.training.toggle()
    bench.frame_at(step + 3)
