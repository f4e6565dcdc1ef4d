"""The same 12,960 synapses drawn in three ways, in turn, in one window.

The network is 784-16-16-10. Each frame brings new weights, other ones for every synapse, and ends when every
synapse shows its own: one frame of training. All three stand in one window at the same size, through the same
transformation, in the same colors and of the same widths, with antialiasing (and, to be told apart, the peers
without). Lines are one pixel wide where the canvas draws them so (12,544 of them); of the other 416 the width
follows the weight.

The canvas
    looks the weights up, paints each bundle's picture (from more than 400 synapses on a map of which pixel
    sees which synapses: the mean of those that cross a pixel; below, single curves) and paints the viewport,
    with neurons, labels and the biases' 42 synapses, as a snapshot without new activations would.
    *With all else* is what it does for a snapshot in training: neurons and their weight images are new too.
One graphics item per synapse
    written as well as we know how: no index to keep in order, no state to save, the whole viewport updated at
    once, pens made beforehand for 255 colors, looked up by NumPy. A frame is `setPen` on each item, because a
    line has its color in its pen, and a painting of all of them: lines, and the 416 as the curves that they
    are on the canvas. They are opaque, one over the other, or *translucent*, as a crowd of them is mostly
    drawn, since what lies on top would hide the rest. Nothing else is drawn.
pyqtgraph's `GraphItem`
    A frame is `setData(pen=…)` with one record per edge, which is its documented way to color edges; it then
    records its picture anew, with a pen for each edge, and plays it. All lines are straight, which is all it
    can do; the 826 nodes are dots of a pixel.

Where nothing but the place changes (pan), the peers keep their pens and the canvas its pictures.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import (
    QGraphicsLineItem,
    QGraphicsPathItem,
    QGraphicsScene,
    QGraphicsView,
    QStackedWidget,
    QWidget,
)

from benchmarks.canvas_frames import wait
from engine.examples import example_project
from gui.app import application
from gui.canvas.strokes import THICK, THIN
from gui.canvas.surface import is_sparse
from gui.canvas.values import place_of
from gui.canvas.view import CanvasView
from gui.document.document import Document
from gui.session.controller import SessionController
from gui.session.example import ShownExample
from gui.session.frame_clock import Frame, FrameClock
from gui.theme import manager

SIZE = 956, 680  # the canvas in a window of 1280 × 800
SHADES, WIDTHS = 255, 8
TRANSLUCENT = 0.3
OURS = "canvas"
Array = NDArray[Any]


class Lines:
    """The synapses without the biases': starts and ends (n, 2) in scene units; curved (n,): drawn as curves.

    colors: those of SHADES values from the most negative to the most positive.
    """

    def __init__(self, view: CanvasView, frame: Frame) -> None:
        self._parts: list[tuple[Any, Any, Array]] = []
        starts, ends, curved = [], [], []
        for item in view.canvas.bundles.values():
            chosen = np.flatnonzero(item.bundle.column > 0)
            place = place_of(frame, item.bundle.target)
            assert place is not None
            self._parts.append((place, item, chosen))
            starts.append(item.bundle.starts[chosen])
            ends.append(item.bundle.ends[chosen])
            curved.append(np.full(len(chosen), is_sparse(item.bundle)))
        self.starts, self.ends, self.curved = (np.concatenate(part) for part in (starts, ends, curved))
        table = view.look.solid.look_up(np.linspace(-1, 1, SHADES), 1.0)
        self.colors = [QColor.fromRgb(int(color)) for color in table]

    def look(self, parameters: Array) -> tuple[Array, Array]:
        """The color number 0 … SHADES − 1, and the width number 0 … WIDTHS − 1, of each synapse."""
        shades, widths = [], []
        for place, item, chosen in self._parts:
            values = place.of(parameters)[item.bundle.unit[chosen], item.bundle.column[chosen]]
            share = np.clip(values / item.color_scale.limit, -1.0, 1.0)
            shades.append(np.rint((share + 1.0) / 2 * (SHADES - 1)).astype(np.intp))
            sparse = is_sparse(item.bundle)
            widths.append(np.rint(np.abs(share) * (WIDTHS - 1) * sparse).astype(np.intp))
        return np.concatenate(shades), np.concatenate(widths)


def _width(number: int) -> float:
    return 1.0 if number == 0 else THIN + (THICK - THIN) * number / (WIDTHS - 1)


class Canvas:
    """Ours: its synapses, or the whole of it."""

    def __init__(self, view: CanvasView, whole: bool) -> None:
        self.widget: QWidget = view
        self._view, self._whole = view, whole

    def set_antialiasing(self, on: bool) -> None:
        """It always is."""

    def show(self, parameters: Array) -> None:
        """Show new weights."""
        frame, canvas = self._view.frame, self._view.canvas
        assert frame is not None
        for item in canvas.bundles.values():
            place = place_of(frame, item.bundle.target)
            assert place is not None
            item.show_values(item.bundle.values(place.of(parameters)))
        if self._whole:
            canvas.show_neurons(frame)
            canvas.show_faces(frame, True)
        self._view.viewport().repaint()

    def pan(self, step: QPoint) -> None:
        """Show another part."""
        self._view.camera.pan(step)
        self._view.viewport().repaint()


class Items:
    """One graphics item per synapse."""

    def __init__(self, view: CanvasView, lines: Lines, alpha: float = 1.0) -> None:
        self._lines = lines
        self._scene = QGraphicsScene()
        self._scene.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        ends = zip(lines.starts.tolist(), lines.ends.tolist(), lines.curved.tolist(), strict=True)
        self._items = [_curve(a, b) if curved else QGraphicsLineItem(QLineF(*a, *b)) for a, b, curved in ends]
        for item in self._items:
            self._scene.addItem(item)
        self._scene.setSceneRect(view.canvas.sceneRect())
        self._pens = [[_pen(color, _width(w), alpha) for w in range(WIDTHS)] for color in lines.colors]
        self._view = QGraphicsView(self._scene)
        self._view.setFrameShape(QGraphicsView.Shape.NoFrame)
        self._view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._view.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self._view.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState, True)
        self._view.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing, True)
        self._view.setTransform(view.transform())
        self._at = view.mapToScene(view.viewport().rect().center())
        self.widget: QWidget = self._view

    def set_antialiasing(self, on: bool) -> None:
        """Smooth lines or not."""
        self._view.setRenderHint(QPainter.RenderHint.Antialiasing, on)
        self._view.centerOn(self._at)

    def show(self, parameters: Array) -> None:
        """Show new weights."""
        shades, widths = self._lines.look(parameters)
        for item, shade, width in zip(self._items, shades.tolist(), widths.tolist(), strict=True):
            item.setPen(self._pens[shade][width])
        self._view.viewport().repaint()

    def pan(self, step: QPoint) -> None:
        """Show another part."""
        across, down = self._view.horizontalScrollBar(), self._view.verticalScrollBar()
        across.setValue(across.value() - step.x())
        down.setValue(down.value() - step.y())
        self._view.viewport().repaint()


class Graph:
    """pyqtgraph's GraphItem."""

    def __init__(self, view: CanvasView, lines: Lines) -> None:
        self._lines = lines
        points, ids = np.unique(np.concatenate([lines.starts, lines.ends]), axis=0, return_inverse=True)
        pairs = ids.reshape(2, -1).T
        self._colors = np.array([color.getRgb() for color in lines.colors])
        fields = [(n, np.ubyte) for n in ("red", "green", "blue", "alpha")]
        self._pens = np.zeros(len(pairs), dtype=[*fields, ("width", np.float64)])
        self._view = pyqtgraph.GraphicsView(background=view.look.theme.color("canvas"))
        self._box = pyqtgraph.ViewBox(invertY=True, enableMenu=False, defaultPadding=0)
        self._view.setCentralItem(self._box)
        self._item = pyqtgraph.GraphItem(pos=points, adj=pairs, size=1, pxMode=True, pen=self._pens)
        self._box.addItem(self._item)
        room = view.mapToScene(view.viewport().rect()).boundingRect()
        self._box.setRange(QRectF(room), padding=0, disableAutoRange=True)
        self._unit = 1 / view.zoom
        self.widget: QWidget = self._view

    def set_antialiasing(self, on: bool) -> None:
        """Smooth lines or not."""
        pyqtgraph.setConfigOptions(antialias=on)
        self._view.setAntialiasing(on)

    def show(self, parameters: Array) -> None:
        """Show new weights."""
        shades, widths = self._lines.look(parameters)
        for k, name in enumerate(("red", "green", "blue", "alpha")):
            self._pens[name] = self._colors[shades, k]
        self._pens["width"] = np.array([_width(w) for w in range(WIDTHS)])[widths]
        self._item.setData(pen=self._pens)
        self._view.viewport().repaint()

    def pan(self, step: QPoint) -> None:
        """Show another part."""
        self._box.translateBy(x=-step.x() * self._unit, y=-step.y() * self._unit)
        self._view.viewport().repaint()


def _pen(color: QColor, width: float, alpha: float) -> QPen:
    seen = QColor(color)
    seen.setAlphaF(alpha)
    pen = QPen(seen, width)
    pen.setCosmetic(True)
    return pen


def _curve(start: list[float], end: list[float]) -> QGraphicsPathItem:
    half = (start[0] + end[0]) / 2
    path = QPainterPath(QPointF(*start))
    path.cubicTo(QPointF(half, start[1]), QPointF(half, end[1]), QPointF(*end))
    return QGraphicsPathItem(path)


class Contest:
    """All three in one window."""

    def __init__(self) -> None:
        application()
        manager().choose("light")
        self._controller = SessionController(Document(example_project("mnist-16-16")))
        example = ShownExample()
        clock = FrameClock(self._controller, example)
        view = CanvasView(self._controller.document, self._controller, clock, example, manager())
        self._view = view
        self._window = QStackedWidget()
        self._window.resize(*SIZE)
        self._window.addWidget(view)
        self._window.show()
        self._controller.open(self._controller.document.project)
        if not wait(60, lambda: view.frame is not None and view.is_settled):
            raise TimeoutError("the canvas was not ready after a minute")
        view.waves.stop()
        clock.set_hidden(True)
        assert view.frame is not None
        lines = Lines(view, view.frame)
        self.synapses = len(lines.starts)
        self.drawers: dict[str, Any] = {
            OURS: Canvas(view, whole=False),
            "… with all else": Canvas(view, whole=True),
            "items": Items(view, lines),
            "items, translucent": Items(view, lines, TRANSLUCENT),
            "GraphItem": Graph(view, lines),
        }
        for drawer in self.drawers.values():
            if drawer.widget is not view:
                self._window.addWidget(drawer.widget)
        self._weights = view.frame.snapshot.parameters
        self._random = np.random.default_rng(1)

    def measure(self, rounds: int) -> dict[str, Any]:
        """Milliseconds a frame, medians of rounds in which each has its turn; ratios to the canvas."""
        found: dict[str, Any] = {}
        for kind, smooth in (("weights", True), ("weights, not antialiased", False), ("pan", True)):
            times: dict[str, list[tuple[float, float]]] = {name: [] for name in self.drawers}
            for number in range(rounds):
                for name, drawer in self.drawers.items():
                    times[name].append(self._frame(drawer, kind.split(",")[0], smooth, number))
            found[kind] = {
                name: {"busy": median(s[0] for s in spent), "wall": median(s[1] for s in spent)}
                for name, spent in times.items()
            }
        return {"synapses": self.synapses, "kinds": found}

    def pictures(self) -> dict[str, Any]:
        """What each of them shows, to be looked at."""
        found = {}
        for name, drawer in self.drawers.items():
            self._window.setCurrentWidget(drawer.widget)
            drawer.set_antialiasing(True)
            drawer.show(self._weights)
            found[name] = self._window.grab()
        return found

    def close(self) -> None:
        """End everything."""
        self._view.close()
        self._controller.shut_down()

    def _frame(self, drawer: Any, kind: str, smooth: bool, number: int) -> tuple[float, float]:
        self._window.setCurrentWidget(drawer.widget)
        drawer.set_antialiasing(smooth)
        drawer.widget.viewport().repaint()  # shown once, so that what is kept is warm
        wait(0.02)
        noise = self._random.normal(0.0, 0.05, self._weights.shape).astype(self._weights.dtype)
        step = QPoint(3 if number % 2 else -3, 2 if number % 2 else -2)
        work: Callable[[], None] = (
            (lambda: drawer.pan(step)) if kind == "pan" else (lambda w=self._weights + noise: drawer.show(w))
        )
        cpu, wall = time.thread_time(), time.perf_counter()
        work()
        return 1000 * (time.thread_time() - cpu), 1000 * (time.perf_counter() - wall)


def measure(rounds: int) -> dict[str, Any]:
    """Let them draw in turn."""
    contest = Contest()
    found = contest.measure(rounds)
    contest.close()
    return found
