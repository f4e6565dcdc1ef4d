"""How numbers are written on screen and read back: few digits, a true minus, thousands set apart.

What is shortened on screen is given in full by `full_text`, for tooltips and for copying.
"""

from __future__ import annotations

import math
import re

MINUS = "\N{MINUS SIGN}"
_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_SUBSCRIPT = str.maketrans("0123456789-", "₀₁₂₃₄₅₆₇₈₉₋")
_FROM_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def number_text(value: float, digits: int = 3, *, signed: bool = False) -> str:
    """A number with about `digits` significant digits: 0.82, −1.50, 13,002, 1.2×10⁻⁵; `signed` adds +.

    Between 0.001 and a million it is written plainly, beyond in powers of ten; whole numbers as such.
    """
    value = float(value)
    if not math.isfinite(value):
        return _not_finite(value)
    sign = MINUS if value < 0 else "+" if signed and value > 0 else ""
    size = abs(value)
    if size == 0:
        return "0"
    rounded = float(f"{size:.{digits - 1}e}")
    if 1e-3 <= rounded < 1e6 or (size == int(size) and size < 1e6):
        return sign + _plain(size, rounded, digits)
    mantissa, exponent = f"{size:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    power = f"10{superscript(int(exponent))}"
    return sign + (power if mantissa == "1" else f"{mantissa}×{power}")


def fixed_text(value: float, decimals: int = 2, *, signed: bool = False) -> str:
    """A number with a fixed count of decimals, for columns and for figures that change quickly."""
    value = float(value)
    if not math.isfinite(value):
        return _not_finite(value)
    text = f"{abs(value):,.{decimals}f}"
    if not any(digit in text for digit in "123456789"):
        return text
    return (MINUS if value < 0 else "+" if signed else "") + text


def full_text(value: float) -> str:
    """The number with every digit it has (a NumPy float with the digits of its own precision)."""
    if isinstance(value, int) and not isinstance(value, bool):
        return count_text(value)
    if not math.isfinite(value):
        return _not_finite(float(value))
    return str(value).replace("-", MINUS)


def count_text(count: int) -> str:
    """A count with its thousands set apart: 13,002."""
    return f"{int(count):,}".replace("-", MINUS)


def percent_text(share: float, decimals: int | None = None) -> str:
    """A share as a percentage: 11%, 97.8%; from 90% on with a decimal, because there it matters.

    100% is only written when nothing is missing.
    """
    if not math.isfinite(share):
        return _not_finite(float(share))
    percent = 100.0 * share
    if decimals is None:
        decimals = 1 if 90.0 <= percent < 100.0 else 0
    text = f"{percent:.{decimals}f}"
    if percent < 100.0 and float(text) >= 100.0:
        text = f"{100.0 - 10.0**-decimals:.{decimals}f}"
    return text.replace("-", MINUS) + "%"


def si_text(value: float, digits: int = 3) -> str:
    """A number with a prefix, as on an axis: 500, 1.5k, 20k, 3M."""
    value = float(value)
    if not math.isfinite(value):
        return _not_finite(value)
    size = float(f"{abs(value):.{digits - 1}e}")
    for factor, prefix in _PREFIXES:
        if factor <= size < factor * 1e3:
            return (MINUS if value < 0 else "") + f"{size / factor:.{digits}g}{prefix}"
    return number_text(value, digits)


def parse_number(text: str) -> float:
    """Read a number as people write it: 0.03, .5, 3e-4, 3×10⁻⁴, −2, 13,002, 0,5, 1/8, 20% (ValueError)."""
    clean = text.strip().replace(MINUS, "-").replace("\N{EN DASH}", "-")
    clean = re.sub(r"[\s\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}_']", "", clean)
    if clean.endswith("%"):
        return parse_number(clean[:-1]) / 100.0
    if clean.count("/") == 1:
        above, below = map(parse_number, clean.split("/"))
        if below == 0:
            raise ValueError("division by zero")
        return above / below
    clean = re.sub(r"\^?([⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)$", _lowered, clean)
    clean = re.sub(r"^([-+]?)10\^([-+]?\d+)$", r"\g<1>1e\2", clean)
    clean = re.sub(r"[×x*·]10\^([-+]?\d+)$", r"e\1", clean)
    if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d*)?", clean):
        clean = clean.replace(",", "")
    elif clean.count(",") == 1 and "." not in clean:
        clean = clean.replace(",", ".")
    if not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", clean):
        raise ValueError(f"not a number: {text!r}")
    return float(clean)


def superscript(number: int) -> str:
    """A whole number in raised figures: ⁻⁵."""
    return str(number).translate(_SUPERSCRIPT)


def subscript(number: int) -> str:
    """A whole number in lowered figures: ₁₂."""
    return str(number).translate(_SUBSCRIPT)


def _lowered(match: re.Match[str]) -> str:
    return "^" + match.group(1).translate(_FROM_SUPERSCRIPT)


def _plain(size: float, rounded: float, digits: int) -> str:
    if size == int(size):
        return f"{int(size):,}"
    decimals = max(digits - 1 - math.floor(math.log10(rounded)), 0)
    text = f"{size:,.{decimals}f}"
    # 0.1 rather than 0.100: but only where the number really ends there
    short = text.rstrip("0").rstrip(".") if "." in text else text
    return short if math.isclose(float(short.replace(",", "")), size, rel_tol=1e-6) else text


def _not_finite(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "∞" if value > 0 else f"{MINUS}∞"
