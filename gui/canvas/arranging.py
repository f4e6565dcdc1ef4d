"""Arranging layers: duplicate, cut, copy and paste as text, select all, tidy up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from engine.design import Project
from engine.edits import clipboard
from engine.edits.arrangement import Position, tidy, with_positions
from engine.edits.outcome import Edit, Outcome
from engine.edits.removal import delete
from engine.files import clipboard as texts
from engine.files.atomic import write_atomically
from engine.layers.dense import Input
from gui.canvas.picture import image_of, svg_of
from gui.canvas.rects import to_qt
from gui.canvas.view import CanvasView
from gui.document.selection import Picked

_APART = 24.0
"""Scene units between pasted layers and what they keep clear of."""


class Arranging(QObject):
    """Commands on the selected layers.

    Signals:
        cannot(str): why something cannot be done; told(str): what was done, where nothing shows it.
    """

    cannot = Signal(str)
    told = Signal(str)

    def __init__(self, view: CanvasView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._document = view.document

    # -- what is selected

    def chosen(self) -> list[str]:
        """The ids of the layers that are selected, or whose neurons are, in the design's order."""
        picked = {p.layer for p in self._document.selection.picked}
        return [spec.id for spec in self._document.project.design.layers if spec.id in picked]

    def select_all(self) -> None:
        """Select every layer."""
        layers = self._document.project.design.layers
        self._document.selection.select(*(Picked(spec.id) for spec in layers))

    # -- the clipboard

    def copy(self) -> bool:
        """Put the selected layers on the clipboard, as text that can be pasted into a mail."""
        names = self.chosen()
        if not names:
            self.cannot.emit(self.tr("Nothing is selected; click a layer's title first."))
            return False
        text = texts.to_text(self._document.project.design, names, self._places(names))
        QGuiApplication.clipboard().setText(text)
        return True

    def cut(self) -> None:
        """Copy, then remove."""
        project, names = self._document.project, self.chosen()
        if not self.copy():
            return
        if any(isinstance(project.design.layer(name), Input) for name in names):
            self.cannot.emit(self.tr("The input layer belongs to the data; it was copied, and it stays."))
            names = [name for name in names if not isinstance(project.design.layer(name), Input)]
        if names:
            outcome = delete(project, names)
            if isinstance(outcome, Edit):
                outcome = replace(outcome, text=outcome.text.replace("remove", "cut", 1))
            self._do(outcome)

    def paste(self) -> None:
        """Put the layers on the clipboard under the mouse, or into the middle of the picture."""
        text = QGuiApplication.clipboard().text()
        if not text.strip():
            self.cannot.emit(self.tr("There is nothing to paste; copy layers first."))
            return
        self._do(texts.paste(self._document.project, text, self._target()))

    def duplicate(self) -> None:
        """The selected layers once more, beside their models."""
        project, names = self._document.project, self.chosen()
        names = [name for name in names if not isinstance(project.design.layer(name), Input)]
        if not names:
            self.cannot.emit(self.tr("Select the layers to duplicate first; an input is there once only."))
            return
        seen = replace(project, positions=(*self._others(project, names), *self._places(names)))
        outcome = clipboard.duplicate(seen, names)
        if isinstance(outcome, Edit):
            placed = {place[0] for place in project.positions} | set(outcome.added)
            kept = tuple(place for place in outcome.project.positions if place[0] in placed)
            outcome = replace(outcome, project=replace(outcome.project, positions=kept))
        self._do(outcome)

    # -- pictures

    def copy_png(self) -> None:
        """Put what the canvas shows on the clipboard, as a picture."""
        QGuiApplication.clipboard().setImage(image_of(self._view))
        self.told.emit(self.tr("Copied the picture as PNG."))

    def ask_svg(self) -> None:
        """Ask where to write what the canvas shows, as SVG."""
        dialog = QFileDialog(self._view.window(), self.tr("Picture as SVG"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(self.tr("SVG pictures (*.svg)"))
        dialog.setDefaultSuffix("svg")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.write_svg)
        dialog.open()

    def write_svg(self, path: str) -> None:
        """Write what the canvas shows into a file, whole or not at all."""
        picture = svg_of(self._view, self._document.project.name)
        try:
            write_atomically(Path(path), lambda file: file.write(picture))
        except OSError as error:
            why = error.strerror or str(error)
            self.cannot.emit(self.tr("The picture could not be written: {why}.").format(why=why))

    # -- tidying

    def tidy(self) -> None:
        """Let the layers glide to where the layout puts them."""
        outcome = tidy(self._document.project)
        if isinstance(outcome, Edit):
            self._document.edit(outcome.text, outcome.project)

    # -- helpers

    def _do(self, outcome: Outcome) -> None:
        if isinstance(outcome, Edit):
            outcome = self._clear_of_others(outcome)
            self._document.edit(outcome.text, outcome.project)
            self._document.selection.select(*(Picked(name) for name in outcome.added))
        else:
            self.cannot.emit(outcome.sentence)

    def _clear_of_others(self, made: Edit) -> Edit:
        """The edit with what it adds put lower or further right, as far as it would lie on other layers."""
        boxes = self._view.planner.made_of(made.project).layout.boxes
        added = {name: (x, y) for name, x, y in made.project.positions if name in made.added}
        there = [to_qt(box.rect) for name, box in boxes.items() if name not in made.added]
        new = QRectF()
        for name in added:
            new = new.united(to_qt(boxes[name].rect))  # as a whole, or the one part would lie among the other
        shift = clear_shift(new, there)
        if shift.isNull():
            return made
        places = {name: (x + round(shift.x()), y + round(shift.y())) for name, (x, y) in added.items()}
        positions = with_positions(made.project, places)
        return replace(made, project=replace(made.project, positions=positions))

    def _places(self, names: list[str]) -> tuple[tuple[str, float, float], ...]:
        known = self._view.planner.places()
        return tuple((name, round(known[name][0]), round(known[name][1])) for name in names if name in known)

    def _others(self, project: Project, names: list[str]) -> tuple[tuple[str, float, float], ...]:
        return tuple(place for place in project.positions if place[0] not in names)

    def _target(self) -> Position:
        viewport = self._view.viewport()
        at = self._view.mouse if viewport.underMouse() else viewport.rect().center()
        point: QPointF = self._view.mapToScene(at)
        return round(point.x()), round(point.y())


def clear_shift(new: QRectF, there: list[QRectF]) -> QPointF:
    """By how much to move a rectangle so that it covers none of others, without spreading far."""
    if not any(new.intersects(b) for b in there):
        return QPointF()
    down = max((b.bottom() for b in there if _overlap(new, b, across=True)), default=new.top()) - new.top()
    right = max((b.right() for b in there if _overlap(new, b, across=False)), default=new.left()) - new.left()
    ways = QPointF(0.0, down + _APART), QPointF(right + _APART, 0.0)
    return min(ways, key=lambda by: _spread(new.translated(by), there))


def _spread(new: QRectF, there: list[QRectF]) -> float:
    """How many times as wide or as high the picture becomes with a rectangle more."""
    whole = QRectF()
    for rect in there:
        whole = whole.united(rect)
    larger = whole.united(new)
    return max(larger.width() / whole.width(), larger.height() / whole.height())


def _overlap(a: QRectF, b: QRectF, *, across: bool) -> bool:
    """Whether one would meet the other when moved down (across: their widths overlap) or to the right."""
    if across:
        return a.left() < b.right() and b.left() < a.right()
    return a.top() < b.bottom() and b.top() < a.bottom()
