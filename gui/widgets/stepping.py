"""Round values around a setting's value: what a slider covers, and where a step up or down leads."""

from __future__ import annotations

import math
from typing import Any

from engine.fields import Setting

_SLIDER_DECADES = (1e-5, 10.0)  # what a logarithmic slider covers where the limits allow more


def slider_range(setting: Setting) -> tuple[float, float]:
    """What a slider covers; (0, 0) where a setting has no bounded range."""
    low = setting.minimum if setting.minimum is not None else setting.above
    high = setting.maximum if setting.maximum is not None else setting.below
    if setting.logarithmic:
        least, most = _SLIDER_DECADES
        return max(low or least, least), min(high or most, most)
    if low is None or high is None or not 0 < high - low <= 100:
        return 0.0, 0.0
    grain = (high - low) / 100  # an open limit itself is not to be had
    return low + grain * (setting.minimum is None), high - grain * (setting.maximum is None)


def stepped(setting: Setting, value: Any, steps: int) -> Any:
    """The value some steps up or down; the same value where the limits allow no step."""
    if setting.kind == "int":
        moved: Any = int(value + steps * (setting.step or 1))
    elif setting.logarithmic:
        moved = _round_neighbour(float(value), steps)
    else:
        moved = float(f"{value + steps * (setting.step or _linear_step(setting, value)):.10g}")
    if setting.minimum is not None:
        moved = max(moved, type(moved)(setting.minimum))
    if setting.maximum is not None:
        moved = min(moved, type(moved)(setting.maximum))
    return value if setting.fault_of(moved) else moved


def first_value(setting: Setting) -> Any:
    """A sensible value for an optional setting that was off."""
    if setting.kind in ("int", "float"):
        guesses: tuple[float, ...] = (10, 1, 0, setting.minimum or 0, setting.maximum or 0)
        if setting.kind == "float":
            guesses = (0.01, 0.5, *guesses)
        kind = int if setting.kind == "int" else float
        return next((kind(g) for g in guesses if setting.fault_of(kind(g)) is None), None)
    if setting.kind == "choice":
        return next(iter(setting.choices), None)
    return {"bool": True, "ints": (1,)}.get(setting.kind, "")


def _round_neighbour(value: float, steps: int) -> float:
    """The next number of the series 1, 2, 5, 10, … above or below, as many steps as asked."""
    for _ in range(abs(steps)):
        power = 10.0 ** math.floor(math.log10(value))
        series = [float(f"{m * p:.1e}") for p in (power / 10, power, power * 10) for m in (1, 2, 5)]
        if steps > 0:
            value = min(s for s in series if s > value * 1.0001)
        else:
            value = max(s for s in series if s < value * 0.9999)
    return value


def _linear_step(setting: Setting, value: float) -> float:
    low, high = slider_range(setting)
    if high > low:
        return (high - low) / 100
    return 10.0 ** (math.floor(math.log10(abs(value))) - 1) if value else 0.1
