"""Holds the field metadata: what forms are told, and the sentence for every value that cannot be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.fields import faults_of, setting, settings_of


@dataclass(frozen=True, kw_only=True)
class Example:
    rate: float = setting(0.1, label="Rate", above=0.0, maximum=10.0, logarithmic=True)
    share: float = setting(0.5, label="Share", minimum=0.0, below=1.0)
    count: int = setting(3, label="Count", minimum=1, unit="epochs")
    on: bool = setting(True, label="On")
    way: str = setting("left", label="Way", choices=("left", "right"))
    late: str = setting("a", label="Late", choices=lambda: ("a", "b"))
    note: str = setting("", label="Note")
    limit: int | None = setting(None, kind="int", optional=True, label="Limit", minimum=1)
    sizes: tuple[int, ...] = setting((3, 3), label="Sizes", minimum=1)
    hidden: int = field(default=0)


def test_settings_come_in_order_with_kinds_from_their_defaults() -> None:
    kinds = {info.name: info.kind for info in settings_of(Example)}
    assert list(kinds) == ["rate", "share", "count", "on", "way", "late", "note", "limit", "sizes"]
    assert list(kinds.values()) == [
        "float",
        "float",
        "int",
        "bool",
        "choice",
        "choice",
        "text",
        "int",
        "ints",
    ]
    assert settings_of(Example()) == settings_of(Example)


def test_defaults_are_fine() -> None:
    assert faults_of(Example()) == {}


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("rate", 0, "Rate must be greater than 0, not 0."),
        ("rate", 11.0, "Rate must be at most 10, not 11."),
        ("rate", float("nan"), "Rate must be a finite number, not nan."),
        ("rate", float("inf"), "Rate must be a finite number, not inf."),
        ("rate", "fast", "Rate must be a number, not 'fast'."),
        ("rate", True, "Rate must be a number, not True."),
        ("share", -0.1, "Share must be at least 0, not -0.1."),
        ("share", 1.0, "Share must be less than 1, not 1."),
        ("count", 0, "Count must be at least 1, not 0."),
        ("count", 1.5, "Count must be a whole number, not 1.5."),
        ("count", 10**400, "Count is too large a number."),
        ("rate", -(10**400), "Rate is too large a number."),
        ("count", None, "Count must be a whole number, not None."),
        ("on", 1, "On must be on or off, not 1."),
        ("way", "up", "Way must be one of left, right, not 'up'."),
        ("late", "c", "Late must be one of a, b, not 'c'."),
        ("note", 5, "Note must be a text, not 5."),
        ("limit", 0, "Limit must be at least 1, not 0."),
        ("sizes", (), "Sizes must be a list of whole numbers, not ()."),
        ("sizes", (1, 0), "Sizes must be at least 1, not 0."),
        ("sizes", [1], "Sizes must be a list of whole numbers, not [1]."),
    ],
)
def test_every_fault_is_one_sentence(name: str, value: Any, sentence: str) -> None:
    assert faults_of(Example(**{name: value})) == {name: sentence}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rate", 10),
        ("share", 0),
        ("limit", None),
        ("limit", 5),
        ("late", "b"),
        ("sizes", (1,)),
        ("on", False),
    ],
)
def test_what_is_allowed_is_allowed(name: str, value: Any) -> None:
    assert faults_of(Example(**{name: value})) == {}


@given(
    value=st.one_of(
        st.integers(), st.floats(), st.text(), st.booleans(), st.none(), st.binary(), st.lists(st.text())
    )
)
def test_no_value_whatever_raises(value: Any) -> None:
    for info in settings_of(Example):
        fault = info.fault_of(value)
        assert fault is None or (fault.startswith(info.label) and fault.endswith(".") and len(fault) < 200)
