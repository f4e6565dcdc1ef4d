"""Save, close, reopen, and what a crash leaves: nothing is lost, and a bad file touches nothing."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit, QMessageBox, QPushButton

from engine.edits.removal import delete
from engine.edits.settings import set_training_field
from engine.examples import example_project
from engine.files import find_abandoned, load_project, save_project
from gui.document.selection import Picked

Modifier = Qt.KeyboardModifier


def trained(bench, steps: int = 20) -> None:
    bench.lab.training.toggle()
    bench.frame_at(steps)
    bench.lab.training.toggle()


def set_batch_size(bench, size: int) -> None:
    assert bench.lab.document.apply(set_training_field(bench.lab.document.project, "batch_size", size))


def save_as(bench, path) -> None:
    bench.key(Qt.Key.Key_S, bench.window.canvas, Modifier.ControlModifier, Modifier.ShiftModifier)
    dialog = bench.dialog()
    assert isinstance(dialog, QFileDialog)
    field = dialog.findChild(QLineEdit, "fileNameEdit")
    field.setText(str(path))
    bench.key(Qt.Key.Key_Return, field)
    bench.wait(lambda: not bench.lab.document.modified)


def answer(bench, button: QMessageBox.StandardButton) -> None:
    box = bench.dialog()
    assert isinstance(box, QMessageBox)
    bench.click(box.button(button))


@pytest.mark.parametrize(
    "odd",
    [
        {"camera": {"zoom": "near", "x": 0, "y": None}, "selection": "all"},
        {"camera": {"zoom": 1e8, "x": -1e8, "y": 1e8}},
        {"camera": {"zoom": 1e300, "x": -1e300, "y": 1e300}, "selection": [1, {}, {"layer": "nowhere"}]},
        {"camera": [], "selection": [{"layer": "dense-1", "unit": 99, "from": ""}, {"layer": 3, "unit": -9}]},
    ],
)
def test_an_odd_view_in_a_file_is_passed_over(new_bench, tmp_path, odd):
    path = tmp_path / "odd.synapscope"
    save_project(path, example_project("circle"), view=odd)
    bench = new_bench(path=str(path))
    bench.wait(lambda: bench.lab.document.path == path and bench.lab.clock.frame is not None)
    canvas = bench.window.canvas
    bench.wait(lambda: not canvas.camera.moving)
    assert bench.lab.document.selection.picked == ()
    seen = canvas.mapToScene(canvas.viewport().rect()).boundingRect()
    assert any(seen.intersects(item.sceneBoundingRect()) for item in canvas.canvas.layers.values())


def test_numbers_larger_than_any_float_are_passed_over(bench):
    pace, camera = bench.lab.training.pace, bench.window.canvas.camera.state()
    bench.lab.storage.restore({"pace": 10**400, "camera": {"zoom": 10**400, "x": 0, "y": 0}})
    assert (bench.lab.training.pace, bench.window.canvas.camera.state()) == (pace, camera)


def test_everything_is_as_it_was_after_saving_closing_and_reopening(new_bench, tmp_path):
    path = tmp_path / "mine.synapscope"
    bench = new_bench()
    set_batch_size(bench, 7)
    trained(bench)
    bench.lab.example.show(41, "train")
    bench.lab.training.set_pace(250.0)
    bench.window.options.set_neuron_face("weights")
    bench.lab.document.selection.select(Picked("dense-1", 2))
    bench.window.canvas.zoom_to_selection()
    bench.wait(lambda: not bench.window.canvas.camera.moving)
    camera = bench.window.canvas.camera.state()
    save_as(bench, path)
    before, project = bench.checkpoint(), bench.lab.document.project
    curves = {name: table.copy() for name, (table, _) in before.curves.items()}
    assert bench.window.windowTitle() == "mine[*] – Synapscope"
    bench.window.close()
    assert not bench.window.isVisible()

    again = new_bench(path=str(path))
    lab = again.lab
    again.wait(lambda: lab.document.path == path)
    again.wait(lambda: lab.clock.frame is not None and lab.clock.frame.index == 41)
    after = again.checkpoint()
    assert lab.document.project == project
    assert not lab.document.modified
    assert (after.step, after.epoch, after.position) == (before.step, before.epoch, before.position)
    np.testing.assert_array_equal(after.parameters, before.parameters)
    for name, table in curves.items():
        np.testing.assert_array_equal(after.curves[name][0][:, : table.shape[1]], table)
    assert (lab.example.index, lab.example.split_name) == (41, "train")
    assert lab.training.pace == 250.0
    assert again.window.options.face == "weights"
    assert lab.document.selection.picked == (Picked("dense-1", 2),)
    assert again.window.canvas.camera.state() == pytest.approx(camera, abs=1)
    assert path in lab.settings.recent_files()


def test_training_goes_on_after_reopening_exactly_as_without(new_bench, tmp_path):
    path = tmp_path / "mine.synapscope"
    bench = new_bench()
    trained(bench)
    save_as(bench, path)
    step = bench.checkpoint().step
    for _ in range(5):
        bench.lab.training.batch()
    straight = bench.checkpoint()
    again = new_bench(path=str(path))
    again.wait(lambda: again.lab.document.path == path)
    again.wait(lambda: again.lab.clock.frame is not None)
    for _ in range(5):
        again.lab.training.batch()
    resumed = again.checkpoint()
    assert resumed.step == straight.step == step + 5
    np.testing.assert_array_equal(resumed.parameters, straight.parameters)


@pytest.mark.parametrize("what", ["edit", "learning"])
def test_closing_with_unsaved_work_asks_and_cancel_keeps_it_open(bench, what):
    if what == "edit":
        set_batch_size(bench, 7)
    else:
        trained(bench, 3)
    bench.wait(lambda: bench.lab.document.modified)
    bench.window.close()
    assert bench.window.isVisible()
    answer(bench, QMessageBox.StandardButton.Cancel)
    assert bench.window.isVisible()
    bench.window.close()
    answer(bench, QMessageBox.StandardButton.Discard)
    bench.wait(lambda: not bench.window.isVisible())


@pytest.mark.parametrize("way", ["new", "open", "example"])
def test_leaving_unsaved_work_asks_whichever_way(bench, tmp_path, way):
    path = tmp_path / "other.synapscope"
    save_project(path, example_project("xor"))
    ways = {
        "new": bench.window.actions_["file.new"].trigger,
        "open": lambda: bench.window.files.open_path(path),
        "example": lambda: bench.window.flyouts.examples.chosen.emit("xor"),
    }
    set_batch_size(bench, 7)
    mine = bench.lab.document.project
    ways[way]()
    answer(bench, QMessageBox.StandardButton.Cancel)
    assert bench.lab.document.project is mine
    ways[way]()
    answer(bench, QMessageBox.StandardButton.Discard)
    bench.wait(lambda: bench.lab.document.project.name != mine.name)
    assert not bench.lab.document.modified


def test_closing_and_saving_saves_first(bench, tmp_path):
    path = tmp_path / "kept.synapscope"
    save_as_modified(bench, path)
    set_batch_size(bench, 9)
    bench.window.close()
    answer(bench, QMessageBox.StandardButton.Save)
    bench.wait(lambda: not bench.window.isVisible())
    assert load_project(path).project.training.batch_size == 9


def save_as_modified(bench, path) -> None:
    set_batch_size(bench, 7)
    save_as(bench, path)


def test_closing_without_unsaved_work_does_not_ask(bench):
    bench.window.close()
    assert not bench.window.isVisible()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("broken.synapscope", b"PK\x03\x04 nonsense"),
        ("other.synapscope", b"hello"),
        ("table.csv", b""),
        ("missing.synapscope", None),
    ],
)
def test_a_bad_file_gives_a_sentence_and_touches_nothing(bench, tmp_path, name, content):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    project, before = bench.lab.document.project, bench.checkpoint()
    bench.window.files.open_path(path)
    bench.wait(bench.window.banner.isVisible)
    assert name in bench.window.banner.text() or "table" in bench.window.banner.text()
    assert bench.window.banner.text().endswith(".")
    assert "Traceback" not in bench.window.banner.text()
    assert bench.lab.document.project is project
    assert bench.lab.document.path is None
    np.testing.assert_array_equal(bench.checkpoint().parameters, before.parameters)


def test_a_full_disk_or_forbidden_folder_leaves_the_work_unsaved_and_says_so(bench, tmp_path):
    set_batch_size(bench, 7)
    bench.lab.storage.save_as(tmp_path / "no such folder" / "x.synapscope")
    bench.wait(bench.window.banner.isVisible)
    assert "no such folder" in bench.window.banner.text()
    assert bench.lab.document.modified


def test_where_unsaved_work_cannot_be_kept_a_sentence_says_what_that_means(bench, monkeypatch):
    def refuse(*_arguments, **_options) -> None:
        raise PermissionError(13, "Permission denied", "/somewhere/autosave")

    monkeypatch.setattr("engine.files.project.write_atomically", refuse)
    set_batch_size(bench, 7)
    bench.wait(bench.window.banner.isVisible)
    said = bench.window.banner.text()
    assert "cannot be kept for the case of a crash" in said
    assert "(Permission denied: /somewhere/autosave)" in said


def test_a_data_file_opens_with_a_first_project_for_it(bench, tmp_path):
    path = tmp_path / "flats.csv"
    rows = "\n".join(f"{i},{i % 7},{2 * i + 1}" for i in range(60))
    path.write_text(f"size,age,price\n{rows}\n")
    bench.window.files.open_path(path)
    bench.wait(lambda: bench.lab.document.project.data.name == "csv")
    bench.wait(lambda: bench.lab.clock.frame.project.data.name == "csv")
    bench.lab.training.toggle()
    bench.frame_at(3)


def test_an_edit_made_while_saving_stays_unsaved(bench, tmp_path):
    path = tmp_path / "mine.synapscope"
    done = []
    set_batch_size(bench, 7)
    bench.lab.storage.save_as(path, done.append)
    set_batch_size(bench, 9)
    bench.wait(lambda: done == [True])
    assert bench.lab.document.path == path
    assert bench.lab.document.modified


def test_unsaved_work_is_written_by_itself_and_goes_with_a_save(bench, tmp_path):
    from engine.files.autosave import data_folder

    set_batch_size(bench, 7)
    bench.wait(lambda: any((data_folder() / "autosave").glob("*.autosave")))
    save_as(bench, tmp_path / "mine.synapscope")
    bench.wait(lambda: not any((data_folder() / "autosave").glob("*.autosave")))
    assert not list(tmp_path.glob(".*autosave"))


def test_what_a_crash_left_is_offered_and_restored(new_bench):
    crashed = new_bench()
    set_batch_size(crashed, 7)
    trained(crashed, 5)
    weights = crashed.checkpoint().parameters
    crash(crashed)
    assert find_abandoned()

    bench = new_bench()
    bench.wait(bench.window.offer.isVisible)
    assert "was not saved" in bench.window.offer.text()
    bench.click(bench.window.offer.button)
    bench.wait(lambda: bench.lab.document.project.training.batch_size == 7)
    np.testing.assert_array_equal(bench.checkpoint().parameters, weights)
    assert bench.lab.document.modified
    assert not bench.window.offer.isVisible()


def test_restoring_asks_about_unsaved_work_that_is_open_and_can_be_given_up(new_bench):
    crashed = new_bench()
    set_batch_size(crashed, 7)
    crash(crashed)

    bench = new_bench()
    bench.wait(bench.window.offer.isVisible)
    set_batch_size(bench, 9)
    bench.click(bench.window.offer.button)
    answer(bench, QMessageBox.StandardButton.Cancel)
    assert bench.lab.document.project.training.batch_size == 9
    assert bench.window.offer.isVisible(), "it is still to be had"
    assert bench.window.recovery.discard.isVisible()
    bench.click(bench.window.offer.button)
    answer(bench, QMessageBox.StandardButton.Discard)
    bench.wait(lambda: bench.lab.document.project.training.batch_size == 7)
    assert not bench.window.offer.isVisible()
    assert not bench.lab.settings.recent_files(), "an autosave is nobody's file"


def test_a_damaged_file_offers_its_backup_which_saves_to_the_file_itself(bench, tmp_path):
    path = tmp_path / "mine.synapscope"
    for size in (7, 9):
        set_batch_size(bench, size)
        bench.lab.storage.save_as(path)
        bench.wait(lambda: not bench.lab.document.modified)
    path.write_bytes(path.read_bytes()[:500])
    bench.window.files.open_path(path)
    bench.wait(bench.window.banner.isVisible)
    assert "is damaged" in bench.window.banner.text()
    bench.click(bench.window.banner.button)
    bench.wait(lambda: bench.lab.document.project.training.batch_size == 7)
    assert not bench.window.banner.isVisible()
    assert bench.window.windowTitle() == "mine[*] – Synapscope"
    assert bench.lab.document.modified
    assert bench.lab.settings.recent_files() == (path,)
    bench.key(Qt.Key.Key_S, bench.window.canvas, Modifier.ControlModifier)
    bench.wait(lambda: not bench.lab.document.modified)
    assert load_project(path).project.training.batch_size == 7


def test_the_question_about_unsaved_work_is_answered_by_keys(bench):
    set_batch_size(bench, 7)
    bench.window.close()
    box = bench.dialog()
    assert isinstance(box, QMessageBox)
    assert sorted(button.text() for button in box.buttons()) == ["&Cancel", "&Discard", "&Save"]
    bench.wait(box.isActiveWindow)
    bench.key(Qt.Key.Key_D, box, Modifier.AltModifier)
    bench.wait(lambda: not bench.window.isVisible())


def test_abandoned_work_can_be_discarded(new_bench):
    crashed = new_bench()
    set_batch_size(crashed, 7)
    crash(crashed)
    bench = new_bench()
    bench.wait(bench.window.offer.isVisible)
    bench.click(bench.window.recovery.discard)
    bench.wait(lambda: not find_abandoned())
    assert not bench.window.offer.isVisible()
    assert bench.lab.document.project.training.batch_size == 10


def crash(bench) -> None:
    """Leave the newest work on the disk, as a process that dies."""
    write_now(bench)
    bench.lab.autosaver._save._lock.release()  # as the system does then
    bench.lab.autosaver.stop()


def write_now(bench) -> None:
    """Wait until the newest work is on the disk."""
    bench.lab.controller.pause()
    saver = bench.lab.autosaver

    def written() -> bool:
        state = (bench.lab.document.project, bench.step)
        return saver._written is not None and saver._written[:2] == state and not saver._writing

    bench.wait(written)
    end = time.perf_counter() + 0.05
    bench.wait(lambda: time.perf_counter() > end)


def test_a_step_half_done_stays_half_done_while_it_is_saved_by_itself(bench):
    set_batch_size(bench, 7)
    bench.settled()
    bench.lab.training.phase()
    bench.wait(lambda: bench.lab.clock.frame.snapshot.phase == "forward")
    bench.lab.autosaver._not_before = 0.0
    bench.wait(lambda: bench.lab.autosaver._written is not None)
    bench.qtbot.wait(300)
    assert bench.lab.clock.frame.snapshot.phase == "forward"


def test_saving_within_a_step_trains_nothing(bench, tmp_path):
    path = tmp_path / "half.synapscope"
    trained(bench, 5)
    for phase in ("forward", "loss", "backward"):
        bench.lab.training.phase()
        bench.wait(lambda phase=phase: bench.lab.clock.frame.snapshot.phase == phase)
    step, weights = bench.step, bench.lab.clock.frame.snapshot.parameters.copy()
    save_as(bench, path)
    snapshot = bench.lab.clock.frame.snapshot
    assert (snapshot.phase, snapshot.step) == ("backward", step)
    found = load_project(path).checkpoint
    assert found.step == step
    np.testing.assert_array_equal(found.parameters, weights)


def test_an_unfinished_network_is_saved_and_reopened_as_it_is(new_bench, tmp_path):
    path = tmp_path / "unfinished.synapscope"
    bench = new_bench()
    trained(bench, 5)
    bench.lab.document.apply(delete(bench.lab.document.project, ["dense-3"]))
    save_as(bench, path)
    project = bench.lab.document.project
    again = new_bench(path=str(path), ready=False)
    again.wait(lambda: again.lab.document.path == path)
    assert again.lab.document.project == project
    again.wait(again.window.banner.isVisible)
    again.lab.training.toggle()
    assert not again.lab.controller.playing


def test_the_recent_files_are_listed_and_open(new_bench, tmp_path):
    path = tmp_path / "mine.synapscope"
    bench = new_bench()
    bench.lab.document.edit("x", replace(bench.lab.document.project, title="Mine"))
    save_as(bench, path)
    bench.window.files.open_example("xor")
    bench.wait(lambda: bench.lab.document.project.name == "xor")
    menu = bench.window.actions_.menus["File/Open recent"]
    menu.aboutToShow.emit()
    action = next(action for action in menu.actions() if action.text() == "mine.synapscope")
    action.trigger()
    bench.wait(lambda: bench.lab.document.path == path)
    assert bench.lab.document.project.title == "Mine"


def test_buttons_of_the_question_say_what_they_do(bench):
    set_batch_size(bench, 7)
    bench.window.close()
    box = bench.dialog()
    texts = {button.text().replace("&", "") for button in box.findChildren(QPushButton)}
    assert {"Save", "Discard", "Cancel"} <= texts or {"Save", "Don't Save", "Cancel"} <= texts
    answer(bench, QMessageBox.StandardButton.Cancel)
