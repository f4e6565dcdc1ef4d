"""The head: whether the last layer suits the data's targets and the loss."""

from __future__ import annotations

from engine.design import units_of
from engine.layers.base import LayerSpec, Shape, name_of, size_of
from engine.losses import Loss
from engine.validation.fault import Fault


def head_faults(last: LayerSpec, shape: Shape, loss: Loss | None, outputs: int | None) -> list[Fault]:
    """Whether the number of outputs is the data's, and whether loss and activation apply a link twice."""
    faults = []
    if outputs is not None and size_of(shape) != outputs:
        message = f"{name_of(last)} gives {size_of(shape)} values, but the data has {outputs} targets."
        field = "unit_ids" if units_of(last) else ""
        faults.append(Fault(last.id, message, field, str(outputs), str(size_of(shape)), "match_units"))
    activation = getattr(last, "activation", "identity")
    if isinstance(loss, Loss) and loss.link != "identity" and activation != "identity":
        message = (
            f"{loss.label} already applies {loss.link} to the last layer; set its activation to identity."
        )
        faults.append(Fault(last.id, message, "activation", "identity", activation, "match_link", "warning"))
    return faults
