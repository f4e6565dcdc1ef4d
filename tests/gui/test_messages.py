"""What is said of an edit, and what is not: the picture shows by itself what has been pruned or frozen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt

from engine.edits.units import set_units
from gui.document.selection import Picked


def said(bench) -> list[str]:
    return [toast.text() for toast in bench.window.toasts.shown]


def test_pruning_and_freezing_are_not_talked_about_but_a_new_width_is(bench):
    lab, canvas = bench.lab, bench.window.canvas
    lab.training.toggle()
    bench.frame_at(5)
    lab.training.toggle()
    lab.document.selection.select(Picked("dense-1", 1, 0, "input"))
    bench.key(Qt.Key.Key_L, canvas)
    bench.settled()
    bench.key(Qt.Key.Key_Delete, canvas)
    bench.settled()
    spec = lab.document.project.design.layer("dense-1")
    assert spec.mask
    assert spec.frozen
    assert said(bench) == []
    lab.document.undo_stack.undo()
    bench.settled()
    assert said(bench) == []
    lab.document.apply(set_units(lab.document.project, "dense-1", 6))
    bench.settled()
    bench.wait(lambda: len(said(bench)) == 1)
    assert "Layer 1 gained 2 units" in said(bench)[0]


def test_what_was_said_of_a_file_goes_with_the_next_one_that_is_opened_or_saved(bench, tmp_path):
    lab, banner = bench.lab, bench.window.banner
    damaged = tmp_path / "damaged.synapscope"
    damaged.write_bytes(b"PK\x03\x04 and no more")
    lab.storage.open_file(damaged)
    bench.wait(banner.isVisible)
    assert "damaged" in banner.text()
    lab.storage.save_as(tmp_path / "good.synapscope")
    bench.wait(lambda: not banner.isVisible())
    lab.storage.open_file(damaged)
    bench.wait(banner.isVisible)
    lab.storage.open_example("xor")
    bench.wait(lambda: not banner.isVisible())


def test_of_a_file_that_cannot_be_opened_at_the_start_the_window_says_so_and_goes_on_saying_it(
    bench, tmp_path
):
    lab, banner = bench.lab, bench.window.banner
    lab.start(str(tmp_path / "nowhere.synapscope"))
    bench.wait(lambda: "nowhere" in banner.text())
    bench.settled()
    assert banner.isVisible()


def test_saving_over_what_another_window_has_saved_says_where_that_is_kept(bench, tmp_path):
    lab, path = bench.lab, tmp_path / "shared.synapscope"
    for _ in range(2):  # the second time over its own
        written = []
        lab.storage.save_as(path, written.append)
        bench.wait(lambda written=written: written == [True])
    assert not any("elsewhere" in text for text in said(bench))
    path.write_bytes(b"of another window")
    lab.storage.save()
    bench.wait(lambda: any("elsewhere" in text for text in said(bench)))
    assert (tmp_path / "shared.synapscope.bak").read_bytes() == b"of another window"


@pytest.mark.parametrize("width", [1280, 900])
def test_a_toast_covers_neither_legend_nor_caption_nor_an_open_flyout(bench, width):
    window, canvas = bench.window, bench.window.canvas
    window.show()
    window.toasts.say("A sentence that is long enough to need two lines. " * 3, kind="warning")
    window.resize(width, 800)
    window.rail.open("layers")

    def box(widget):
        return QRect(widget.mapTo(window, QPoint()), widget.size())

    def stands_free():
        needed = (canvas.legend, canvas.caption, window.navigator, window.flyouts.layers)
        boxes = [box(widget) for widget in needed if widget.isVisible()]
        return not any(box(toast).intersects(other) for other in boxes for toast in window.toasts.shown)

    bench.wait(lambda: window.width() == width and window.flyouts.layers.isVisible() and stands_free())
    assert box(window.center).contains(box(window.toasts.shown[0]))
    window.actions_["view.present"].trigger()
    bench.wait(lambda: not window.navigator.isVisible() and stands_free())
