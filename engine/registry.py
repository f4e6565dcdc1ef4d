"""A registry is the one place where the entries of a kind (layers, losses, optimizers, …) find each other."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """Named entries of one kind, in the order in which they were registered."""

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self._entries: dict[str, T] = {}

    def register(self, name: str, entry: T) -> T:
        """Add `entry` under `name`; a name can be taken once only (ValueError)."""
        if name in self._entries:
            raise ValueError(f"the {self.noun} {name!r} is registered twice")
        self._entries[name] = entry
        return entry

    def names(self) -> tuple[str, ...]:
        """All names, first registered first."""
        return tuple(self._entries)

    def __getitem__(self, name: str) -> T:
        try:
            return self._entries[name]
        except KeyError:
            known = ", ".join(self._entries)
            raise UnknownNameError(f"there is no {self.noun} named {name!r}; known are: {known}") from None

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def items(self) -> tuple[tuple[str, T], ...]:
        """All (name, entry) pairs."""
        return tuple(self._entries.items())


class UnknownNameError(KeyError):
    """A name that no entry of a registry bears; its text is one sentence for the user."""

    def __str__(self) -> str:
        return str(self.args[0])


def discover(package: ModuleType) -> None:
    """Import every module of `package`, so that its entries register themselves."""
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
