"""Numbers on screen: few digits, true minus, thousands apart, and what is written can be read back."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.widgets.numbers import (
    count_text,
    fixed_text,
    full_text,
    number_text,
    parse_number,
    percent_text,
    si_text,
    subscript,
    superscript,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (0.82, "0.82"),
        (-1.5, "−1.5"),
        (1 / 3, "0.333"),
        (-2 / 3, "−0.667"),
        (0.1, "0.1"),
        (13002, "13,002"),
        (13002.7, "13,003"),
        (999_999, "999,999"),
        (1e6, "10⁶"),
        (1.2e-5, "1.2×10⁻⁵"),
        (-3.456e9, "−3.46×10⁹"),
        (0.0009999, "0.00100"),
        (0.99999, "1.00"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, "NaN"),
        (np.float32(0.1), "0.1"),
        (5e-324, "4.94×10⁻³²⁴"),
    ],
)
def test_a_number_is_written_with_sensible_digits(value: float, text: str) -> None:
    assert number_text(value) == text


def test_a_sign_can_be_asked_for() -> None:
    assert [number_text(v, signed=True) for v in (1.5, -1.5, 0)] == ["+1.5", "−1.5", "0"]
    assert fixed_text(0.25, signed=True) == "+0.25"


def test_columns_have_fixed_decimals_and_no_negative_zero() -> None:
    assert [fixed_text(v, 2) for v in (1.005, -0.5, -0.001, 12345.678)] == [
        "1.00",
        "−0.50",
        "0.00",
        "12,345.68",
    ]


def test_the_full_value_keeps_every_digit() -> None:
    assert full_text(0.1 + 0.2) == "0.30000000000000004"
    assert full_text(np.float32(-0.1)) == "−0.1"
    assert full_text(13002) == "13,002"
    assert full_text(-1.5e-10) == "−1.5e−10"


def test_a_share_is_never_rounded_to_all() -> None:
    shares = (0, 0.113, 0.9781, 0.99996, 1, 0.9)
    assert [percent_text(s) for s in shares] == ["0%", "11%", "97.8%", "99.9%", "100%", "90.0%"]


def test_axis_numbers_have_prefixes() -> None:
    values = (0, 500, 1000, 1500, 20_000, 3e6, -2500, 0.01, 999_999)
    assert [si_text(v) for v in values] == ["0", "500", "1k", "1.5k", "20k", "3M", "−2.5k", "0.01", "1M"]


def test_counts_and_indices() -> None:
    assert count_text(60000) == "60,000"
    assert (superscript(-12), subscript(10)) == ("⁻¹²", "₁₀")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.03", 0.03),
        (" .5 ", 0.5),
        ("3e-4", 3e-4),
        ("3E4", 3e4),
        ("3×10⁻⁴", 3e-4),
        ("3*10^-4", 3e-4),
        ("10^-3", 1e-3),
        ("10⁻³", 1e-3),
        ("−10⁻⁵", -1e-5),
        ("10^12", 1e12),
        ("−2", -2.0),
        ("13,002", 13002.0),
        ("1,234,567.5", 1234567.5),
        ("0,5", 0.5),
        ("1/8", 0.125),
        ("20%", 0.2),
        ("+7", 7.0),
        ("1 000", 1000.0),
        ("10", 10.0),
        ("210", 210.0),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, value: float) -> None:
    assert parse_number(text) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize("text", ["", "abc", "1.2.3", "nan", "inf", "1/0", "--1", "1e", "0x10", "1,2,3", "/"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_number(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_is_written_can_be_read_back(value: float) -> None:
    assert parse_number(full_text(value)) == value
    if abs(value) < 1.7e308:  # rounded up, the very largest would be infinite
        assert parse_number(number_text(value)) == pytest.approx(value, rel=0.0051, abs=1e-320)


@given(st.text(max_size=12))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        value = parse_number(text)
    except ValueError:
        return
    assert isinstance(value, float)
