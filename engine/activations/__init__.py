"""Activation functions, one family a module; importing this package registers all, the simplest first."""

import sys

from engine.activations import linear as _first
from engine.activations.base import ACTIVATIONS, Activation, Step, constant, nothing
from engine.activations.bounded import sigmoid_step
from engine.registry import discover

discover(sys.modules[__name__])
del _first

__all__ = ["ACTIVATIONS", "Activation", "Step", "constant", "nothing", "sigmoid_step"]
