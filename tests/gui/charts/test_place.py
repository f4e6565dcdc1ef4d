"""The charts come after the picture, in pieces, or at once where somebody asks for them."""

from __future__ import annotations

import gc
import sys
import threading

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gui.charts import loading
from gui.charts.curves import CurveChart
from gui.charts.loading import Loading


def charts_in(place: QWidget) -> list[CurveChart]:
    return place.findChildren(CurveChart)


def test_the_charts_are_made_after_the_network_is_drawn(new_bench):
    bench = new_bench(ready=False)
    place = bench.window.inspector.learning.charts
    assert bench.lab.clock.frame is None
    assert not charts_in(place)
    bench.wait(lambda: len(charts_in(place)) == 2)
    assert bench.lab.clock.frame is not None
    bench.wait(lambda: all(chart.isVisible() for chart in charts_in(place)))


def test_charts_that_are_asked_for_are_there_at_once_and_made_once(new_bench):
    bench = new_bench(ready=False)
    place = bench.window.inspector.learning.charts
    curves = place.curves
    assert charts_in(place) == [curves.loss, curves.score]
    bench.wait(lambda: curves.loss.isVisible())
    for _turn in range(20):
        QApplication.processEvents()
    assert place.curves is curves
    assert len(charts_in(place)) == 2


@pytest.fixture
def without_pyqtgraph(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """As if it were not loaded: what is imported then, with the name of the thread."""
    gc.enable()  # as in the program
    imported: list[tuple[str, str]] = []
    real = loading.import_module

    def noted(name: str):
        imported.append((name, threading.current_thread().name))
        assert name != "pyqtgraph" or not gc.isenabled()
        return real("math") if name == "pyqtgraph" else real(name)

    monkeypatch.setattr(loading, "import_module", noted)
    monkeypatch.delitem(sys.modules, "pyqtgraph")
    return imported


def test_loading_goes_on_beside_the_event_loop_and_then_does_what_follows(
    qtbot: QtBot, without_pyqtgraph: list[tuple[str, str]]
) -> None:
    done: list[str] = []

    def following():
        done.append("first")
        yield
        done.append("second")

    load = Loading()
    load.start(following())
    assert not done
    qtbot.waitUntil(lambda: done == ["first", "second"])
    assert without_pyqtgraph[-1] == ("pyqtgraph", "synapscope-charts")
    assert gc.isenabled()


def test_loading_that_is_stopped_leaves_nothing_behind(
    qtbot: QtBot, without_pyqtgraph: list[tuple[str, str]]
) -> None:
    load = Loading()
    load.start(iter(()))
    qtbot.waitUntil(lambda: ("pyqtgraph", "synapscope-charts") in without_pyqtgraph)
    load.stop()
    assert gc.isenabled()
    assert "synapscope-charts" not in {thread.name for thread in threading.enumerate()}
