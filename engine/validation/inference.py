"""The inference: the shape after every layer of a design, and all faults met on the way.

`infer` first looks at every layer by itself, then walks the graph in an order of computation. It never
raises. A design without errors can be compiled; one that would not fit into memory is refused here.

The last answers are remembered: many ask the same of a design, at every step of a drag, and a frozen design
of a thousand neurons takes milliseconds to read.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from engine.design import NetworkDesign
from engine.layers.base import LayerSpec, Shape
from engine.layers.weighted import Weighted
from engine.losses import Loss
from engine.memory import VECTORS, bytes_needed, memory_of_machine
from engine.validation.capacity import memory_faults
from engine.validation.fault import Asked, Fault
from engine.validation.graph import circle_faults, end_faults, identity_faults, topological
from engine.validation.head import head_faults
from engine.validation.learning import learning_faults
from engine.validation.loose import with_repairs
from engine.validation.reading import readable
from engine.validation.shapes import infer_layer

_Asks = tuple[int | None, Asked | None, int, int, int, int, int]
_remembered: deque[tuple[NetworkDesign, Loss | None, _Asks, Inference]] = deque(maxlen=12)


@dataclass(frozen=True, slots=True)
class Inference:
    """What a design means: layers in an order of computation, the shape after each, and what is wrong.

    `memory` is about how many bytes training needs, 0 where the design has errors.
    """

    order: tuple[LayerSpec, ...]
    shapes: dict[str, Shape]
    faults: tuple[Fault, ...]
    memory: int = 0

    @property
    def errors(self) -> tuple[Fault, ...]:
        """The faults that forbid to run it."""
        return tuple(fault for fault in self.faults if fault.severity == "error")

    @property
    def output(self) -> LayerSpec:
        """The last layer (of a design without errors)."""
        return self.order[-1]


def infer(
    design: NetworkDesign,
    loss: Loss | None = None,
    outputs: int | None = None,
    *,
    asked: Asked | None = None,
    batch: int = 1,
    itemsize: int = 4,
    memory: int | None = None,
    vectors: int = VECTORS,
    beside: int = 0,
) -> Inference:
    """Shapes and faults of a design; it never raises, whatever the design holds.

    Args:
        design: what is examined.
        loss: the loss, to see whether it fits the last layer.
        outputs: the number of targets, likewise.
        asked: all that the data asks of the last layer, where it is known.
        batch: examples per batch, for the estimate of memory.
        itemsize: bytes per number, likewise.
        memory: how many bytes there are; the machine's memory by default.
        vectors: how many flat vectors training holds, for the estimate; see `engine.memory.vectors_in`.
        beside: bytes that another network takes meanwhile, likewise.
    """
    room = memory_of_machine() if memory is None else memory
    asks = outputs, asked, batch, itemsize, room, vectors, beside
    for known, known_loss, known_asks, found in tuple(_remembered):
        if known is design and known_loss is loss and known_asks == asks:
            return found
    found = _inferred(design, loss, *asks)
    _remembered.append((design, loss, asks, found))
    return found


def _inferred(
    design: NetworkDesign,
    loss: Loss | None,
    outputs: int | None,
    asked: Asked | None,
    batch: int,
    itemsize: int,
    memory: int,
    vectors: int,
    beside: int,
) -> Inference:
    faults, sound = readable(design)
    faults += identity_faults(sound)
    broken = {fault.layer for fault in faults if fault.field != "wires"}
    order, circle = topological(sound)
    faults += circle_faults(sound, circle)
    shapes: dict[str, Shape] = {}
    for spec in order:
        if spec.id not in broken:
            faults += infer_layer(sound, spec, shapes)
    faults = [with_repairs(fault, sound, shapes, asked) for fault in faults]
    faults += end_faults(sound, shapes, asked)
    if any(fault.severity == "error" for fault in faults):
        return Inference(tuple(order), shapes, tuple(faults))
    last = next(spec for spec in order if not sound.targets(spec.id))
    order = [spec for spec in order if spec is not last] + [last]
    fed = {spec.id: tuple(shapes[source] for source in sound.sources(spec.id)) for spec in order}
    needed = bytes_needed(order, fed, shapes, batch, itemsize, vectors)
    resizable = {spec.id for spec in order if isinstance(spec, Weighted)}
    faults += memory_faults(needed, memory, beside, resizable=resizable)
    faults += head_faults(last, shapes[last.id], loss, outputs, asked)
    faults += learning_faults(order)
    return Inference(tuple(order), shapes, tuple(faults), sum(needed.values()))
