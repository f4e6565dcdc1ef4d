"""The self-test itself: it passes on a sound program, leaves nothing behind, and can fail."""

from __future__ import annotations

import json

import pytest

from gui import self_test


def test_it_passes_and_reports(capsys, tmp_path, home):
    picture = tmp_path / "window.png"
    status = self_test.run(20, str(picture), as_json=True)
    result = json.loads(capsys.readouterr().out)
    assert status == 0, result
    assert result["ok"]
    assert result["frames"] >= 20
    assert result["pixels_compared"] > 50
    assert result["pixels_wrong"] == 0
    assert {"frames_per_second", "worst_stall_ms", "references_to_none", "references_to_true"} <= set(result)
    assert picture.stat().st_size > 10_000
    assert not [path for path in home.rglob("*") if path.is_file()]


def test_it_fails_when_a_pixel_is_wrong(capsys, monkeypatch):
    monkeypatch.setattr(self_test, "TOLERANCE", -1)
    assert self_test.run(5) == 1
    assert "FAIL  shows the engine's numbers" in capsys.readouterr().out


def test_it_fails_when_a_weight_is_not_saved(capsys, monkeypatch):
    real = self_test.load_project

    def tampered(path):
        loaded = real(path)
        parameters = loaded.checkpoint.parameters.copy()
        parameters[7] += 1.0
        from dataclasses import replace

        return replace(loaded, checkpoint=replace(loaded.checkpoint, parameters=parameters))

    monkeypatch.setattr(self_test, "load_project", tampered)
    assert self_test.run(5) == 1
    assert "in the file the weights differ" in capsys.readouterr().out


@pytest.mark.parametrize("as_json", [False, True])
def test_an_unwritable_screenshot_is_a_finding(capsys, tmp_path, as_json):
    assert self_test.run(5, str(tmp_path / "no folder" / "x.png"), as_json) == 1
    assert "cannot be written" in capsys.readouterr().out
