"""Painting aside: the same pictures, by a process of its own that comes, goes and may even be killed."""

from __future__ import annotations

import dataclasses
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest
from numpy.testing import assert_array_equal

from gui.canvas.aside import painter as module
from gui.canvas.aside import sheet as sheets
from gui.canvas.aside.process import PAINTED, Shop
from gui.canvas.aside.sheet import Sheet, new_sheet
from gui.canvas.color import LIGHT, ScaleLimit, diverging_table
from gui.canvas.items.bundle import BundleItem
from gui.canvas.mapping import SPARSE, paint, work_out
from gui.theme import manager

ROOT = Path(module.gui.__file__).parent.parent
WIDTH, HEIGHT = 80, 60
TABLE = diverging_table(LIGHT, 0.6)


def _sheet(synapses: int, precision: str) -> Sheet:
    rng = np.random.default_rng(0)
    sheet = new_sheet(
        synapses=synapses,
        precision=precision,
        rows=HEIGHT,
        columns=WIDTH,
        width=WIDTH,
        height=HEIGHT,
        ratio=1.0,
    )
    sheet.starts[:] = np.stack([np.zeros(synapses), rng.uniform(0, HEIGHT, synapses)], axis=1)
    sheet.ends[:] = np.stack([np.full(synapses, WIDTH), rng.uniform(0, HEIGHT, synapses)], axis=1)
    sheet.write_table(TABLE)
    sheet.values[:] = rng.normal(size=synapses)
    return sheet


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("synapses", [1, 40, SPARSE + 300])
def test_a_picture_painted_aside_is_the_one_that_the_window_paints(synapses: int, precision: str) -> None:
    sheet, shop = _sheet(synapses, precision), Shop()
    shop.answer({"take": "a→b", **dataclasses.asdict(sheet.form)})
    assert not Path(sheet.form.path).exists(), "nothing is left behind, whoever is killed"
    sheet.limit[0], sheet.side[0] = 0.5, 1
    assert shop.answer({"paint": ["a→b"]}) == PAINTED
    scale, expected = ScaleLimit(0.5), np.zeros((HEIGHT, WIDTH), np.uint32)
    mapping = work_out(sheet.starts, sheet.ends, (WIDTH, HEIGHT), 1.0)
    paint(mapping, np.array(sheet.values), TABLE, scale, expected)
    assert_array_equal(sheet.pictures[1], expected)
    assert sheet.limit[0] == scale.limit
    assert not sheet.pictures[0].any(), "what the window shows is left alone"


def test_a_sheet_that_is_gone_before_it_is_taken_is_no_fault() -> None:
    sheet, shop = _sheet(40, "float32"), Shop()
    sheet.forget_file()
    assert b"missing" in shop.answer({"take": "a→b", **dataclasses.asdict(sheet.form)})
    assert shop.answer({"paint": ["a→b"]}) == PAINTED
    assert b"dropped" in shop.answer({"drop": "a→b"})


@pytest.mark.parametrize("command", [["-m", "gui.canvas.aside.process"], ["main.py", module.ARGUMENT]])
def test_the_process_does_without_qt_and_ends_with_its_input(command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *command],
        cwd=ROOT, input=b'{"drop": "x"}\n', capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout == b'{"dropped": "x"}\n'
    assert b"gui.canvas.mapping" in done.stderr
    assert b"PySide6" not in done.stderr


@pytest.fixture
def flat_out(request: pytest.FixtureRequest, stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_DELAY", 0.0)
    monkeypatch.setattr(module, "_processors", lambda: 2)
    made = stage(getattr(request, "param", "circle"))
    made.view.set_waves(False)
    made.controller.set_pace(math.inf)
    made.controller.play()
    return made


def _painter(made) -> module.Painter:
    return made.view.refresh.painter


def _aside(made) -> bool:
    """Whether every bundle shows a picture painted aside."""
    items, parts = made.view.canvas.bundles.values(), _painter(made)._parts
    return all(i.key in parts and any(i._picture.image is p for p in parts[i.key].images) for i in items)


def _own(made) -> bool:
    return all(i._picture.image is i.surface.image for i in made.view.canvas.bundles.values())


@pytest.mark.parametrize("flat_out", ["mnist-16-16"], indirect=True)
def test_at_full_speed_bundles_are_painted_aside_and_at_rest_by_the_window(flat_out) -> None:
    flat_out.wait(lambda: _aside(flat_out))
    flat_out.controller.pause()
    flat_out.wait(lambda: not flat_out.view.frame.snapshot.playing)
    flat_out.rest()
    assert _own(flat_out)
    for item in flat_out.view.canvas.bundles.values():
        fresh = np.zeros_like(item.surface.picture)
        scale = ScaleLimit(item.color_scale.limit)
        paint(item.surface.mapping, item.values, item.table, scale, fresh)
        assert_array_equal(item.surface.picture, fresh)


def test_the_process_goes_with_the_canvas(flat_out) -> None:
    flat_out.wait(lambda: _aside(flat_out))
    child = psutil.Process(_painter(flat_out)._process.processId())
    assert child.ppid() == os.getpid()
    flat_out.view.close()
    assert not child.is_running()
    assert not _painter(flat_out)._parts


def test_a_killed_process_is_not_missed(flat_out) -> None:
    flat_out.wait(lambda: _aside(flat_out))
    psutil.Process(_painter(flat_out)._process.processId()).kill()
    flat_out.wait(lambda: _own(flat_out))
    step = flat_out.view.frame.snapshot.step
    flat_out.wait(lambda: flat_out.view.frame.snapshot.step > step)


def test_another_zoom_is_painted_aside_as_well(flat_out) -> None:
    flat_out.wait(lambda: _aside(flat_out))
    before = {key: part.sheet for key, part in _painter(flat_out)._parts.items()}
    flat_out.view.camera.zoom_by(0.7)

    def anew() -> bool:
        parts = _painter(flat_out)._parts
        return all(key in parts and parts[key].sheet is not before[key] for key in before)

    flat_out.wait(lambda: anew() and _aside(flat_out))


def test_another_theme_is_painted_aside_as_well(flat_out) -> None:
    flat_out.wait(lambda: _aside(flat_out))
    manager().choose("dark")
    dark = flat_out.view.look.line

    def in_the_dark() -> bool:
        parts = _painter(flat_out)._parts.values()
        return bool(parts) and all(part.table is dark for part in parts)

    flat_out.wait(in_the_dark)
    flat_out.wait(lambda: _aside(flat_out))


def test_from_afar_ribbons_follow_the_weights(flat_out, monkeypatch: pytest.MonkeyPatch) -> None:
    flat_out.wait(lambda: _aside(flat_out))
    painted: list[float] = []
    far = BundleItem._paint_far
    for _ in range(7):
        flat_out.view.camera.zoom_by(0.6)
    items = list(flat_out.view.canvas.bundles.values())
    flat_out.wait(lambda: all(item.far >= 1 for item in items))
    monkeypatch.setattr(
        BundleItem, "_paint_far", lambda item, p: (painted.append(float(item.values.mean())), far(item, p))
    )
    flat_out.wait(lambda: len(set(painted)) > 2 * len(items))
    flat_out.controller.pause()


def test_a_process_that_stands_still_is_not_waited_for(flat_out) -> None:
    flat_out.wait(lambda: _aside(flat_out))
    child = psutil.Process(_painter(flat_out)._process.processId())
    child.suspend()
    flat_out.wait(lambda: _own(flat_out))
    child.resume()
    flat_out.wait(lambda: _aside(flat_out))


def test_a_process_that_nobody_asks_is_ended_and_comes_again(flat_out, monkeypatch) -> None:
    flat_out.wait(lambda: _aside(flat_out))
    monkeypatch.setattr(module, "_IDLE_MS", 100)
    _painter(flat_out)._idle.setInterval(100)
    flat_out.controller.pause()
    flat_out.wait(lambda: _painter(flat_out)._process is None)
    assert _own(flat_out)
    flat_out.controller.play()
    flat_out.wait(lambda: _aside(flat_out))


def test_a_slower_pace_is_painted_by_the_window_again(flat_out) -> None:
    flat_out.wait(lambda: _aside(flat_out))
    flat_out.controller.set_pace(60)
    flat_out.wait(lambda: _own(flat_out))


def test_one_processor_has_no_second_process(stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_processors", lambda: 1)
    monkeypatch.setattr(module, "_DELAY", 0.0)
    made = stage("circle")
    made.train(200)
    assert _painter(made)._process is None
    assert _own(made)


@pytest.mark.skipif(os.name != "posix", reason="limits of files are POSIX")
def test_where_there_is_no_room_to_share_the_window_paints(
    stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import resource

    monkeypatch.setattr(module, "_DELAY", 0.0)
    monkeypatch.setattr(module, "_processors", lambda: 2)
    monkeypatch.setattr(sheets, "_SHARED", tmp_path)
    made = stage("circle")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        made.controller.set_pace(math.inf)
        made.controller.play()
        made.wait(lambda: _painter(made)._closed)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(tmp_path.iterdir())
    assert _own(made)


def test_other_precision_is_painted_aside_as_well(flat_out) -> None:
    flat_out.wait(lambda: _aside(flat_out))
    project = flat_out.document.project
    double = dataclasses.replace(project.training, precision="float64")
    flat_out.document.edit("Precision", dataclasses.replace(project, training=double))
    flat_out.wait(lambda: flat_out.view.frame.snapshot.parameters.dtype == np.float64)
    flat_out.wait(lambda: all(p.sheet.values.dtype == np.float64 for p in _painter(flat_out)._parts.values()))
    flat_out.wait(lambda: _aside(flat_out))
