"""Ranges that do not jitter and ticks at round numbers, on a linear and on a logarithmic scale."""

from __future__ import annotations

import math

from gui.widgets.numbers import number_text, percent_text, si_text

_TOPS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_BOTTOMS_OF_SHARES = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995)
_MOST_DECADES = 12
SMALLEST = 1e-300

Range = tuple[float, float]


def nice_above(value: float) -> float:
    """The smallest round number (1, 1.2, 1.5, 2, …, 8, 10, …) that is at least a positive value."""
    if not value > SMALLEST:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(top * power for top in (*_TOPS, 12.0) if top * power >= value * (1 - 1e-9))


def nice_step(span: float, most: int) -> float:
    """The smallest of 1, 2, 5, 10, … times a power of ten that divides a span into at most so many parts."""
    least = max(span, SMALLEST) / max(most, 1)
    power = 10.0 ** math.floor(math.log10(least))
    return next(m * power for m in (1, 2, 5, 10, 20) if m * power >= least * (1 - 1e-9))


def decades_around(value: float, low: float, high: float) -> Range:
    """Of positive values from low to high what a logarithmic axis has room for, around one of them.

    Where an old spike is so high that what came after it would lie below the axis, the spike is cut off.
    """
    if high / low > 10.0**_MOST_DECADES:
        high = min(high, value * 10.0 ** (_MOST_DECADES // 2))
        low = max(low, high / 10.0**_MOST_DECADES)
    return low, high


class SteadyTop:
    """The end of a growing axis: it jumps in round steps instead of creeping along."""

    def __init__(self) -> None:
        self.top = 0.0

    def update(self, last: float) -> float:
        """The end for data that reach to `last`; taken back only when they fill less than two fifths."""
        if not 0.4 * self.top <= last <= self.top:
            self.top = nice_above(last)
        return self.top


class SteadyRange:
    """The vertical range for given data: round, and changed only when the data leave it or get lost in it."""

    def __init__(self, *, share: bool = False) -> None:
        self._share = share
        self._range: Range | None = None
        self._logarithmic = False

    def reset(self) -> None:
        """Forget the range in use."""
        self._range = None

    def update(self, low: float, high: float, *, logarithmic: bool = False) -> Range:
        """The range for data from `low` to `high`; both ends positive if logarithmic."""
        if logarithmic != self._logarithmic:
            self._range, self._logarithmic = None, logarithmic
        if self._range is None or not self._still_fits(self._range, low, high):
            self._range = self._logarithmic_range(low, high) if logarithmic else self._linear(low, high)
        return self._range

    def _still_fits(self, used: Range, low: float, high: float) -> bool:
        bottom, top = used
        if not bottom <= low <= high <= top:
            return False
        if self._share:
            return self._linear(low, high)[0] == bottom
        if self._logarithmic:
            return math.log(max(high / low, 1.5)) >= 0.5 * math.log(top / bottom)
        return high - min(low, 0.0) >= 0.4 * (top - bottom) or high == low

    def _linear(self, low: float, high: float) -> Range:
        if self._share and low >= 0 and high <= 1:
            return max(b for b in _BOTTOMS_OF_SHARES if b <= low), 1.0
        top = nice_above(high) if high > 0 else 0.0
        bottom = -nice_above(-low) if low < 0 else 0.0
        return (bottom, top) if top > bottom else (bottom, bottom + 1.0)

    def _logarithmic_range(self, low: float, high: float) -> Range:
        bottom = 1.0 / nice_above(1.0 / low) if low > SMALLEST else SMALLEST
        top = nice_above(high)
        bottom = max(bottom, top / 10.0 ** (_MOST_DECADES + 1))  # one more, as ends are rounded
        return (bottom, top) if top > bottom * 1.5 else (bottom / 2, top * 2)


def linear_ticks(low: float, high: float, most: int) -> tuple[list[float], float]:
    """At most about `most` round numbers within a range, and the step between them."""
    step = nice_step(high - low, most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [count * step for count in range(first, last + 1)], step


def logarithmic_ticks(low: float, high: float, most: int) -> list[float]:
    """Powers of ten within a range, and between them other round numbers where there is room."""
    exponents = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    for digits in ((1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 5), (1, 3), (1,)):
        ticks = [d * 10.0**e for e in exponents for d in digits]
        ticks = [t for t in ticks if low * (1 - 1e-9) <= t <= high * (1 + 1e-9)]
        if len(ticks) <= most:
            return ticks
    return ticks[:: math.ceil(len(ticks) / most)]


def step_text(value: float) -> str:
    """A number of steps on an axis: 500, 1.5k, 20k."""
    return si_text(value, 4)


def value_labels(ticks: list[float], step: float, *, share: bool = False) -> list[str]:
    """Labels of linear ticks, all with the decimals that the step between them needs."""
    if share:
        decimals = max(-math.floor(math.log10(step) + 1e-9) - 2, 0)
        return [percent_text(tick, decimals) for tick in ticks]
    if ticks and max(map(abs, ticks)) >= 10_000:
        return [si_text(tick) for tick in ticks]
    if ticks and step < 1e-4:
        return [_short_power(tick) for tick in ticks]
    decimals = max(-math.floor(math.log10(step) + 1e-9), 0)
    return [f"{tick:,.{decimals}f}".replace("-", "−") if abs(tick) > step / 2 else "0" for tick in ticks]


def logarithmic_labels(ticks: list[float]) -> list[str]:
    """Labels of logarithmic ticks."""
    return [number_text(tick) if 1e-3 <= tick < 1e4 else _power(tick) for tick in ticks]


def _power(tick: float) -> str:
    return si_text(tick) if tick >= 1e4 else number_text(tick, 1)


def _short_power(tick: float) -> str:
    """A tiny number in the little room beside an axis: 1.5e−7."""
    mantissa, _, exponent = f"{tick:.1e}".partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}".replace("-", "−") if tick else "0"
