"""Updates of long parameter vectors in blocks that stay in the processor's cache.

An update rule goes over its vectors several times (Adam 11 times). Where they are longer than the cache,
each pass would fetch them anew; block by block, only the first pass does. Rules are elementwise, so the
numbers stay the same. Measured on 668,682 parameters: SGD 282 against 368 µs, Adam 1,206 against 1,850 µs.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.optimizers.base import Array, Slots, Step

BLOCK = 1 << 16
"""Values per block: 256 kB in float32, so that a few vectors fit into a second-level cache of 2 MB."""


Bind = Callable[[Array, Array, Slots], Step]


def bind_in_blocks(bind: Bind, parameters: Array, gradients: Array, slots: Slots, block: int = BLOCK) -> Step:
    """As `bind`, a rule's, but block by block where the vectors are longer than two blocks."""
    if parameters.size <= 2 * block:
        return bind(parameters, gradients, slots)
    parts = []
    for start in range(0, parameters.size, block):
        here = slice(start, start + block)
        vectors = {name: vector[here] for name, vector in slots.vectors.items()}
        part = Slots(vectors, slots.update[here], slots.rate, slots.count)
        parts.append((part, bind(parameters[here], gradients[here], part)))

    def step() -> None:
        count = slots.count
        for part, update in parts:
            part.count = count  # it may have been set back, or on
            update()
            slots.count = part.count

    return step
