"""Settings: remembered, written whole or not at all, and never a reason not to start."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from gui import settings
from gui.settings import Settings, SettingsStore


def test_they_live_in_the_folder_that_the_environment_names(home: Path) -> None:
    assert settings.config_folder() == home / "synapscope"


def test_without_it_in_the_platforms_config_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SYNAPSCOPE_HOME")
    assert home in settings.config_folder().parents
    assert settings.config_folder().name == "synapscope"


def test_what_is_changed_is_there_at_the_next_start(qtbot: QtBot) -> None:
    store = SettingsStore()
    assert store.problem is None
    assert store.values == Settings()
    with qtbot.waitSignal(store.changed) as caught:
        store.change(theme="dark")
    assert caught.args == ["theme"]
    store.change(pace=None, window=(1, 2, 800, 600))
    assert store.save()
    again = SettingsStore()
    assert again.values == Settings(theme="dark", pace=None, window=(1, 2, 800, 600))


def test_a_change_is_written_by_itself_a_moment_later(qtbot: QtBot) -> None:
    store = SettingsStore()
    store.change(reduce_motion=True)
    qtbot.waitUntil(store.path.is_file)
    assert SettingsStore().values.reduce_motion


def test_saying_the_same_again_is_no_change(qtbot: QtBot) -> None:
    store = SettingsStore()
    with qtbot.assertNotEmitted(store.changed):
        store.change(theme="system")
    assert store.save()
    assert not store.path.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"{", b"", b"[]", b'{"theme": "pink"}', b'{"text_scale": 99}', b'{"pace": -1}', b"\xff\xfe\x00",
        b'{"window": [1, 2]}', b'{"recent_files": [5]}', b'{"a":' * 5000,
    ],
)  # fmt: skip
def test_a_damaged_file_is_set_aside_with_a_sentence(qtbot: QtBot, content: bytes) -> None:
    path = settings.config_folder() / settings.FILE_NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    store = SettingsStore()
    assert store.values == Settings()
    assert store.problem is not None
    assert "settings.damaged.json" in store.problem
    assert path.with_name("settings.damaged.json").read_bytes() == content
    store.change(theme="dark")
    assert store.save()
    assert json.loads(path.read_text()) == {"theme": "dark"}


def test_settings_of_a_newer_version_are_read_as_far_as_known(qtbot: QtBot) -> None:
    path = settings.config_folder() / settings.FILE_NAME
    path.parent.mkdir(parents=True)
    path.write_text('{"theme": "dark", "hologram": true}')
    store = SettingsStore()
    assert store.problem is None
    assert store.values.theme == "dark"


def test_a_disk_that_refuses_gives_a_sentence_and_loses_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    store = SettingsStore(blocked / "settings.json")
    store.change(theme="dark")
    with qtbot.waitSignal(store.failed) as caught:
        assert not store.save()
    assert "could not be saved" in caught.args[0]
    assert store.values.theme == "dark"


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.json"
    settings.write_atomically(path, b"old")

    def fail(*_: object) -> None:
        raise OSError("pulled the plug")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="plug"):
        settings.write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path], "no temporary file is left behind"


def test_recent_files_are_few_newest_first_and_still_there(qtbot: QtBot, tmp_path: Path) -> None:
    store = SettingsStore()
    files = [tmp_path / f"{number}.syn" for number in range(20)]
    for file in files:
        file.touch()
        store.add_recent(file)
    store.add_recent(files[15])
    assert store.recent_files()[:3] == (files[15], files[19], files[18])
    assert len(store.values.recent_files) == settings.MOST_RECENT
    files[19].unlink()
    assert files[19] not in store.recent_files()
    store.clear_recent()
    assert store.recent_files() == ()


def test_a_window_comes_back_where_it_was(qtbot: QtBot) -> None:
    store, window, again = SettingsStore(), QMainWindow(), QMainWindow()
    for widget in (window, again):
        qtbot.addWidget(widget)
    window.setGeometry(40, 60, 500, 400)
    store.remember_window(window)
    assert store.values.window == (40, 60, 500, 400)
    store.restore_window(again)
    assert again.geometry().getRect() == (40, 60, 500, 400)


@pytest.mark.parametrize("place", [(90_000, 0, 800, 600), (-5000, -5000, 800, 600), (0, 0, 3, 3)])
def test_a_window_is_never_restored_out_of_reach(qtbot: QtBot, place: tuple[int, int, int, int]) -> None:
    store, window = SettingsStore(), QMainWindow()
    qtbot.addWidget(window)
    store.change(window=place)
    store.restore_window(window, 640, 480)
    assert window.size().toTuple() == (640, 480)
    assert QGuiApplication.primaryScreen().availableGeometry().contains(window.geometry())


def test_a_window_that_would_not_fit_with_its_frame_is_maximized(qtbot: QtBot) -> None:
    store, window = SettingsStore(), QMainWindow()
    qtbot.addWidget(window)
    screen = QGuiApplication.primaryScreen().availableGeometry()
    store.restore_window(window, screen.width(), screen.height())
    assert window.isMaximized()
    assert screen.contains(window.normalGeometry())


def test_a_window_that_fits_is_not_maximized(qtbot: QtBot) -> None:
    store, window = SettingsStore(), QMainWindow()
    qtbot.addWidget(window)
    store.restore_window(window, 400, 300)
    assert not window.isMaximized()
    assert window.size().toTuple() == (400, 300)


def test_an_unwritable_folder_is_told_once_and_again_only_after_it_could_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    store, full = SettingsStore(tmp_path / "settings.json"), [True]
    told: list[str] = []
    store.failed.connect(told.append)
    write = settings.write_atomically

    def write_if_it_can_be(path: Path, content: bytes) -> None:
        if full:
            raise OSError(28, "No space left on device")
        write(path, content)

    monkeypatch.setattr(settings, "write_atomically", write_if_it_can_be)
    for pace in (1.0, 2.0, 3.0):
        store.change(pace=pace)
        assert not store.save()
    assert len(told) == 1
    full.clear()
    assert store.save()
    full.append(True)
    store.change(pace=4.0)
    assert not store.save()
    assert len(told) == 2
