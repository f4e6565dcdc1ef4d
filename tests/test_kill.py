"""Killing the program while it edits and saves leaves files that open, and loses only moments."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.crash import ALLOWED_SECONDS, experiment, failures


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL on Windows")
def test_kill_minus_nine_loses_only_moments(tmp_path: Path) -> None:
    outcomes = experiment(tmp_path, kills=5, seed=1, longest=1.2, autosave=0.2, units=(128, 64))
    assert failures(outcomes) == []
    assert outcomes[-1].edits > 20
    assert all(item.opened >= 1 for item in outcomes)
    assert max(item.lost for item in outcomes) < ALLOWED_SECONDS
