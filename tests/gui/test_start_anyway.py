"""Damaged settings, or a home where nothing can be written, never keep the window from opening."""

from __future__ import annotations

import pytest

from engine.edits.settings import set_training_field
from gui.settings import FILE_NAME, config_folder


@pytest.mark.parametrize("content", [b"\x00\xff nonsense", b'{"theme": 7}', b"[" * 100_000])
def test_it_starts_with_damaged_settings_and_says_so(new_bench, content):
    config_folder().mkdir(parents=True)
    (config_folder() / FILE_NAME).write_bytes(content)
    bench = new_bench()
    assert "was damaged" in bench.lab.settings.problem
    assert [toast.text() for toast in bench.window.toasts.shown] == [bench.lab.settings.problem]
    aside = config_folder() / "settings.damaged.json"
    assert aside.read_bytes() == content
    bench.lab.settings.change(text_scale=1.25)
    assert bench.lab.settings.save()


def test_it_starts_and_trains_where_nothing_can_be_written(new_bench, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("SYNAPSCOPE_HOME", str(tmp_path / "file" / "home"))
    bench = new_bench()
    project = bench.lab.document.project
    bench.lab.document.apply(set_training_field(project, "batch_size", 7))
    bench.wait(bench.window.banner.isVisible)  # the autosave says why it cannot
    assert bench.window.banner.text().endswith(".")
    bench.lab.training.toggle()
    bench.frame_at(3)
    assert not bench.lab.settings.save() or not bench.lab.settings.path.exists()
