"""The repairs of faults, one file per family; importing this package registers every one of them."""

import sys

from engine.edits.repairs.base import REPAIRS, Repair, repair, repair_label
from engine.registry import discover

discover(sys.modules[__name__])

__all__ = ["REPAIRS", "Repair", "repair", "repair_label"]
