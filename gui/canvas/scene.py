"""The scene: items for every layer and bundle of a plan, shown with the numbers of a frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QRectF
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene

from engine.layers.base import times
from engine.layers.weighted import Weighted
from engine.validation import Fault
from gui.canvas.aside.painter import Painter
from gui.canvas.boxes import IMAGE
from gui.canvas.coloring import Coloring
from gui.canvas.geometry import detour
from gui.canvas.items.badge import BadgeItem
from gui.canvas.items.block import BlockItem
from gui.canvas.items.bundle import BundleItem
from gui.canvas.items.fan import FanItem
from gui.canvas.items.header import HeaderItem
from gui.canvas.items.item import Item
from gui.canvas.items.layer import LayerItem
from gui.canvas.items.output import OutputItem
from gui.canvas.items.plain import PlainItem
from gui.canvas.items.plus import PlusItem
from gui.canvas.look import Look
from gui.canvas.near import SYNAPSES
from gui.canvas.plan import Plan, parameters_text
from gui.canvas.titles import counted, flowing, note
from gui.session.frame_clock import Frame

FACES = ("activation", "weights", "bias", "gradient")
REACH = 100_000.0  # half the side of the scene: pan as far as you like
_DOT = 5.0  # pixels: a neuron of less is no more than a dot
_UNREADABLE, _ALWAYS_FAR = 0.4, 0.6  # zoom: titles cannot be read any more
_FADE = 0.08  # of zoom, over which neurons become blocks
_FADED = 0.13  # what is left of the other synapses while one fan is shown


class CanvasScene(QGraphicsScene):
    """Items by layer id and by wire.

    Attributes:
        layers, headers, badges, blocks: by layer id; bundles, pluses, plain: by (source, target).
        output, fan: one each.
        plan: what is shown; coloring: in which numbers.
        far: how far away it is seen, from 0 (neurons) to 1 (blocks).
        insistent: whether what an unfinished network lacks is marked as a mistake.
        parting: whether items that the plan has no more are kept in `gone`, to fade away.
    """

    def __init__(self, look: Look, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.setSceneRect(QRectF(-REACH, -REACH, 2 * REACH, 2 * REACH))
        self.look = look
        self.plan: Plan | None = None
        self.layers: dict[str, LayerItem] = {}
        self.headers: dict[str, HeaderItem] = {}
        self.bundles: dict[tuple[str, str], BundleItem] = {}
        self.pluses: dict[tuple[str, str], PlusItem] = {}
        self.badges: dict[str, BadgeItem] = {}
        self.blocks: dict[str, BlockItem] = {}
        self.plain: dict[tuple[str, str], PlainItem] = {}
        self.far, self.zoom = 0.0, 1.0
        self.insistent = self.parting = False
        self.gone: list[QGraphicsItem] = []
        self.output: OutputItem | None = None
        self.fan = FanItem(look)
        self.addItem(self.fan)
        self.coloring = Coloring(self)
        self._dimmed = 1.0
        self._focused = self._zooming = False

    # -- structure

    def set_plan(self, plan: Plan) -> None:
        """Show this plan; items of layers that stay are kept."""
        self.plan = plan
        boxes, shown = plan.layout.boxes, set(self.layers)
        if not boxes or not self.layers:
            self._update_all()  # the view writes on an empty canvas how to begin
        self._sync(self.layers, boxes, lambda key: LayerItem(boxes[key], self.look))
        self._sync(self.headers, boxes, lambda key: HeaderItem(boxes[key], self.look))
        self._sync(self.blocks, boxes, lambda key: BlockItem(boxes[key], self.look))
        for key, box in boxes.items():
            if self.layers[key].box is box and key in shown:
                continue  # others are dragged
            self.layers[key].set_box(box)
            self.headers[key].set_box(box)
            self.blocks[key].set_box(box)
            self.blocks[key].set_lines(plan.lines(key))
            count = plan.summary.parameters.get(key, 0)
            self.layers[key].set_foot(parameters_text(count) if count else "")
        wires = {(b.source, b.target): b for b in plan.layout.bundles}
        self._sync(self.bundles, wires, lambda key: BundleItem(wires[key], self.look))
        self._sync(self.pluses, wires, lambda key: PlusItem(boxes[key[0]], boxes[key[1]], self.look))
        for wire, bundle in wires.items():
            if not self.bundles[wire].bundle.looks_like(bundle):
                self.bundles[wire].set_bundle(bundle)
            self.pluses[wire].set_boxes(boxes[wire[0]], boxes[wire[1]])
        for (source, target), item in self.bundles.items():
            item.set_ends(boxes[source], boxes[target])
            shape = plan.summary.shapes.get(source)
            item.set_shape(*("", "") if shape is None else (flowing(shape), counted(shape)))
        self._set_plain(plan)
        self._set_output(plan)
        self._set_badges(plan)
        self.set_zoom(self.zoom)

    def set_blank(self, layers: frozenset[str]) -> None:
        """Draw these layers without values: the design is unfinished, and nothing is known of them."""
        self.coloring.blank = layers
        for key in layers & self.layers.keys():
            self.layers[key].show_nothing()
        for (_, target), bundle in self.bundles.items():
            if target in layers:
                bundle.show_nothing()
        if self.output is not None and self.output.box.id in layers:
            self.output.show_rows(())

    def _sync(self, items: dict[Any, Any], wanted: Any, make: Callable[[Any], QGraphicsItem]) -> None:
        for key in [key for key in items if key not in wanted]:
            self._remove(items.pop(key))
        for key in wanted:
            if key not in items:
                items[key] = make(key)
                self.addItem(items[key])

    def _remove(self, item: QGraphicsItem) -> None:
        if self.parting:
            self.gone.append(item)
        else:
            self.removeItem(item)

    def take_gone(self) -> list[QGraphicsItem]:
        """What was kept of the plan before; whoever takes it removes it."""
        gone, self.gone = self.gone, []
        return gone

    def _set_plain(self, plan: Plan) -> None:
        boxes = plan.layout.boxes
        ends = {(a, b): (boxes[a], boxes[b]) for a, b in plan.plain}
        self._sync(self.plain, plan.plain, lambda key: PlainItem(*ends[key], self.look))
        for (source, target), item in self.plain.items():
            item.set_boxes(boxes[source], boxes[target], detour(boxes, source, target))
            shape = plan.summary.shapes.get(source)
            item.set_text("" if shape is None else times(shape))

    def set_zooming(self, zooming: bool) -> None:
        """While the zoom changes, keep no picture of what items paint: no other frame could use it."""
        if zooming == self._zooming:
            return
        self._zooming = zooming
        kept = QGraphicsItem.CacheMode
        mode = kept.NoCache if zooming else kept.DeviceCoordinateCache
        for group in (self.layers, self.headers, self.pluses):
            for item in group.values():
                item.setCacheMode(mode)
        if self.output is not None:
            self.output.setCacheMode(mode)

    def set_zoom(self, zoom: float) -> None:
        """Show neurons from near and blocks from far; between, the one fades into the other."""
        if zoom != self.zoom:
            self.set_zooming(True)
        self.zoom = zoom
        boxes = [item.box for item in self.layers.values() if item.box.kind != IMAGE]
        thinnest = min((2 * box.radius for box in boxes), default=10.0)
        limit = min(max(_DOT / thinnest, _UNREADABLE), _ALWAYS_FAR)
        self.far = min(max((limit + _FADE / 2 - zoom) / _FADE, 0.0), 1.0)
        near = 1.0 - self.far
        for header in self.headers.values():
            header.set_zoom(zoom)
        for plus in self.pluses.values():
            plus.set_zoom(zoom)
        for badge in self.badges.values():
            badge.set_zoom(zoom)
        for group in (self.layers, self.headers, self.pluses):
            for item in group.values():
                item.setOpacity(near)
                item.setVisible(near > 0)
        if self.output is not None:
            self.output.setOpacity(near)
            self.output.setVisible(near > 0)
        self.fan.setVisible(near > 0)
        for layer in self.layers.values():
            layer.set_zoom(zoom)
        for block in self.blocks.values():
            block.set_share(self.far)
        for (source, target), bundle in self.bundles.items():
            bundle.set_far(self.far)
            radius = min(self.layers[source].box.radius, self.layers[target].box.radius)
            bundle.set_near(2 * radius * zoom >= SYNAPSES * self.look.theme.scale, zoom)

    def set_seen(self, seen: QRectF, height: float, ratio: float) -> None:
        """What part of the scene is in view, at rest; a neuron that fills a third of its height opens.

        ratio: device pixels per pixel.
        """
        self._keep_what_fits(seen)
        for item in self.layers.values():
            item.settle(self.zoom, ratio)
            item.seen, item.equations_from = seen, height / 3
            if 2 * item.box.radius * self.zoom >= height / 3:
                item.update()

    def _keep_what_fits(self, seen: QRectF) -> None:
        """Keep no picture of what is larger than the view.

        Of that Qt keeps a part only, and forgets to paint that part anew if it moves and changes at once.
        """
        for item in (*self.layers.values(), *([self.output] if self.output is not None else [])):
            place, kept = item.rect(), QGraphicsItem.CacheMode
            fits = place.width() <= seen.width() and place.height() <= seen.height()
            mode = kept.DeviceCoordinateCache if fits else kept.NoCache
            if item.cacheMode() != mode:
                item.setCacheMode(mode)

    def _set_badges(self, plan: Plan) -> None:
        boxes = plan.layout.boxes
        faults: dict[str, tuple[Fault, ...]] = {}
        for fault in plan.faults if boxes else ():
            key = fault.layer if fault.layer in boxes else ""
            faults[key] = (*faults.get(key, ()), fault)
        self._sync(self.badges, faults, lambda key: BadgeItem(key, self.look))
        for key, some in faults.items():
            self.badges[key].set_faults(some, boxes.get(key), calm=plan.building and not self.insistent)

    def insist(self, insistent: bool) -> None:
        """Mark what an unfinished network lacks as a mistake: somebody wants to train it."""
        if insistent != self.insistent:
            self.insistent = insistent
            if self.plan is not None:
                self._set_badges(self.plan)

    def _set_output(self, plan: Plan) -> None:
        box = plan.layout.boxes.get(plan.output)
        if box is None:
            if self.output is not None:
                self._remove(self.output)
                self.output = None
        elif self.output is None:
            self.output = OutputItem(box, self.look)
            self.addItem(self.output)
        else:
            self.output.set_box(box)

    def set_look(self, look: Look) -> None:
        """Another theme: everything is painted anew."""
        self.look = look
        for item in self.items():
            if isinstance(item, Item):
                item.set_look(look)
        self.fan.repaint_values()
        self._update_all()

    def _update_all(self) -> None:
        """Paint everything anew. Qt forgets `update` of a whole scene where a part is painted in between."""
        self.update()
        for view in self.views():
            view.viewport().update()

    # -- numbers

    def show_titles(
        self, frame: Frame | None, specs: dict[str, Any], sizes: dict[str, int], link: str = ""
    ) -> None:
        """Write the headers: hidden layers can be resized, input and output say what they are.

        link: the label of what the loss makes of the outputs, "" where nothing.
        """
        assert self.plan is not None
        for key, header in self.headers.items():
            spec, box = specs[key], self.plan.layout.boxes[key]
            resizable = isinstance(spec, Weighted) and key != self.plan.output
            last, shape = key == self.plan.output, self.plan.summary.shapes.get(key)
            header.set_texts(
                box.title,
                note(spec, frame, last, sizes[key], shape, link if last else ""),
                sizes[key] if resizable else None,
            )

    def show_neurons(self, frame: Frame, shares: dict[str, float] | None = None) -> None:
        """Color the neurons by the frame's activations; shares: how far a wave has brought each layer."""
        self.coloring.show_neurons(frame, shares)

    def show_answers(self, frame: Frame, shares: dict[str, float] | None = None) -> None:
        """Write the frame's answers beside the outputs, as soon as a wave has brought them."""
        self.coloring.show_answers(frame, shares)

    def show_faces(self, frame: Frame, wanted: bool) -> None:
        """Show the weights of neurons that see the picture as pictures."""
        self.coloring.show_faces(frame, wanted)

    def take_weights(self, frame: Frame) -> None:
        """Note that bundles have new weights; `renew` and `repaint_stale` look them up and paint them."""
        self.coloring.take_weights(frame)

    def paint_aside(self, painter: Painter, now: float) -> bool:
        """Have every bundle painted aside; False where that cannot be (yet) (see `Coloring`)."""
        return self.coloring.paint_aside(painter, now)

    def renew(self, now: float, share: float) -> bool:
        """Paint a part of every bundle from the newest weights; True if a scale moved (see `Coloring`)."""
        return self.coloring.renew(now, share)

    def repaint_stale(self) -> None:
        """Paint every bundle that has new weights."""
        self.coloring.repaint_stale()

    # -- focus

    def focus(self, layer: str | None, unit: int | None, region_of: Callable[[BundleItem], Any]) -> None:
        """Show the fan of a unit alone (−1: of the layer's bias), or all synapses (None)."""
        parts = []
        if layer is not None and unit is not None:
            for item in self.bundles.values():
                if item.bundle.target == layer and unit >= 0:
                    parts.append((item, item.bundle.into(unit)))
                if item.bundle.source == layer:
                    parts.append((item, item.bundle.out_of(unit)))
        self._focused = any(len(ids) for _, ids in parts)
        self.fan.show_parts(parts, region_of)
        self._apply_strength()

    @property
    def focused(self) -> bool:
        """Whether one neuron's fan is shown alone."""
        return self._focused

    def dim(self, strength: float) -> None:
        """Fade the resting synapses while a wave travels."""
        self._dimmed = strength
        self._apply_strength()

    def _apply_strength(self) -> None:
        strength = self._dimmed * (_FADED if self._focused else 1.0)
        for bundle in self.bundles.values():
            bundle.set_strength(strength)
