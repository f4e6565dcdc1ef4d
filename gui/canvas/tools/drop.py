"""Dropping: while something is dragged over the canvas a ghost shows what letting go would do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMimeData, QPointF, QRectF

from engine.datasets import DATASETS, Data
from engine.datasets.files import DATA_ENDINGS
from engine.design import Project
from engine.edits.arrangement import with_positions
from engine.edits.outcome import Edit, Outcome
from engine.examples import EXAMPLES
from engine.files import SUFFIX
from engine.layers import LAYERS
from gui.canvas.boxes import LayerBox, Layout
from gui.canvas.dropping import APART, Drop, decide, decide_architecture, put_at
from gui.canvas.items.ghost import GhostItem
from gui.canvas.look import tr
from gui.canvas.rects import to_qt
from gui.document.selection import Picked
from gui.widgets.dragging import ARCHITECTURE, DATA, EXAMPLE, LAYER, payload_of

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView

FILE = "file"


class DropTool:
    """Takes layers, architectures, examples, data sets and files.

    Attributes:
        ghost: what is shown while something is dragged; its words keep clear of what covers the canvas.
    """

    def __init__(self, view: CanvasView) -> None:
        self.view = view
        self.ghost = GhostItem(view.look)
        self._data_at: tuple[str, QPointF] | None = None  # which data was dropped where, while it is loaded
        view.canvas.addItem(self.ghost)

    def accepts(self, mime: QMimeData) -> bool:
        """Whether something like this can be dropped here at all."""
        return bool(_what(mime)[0])

    def over(self, mime: QMimeData, point: QPointF) -> str:
        """Show what a drop here would do; returns the sentence."""
        if not self.ghost.isVisible():
            self.view.viewport().update()  # the words on an empty canvas make room
        what, name = _what(mime)
        drop = self._decide(what, name, point)
        self.ghost.room = self._room()
        if drop is None:
            sentence, refused = self._opening(what, name)
            self.ghost.show_ghost(point, sentence, refused=refused, box=False)
        else:
            items, sentence = self.view.canvas.layers, drop.sentence
            self.ghost.show_ghost(
                point,
                sentence,
                starts=[QPointF(i.box.body.right, i.box.body.center[1]) for i in _known(items, drop.sources)],
                ends=[QPointF(i.box.body.x, i.box.body.center[1]) for i in _known(items, drop.targets)],
                refused=drop.how == "refuse",
                box=drop.how != "build",
            )
        self.view.status_text.emit(tr("{what} · Esc: cancel").format(what=sentence))
        return sentence

    def _room(self) -> QRectF:
        """What is to be seen of the scene."""
        room = self.view.room.adjusted(8, 8, -8, -8)
        return self.view.mapToScene(room).boundingRect()

    def leave(self) -> None:
        """It went elsewhere, or was given up."""
        self.ghost.hide()
        self.view.viewport().update()
        self.view.status_text.emit("")

    def drop(self, mime: QMimeData, point: QPointF) -> None:
        """It was let go."""
        self.leave()
        what, name = _what(mime)
        drop = self._decide(what, name, point)
        if drop is None:
            sentence, refused = self._opening(what, name)
            if refused:
                self.view.document.refused.emit(sentence)
            else:
                self._data_at = (name, point) if what == DATA else None
                self.view.dropped.emit(what, name)
            return
        drop = put_at(drop, self.view.document.project, self._arranged, point.x(), point.y())
        made = self.view.document.apply(drop.outcome)
        if made is not None and made.added:
            self.view.document.selection.select(Picked(made.added[0]))
            self.view.setFocus()

    def placed(self, made: Outcome, data: Data) -> Outcome:
        """The edit with the input of new data where they were dropped, or left of what it would cover.

        In a network without one; where nothing was put anywhere by hand, its place is left to the layout.
        """
        dropped, self._data_at = self._data_at, None
        if not isinstance(made, Edit) or not made.added or len(made.project.design.layers) == 1:
            return made
        boxes = self.view.planner.made_of(made.project, data).layout.boxes
        new = boxes[made.added[0]]
        at = QPointF(*new.body.center)
        if dropped is not None and dropped[0] == data.config.name:
            at = dropped[1]
        elif not made.project.positions:
            return made
        by = at - QPointF(*new.body.center)
        made = _moved(made, new, by)
        boxes = self.view.planner.made_of(made.project, data).layout.boxes  # others take its room
        there = [to_qt(box.rect) for name, box in boxes.items() if name != new.id]
        return _moved(made, boxes[new.id], QPointF(_left_of(to_qt(boxes[new.id].rect), there), 0.0))

    def _arranged(self, project: Project) -> Layout:
        return self.view.planner.made_of(project).layout

    def _decide(self, what: str, name: str, point: QPointF) -> Drop | None:
        """The edit that it means; None if it opens something."""
        project, plan = self.view.document.project, self.view.canvas.plan
        known = self.view.controller.data_of(project)
        name, _, activation = name.partition("/")
        if what == LAYER and name in LAYERS and plan is not None:
            fields: dict[str, Any] = {"activation": activation} if activation else {}
            if name == "input" and known is not None:
                fields = {"shape": (known.features,)}
            return decide(project, plan.layout, name, point.x(), point.y(), **fields)
        if what == ARCHITECTURE:
            if known is None:
                return decide_architecture(project, name, None)
            shape = None if project.design.input is not None else (known.features,)
            return decide_architecture(project, name, known.outputs, shape)
        return None

    def _opening(self, what: str, name: str) -> tuple[str, bool]:
        """What opening it would do, and whether that is impossible."""
        if what == EXAMPLE and name in EXAMPLES:
            return tr("Open the example “{name}”").format(name=EXAMPLES[name].title), False
        if what == DATA and name in DATASETS:
            return tr("Train on the data “{name}”").format(name=DATASETS[name].label), False
        if what == FILE:
            return _file_sentence(name)
        return tr("Nothing can be done with this here; drag something from the lists at the left."), True


def _moved(made: Edit, box: LayerBox, by: QPointF) -> Edit:
    """The edit with a layer put at some distance from where it is."""
    place = (round(box.anchor[0] + by.x()), round(box.anchor[1] + by.y()))
    positions = with_positions(made.project, {box.id: place})
    return replace(made, project=replace(made.project, positions=positions))


def _left_of(new: QRectF, there: list[QRectF]) -> float:
    """By how much to move an input so that it covers nothing: to the left, where a network begins."""
    if not any(new.intersects(rect) for rect in there):
        return 0.0
    beside = [rect for rect in there if rect.top() < new.bottom() and new.top() < rect.bottom()]
    return min(rect.left() for rect in beside) - APART - new.right()


def _file_sentence(name: str) -> tuple[str, bool]:
    if not name:
        return tr("Drop one file of this computer at a time."), True
    path = Path(name)
    if path.is_dir():
        return tr("“{name}” is a folder; drop a project or a data file.").format(name=path.name), True
    if not path.name.lower().endswith((SUFFIX, *DATA_ENDINGS)):
        sentence = tr("“{name}” is neither a project nor data; drop a file that ends in {endings}.")
        return sentence.format(name=path.name, endings=", ".join((SUFFIX, *DATA_ENDINGS))), True
    return tr("Open “{name}”").format(name=path.name), False


def _what(mime: QMimeData) -> tuple[str, str]:
    what, name = payload_of(mime)
    if not what and mime.hasUrls():
        urls = mime.urls()
        local = len(urls) == 1 and urls[0].isLocalFile()
        return FILE, urls[0].toLocalFile() if local else ""
    return what, name


def _known(items: dict[str, Any], layers: tuple[str, ...]) -> list[Any]:
    return [items[layer] for layer in layers if layer in items]
