"""From near, the pixels of pictures and feature maps say their numbers."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QRectF

from engine.edits.architectures import built
from gui.canvas.items import inscription
from gui.widgets.numbers import fixed_text


def written(made, rect, monkeypatch) -> list[str]:
    found: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr(inscription, "write", lambda painter, place, flags, text: found.append(text))
        made.view.camera.calm = True
        made.view.camera.show(rect)
        made.rest()
        found.clear()
        made.view.viewport().grab()
    return found


def test_pixels_of_the_picture_say_their_values_where_they_have_room(stage, monkeypatch):
    made = stage("mnist-16-16")
    body = made.view.canvas.layers["input"].box.body
    assert written(made, QRectF(body.x, body.y, body.width, body.height), monkeypatch) == []
    near = QRectF(body.x + body.width / 3, body.y + body.height / 3, body.width / 3, body.height / 3)
    texts = written(made, near, monkeypatch)
    values = {fixed_text(float(v)) for v in made.view.frame.trace.layers["input"].a if v not in (0.0, 1.0)}
    assert 100 <= len(texts) <= 28 * 28
    assert set(texts) - {"0", "1"} <= values
    assert set(texts) - {"0", "1"}


def test_pixels_of_feature_maps_too(stage, monkeypatch):
    made = stage("mnist-16-16")
    design = built("lenet", (784,), 10)
    made.document.edit("LeNet", replace(made.document.project, design=design))
    last = [spec.id for spec in design.layers if spec.kind == "max_pool2d"][-1]
    made.wait(lambda: last in made.view.frame.trace.layers)
    made.rest()
    box = made.view.canvas.layers[last].box
    (x, y), (w, h) = box.centers[0], box.cell
    texts = written(made, QRectF(x - w / 2, y - h / 2, w, h), monkeypatch)
    values = {fixed_text(float(v)) for v in made.view.frame.trace.layers[last].a}
    assert len(texts) >= box.maps[1] * box.maps[2] >= 16
    assert {text for text in texts if text != "0"} <= values
