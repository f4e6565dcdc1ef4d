"""Labels: no text of the picture lies over another, in any example, at the sizes of common screens."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF

from engine.examples import EXAMPLES
from gui.canvas.view import CanvasView


def centered(font, text: str, rect: QRectF) -> QRectF:
    """What a text really covers that is centered in a rectangle."""
    measure = QFontMetricsF(font)
    place = QRectF(0, 0, min(measure.horizontalAdvance(text), rect.width()), measure.ascent())
    place.moveCenter(rect.center())
    return place


def text_rects(view: CanvasView) -> dict[str, QRectF]:
    """Every title, note, foot, shape and scale, by what it is."""
    canvas, look = view.canvas, view.look
    found: dict[str, QRectF] = {}
    for key, header in canvas.headers.items():
        found[f"title of {key}"] = centered(look.text(bold=True), header.title, header.title_rect())
        found[f"stepper or note of {key}"] = (
            centered(look.small(), header.note, header.stepper_rect().adjusted(-40, 0, 40, 0))
            if header.units is None
            else header.stepper_rect()
        )
    for key, item in canvas.layers.items():
        if item.foot:
            b, height = item.box.body, 16 * look.theme.scale
            place = QRectF(b.center[0] - 80, b.bottom + 4, 160, height)
            found[f"parameters of {key}"] = centered(look.small(), item.foot, place)
    for wire, bundle in canvas.bundles.items():
        found[f"wire {wire}"] = bundle.label_rect()
    for wire, plus in canvas.pluses.items():
        found[f"plus {wire}"] = plus.boundingRect()
    if canvas.output is not None:
        side = canvas.output.box.side
        found["answers"] = QRectF(side.x, side.y, side.width, side.height)
    return found


@pytest.mark.parametrize("size", [(920, 680), (1560, 960)], ids=["1280x800", "1920x1080"])
@pytest.mark.parametrize("example", sorted(EXAMPLES))
def test_no_label_lies_over_another(stage, example, size):
    made = stage(example, size)
    rects = list(text_rects(made.view).items())
    for i, (name, rect) in enumerate(rects):
        for other, place in rects[:i]:
            shared = rect.intersected(place)
            assert shared.width() <= 1 or shared.height() <= 1, f"{name} lies over {other}"


def test_every_wire_says_its_shape_and_every_layer_its_parameters(stage):
    made = stage("circle")
    canvas = made.view.canvas
    assert canvas.bundles["dense-1", "dense-2"].shape_text == "4 values"
    assert canvas.layers["dense-2"].foot == "10 parameters"
    assert canvas.layers["input"].foot == ""
