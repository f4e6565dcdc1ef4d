"""Autosaves are found after a crash and only then, never belong to a living window, and go after a save."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

from engine.design import Project
from engine.files import Autosave, FileFault, find_abandoned, load_project, save_project
from engine.files.autosave import beside_of, data_folder

ROOT = Path(__file__).resolve().parents[2]

CRASHING = """
import os, sys
from engine.design import Project
from engine.files import Autosave
autosave = Autosave(sys.argv[1] or None)
print(autosave.write(Project(name=sys.argv[2])), flush=True)
if sys.argv[3:]:
    sys.stdin.read()
os._exit(9)
"""


def crash(path: Path | str, name: str) -> Path:
    """Another program writes an autosave and dies; returns where it is."""
    command = [sys.executable, "-c", CRASHING, str(path), name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 9, done.stderr
    return Path(done.stdout.strip())


def test_the_home_of_tests_is_not_the_users(home: Path) -> None:
    assert data_folder().is_relative_to(home)


def test_a_saved_project_has_its_autosave_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "p.synapscope"
    autosave = Autosave(path)
    assert autosave.write(Project(name="work")) == tmp_path / ".p.synapscope.autosave"
    assert load_project(tmp_path / ".p.synapscope.autosave").project.name == "work"
    autosave.close()
    assert os.listdir(tmp_path) == []


def test_a_living_window_is_no_crash(tmp_path: Path) -> None:
    autosave, untitled = Autosave(tmp_path / "p.synapscope"), Autosave()
    autosave.write(Project())
    untitled.write(Project())
    assert find_abandoned() == []
    command = [sys.executable, "-c", "from engine.files import find_abandoned; print(find_abandoned())"]
    seen = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "[]"
    autosave.close()
    untitled.close()
    assert os.listdir(data_folder() / "autosave") == []


def test_a_living_window_of_another_program_is_no_crash(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CRASHING, str(tmp_path / "p.synapscope"), "x", "wait"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        where = program.stdout.readline().strip()
        assert find_abandoned() == []
        program.kill()
    (recovery,) = find_abandoned()
    assert str(recovery.path) == where


@pytest.mark.parametrize("titled", [True, False])
def test_a_crash_offers_its_work_until_it_is_discarded(titled: bool, tmp_path: Path) -> None:
    path = tmp_path / "p.synapscope"
    if titled:
        save_project(path, Project(name="saved"))
    where = crash(path if titled else "", "unsaved work")
    for _ in range(2):
        (recovery,) = find_abandoned()
        assert recovery.path == where
        assert recovery.original_path == (path if titled else None)
        assert recovery.newer
        assert load_project(recovery.path).project.name == "unsaved work"
    recovery.discard()
    assert find_abandoned() == []
    assert not where.exists()
    assert os.listdir(data_folder() / "autosave") == []


def test_an_older_autosave_says_so(tmp_path: Path) -> None:
    path = tmp_path / "p.synapscope"
    where = crash(path, "old")
    os.utime(where, (1e9, 1e9))
    save_project(path, Project(name="saved later"))
    (recovery,) = find_abandoned()
    assert not recovery.newer


def test_several_crashes_come_newest_first() -> None:
    first, second = crash("", "first"), crash("", "second")
    os.utime(first, (1e9, 1e9))
    assert [recovery.path for recovery in find_abandoned()] == [second, first]


def test_work_is_found_without_its_note() -> None:
    where = crash("", "work")
    for note in (data_folder() / "autosave").glob("*.json"):
        note.write_bytes(b"{ damaged")
    (recovery,) = find_abandoned()
    assert recovery.path == where


def test_a_program_that_died_before_writing_leaves_nothing() -> None:
    where = crash("", "work")
    where.unlink()
    assert find_abandoned() == []
    assert os.listdir(data_folder() / "autosave") == []


def test_recovered_work_stays_until_it_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "p.synapscope"
    where = crash(path, "work")
    (recovery,) = find_abandoned()
    autosave = Autosave(path)
    autosave.adopt(recovery)
    assert find_abandoned() == [recovery]  # another crash now would lose nothing
    assert autosave.write(Project(name="work, continued")) == where
    assert find_abandoned() == []
    assert load_project(where).project.name == "work, continued"
    autosave.close()
    assert not where.exists()


def test_recovered_work_goes_when_it_is_saved(tmp_path: Path) -> None:
    where = crash("", "work")
    autosave = Autosave()
    autosave.adopt(find_abandoned()[0])
    autosave.discard()
    assert not where.exists()
    assert find_abandoned() == []
    autosave.close()


def test_an_unanswered_recovery_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "p.synapscope"
    where = crash(path, "work")
    autosave = Autosave(path)
    assert autosave.write(Project(name="other work")) != where
    autosave.close()
    assert load_project(find_abandoned()[0].path).project.name == "work"


def test_two_windows_with_one_project_do_not_share_an_autosave(tmp_path: Path) -> None:
    path = tmp_path / "p.synapscope"
    one, two = Autosave(path), Autosave(path)
    places = {one.write(Project(name="one")), two.write(Project(name="two"))}
    assert len(places) == 2
    one.close()
    assert [place for place in places if place and place.exists()] == [two._written]
    two.close()


def test_beside_what_cannot_be_written_it_goes_to_the_data_folder(tmp_path: Path) -> None:
    path = tmp_path / "p.synapscope"
    beside_of(path).mkdir()  # nothing can take its place, not even for root
    autosave = Autosave(path)
    where = autosave.write(Project(name="work"))
    assert where is not None
    assert where.parent == data_folder() / "autosave"
    autosave.close()


def test_where_nothing_can_be_written_there_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    autosave = Autosave(tmp_path / "p.synapscope", folder=tmp_path / "file" / "autosave")
    with pytest.raises(FileFault, match="was not saved"):
        autosave.write(Project())
    assert find_abandoned(folder=tmp_path / "file" / "autosave") == []


def test_save_as_moves_the_autosave(tmp_path: Path) -> None:
    autosave = Autosave()
    untitled = autosave.write(Project(name="a"))
    assert untitled is not None
    autosave.belong_to(tmp_path / "p.synapscope")
    assert untitled.exists()
    assert autosave.write(Project(name="b")) == tmp_path / ".p.synapscope.autosave"
    assert not untitled.exists()
    autosave.close()


def test_a_late_write_of_what_was_saved_meanwhile_is_dropped(tmp_path: Path) -> None:
    autosave = Autosave(tmp_path / "p.synapscope")
    generation = autosave.generation
    autosave.discard()  # a save came first
    assert autosave.write(Project(), generation=generation) is None
    assert os.listdir(tmp_path) == []
    assert autosave.write(Project(), generation=autosave.generation) is not None
    autosave.close()
    assert autosave.write(Project()) is None
    assert os.listdir(tmp_path) == []


def test_threads_may_write_and_discard_at_once(tmp_path: Path) -> None:
    autosave = Autosave(tmp_path / "p.synapscope")
    faults: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(10):
                autosave.write(Project(name=f"{number} {turn}"))
                autosave.discard() if turn % 3 == 0 else None
        except BaseException as error:
            faults.append(error)

    threads = [Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    autosave.close()
    assert os.listdir(tmp_path) == []
    assert os.listdir(data_folder() / "autosave") == []
