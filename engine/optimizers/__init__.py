"""The optimizers; importing this package registers every one of them."""

import sys

from engine.optimizers.base import OPTIMIZERS, Optimizer, Slots
from engine.registry import discover

discover(sys.modules[__name__])

__all__ = ["OPTIMIZERS", "Optimizer", "Slots"]
