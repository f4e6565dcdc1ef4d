"""The selection: what is picked on the canvas, shared by all views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.design import NetworkDesign, Wire

_KEYS = "layer", "unit", "from"


@dataclass(frozen=True, slots=True)
class Picked:
    """One picked thing: a layer; with `unit` (an index) a neuron; with `source` too (an index, −1 the bias)
    a synapse.

    `source_layer` names where the synapse comes from; with it alone a whole wire is picked.
    """

    layer: str
    unit: int | None = None
    source: int | None = None
    source_layer: str = ""

    @property
    def is_wire(self) -> bool:
        """Whether it is a whole wire, from `source_layer` to `layer`."""
        return self.unit is None and bool(self.source_layer)

    @property
    def is_layer(self) -> bool:
        """Whether it is a whole layer."""
        return self.unit is None and not self.source_layer


class Selection(QObject):
    """What is selected, and what the mouse is over.

    Signals:
        changed(): the selection is another one.
        hover_changed(): the mouse is over something else.
    """

    changed = Signal()
    hover_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._picked: tuple[Picked, ...] = ()
        self._hovered: Picked | None = None

    @property
    def picked(self) -> tuple[Picked, ...]:
        """Everything selected."""
        return self._picked

    @property
    def current(self) -> Picked | None:
        """The last one selected, which the inspector shows."""
        return self._picked[-1] if self._picked else None

    @property
    def hovered(self) -> Picked | None:
        """What the mouse is over."""
        return self._hovered

    def select(self, *picked: Picked) -> None:
        """Select exactly these."""
        if picked != self._picked:
            self._picked = picked
            self.changed.emit()

    def state(self) -> list[dict[str, Any]]:
        """What is remembered with a project: layers, wires and neurons; of a synapse its neuron."""
        return [{"layer": p.layer, "unit": p.unit, "from": _wire_source(p)} for p in self._picked]

    def restore(self, state: Any, design: NetworkDesign) -> None:
        """Select what was remembered; anything odd, and what the design does not have, is passed over."""
        sizes, found = _sizes(design), []
        for entry in state if isinstance(state, list) else ():
            layer, unit, source = map(entry.get, _KEYS) if isinstance(entry, dict) else (None, None, None)
            if isinstance(layer, str) and isinstance(unit, int | None) and isinstance(source, str):
                picked = Picked(layer, unit, source_layer=source if unit is None else "")
                if _exists(picked, sizes, design):
                    found.append(picked)
        self.select(*dict.fromkeys(found))

    def clear(self) -> None:
        """Select nothing."""
        self.select()
        self.hover(None)

    def hover(self, picked: Picked | None) -> None:
        """Note what the mouse is over."""
        if picked != self._hovered:
            self._hovered = picked
            self.hover_changed.emit()

    def keep_only(self, design: NetworkDesign) -> None:
        """Drop what is no longer in the design."""
        sizes = _sizes(design)
        kept = tuple(p for p in self._picked if _exists(p, sizes, design))
        self.select(*kept)
        if self._hovered is not None and not _exists(self._hovered, sizes, design):
            self.hover(None)


def _wire_source(picked: Picked) -> str:
    return picked.source_layer if picked.is_wire else ""


def _sizes(design: NetworkDesign) -> dict[str, int]:
    return {spec.id: len(getattr(spec, "unit_ids", ())) for spec in design.layers}


def _exists(picked: Picked, sizes: dict[str, int], design: NetworkDesign) -> bool:
    if picked.is_wire:
        return Wire(picked.source_layer, picked.layer) in design.wires
    return picked.layer in sizes and (picked.unit is None or -1 <= picked.unit < sizes[picked.layer])
