"""From near and far: marks, ports and the edges of wires stay as thin as they are, and cover nothing."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gui.canvas.items.output import OutputItem
from gui.canvas.items.ports import IN, OUT, RADIUS, port_at
from gui.document.selection import Picked

LEFT = Qt.MouseButton.LeftButton


def pixels(image: QImage) -> np.ndarray:
    """RGB, (rows, columns, 3)."""
    shown = image.convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(shown.constBits(), np.uint8).reshape(shown.height(), shown.bytesPerLine() // 4, 4)
    return flat[:, : shown.width(), 2::-1].astype(int)


def colored(image: QImage, color) -> np.ndarray:
    """Which pixels are of a color, (rows, columns)."""
    return (np.abs(pixels(image) - [color.red(), color.green(), color.blue()]) < 24).all(axis=2)


def wheel(view, at: QPoint, by: int) -> None:
    place, none = QPointF(at), Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(
        place, QPointF(view.viewport().mapToGlobal(at)), QPoint(), QPoint(0, by),
        Qt.MouseButton.NoButton, none, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view.viewport(), event)


def test_a_port_keeps_its_size_while_the_wheel_zooms_over_it(stage):
    made = stage()
    view = made.view
    port = port_at(view.canvas.layers["dense-1"].box, OUT)
    at = made.point(*port.toTuple())
    QTest.mouseMove(view.viewport(), at)
    assert view.tools.wire.ports.hot == ("dense-1", OUT)
    for _ in range(8):
        wheel(view, at, 120)
    assert view.zoom > 3
    accent = colored(view.viewport().grab().toImage(), view.look.theme.color("accent"))
    rows, columns = np.nonzero(accent)
    assert 2 * RADIUS - 2 <= np.ptp(rows) <= 2 * RADIUS + 4
    assert 2 * RADIUS - 2 <= np.ptp(columns) <= 2 * RADIUS + 4


def test_the_ring_of_a_gradient_keeps_its_width(stage):
    made = stage()
    view = made.view
    item = view.canvas.layers["dense-2"]
    x, y = item.box.centers[1]
    view.camera.zoom_by(12.0 / view.zoom)
    view.centerOn(QPointF(x - item.box.radius, y))
    made.rest()
    item.show_rings(np.ones(len(item.box.units), np.float32))
    green = colored(view.viewport().grab().toImage(), view.look.theme.color("gradient"))
    assert green.any()
    assert not np.lib.stride_tricks.sliding_window_view(green, (7, 7)).all(axis=(2, 3)).any()


@pytest.mark.parametrize("picked", [Picked("dense-2", source_layer="dense-1"), Picked("dense-2", 1)])
def test_the_edge_of_what_is_selected_keeps_its_width(stage, picked):
    made = stage()
    view = made.view
    made.document.selection.select(picked)
    x, y = view.canvas.layers["dense-2"].box.centers[1]
    if picked.is_wire:
        outline = view.canvas.bundles["dense-1", "dense-2"].outline().boundingRect()
        x, y = outline.left() + 0.1, outline.center().y()
    view.camera.zoom_by(12.0 / view.zoom)
    view.centerOn(QPointF(x, y))
    made.rest()
    accent = colored(view.viewport().grab().toImage(), view.look.theme.color("accent"))
    assert accent.any()
    thick = np.lib.stride_tricks.sliding_window_view(accent, (6, 6)).all(axis=(2, 3))
    assert not thick.any()


def test_zooming_out_ends_where_the_network_can_still_be_seen(stage):
    made = stage()
    view, middle = made.view, made.view.viewport().rect().center()
    for _ in range(60):
        wheel(view, middle, -120)
    layers = view.canvas.layers.values()
    width = max(item.box.rect.right for item in layers) - min(item.box.rect.x for item in layers)
    assert 60 <= width * view.zoom <= 200
    assert view.zoom < view.camera.fitting_zoom
    for _ in range(60):
        wheel(view, middle, 120)
    assert view.zoom > 10


def test_the_port_of_the_outputs_lies_beside_what_they_say(stage):
    made = stage()
    output = made.view.canvas.output
    assert isinstance(output, OutputItem)
    port = port_at(output.box, OUT)
    assert port.x() + RADIUS + 1 <= output.box.side.x


def test_after_a_wire_is_drawn_the_status_says_what_the_mouse_would_do_there(stage):
    made = stage()
    view, boxes = made.view, made.view.canvas.layers
    said: list[str] = []
    view.status_text.connect(said.append)
    start = made.point(*port_at(boxes["input"].box, OUT).toTuple())
    end = made.point(*port_at(boxes["dense-1"].box, IN).toTuple())
    QTest.mouseMove(view.viewport(), start)
    QTest.mousePress(view.viewport(), LEFT, pos=start)
    QTest.mouseMove(view.viewport(), end)
    assert "Esc: cancel" in said[-1]
    QTest.mouseRelease(view.viewport(), LEFT, pos=end)
    assert "Esc: cancel" not in said[-1]
    assert said[-1].startswith("drag: wire")
