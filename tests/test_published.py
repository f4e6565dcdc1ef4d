"""The judgement of `benchmarks.published`: how far a figure may be off, and what it leaves with then."""

from __future__ import annotations

import pytest

from benchmarks import published
from benchmarks.published import Trial, main, verdict


@pytest.mark.parametrize(
    ("found", "near", "words"),
    [
        ([90.0], True, "within 1.5"),
        ([93.0, 90.0, 91.5], True, "within 1.5"),  # the mean counts: just at the limit
        ([88.5], True, "within 1.5"),
        ([91.51], False, "1.51 points above"),
        ([88.0, 88.9, 88.5], False, "1.53 points below"),
    ],
)
def test_the_mean_is_within_the_tolerance_or_not(found: list[float], near: bool, words: str) -> None:
    judged, said = verdict(90.0, found)
    assert judged == near
    assert words in said


@pytest.mark.parametrize(("last", "status"), [(0.981, 0), (0.999, 1), (0.95, 1)])
@pytest.mark.parametrize("first_is_the_one", [True, False])
def test_one_figure_outside_is_enough_for_the_exit_status(
    last: float,
    status: int,
    first_is_the_one: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    figures = [
        Trial("good", 87.0, "here", lambda seed: 0.87),
        Trial("judged", 98.0, "there", lambda seed: last),
    ]
    monkeypatch.setattr(published, "trials", lambda names: figures[:: -1 if first_is_the_one else 1])
    assert main(["--seeds", "0", "1"]) == status
    said = capsys.readouterr().out
    assert said.count("within 1.5 points") == 2 - status
    assert said.count("OUTSIDE") == status
