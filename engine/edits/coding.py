"""How classes are coded as numbers, 0 and 1 or −1 and 1, so that loss and output can reach them.

With targets of −1, binary cross-entropy has no least value: it falls for ever, and nothing sensible is
learned. Nor does a sigmoid ever give −1. And the slopes p − y behind a softmax are those of the cross-entropy
only where the targets sum to one, as p does: 0 and 1 do, 0.01 and 0.99 among ten classes do not.
"""

from __future__ import annotations

from dataclasses import replace

from engine.activations import ACTIVATIONS
from engine.datasets.base import DATASETS
from engine.design import DataConfig, NetworkDesign
from engine.edits.flow import known_shapes
from engine.edits.layers import end_of
from engine.layers.base import size_of
from engine.losses import Loss
from engine.validation.head import unreadable

Range = tuple[float, float]
ZERO_ONE, SIGNS = (0.0, 1.0), (-1.0, 1.0)


def coded_for(loss: Loss, design: NetworkDesign, data: DataConfig, used: Range | None = None) -> DataConfig:
    """The data with its classes coded as loss and output need them; unchanged where they are.

    used: how they are coded now, where that is known better than from the data set's own habit.
    """
    if suits(loss, design, used or coding_of(data)):
        return data
    return replace(data, target_range=SIGNS if loss.targets == "signs" else ZERO_ONE)


def suits(loss: Loss, design: NetworkDesign, coding: Range) -> bool:
    """Whether a loss can read classes that are coded so, and the last layer can give them."""
    name = end_of(design)
    if loss.targets:
        return not unreadable(loss, *coding, size_of(known_shapes(design).get(name, ())))
    output = getattr(design.layer(name), "activation", "identity") if name else "identity"
    return coding[0] >= 0.0 or ACTIVATIONS[output].low < 0.0


def coding_of(data: DataConfig) -> Range:
    """How the classes of a data set are coded."""
    known = dict(DATASETS.items()).get(data.name)
    return data.target_range or (known.coding if known else ZERO_ONE)
