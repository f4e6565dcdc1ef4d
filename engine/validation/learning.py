"""Learning: layers through which gradient descent cannot learn."""

from __future__ import annotations

from engine.activations import ACTIVATIONS
from engine.layers.base import LayerSpec, name_of
from engine.validation.fault import Fault


def learning_faults(order: list[LayerSpec]) -> list[Fault]:
    """Warnings at layers through which gradient descent cannot learn."""
    return [
        Fault(
            spec.id,
            f"{name_of(spec)} cannot learn by gradient descent, nor can the layers before it: the slope "
            f"of its activation, {ACTIVATIONS[name].label}, is 0 everywhere. Sigmoid is alike, but has one.",
            "activation",
            "an activation with a slope",
            name,
            "use_sigmoid",
            "warning",
        )
        for spec in order
        if (name := getattr(spec, "activation", "")) in ACTIVATIONS and not ACTIVATIONS[name].differentiable
    ]
