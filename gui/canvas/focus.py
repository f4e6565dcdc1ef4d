"""What is in focus: the neuron under the mouse or selected, its fan, its card, the way to the next one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF

from engine.datasets.base import Data
from engine.design import Project
from gui.canvas.boxes import LayerBox
from gui.canvas.cards import card_text
from gui.canvas.items.layer import NAME_ROOM
from gui.canvas.kernelcells import kernel_side, kernel_weight
from gui.canvas.rects import to_qt
from gui.document.selection import Picked
from gui.widgets.numbers import number_text

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView

_EVERY = 0.15  # seconds between two paintings of the fan and the card while it plays


class Focus:
    """Keeps fan, rings and card with the document's selection and hover."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self._painted_at = 0.0
        self._shown: tuple[str | None, int | None] = (None, None)

    @property
    def subject(self) -> Picked | None:
        """What is hovered, else what is selected."""
        selection = self._view.document.selection
        if self._has_kernels(selection.current):
            return selection.current  # its card stays, or its cells could not be reached
        return selection.hovered or selection.current

    def update(self) -> None:
        """The selection or the mouse has changed, or the layout."""
        canvas, selection = self._view.canvas, self._view.document.selection
        layer, unit = self._fan_of(selection.hovered) or self._fan_of(selection.current) or (None, None)
        if (layer, unit) != self._shown or layer is not None:
            self._shown = layer, unit
            canvas.focus(layer, unit, self._view.maps.region_of)
        marks: dict[str, set[tuple[int, str]]] = {}
        for picked, how in ((selection.hovered, "hover"), *((p, "selected") for p in selection.picked)):
            if picked is not None and picked.unit is not None:
                marks.setdefault(picked.layer, set()).add((picked.unit, how))
                if picked.source is not None and not self._has_kernels(picked):
                    marks.setdefault(picked.source_layer, set()).add((picked.source, "hover"))
        for key, item in canvas.layers.items():
            item.mark(marks.get(key, set()))
        for key, header in canvas.headers.items():
            header.selected = any(p == Picked(key) for p in selection.picked)
            header.update()
        for key, block in canvas.blocks.items():
            block.selected = any(p.layer == key for p in selection.picked)
            block.update()
        self._show_card()

    def rebuild(self) -> None:
        """The zoom is another one."""
        if self.shows_fan:
            self._view.canvas.fan.rebuild(self._view.maps.region_of)
        self._show_card()

    def repaint(self, now: float) -> None:
        """Numbers are new."""
        if now - self._painted_at < _EVERY:
            return
        self._painted_at = 0.0 if now == math.inf else now
        if self.shows_fan:
            self._view.canvas.fan.repaint_values()
        self._show_card()

    def limit_text(self) -> str:
        """The limit of the scale of the synapses that are hovered, "" where there are several or none."""
        subject = self._view.document.selection.hovered
        if subject is None or subject.unit is None:
            return ""
        of_synapse = subject.source_layer, subject.layer
        limits = {
            number_text(item.color_scale.limit, 2)
            for wire, item in self._view.canvas.bundles.items()
            if (subject.layer in wire if subject.source is None else wire == of_synapse)
        }
        return limits.pop() if len(limits) == 1 else ""

    @property
    def shows_fan(self) -> bool:
        """Whether a neuron's synapses are drawn alone, each as it is."""
        return self._shown[0] is not None

    def _fan_of(self, picked: Picked | None) -> tuple[str, int] | None:
        if picked is None or picked.unit is None or picked.layer not in self._view.canvas.layers:
            return None
        if picked.source is not None and self._view.document.selection.current is None:
            return None
        return picked.layer, picked.unit

    def _has_kernels(self, picked: Picked | None) -> bool:
        if picked is None or picked.unit is None or picked.unit < 0:
            return False
        return kernel_side(self._view.document.project.design, picked.layer) > 0

    # -- the card

    def pick_kernel(self, weight: int) -> None:
        """A cell of the selected filter's kernels was clicked."""
        current, selection = self._view.document.selection.current, self._view.document.selection
        if current is not None and current.unit is not None:
            selection.hover(None)
            selection.select(kernel_weight(self._view.document.project.design, current, weight))
            self._view.setFocus()

    def _show_card(self) -> None:
        card, subject, frame = self._view.card, self.subject, self._view.frame
        text = None if subject is None or frame is None else card_text(frame, subject)
        rect = None if subject is None else self._rect_of(subject)
        if text is None or rect is None:
            card.hide()
            return
        if text != card.text:
            card.show_text(text)
        card.set_live(text.kernels is not None and subject == self._view.document.selection.current)
        self.place_card()
        card.show()

    def place_card(self) -> None:
        """Put the card beside its subject and the pill at its foot, clear of answers and fan if it can be."""
        subject, view = self.subject, self._view
        rect = None if subject is None else self._rect_of(subject)
        if subject is None or rect is None:
            return
        others, pill = [], view.byhand.pill
        output = view.canvas.output
        if output is not None:
            body = output.box.body
            place = output.sceneBoundingRect().united(to_qt(body))
            others.append(view.mapFromScene(place).boundingRect())
        if not pill.isHidden():
            others.append(pill.geometry())
            if subject.source is None and subject == view.document.selection.current:
                rect = rect.united(pill.geometry())
        view.card.place_beside(rect, view.room, (*others, *self._fed_from(subject)))

    def _fed_from(self, picked: Picked) -> list[QRect]:
        """Where what feeds a neuron lies, and the synapses between: they are looked at beside its card."""
        view, scene = self._view, self._scene_rect(picked)
        if picked.source is not None or scene is None:
            return []
        layers = view.canvas.layers
        sources = (layers[i].box for i in view.document.project.design.sources(picked.layer) if i in layers)
        fan = [to_qt(box.body).united(scene) for box in sources]
        return [view.mapFromScene(rect).boundingRect() for rect in fan]

    def _rect_of(self, picked: Picked) -> QRect | None:
        """Where something is in the viewport; None if it is not in view."""
        scene = self._scene_rect(picked)
        if scene is None:
            return None
        rect = self._view.mapFromScene(scene).boundingRect()
        return rect if rect.intersects(self._view.viewport().rect()) else None

    def _scene_rect(self, picked: Picked) -> QRectF | None:
        item = self._view.canvas.layers.get(picked.layer)
        if item is None or picked.unit is None:
            return None
        if picked.source is not None and picked == self._view.document.selection.hovered:
            mouse = self._view.mapToScene(self._view.mouse)
            return QRectF(mouse.x() - 8, mouse.y() - 8, 16, 16)
        return _unit_rect(item.box, picked.unit)

    def selected_rect(self) -> QRectF | None:
        """What is selected, in scene units, with room around; None if nothing is."""
        rects = []
        for picked in self._view.document.selection.picked:
            item = self._view.canvas.layers.get(picked.layer)
            if item is None:
                continue
            if picked.unit is None:
                ends = (item, self._view.canvas.layers.get(picked.source_layer))  # of a wire
                rects += [to_qt(end.box.rect) for end in ends if end is not None]
            else:
                rect = _unit_rect(item.box, picked.unit)
                if rect is not None:
                    rects.append(rect.adjusted(-60, -60, 60, 60))
        whole = QRectF()
        for rect in rects:
            whole = whole.united(rect)
        return whole if rects else None

    # -- the keyboard

    def walk(self, key: int) -> bool:
        """Arrows walk to the next neuron or layer; whether the key was one."""
        steps = {
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
        }
        if key not in steps:
            return False
        across, down = steps[Qt.Key(key)]
        boxes = self._view.canvas.layers
        current = self._view.document.selection.current
        if current is None or current.layer not in boxes:
            first = next((k for k, i in boxes.items() if i.box.shape is None and len(i.box.units)), None)
            if first is not None:
                self._choose(first, int(boxes[first].box.units[0]))
            return True
        box = boxes[current.layer].box
        unit = current.unit if current.unit is not None and current.unit >= 0 else int(box.units[0])
        if across:
            self._cross(box, unit, across)
        else:
            self._descend(box, unit, down)
        return True

    def _descend(self, box: LayerBox, unit: int, down: int) -> None:
        step = down * (box.shape[1] if box.shape is not None else 1)
        rows = box.units.tolist()
        row = rows.index(unit) if unit in rows else 0
        self._choose(box.id, rows[min(max(row + step, 0), len(rows) - 1)])

    def _cross(self, box: LayerBox, unit: int, across: int) -> None:
        """To the neighboring layer, the unit nearest in height."""
        if box.shape is not None:
            column = unit % box.shape[1] + across
            if 0 <= column < box.shape[1]:
                self._choose(box.id, unit + across)
                return
        design = self._view.document.project.design
        neighbors = design.targets(box.id) if across > 0 else design.sources(box.id)
        items = self._view.canvas.layers
        if not neighbors or neighbors[0] not in items:
            return
        other = items[neighbors[0]].box
        rows = box.units.tolist()
        y = box.centers[rows.index(unit) if unit in rows else 0][1]
        distance = abs(other.centers[:, 1] - y) - other.centers[:, 0] * 1e-6
        self._choose(other.id, int(other.units[int(distance.argmin())]))

    def _choose(self, layer: str, unit: int) -> None:
        self._view.document.selection.hover(None)
        self._view.document.selection.select(Picked(layer, unit))

    # -- measures

    def label_width(self, project: Project, data: Data | None) -> float:
        """How much room the answers beside the outputs need."""
        scale = self._view.look.theme.scale
        if data is not None and data.task == "regression":
            return 150 * scale
        if data is None:
            return 140 * scale
        names = data.class_names
        measure = QFontMetricsF(self._view.look.text(bold=True))
        widest = max((measure.horizontalAdvance(name) for name in names), default=10.0)
        return min(widest, 110.0) + 130 * scale

    def name_width(self, data: Data | None) -> float:
        """How much room the names of the inputs need."""
        if data is None or data.image_shape is not None:
            return 0.0
        measure = QFontMetricsF(self._view.look.small())
        return min(max(measure.horizontalAdvance(n) for n in data.feature_names) + 8.0, NAME_ROOM)


def _unit_rect(box: LayerBox, unit: int) -> QRectF | None:
    """The place of a visible unit (−1: the bias), None if it is folded away."""
    if unit < 0:
        if box.bias is None:
            return None
        (x, y), r = box.bias, box.bias_radius
    else:
        rows = (box.units == unit).nonzero()[0]
        if not len(rows):
            return None
        (x, y), r = box.centers[rows[0]], box.radius + 6
    return QRectF(x - r, y - r, 2 * r, 2 * r)
