"""Killing the window while somebody edits and saves leaves a project that opens, and loses only moments."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.crash import ALLOWED_SECONDS, experiment, failures


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL on Windows")
def test_kill_minus_nine_loses_only_moments(tmp_path: Path) -> None:
    outcomes = list(experiment(tmp_path, kills=3, seed=4, longest=3.5, example="circle"))
    assert failures(outcomes) == []
    assert len(outcomes) == 3
    assert outcomes[-1].edits > 5
    assert max(item.lost for item in outcomes) < ALLOWED_SECONDS
