"""Selecting: hovering shows a neuron's fan and card, a click keeps it; likewise synapses and headers."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from engine.design import units_of
from gui.canvas.boxes import LayerBox
from gui.canvas.handles import absent_at
from gui.canvas.look import tr
from gui.canvas.picking import bias_at, unit_at
from gui.canvas.strokes import nearest
from gui.canvas.surface import is_sparse
from gui.canvas.tools.base import Tool
from gui.canvas.tools.move import ADDING
from gui.document.selection import Picked

_TOLERANCE = 6.0  # pixels beside a synapse that still count


class SelectTool(Tool):
    """Neurons, biases, pixels, synapses and layers."""

    cursor = Qt.CursorShape.PointingHandCursor

    def hint(self, point: QPointF) -> str:
        picked = self.pick(point)
        self.view.document.selection.hover(picked)
        if picked is None:
            return ""
        if picked.source is not None:
            return tr("click: select this synapse, to drag its weight")
        return tr("click: select this layer") if picked.unit is None else tr("click: select this neuron")

    def press(self, event: QMouseEvent, point: QPointF) -> bool:
        picked = self.pick(point)
        if picked is None or event.button() != Qt.MouseButton.LeftButton:
            return False
        selection = self.view.document.selection
        if not event.modifiers() & ADDING:
            selection.select(picked)
        elif picked in selection.picked:
            selection.select(*(p for p in selection.picked if p != picked))
        else:
            selection.select(*selection.picked, picked)
        return True

    def leave(self) -> None:
        self.view.document.selection.hover(None)

    def pick(self, point: QPointF) -> Picked | None:
        """What lies at a point: neurons before synapses before headers."""
        x, y = point.x(), point.y()
        if self.view.canvas.far >= 0.5:
            found = next((k for k, b in self.view.canvas.blocks.items() if b.block().contains(point)), None)
            return None if found is None else Picked(found)
        for item in self.view.canvas.layers.values():
            unit = unit_at(item.box, x, y)
            if unit is not None:
                return Picked(item.box.id, unit if item.box.maps is None or self._counts(item.box) else None)
            if bias_at(item.box, x, y):
                return Picked(item.box.id, -1)
        synapse = self._synapse_at(x, y)
        if synapse is not None:
            return synapse
        for header in self.view.canvas.headers.values():
            if header.grip_at(x, y):
                return Picked(header.box.id)
        return None

    def _counts(self, box: LayerBox) -> bool:
        """Whether its maps are channels of its own, which can be selected, as a convolution's."""
        spec = self.view.document.project.design.layer(box.id)
        return len(units_of(spec)) == len(box.units) + box.hidden

    def _synapse_at(self, x: float, y: float) -> Picked | None:
        """A single synapse: of a sparse bundle, or of the selected neuron's fan."""
        tolerance = _TOLERANCE / self.view.camera.zoom
        for item, ids in self._pickable():
            bundle = item.bundle
            starts, ends = bundle.starts, bundle.ends
            if ids is not None:
                starts, ends = starts[ids], ends[ids]
            found = nearest(starts, ends, x, y, is_sparse(bundle), tolerance)
            if found is not None:
                k = found if ids is None else int(ids[found])
                return Picked(bundle.target, int(bundle.unit[k]), int(bundle.source_unit[k]), bundle.source)
        return absent_at(self.view.canvas, x, y, tolerance, self.view.document.selection.current)

    def _pickable(self):  # type: ignore[no-untyped-def]
        current = self.view.document.selection.current
        if current is not None and current.unit is not None and self.view.canvas.fan.parts:
            return [(part.item, part.ids) for part in self.view.canvas.fan.parts]
        return [(item, None) for item in self.view.canvas.bundles.values() if is_sparse(item.bundle)]
