"""Wiring: from port to port with a rubber line, or with the keyboard; and wires picked by a click."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainterPathStroker
from PySide6.QtWidgets import QMenu

from engine.edits import Edit
from engine.edits.names import listed, title
from engine.edits.wires import can_connect, connect, merge_options
from engine.layers import LAYERS
from engine.layers.dense import Input
from gui.canvas.items.ghost import GhostItem
from gui.canvas.items.ports import IN, OUT, Port, PortsItem, port_at
from gui.canvas.look import tr
from gui.canvas.tools.base import Tool
from gui.canvas.tools.pan import PanTool
from gui.document.selection import Picked

_AROUND = 26.0  # scene units around a layer within which its ports are shown
_CLICK = 3
_TOLERANCE = 7.0
_NEXT = (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Tab)
_PREVIOUS = (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Backtab)


class WireTool(Tool):
    """Draws wires.

    Attributes:
        ports: what is shown near the mouse; line: the rubber line with what it would do.
        menu: offers Add or Concatenate while a second wire waits for it, else None.
        origin: the layer from which the keyboard wires, "" while it does not.
    """

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, view) -> None:  # type: ignore[no-untyped-def]
        super().__init__(view)
        self.ports, self.line = PortsItem(view.look), GhostItem(view.look)
        view.canvas.addItem(self.ports)
        view.canvas.addItem(self.line)
        self.menu: QMenu | None = None
        self.origin = ""
        self._from: Port | None = None
        self._goal = ""
        view.document.selection.changed.connect(self._on_selection)
        view.document.project_changed.connect(self.cancel)
        view.document.replaced.connect(self.cancel)

    # -- the mouse

    def hint(self, point: QPointF) -> str:
        self._show_ports(point)
        if self.ports.hot is None:
            return ""
        layer, side = self.ports.hot
        name = title(self.view.document.project.design, layer)
        if side == OUT:
            return tr("drag: wire {layer} to another layer").format(layer=name)
        return tr("drag: wire another layer to {layer}").format(layer=name)

    def press(self, event: QMouseEvent, point: QPointF) -> bool:
        self._show_ports(point)
        if self.ports.hot is None or event.button() != Qt.MouseButton.LeftButton:
            return False
        self._from = self.ports.hot
        return True

    def move(self, event: QMouseEvent, point: QPointF) -> None:
        if self._from is None:
            return
        self._show_ports(point)
        layer, side = self._from
        other = self._layer_at(point, layer)
        self._show_line(layer, side, other, point)

    def release(self, event: QMouseEvent, point: QPointF) -> None:
        begun, self._from = self._from, None
        self.line.hide()
        if begun is None:
            return
        layer, side = begun
        other = self._layer_at(point, layer)
        if other:
            self._connect(*((layer, other) if side == OUT else (other, layer)))

    def cancel(self, *_changed: object) -> None:
        self._from, self.origin, self._goal = None, "", ""
        self.line.hide()
        self.ports.show_ports({}, None)

    def leave(self) -> None:
        if self._from is None:
            self.ports.show_ports({}, None)

    def _show_ports(self, point: QPointF) -> None:
        shown: dict[Port, QPointF] = {}
        design = self.view.document.project.design
        for key, item in self.view.canvas.layers.items():
            b = item.box.body
            near = b.x - _AROUND <= point.x() <= b.right + _AROUND
            if near and item.box.rect.y <= point.y() <= item.box.rect.bottom:
                shown[key, OUT] = port_at(item.box, OUT)
                if not isinstance(design.layer(key), Input):
                    shown[key, IN] = port_at(item.box, IN)
        self.ports.show_ports(shown, None)
        self.ports.show_ports(shown, self.ports.near(point, self.view.zoom))

    def _layer_at(self, point: QPointF, origin: str) -> str:
        for key, item in self.view.canvas.layers.items():
            b = item.box.body
            near = b.x - _AROUND <= point.x() <= b.right + _AROUND
            if key != origin and near and item.box.rect.y <= point.y() <= item.box.rect.bottom:
                return key
        return ""

    def _show_line(self, layer: str, side: str, other: str, point: QPointF) -> None:
        boxes = self.view.canvas.layers
        start = port_at(boxes[layer].box, side)
        sentence, refused, end = tr("Drop it on another layer."), False, point
        if other:
            ends = (layer, other) if side == OUT else (other, layer)
            sentence, refused = self.would(*ends)
            end = port_at(boxes[other].box, IN if side == OUT else OUT)
        if side == OUT:
            self.line.show_ghost(end, sentence, starts=[start], refused=refused, box=False)
        else:
            self.line.show_ghost(end, sentence, ends=[start], refused=refused, box=False)
        self.view.status_text.emit(tr("{what} · Esc: cancel").format(what=sentence))

    def would(self, source: str, target: str) -> tuple[str, bool]:
        """What wiring two layers would do, and whether it is impossible."""
        design = self.view.document.project.design
        refusal = can_connect(design, source, target)
        if refusal is not None:
            return refusal, True
        names = {"source": title(design, source), "target": title(design, target)}
        options = merge_options(design, source, target)
        if options:
            ways = listed(LAYERS[kind].label for kind in options).replace(" and ", tr(" or "))
            text = tr("Connect {source} to {target}, merged by {ways}")
            return text.format(**names, ways=ways), False
        return tr("Connect {source} to {target}").format(**names), False

    def _connect(self, source: str, target: str) -> None:
        document = self.view.document
        outcome = connect(document.project, source, target)
        if isinstance(outcome, Edit) or not outcome.options:
            document.apply(outcome)
            return
        self._offer(source, target, outcome.options)

    def _offer(self, source: str, target: str, options: tuple[str, ...]) -> None:
        """A second wire: by Add or by Concatenate."""
        menu = QMenu(self.view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for kind in options:
            action = menu.addAction(
                tr("{way}: {about}").format(way=LAYERS[kind].label, about=LAYERS[kind].summary)
            )
            action.triggered.connect(
                lambda _on=False, kind=kind: self.view.document.apply(
                    connect(self.view.document.project, source, target, merge=kind)
                )
            )
        self.menu = menu
        menu.aboutToHide.connect(self._forget_menu)
        port = port_at(self.view.canvas.layers[target].box, IN)
        at: QPoint = self.view.viewport().mapToGlobal(self.view.mapFromScene(port))
        menu.popup(at)
        menu.setActiveAction(menu.actions()[0])

    def _forget_menu(self) -> None:
        self.menu = None

    # -- the keyboard

    def begin(self) -> None:
        """Wire from the selected layer: arrows or a click choose the other one, Enter connects."""
        current = self.view.document.selection.current
        if current is None or current.layer not in self.view.canvas.layers:
            self.view.document.refused.emit(tr("Select the layer first from which the wire shall lead."))
            return
        self.view.setFocus()
        self.origin = current.layer
        others = self._others()
        design = self.view.document.project.design
        fitting = [k for k in others if can_connect(design, self.origin, k) is None]
        self._aim((fitting or others or [""])[0])

    def key(self, event: QKeyEvent) -> bool:
        """Whether a key was for wiring."""
        if not self.origin:
            return False
        others, key = self._others(), Qt.Key(event.key())
        at = others.index(self._goal) if self._goal in others else 0
        if key in _NEXT and others:
            self._aim(others[(at + 1) % len(others)])
        elif key in _PREVIOUS and others:
            self._aim(others[(at - 1) % len(others)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._goal:
            source, target = self.origin, self._goal
            self.cancel()
            self.view.status_text.emit("")
            self._connect(source, target)
        elif key == Qt.Key.Key_Escape:
            self.cancel()
            self.view.status_text.emit("")
        else:
            return False
        return True

    def _others(self) -> list[str]:
        """The other layers, from left to right."""
        boxes = self.view.canvas.layers
        return sorted((k for k in boxes if k != self.origin), key=lambda k: boxes[k].box.body.center)

    def _aim(self, goal: str) -> None:
        self._goal = goal
        if not goal:
            self.view.status_text.emit(tr("There is no other layer to wire to."))
            return
        self._show_line(self.origin, OUT, goal, QPointF())
        sentence, _ = self.would(self.origin, goal)
        text = tr("{what} · arrows: another layer · Enter: connect · Esc: cancel")
        self.view.status_text.emit(text.format(what=sentence))

    def _on_selection(self) -> None:
        """A click on another layer chooses it."""
        current = self.view.document.selection.current
        if self.origin and current is not None and current.layer not in ("", self.origin):
            self._aim(current.layer)


class WirePickTool(PanTool):
    """A click on a wire selects it, so that Delete disconnects; a drag pans."""

    cursor = Qt.CursorShape.PointingHandCursor

    def __init__(self, view) -> None:  # type: ignore[no-untyped-def]
        super().__init__(view)
        self._picked: Picked | None = None
        for signal in (view.document.selection.changed, view.document.selection.hover_changed):
            signal.connect(self.mark)

    def hint(self, point: QPointF) -> str:
        picked = self.pick(point)
        if picked is None:
            return ""
        self.view.document.selection.hover(picked)
        return tr("click: select this wire · Delete: disconnect · drag: pan")

    def press(self, event: QMouseEvent, point: QPointF) -> bool:
        if event.button() != Qt.MouseButton.LeftButton or event.modifiers():
            return False
        self._picked = self.pick(point)
        return self._picked is not None and super().press(event, point)

    def release(self, event: QMouseEvent, point: QPointF) -> None:
        moved, picked = self._moved > _CLICK, self._picked
        super().release(event, point)
        if not moved and picked is not None:
            self.view.document.selection.select(picked)

    def pick(self, point: QPointF) -> Picked | None:
        """The wire at a point."""
        stroker = QPainterPathStroker()
        stroker.setWidth(2 * _TOLERANCE / self.view.camera.zoom)
        for (source, target), item in self.view.canvas.plain.items():
            if stroker.createStroke(item.path()).contains(point):
                return Picked(target, source_layer=source)
        for (source, target), bundle in self.view.canvas.bundles.items():
            if bundle.extent().contains(point) and bundle.outline().contains(point):
                return Picked(target, source_layer=source)
        return None

    def mark(self) -> None:
        """Show which wire is hovered, and which are selected."""
        selection, canvas = self.view.document.selection, self.view.canvas
        marks = {}
        if selection.hovered is not None and selection.hovered.is_wire:
            marks[selection.hovered.source_layer, selection.hovered.layer] = "hover"
        marks |= {(p.source_layer, p.layer): "selected" for p in selection.picked if p.is_wire}
        for key, bundle in canvas.bundles.items():
            bundle.set_mark(marks.get(key, ""))
        for key, plain in canvas.plain.items():
            plain.set_mark(marks.get(key, ""))
