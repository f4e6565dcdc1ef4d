"""The layer families; importing this package registers every layer."""

import sys

from engine.layers.base import LAYERS, LayerSpec
from engine.registry import discover

discover(sys.modules[__name__])

__all__ = ["LAYERS", "LayerSpec"]
