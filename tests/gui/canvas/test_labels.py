"""Labels: no text of the picture lies over another, is cut off or is too faint, as it is really painted.

Every text is caught where it is drawn, so that what is not thought of here is seen too. The walk goes through
all examples and some ready architectures, two sizes of window, both looks, and several distances; another
process does the same on a screen of twice the density.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QStaticText, QTextDocument
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QGraphicsItem,
    QGraphicsSimpleTextItem,
    QLabel,
    QWidget,
)

from engine.edits.architectures import built
from engine.edits.layers import insert
from engine.examples import EXAMPLES
from gui import theme
from gui.canvas.crumbs import Crumbs
from gui.canvas.items.flowlabel import FlowLabel

SIZES = {"1280x800": (920, 680), "1920x1080": (1560, 960)}
LEAST_CONTRAST = 4.5
TWICE = "QT_SCALE_FACTOR" in os.environ
# Colors depend neither on the density nor on the size of the window.
LOOKS = {"1280x800": ("dark",) if TWICE else ("light", "dark"), "1920x1080": ("dark" if TWICE else "light",)}
ON_DIGITS = ("autoencoder", "lenet", "residual")
NAMES = [*sorted(EXAMPLES), *ON_DIGITS][1::2] if TWICE else [*sorted(EXAMPLES), *ON_DIGITS]


@dataclass(frozen=True)
class Written:
    """A text on the screen: where its ink is, in pixels of the view, and in which color."""

    text: str
    ink: QRectF
    color: QColor

    def lies_over(self, other: Written) -> bool:
        shared = self.ink.intersected(other.ink)
        return shared.width() > 0.5 and shared.height() > 0.5


@contextmanager
def everything_uncached(view) -> Iterator[None]:
    """Let items paint themselves into the picture that is taken, instead of showing a copy."""
    modes = [(item, item.cacheMode()) for item in view.canvas.items()]
    for item, _ in modes:
        item.setCacheMode(QGraphicsItem.CacheMode.NoCache)
    yield
    for item, mode in modes:
        item.setCacheMode(mode)


def placed(painter: QPainter, ratio: float, rect: QRectF) -> QRectF:
    mapped = painter.deviceTransform().mapRect(rect)
    return QRectF(mapped.x() / ratio, mapped.y() / ratio, mapped.width() / ratio, mapped.height() / ratio)


def ink_of(painter: QPainter, rect: QRectF, flags: int, text: str) -> QRectF:
    """What the letters cover of the line that is drawn into a rectangle."""
    measure = QFontMetricsF(painter.font())
    line = measure.boundingRect(rect, int(flags), text)
    ink = measure.tightBoundingRect(text)
    return ink.translated(line.left(), line.top() + measure.ascent())


def look_at(view, monkeypatch) -> tuple[list[Written], QImage]:
    """Every text that the view shows, and what it looks like without them."""
    with monkeypatch.context() as patch, everything_uncached(view):
        texts = [w for part in (view.viewport(), view.legend, view.caption) for w in written_in(part, patch)]
        simple = list(written_by_items(view))
        for _, item in simple:
            item.setOpacity(0.0)
        image = view.grab().toImage()
        for _, item in simple:
            item.setOpacity(1.0)
    room = QRectF(view.viewport().rect())
    texts += [w for w, _ in simple if w.ink.intersects(room)]
    for bar in view.findChildren(Crumbs):
        if bar.isVisible():  # what it stands on covers what is behind
            texts = [w for w in texts if not w.ink.intersects(QRectF(bar.geometry()))]
            texts += crumbs(view, bar)
    return texts, image


def written_in(part: QWidget, patch) -> list[Written]:
    """What is drawn in Python while a part of the view paints itself, in pixels of the view."""
    found: list[Written] = []
    ratio, corner = part.devicePixelRatioF(), QPointF(part.pos())
    room = QRectF(part.rect()).translated(corner)

    def note(painter: QPainter, text: str, rect: QRectF, color: QColor) -> None:
        ink = placed(painter, ratio, rect).translated(corner)
        if painter.opacity() > 0.05 and text.strip() and ink.intersects(room):
            found.append(Written(text, ink, color))

    def draw_text(painter: QPainter, rect: QRectF, flags: int, text: str) -> None:
        note(painter, text, ink_of(painter, QRectF(rect), int(flags), text), painter.pen().color())

    def draw_static(painter: QPainter, at: QPointF, text: QStaticText) -> None:
        measure = QFontMetricsF(painter.font())
        ink = measure.tightBoundingRect(text.text()).translated(at.x(), at.y() + measure.ascent())
        note(painter, text.text(), ink, painter.pen().color())

    def draw_contents(document: QTextDocument, painter: QPainter) -> None:
        rect = QRectF(0, 0, document.idealWidth(), document.size().height())
        note(painter, document.toPlainText(), rect, QColor())

    patch.setattr(QPainter, "drawText", draw_text)
    patch.setattr(QPainter, "drawStaticText", draw_static)
    patch.setattr(QTextDocument, "drawContents", draw_contents)
    part.grab()
    return found


def written_by_items(view) -> Iterator[tuple[Written, QGraphicsSimpleTextItem]]:
    """The texts that Qt draws itself."""
    for item in view.canvas.items():
        if isinstance(item, QGraphicsSimpleTextItem) and item.isVisible() and item.text():
            measure = QFontMetricsF(item.font())
            ink = measure.tightBoundingRect(item.text()).translated(0, measure.ascent())
            place = view.viewportTransform().mapRect(item.mapRectToScene(ink))
            if item.effectiveOpacity() > 0.05:
                yield Written(item.text(), place, item.brush().color()), item


def crumbs(view, bar: Crumbs) -> Iterator[Written]:
    """The words of the breadcrumb, which Qt draws."""
    for child in bar.findChildren(QWidget):
        if isinstance(child, QLabel | QAbstractButton) and child.isVisible():
            place = QRectF(QRect(child.mapTo(view, child.rect().topLeft()), child.size()))
            measure = QFontMetricsF(child.font())
            ink = QRectF(0, 0, measure.horizontalAdvance(child.text()), measure.height())
            ink.moveCenter(place.center())
            yield Written(child.text(), ink, QColor())  # its contrast: test_theme


def overlaps(texts: list[Written]) -> list[str]:
    return [f"“{a.text}” lies over “{b.text}”" for a, b in combinations(texts, 2) if a.lies_over(b)]


def cut_off(view, texts: list[Written]) -> list[str]:
    room = QRectF(view.rect())
    return [f"“{w.text}” is cut off" for w in texts if not room.contains(w.ink)]


def touched(view, texts: list[Written]) -> list[str]:
    """Texts that lie over a button, a fault's badge, or the edge of a neuron."""
    canvas, shown = view.canvas, view.viewportTransform()
    found = []
    if canvas.far == 0:
        things = [QRectF(p.boundingRect()).adjusted(2, 2, -2, -2) for p in canvas.pluses.values()]
        for item in canvas.layers.values():
            if item.box.shape is None:
                w, h = item.box.radius * 2, item.box.radius * 2
                if item.box.maps is not None:
                    w, h = item.box.cell
                things += [QRectF(x - w / 2, y - h / 2, w, h) for x, y in item.box.centers]
            else:
                b = item.box.body
                things.append(QRectF(b.x, b.y, b.width, b.height))
        room = QRectF(view.viewport().rect())
        inside = [w for w in texts if w.color.isValid() and room.contains(w.ink.center())]
        for thing in map(shown.mapRect, things):
            for w in inside:
                if thing.intersects(w.ink) and not thing.contains(w.ink):
                    shared = thing.intersected(w.ink)
                    if min(shared.width(), shared.height()) > 1.0:
                        found.append(f"“{w.text}” lies over the edge of a neuron, a picture or a button")
    for badge in canvas.badges.values():
        place = badge.boundingRect().translated(shown.map(badge.pos()))
        found += [f"“{w.text}” lies under a badge" for w in texts if place.intersects(w.ink)]
    return found


def too_faint(view, texts: list[Written], image: QImage) -> list[str]:
    """Texts with too little contrast to what is painted behind them, over a tenth of their area or more."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width())
    ratio, found = view.devicePixelRatioF(), []
    for w in texts:
        if not w.color.isValid():
            continue
        left, top = max(int(w.ink.left() * ratio), 0), max(int(w.ink.top() * ratio), 0)
        behind = pixels[top : int(w.ink.bottom() * ratio) + 1, left : int(w.ink.right() * ratio) + 1]
        colors, counts = np.unique(behind & 0xFFFFFF, return_counts=True)
        clear = sum(
            int(n)
            for c, n in zip(colors, counts, strict=True)
            if theme.contrast(w.color.name(), f"#{c:06x}") >= LEAST_CONTRAST
        )
        if clear < 0.9 * counts.sum():
            found.append(f"“{w.text}” is too faint: {clear / counts.sum():.0%} of it can be read")
    return found


def opened(stage, name: str):
    """A stage with an example, or with a ready architecture on digits."""
    made = stage(name if name in EXAMPLES else "mnist-16-16")
    made.crumbs = Crumbs(made.view)
    made.view.set_waves(False)
    if name not in EXAMPLES:
        design = built(name, (784,), 10)
        made.document.edit(name, replace(made.document.project, design=design))
        last = design.layers[-1].id
        made.wait(lambda: last in made.view.frame.trace.layers or bool(made.view.canvas.badges))
    return made


def distances(made, size: str) -> Iterator[str]:
    """Everything; then the first, a middle and the last layer; then neurons from near.

    Half of that in the large window or at twice the density, and with both everything alone: what is nearer
    looks the same in every window.
    """
    large = size == "1920x1080"
    few = large or TWICE
    view, layers = made.view, list(made.view.canvas.layers.values())
    view.camera.calm = True
    view.tools.leave()  # wherever an earlier test has left the cursor
    view.fit()
    made.rest()
    yield "at fit"
    if large and TWICE:
        return
    for number in sorted({0, len(layers) // 2, len(layers) - 1})[-1 if few else 0 :]:
        r = layers[number].box.rect
        view.camera.show(QRectF(r.x, r.y, r.width, r.height))
        made.rest()
        yield f"at {layers[number].box.id}"
    for pixels, box in ((80, layers[-2].box), (130, layers[-1].box))[1 if few else 0 :]:
        if box.shape is None:
            view.camera._look(pixels / (2 * box.radius), QPointF(*box.centers[0]))
            made.rest()
            yield f"{pixels} pixels a neuron"


def faults(view, where: str, monkeypatch) -> list[str]:
    """All that is wrong with the texts that are seen now."""
    texts, image = look_at(view, monkeypatch)
    assert texts
    found = overlaps(texts) + touched(view, texts) + too_faint(view, texts, image)
    return found + (cut_off(view, texts) if where == "at fit" else [])


@pytest.fixture(autouse=True)
def light_again(qapp):
    yield
    theme.manager().choose("light")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", NAMES)
def test_every_text_can_be_read(stage, name, monkeypatch):
    made = opened(stage, name)
    view, wrong = made.view, []
    for size, pixels in SIZES.items():
        view.resize(*pixels)
        for where in distances(made, size):
            for look in LOOKS[size]:
                theme.manager().choose(look)
                made.rest()
                QApplication.processEvents()
                wrong += [f"{size}, {where}, {look}: {what}" for what in faults(view, where, monkeypatch)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.skipif(TWICE, reason="this is that process")
@pytest.mark.timeout(1200)
def test_every_text_can_be_read_on_a_screen_of_twice_the_density():
    walk = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        __file__,
        "-k",
        "every_text_can_be_read and not twice",
    ]
    done = subprocess.run(
        walk, env=os.environ | {"QT_SCALE_FACTOR": "2"}, capture_output=True, text=True, timeout=1100
    )
    assert done.returncode == 0, done.stdout[-4000:]


def test_the_walk_finds_a_label_that_is_too_long(stage, monkeypatch):
    made = opened(stage, "circle")
    assert faults(made.view, "at fit", monkeypatch) == []
    long = "thirteen values of the first layer, each of them between minus one and plus one"
    monkeypatch.setattr(FlowLabel, "_fitting", lambda _label, _limit, _room: long)
    made.view.canvas.bundles["dense-1", "dense-2"].set_shape("13 values")
    found = faults(made.view, "at fit", monkeypatch)
    assert any("thirteen" in fault and "lies over" in fault for fault in found)


def test_the_walk_finds_a_label_that_is_too_faint(stage, monkeypatch):
    made = opened(stage, "circle")
    pale = replace(made.view.look, theme=replace(made.view.look.theme, secondary="#A0A8B0"), fonts={})
    made.view.canvas.set_look(pale)
    assert any("too faint" in fault for fault in faults(made.view, "at fit", monkeypatch))


def test_the_walk_finds_a_label_at_the_edge(stage, monkeypatch):
    made = opened(stage, "circle")
    made.view.canvas.headers["input"].set_texts("A disc inside a ring, 500 points", "2 inputs", None)
    made.view.camera._look(1.0, QPointF(520, 340))
    made.rest()
    assert any("cut off" in fault for fault in faults(made.view, "at fit", monkeypatch))


def test_every_wire_says_its_shape_and_every_layer_its_parameters(stage):
    made = stage("circle")
    canvas = made.view.canvas
    assert canvas.bundles["dense-1", "dense-2"].shape_text == "4 values"
    assert canvas.layers["dense-2"].foot == "10 parameters"
    assert canvas.layers["input"].foot == ""


def test_a_wire_that_skips_layers_passes_below_them(stage):
    made = opened(stage, "residual")
    canvas = made.view.canvas
    (skip,) = [item for item in canvas.plain.values() if item.below is not None]
    assert all(skip.below > item.box.body.bottom for item in canvas.layers.values() if item.box.shape is None)
    assert made.view.mapFromScene(QPointF(0, skip.below)).y() < made.view.viewport().height()


def test_what_flows_is_written_between_the_neurons_of_a_crowded_network(stage):
    made = opened(stage, "circle")
    document = made.document
    for _ in range(2):
        document.apply(
            insert(document.project, "input", document.project.design.targets("input")[0], "dense")
        )
    made.view.transition.stop()
    made.rest()
    layers = made.view.canvas.layers
    for (source, target), item in made.view.canvas.bundles.items():
        label, a, b = item.label_rect(), layers[source].box.body, layers[target].box.body
        assert label.isEmpty() or (label.left() >= a.right and label.right() <= b.x), (source, target)
