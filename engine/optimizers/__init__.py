"""The optimizers; importing this package registers every one of them, the simplest first."""

import sys

from engine.optimizers import descent as _first
from engine.optimizers.base import OPTIMIZERS, Optimizer, Slots
from engine.registry import discover

discover(sys.modules[__name__])
del _first

__all__ = ["OPTIMIZERS", "Optimizer", "Slots"]
