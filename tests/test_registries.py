"""Holds what every entry of every registry must bring along, for forms, files and screens to rely on."""

from __future__ import annotations

import dataclasses
import warnings
from typing import Any

import pytest

from engine.activations import ACTIVATIONS
from engine.fields import faults_of, settings_of
from engine.initializers import INITIALIZERS
from engine.layers import LAYERS
from engine.losses import LOSSES
from engine.optimizers import OPTIMIZERS
from engine.registry import Registry, UnknownNameError
from engine.schedules import SCHEDULES

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # importlib.resources.path, in ziamath's own import
    import ziamath


def entries(registry: Registry[Any]) -> list[Any]:
    return [registry[name] for name in registry]


VALUES: tuple[Registry[Any], ...] = (ACTIVATIONS, INITIALIZERS)
SPECS: tuple[Registry[Any], ...] = (LOSSES, OPTIMIZERS, SCHEDULES)
CLASSES = [(registry.noun, cls) for registry in (*SPECS, LAYERS) for cls in entries(registry)]
ENTRIES = [(registry.noun, name, entry) for registry in (*VALUES, *SPECS) for name, entry in registry.items()]

EVERY_CLASS = pytest.mark.parametrize(
    "cls", [cls for _, cls in CLASSES], ids=[f"{n}-{c.kind}" for n, c in CLASSES]
)
EVERY_ENTRY = pytest.mark.parametrize(
    "entry", [e for *_, e in ENTRIES], ids=[f"{n}-{k}" for n, k, _ in ENTRIES]
)
EVERY_REGISTRY = pytest.mark.parametrize("registry", [*VALUES, *SPECS, LAYERS], ids=lambda r: r.noun)


@EVERY_REGISTRY
def test_names_are_identifiers_and_labels_are_distinct(registry: Registry[Any]) -> None:
    assert registry.names()
    assert all(name.isidentifier() and name == name.lower() for name in registry)
    labels = [entry.label for entry in entries(registry)]
    assert all(labels)
    assert sorted(set(labels)) == sorted(labels)


@EVERY_REGISTRY
def test_an_unknown_name_is_answered_by_a_sentence_that_lists_the_known(registry: Registry[Any]) -> None:
    with pytest.raises(UnknownNameError, match=f"there is no {registry.noun} named 'nonsense'"):
        registry["nonsense"]
    with pytest.raises(ValueError, match="registered twice"):
        registry.register(registry.names()[0], None)


@EVERY_REGISTRY
def test_an_entry_knows_the_name_it_is_registered_under(registry: Registry[Any]) -> None:
    for name, entry in registry.items():
        assert name == (entry.kind if isinstance(entry, type) else entry.name)


@EVERY_ENTRY
def test_formulas_can_be_typeset(entry: Any) -> None:
    for formula in (entry.formula, getattr(entry, "slope", "1")):
        assert "<svg" in ziamath.Latex(formula).svg()


@EVERY_CLASS
def test_specs_are_frozen_values_with_a_docstring(cls: Any) -> None:
    assert dataclasses.is_dataclass(cls)
    assert cls.__dataclass_params__.frozen
    assert "__doc__" in vars(cls)
    assert not (cls.__doc__ or "").startswith(cls.__name__ + "(")  # what dataclass writes where there is none


@EVERY_CLASS
def test_every_field_of_a_spec_is_described_for_its_form(cls: Any) -> None:
    for info in settings_of(cls):
        assert info.label
        assert info.help.endswith("."), info.name
        if info.kind == "choice":
            assert info.choices


@pytest.mark.parametrize("registry", SPECS, ids=lambda r: r.noun)
def test_specs_can_be_made_without_arguments_and_are_equal_and_faultless(registry: Registry[Any]) -> None:
    for cls in entries(registry):
        assert cls() == cls()
        assert hash(cls()) == hash(cls())
        assert faults_of(cls()) == {}
        described = {info.name for info in settings_of(cls)}
        assert described == {field.name for field in dataclasses.fields(cls)}


def test_every_optimizer_names_its_source() -> None:
    for cls in entries(OPTIMIZERS):
        assert any(character.isdigit() for character in cls.source)


def test_every_activation_can_be_chosen_and_has_a_plain_formula() -> None:
    for activation in entries(ACTIVATIONS):
        assert activation.text.startswith("a")
        assert "\\" not in activation.text
