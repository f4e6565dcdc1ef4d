"""Loss functions, by what they judge; importing this package registers every one, the simplest first."""

import sys

from engine.losses import regression as _first
from engine.losses.base import LOSSES, BoundLoss, Columns, Loss, Target
from engine.losses.classification import (
    BinaryCrossEntropy,
    Hinge,
    KullbackLeibler,
    SoftmaxCrossEntropy,
)
from engine.losses.regression import Huber, MeanAbsolute, MeanSquared, Quadratic
from engine.registry import discover

discover(sys.modules[__name__])
del _first

__all__ = [
    "LOSSES",
    "Loss",
    "BoundLoss",
    "Target",
    "Columns",
    "Quadratic",
    "MeanSquared",
    "MeanAbsolute",
    "Huber",
    "BinaryCrossEntropy",
    "SoftmaxCrossEntropy",
    "KullbackLeibler",
    "Hinge",
]
