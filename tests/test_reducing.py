"""Screenshots of the documentation: few colors where there are many, the commonest of them exactly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.reducing import COLORS, SMALL_ENOUGH, reduce

Image = pytest.importorskip("PIL.Image", reason="not installed: pillow")
DOCS = Path(__file__).resolve().parent.parent / "docs"


def test_a_large_picture_keeps_its_commonest_colors_and_hardly_changes_the_others(tmp_path: Path) -> None:
    paper, accent = (251, 251, 250), (90, 72, 200)
    ramp = np.linspace((213, 94, 0), (0, 114, 178), 600).astype(np.uint8)
    pixels = np.random.default_rng(0).choice(ramp, (600, 800))
    pixels[:200], pixels[200:220] = paper, accent
    path = tmp_path / "large.png"
    Image.fromarray(pixels).save(path)
    before = path.stat().st_size
    assert before > SMALL_ENOUGH
    reduce(path)
    assert path.stat().st_size < before / 1.5
    with Image.open(path) as opened:
        after = np.asarray(opened.convert("RGB"))
    assert len(np.unique(after.reshape(-1, 3), axis=0)) <= COLORS
    assert (after[:220] == pixels[:220]).all()
    assert np.abs(after.astype(int) - pixels).max() <= 4


def test_a_small_picture_stays_as_it_is(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
    path = tmp_path / "small.png"
    Image.fromarray(pixels).save(path)
    reduce(path)
    with Image.open(path) as opened:
        assert (np.asarray(opened.convert("RGB")) == pixels).all()


def test_the_pictures_of_the_session_are_reduced() -> None:
    sizes = {path.name: path.stat().st_size for path in DOCS.glob("session-*.png")}
    assert sizes
    assert max(sizes.values()) <= SMALL_ENOUGH, sizes
