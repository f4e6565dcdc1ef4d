"""What is written above layers and along wires: how many units there are, of which kind, and what flows."""

from __future__ import annotations

from typing import Any

from engine.activations import ACTIVATIONS
from engine.layers.base import Shape, times
from engine.layers.weighted import Weighted
from gui.canvas.look import tr
from gui.session.frame_clock import Frame


def note(spec: Any, frame: Frame | None, last: bool, units: int, shape: Shape | None, link: str = "") -> str:
    """What stands below the title of a layer without a stepper.

    link: the label of what the loss makes of the last layer's values, "" where nothing.
    """
    if spec.kind == "input":
        picture = None if frame is None else frame.data.image_shape
        if picture is not None:
            return " × ".join(str(n) for n in picture)
        return (
            tr("{count} input").format(count=units)
            if units == 1
            else tr("{count} inputs").format(count=f"{units:,}")
        )
    if link:
        return f"{units:,} {link}"  # the inspector says “Softmax in loss”: here there is no room
    if not isinstance(spec, Weighted) and not last:
        return "" if shape is None else times(shape)
    name = getattr(spec, "activation", None)
    kind = ACTIVATIONS[name].label if name else spec.label
    return f"{units:,} {kind}"


def flowing(shape: Shape) -> str:
    """What flows along a wire, in words."""
    if len(shape) != 1:
        return times(shape)
    return tr("1 value") if shape == (1,) else tr("{count} values").format(count=f"{shape[0]:,}")


def counted(shape: Shape) -> str:
    """The same without words."""
    return f"{shape[0]:,}" if len(shape) == 1 else times(shape)
