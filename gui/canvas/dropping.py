"""What a drop would do: a pure decision from a point on the picture and the design."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from engine.design import Project, Wire
from engine.edits import Edit, Outcome
from engine.edits.architectures import use_architecture
from engine.edits.arrangement import with_positions
from engine.edits.growth import copies
from engine.edits.layers import append, branch, insert, place
from gui.canvas.boxes import LayerBox, Layout
from gui.canvas.look import tr

NEAR = 16.0
"""Scene units around a layer's neurons that still belong to it."""
BEHIND = 220.0
"""How far behind the last layer a drop still goes on with it."""
LIFT = 40.0
"""How far above the mouse a layer's header is put as long as its size is not known, see `put_at`."""
APART = 90.0
"""How far from its neighbors a layer is kept that is dropped among them."""


@dataclass(frozen=True)
class Drop:
    """What would happen.

    Attributes:
        how: "insert", "append", "branch", "place", "build" or "refuse"; outcome: the edit, or why not.
        sentence: what the status bar says; sources, targets: the layers that it would be joined with.
    """

    how: str
    outcome: Outcome
    sentence: str
    sources: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()


def decide(project: Project, layout: Layout, kind: str, x: float, y: float, **fields: Any) -> Drop:
    """What dropping a layer of a kind at a point would do."""
    design = project.design
    if kind == "input":
        return _drop("place", place(project, kind, (x, y - LIFT), **fields), "")
    beside = _beside(layout, x, y)
    if beside and design.sources(beside):
        sources, targets = design.sources(beside), design.targets(beside)
        return _drop("branch", branch(project, beside, kind, **fields), "", sources, targets)
    if beside:
        made = append(project, kind, beside, **fields)
        return _drop("append", made, _beginning(made), (beside,), design.targets(beside))
    pair = _between(project, layout, x, y)
    if pair is not None:
        made = insert(project, *pair, kind, **fields)
        joined = Wire(*pair) in design.wires
        return _drop("insert", made, _beginning(made) if joined else "", pair[:1], pair[1:])
    end = _behind(project, layout, x, y)
    if end:
        return _drop("append", append(project, kind, end, **fields), "", (end,))
    return _drop("place", place(project, kind, (x, y - LIFT), **fields), tr("connected to nothing yet"))


def put_at(drop: Drop, project: Project, arrange: Callable[[Project], Layout], x: float, y: float) -> Drop:
    """The same drop with the new layer's neurons around the point, where its place is not left to the layout.

    That is so if it is joined with nothing, and among layers that stand where a person has put them.
    """
    made, joined = drop.outcome, {*drop.sources, *drop.targets}
    by_hand = {name for name, *_ in project.positions}
    if not isinstance(made, Edit) or drop.how not in ("place", "append", "insert") or not joined <= by_hand:
        return drop
    boxes = arrange(made.project).boxes
    box = boxes[made.added[0]]
    room = APART + box.body.width / 2
    x = min([x, *(boxes[name].body.x - room for name in drop.targets)])
    x = max([x, *(boxes[name].body.right + room for name in drop.sources)])
    right, down = x - box.body.center[0], y - box.body.center[1]
    positions = with_positions(made.project, {box.id: (box.anchor[0] + right, box.anchor[1] + down)})
    return replace(drop, outcome=replace(made, project=replace(made.project, positions=positions)))


def decide_architecture(project: Project, name: str, outputs: int | None, shape: Any = None) -> Drop:
    """What dropping a ready architecture would do: it takes the network's place."""
    made = use_architecture(project, name, shape=shape, outputs=outputs)
    return _drop("build", made, tr("in place of this network"))


def _drop(
    how: str, made: Outcome, more: str, sources: tuple[str, ...] = (), targets: tuple[str, ...] = ()
) -> Drop:
    if not isinstance(made, Edit):
        return Drop("refuse", made, made.sentence)
    text = made.text[:1].upper() + made.text[1:]
    return Drop(how, made, f"{text}, {more}" if more else text, sources, targets)


def _beginning(made: Outcome) -> str:
    """Whether a layer in a wire changes anything before it has learned."""
    if not isinstance(made, Edit) or not made.added:
        return ""
    same = copies(made.project.design, made.added[0])
    if same is None:
        return ""
    return tr("which changes nothing at first") if same else tr("which changes the network’s answers")


def _beside(layout: Layout, x: float, y: float) -> str:
    """The layer whose column the point lies in, with some room around; "" for none."""
    for box in layout.boxes.values():
        b = box.body
        if abs(x - b.center[0]) <= b.width / 2 + NEAR and box.rect.y - NEAR <= y <= box.rect.bottom + NEAR:
            return box.id
    return ""


def _between(project: Project, layout: Layout, x: float, y: float) -> tuple[str, str] | None:
    """The wire under the point, or two open ends with the point between them."""
    design, boxes = project.design, layout.boxes
    wires = [(w.source, w.target) for w in design.wires]
    starts = [s.id for s in design.layers if not design.targets(s.id)]
    ends = [s.id for s in design.layers if not design.sources(s.id) and s.kind != "input"]
    for pairs in (wires, [(a, b) for a in starts for b in ends if a != b]):
        found = [
            (gap, pair)
            for pair in pairs
            if set(pair) <= set(boxes)
            and (gap := _height_off(boxes[pair[0]], boxes[pair[1]], x, y)) is not None
        ]
        if found:
            return min(found)[1]
    return None


def _height_off(a: LayerBox, b: LayerBox, x: float, y: float) -> float | None:
    """How far from the middle of what joins two layers a point lies; None outside of it."""
    left, right = a.body.right, b.body.x
    if not left <= x <= right or right <= left:
        return None
    share = (x - left) / (right - left)
    top = min(a.rect.y, a.body.y) * (1 - share) + min(b.rect.y, b.body.y) * share
    bottom = a.body.bottom * (1 - share) + b.body.bottom * share
    if not top - NEAR / 2 <= y <= bottom + NEAR / 2:
        return None
    return abs(y - (top + bottom) / 2)


def _behind(project: Project, layout: Layout, x: float, y: float) -> str:
    """The open end that the point lies behind; "" for none."""
    design = project.design
    for box in layout.boxes.values():
        after = 0.0 < x - box.body.right <= BEHIND and box.rect.y - NEAR <= y <= box.rect.bottom + NEAR
        if after and not design.targets(box.id):
            return box.id
    return ""
