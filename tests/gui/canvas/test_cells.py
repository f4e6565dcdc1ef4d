"""The fills of neurons as one picture: each neuron has the color of its value, its rim is soft, and what is
no number shows; and while only values change, no item is painted by Python.
"""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QGraphicsRectItem, QGraphicsScene

from gui.canvas.boxes import LayerSpec
from gui.canvas.color import LIGHT, diverging_table
from gui.canvas.geometry import arrange
from gui.canvas.items.bundle import BundleItem
from gui.canvas.items.cells import CellsItem, Shapes
from gui.canvas.items.layer import LayerItem
from gui.canvas.look import Look

TABLE = diverging_table(LIGHT, 1.0)
CENTERS = np.array([[10.0, 12.0], [10.0, 40.0], [10.0, 68.0]])


@pytest.fixture
def cells(qapp):
    scene, parent = QGraphicsScene(), QGraphicsRectItem()
    scene.addItem(parent)
    yield CellsItem(parent)
    scene.clear()


def _picture(item, shapes, values, zoom=1.0, ratio=1.0):
    item.prepare(shapes, zoom, ratio)
    item.show_values(np.asarray(values), TABLE, 1.0)
    return item.pixmap().toImage()


@pytest.mark.parametrize(("zoom", "ratio"), [(1.0, 1.0), (1.7, 1.0), (0.9, 2.0)])
def test_each_neuron_has_the_color_of_its_value(cells, zoom, ratio):
    shapes, values = Shapes(CENTERS, 9.0, 1, QRectF(10, -9, 4, 18)), [-0.7, 0.2, 0.9]
    image = _picture(cells, shapes, values, zoom, ratio)
    for rect, color in zip(shapes.rects(), TABLE.look_up(values, 1.0), strict=True):
        at = (rect.center() - cells.pos()) * zoom * ratio
        assert image.pixel(int(at.x()), int(at.y())) == color
    assert cells.scale() == pytest.approx(1 / (zoom * ratio))


def test_the_rim_is_soft_and_beyond_it_is_nothing(cells):
    image = _picture(cells, Shapes(CENTERS[:1] + 0.3, 6.0, 0, QRectF()), [1.0])
    alpha = np.array([[image.pixel(x, y) >> 24 for x in range(image.width())] for y in range(image.height())])
    assert alpha[0, 0] == 0
    assert ((alpha > 0) & (alpha < 255)).any()
    assert alpha.sum() / 255 == pytest.approx(np.pi * 36, rel=0.03)


def test_what_is_no_number_shows(cells):
    shapes = Shapes(CENTERS, 9.0, 0, QRectF())
    image = _picture(cells, shapes, [0.1, np.nan, 0.3])
    at = CENTERS[1] - (cells.x(), cells.y())
    assert image.pixel(int(at[0]), int(at[1])) == TABLE.broken


def test_new_numbers_alone_are_painted_without_python(stage, qtbot, monkeypatch):
    made = stage("mnist-16-16")
    qtbot.waitUntil(lambda: made.view.is_settled, timeout=20_000)
    made.view.viewport().repaint()
    painted = []
    for kind in (LayerItem, BundleItem):
        plain = kind.paint
        monkeypatch.setattr(
            kind, "paint", lambda self, *a, _plain=plain: (painted.append(self), _plain(self, *a))
        )
    canvas = made.view.canvas
    hidden = [item for item in canvas.layers.values() if item._cells.isVisible()]
    assert len(hidden) == 3  # all but the picture
    before = [item._cells.pixmap().toImage().copy() for item in hidden]  # it shares the memory of the numbers
    for item in hidden:
        item.show_values(np.full(len(item.box.units), 0.77), 1.0)
    for bundle in canvas.bundles.values():
        bundle.show_values(-bundle.values)
    made.view.viewport().repaint()
    assert painted == []
    assert all(item._cells.pixmap().toImage() != old for item, old in zip(hidden, before, strict=True))


def test_larger_writing_and_back_leaves_no_fill_behind_where_numbers_stand(stage):
    made = stage("xor")
    canvas, look = made.view.canvas, made.view.look
    made.view.camera.zoom_by(0.6 / made.view.zoom)
    made.rest()
    large = Look.of(replace(look.theme, scale=1.5))
    for written, pictured in ((look, False), (large, True), (look, False)):
        canvas.set_look(written)
        assert [item._cells.isVisible() for item in canvas.layers.values()] == [pictured] * 3


def test_the_neurons_of_a_very_long_layer_are_painted_where_they_are_seen(stage):
    look = stage().view.look
    boxes = arrange([LayerSpec("long", 600, unfolded=True)], [], 900, 700).boxes
    item = LayerItem(boxes["long"], look)
    scene = QGraphicsScene()
    scene.addItem(item)
    item.settle(0.5, 1.0)
    item.show_values(np.linspace(-1, 1, 600), 1.0)
    assert not item._cells.isVisible()  # 0.3 s for 4,000 of them, at each zoom
    assert len(item._fills) == 600
