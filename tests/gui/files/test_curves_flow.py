"""The curves belong to their project: an empty one has none, and saved ones come back with their marks."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from engine.edits.layers import insert
from engine.files import load_project

from .test_files_flow import answer, save_as, trained

CONTROL = Qt.KeyboardModifier.ControlModifier


def drawn(bench) -> int:
    """How many points stand in the charts."""
    charts = bench.window.drawer.charts.curves
    return sum(len(curve.samples) for chart in (charts.loss, charts.score) for curve in chart.curves.values())


def marks(bench) -> list[tuple[float, str]]:
    return [(mark.x, mark.text) for mark in bench.window.drawer.charts.curves.loss.marks]


def insert_layer(bench) -> None:
    lab = bench.lab
    lab.document.apply(insert(lab.document.project, "dense-1", "dense-2", "dense"))
    bench.settled()


def test_a_new_empty_project_shows_nothing_of_the_old_run(bench):
    bench.lab.training.toggle()
    bench.frame_at(30)
    bench.wait(lambda: drawn(bench) > 0)
    QTest.keyClick(bench.window.canvas, Qt.Key.Key_N, CONTROL)  # while it trains
    answer(bench, QMessageBox.StandardButton.Discard)
    bench.wait(lambda: not bench.lab.document.project.design.layers)
    assert drawn(bench) == 0
    late = []
    bench.lab.clock.curves_ready.connect(lambda curves: late.append(drawn(bench)))
    bench.window.drawer.show()
    for _ in range(20):
        QTest.qWait(20)
    assert drawn(bench) == 0
    assert not any(late)


def test_charts_that_are_seen_first_after_the_old_run_show_nothing_of_it(bench):
    bench.lab.training.toggle()
    bench.wait(lambda: len(bench.lab.clock.curves.get("loss", ())) > 0)
    QTest.keyClick(bench.window.canvas, Qt.Key.Key_N, CONTROL)
    answer(bench, QMessageBox.StandardButton.Discard)
    bench.wait(lambda: not bench.lab.document.project.design.layers)
    assert drawn(bench) == 0  # the charts in the drawer are made now


def test_marks_are_saved_and_come_back_in_both_charts(new_bench, tmp_path):
    path = tmp_path / "marked.synapscope"
    bench = new_bench()
    trained(bench)
    insert_layer(bench)
    bench.wait(lambda: len(marks(bench)) == 1)
    bench.lab.document.undo_stack.undo()
    bench.wait(lambda: len(marks(bench)) == 2)
    text = "add Dense(8) between Dense(4) and Dense(2)"
    (first, said), (second, undone) = marks(bench)
    assert (said, undone) == (text, f"undo {text}")
    assert 0 < first <= second
    save_as(bench, path)
    assert [text for _, text in load_project(path).checkpoint.marks] == [said, undone]
    before = marks(bench)
    bench.window.close()
    again = new_bench(path=str(path))
    again.wait(lambda: again.lab.document.path == path)
    again.wait(lambda: marks(again) == before)
    charts = again.window.drawer.charts.curves
    assert [mark.text for mark in charts.score.marks] == [said, undone]
    again.lab.training.reset()
    again.wait(lambda: not marks(again))


def test_the_logarithmic_axis_is_one_switch_for_all_charts_and_is_remembered(new_bench, tmp_path):
    path = tmp_path / "log.synapscope"
    bench = new_bench()
    chart = bench.window.inspector.learning.charts.curves.loss
    bench.click(chart.legend.log_button)
    assert chart.logarithmic
    assert bench.window.drawer.charts.curves.loss.logarithmic
    trained(bench)
    save_as(bench, path)
    bench.click(chart.legend.log_button)
    assert not bench.window.drawer.charts.curves.loss.logarithmic
    bench.lab.storage.open_file(path)
    bench.wait(lambda: chart.logarithmic)
    assert chart.legend.log_button.isChecked()
    bench.window.close()
    again = new_bench()
    assert again.window.inspector.learning.charts.curves.loss.logarithmic


def test_a_score_that_was_not_measured_again_is_not_drawn_again(bench):
    trained(bench)
    curves = bench.window.inspector.learning.charts.curves
    bench.wait(lambda: len(bench.lab.clock.curves.get("test_score", ())) > 0)
    curves.show_curves(bench.lab.clock.curves)
    curves.score.redraw()
    curves.show_curves(bench.lab.clock.curves)
    assert not curves.score._timer.isActive()
