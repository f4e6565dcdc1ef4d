"""Validation: what is wrong with a design, found by inferring every shape; one kind of fault per module.

`infer` never raises. To add a check, write a function that gives faults in the module whose subject it is,
and let `inference` call it.
"""

from engine.validation.fault import Asked, DesignError, Fault, Severity
from engine.validation.inference import Inference, infer

__all__ = ["Asked", "DesignError", "Fault", "Inference", "Severity", "infer"]
