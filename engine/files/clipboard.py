"""A part of a network as text: readable JSON that survives a mail, checked like a file when pasted."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import msgspec

from engine.design import NetworkDesign, Project, Wire
from engine.edits import clipboard
from engine.edits.arrangement import Position
from engine.edits.change import MAX_LAYERS, Positions
from engine.edits.clipboard import Fragment
from engine.edits.outcome import Outcome, Refusal
from engine.files.faults import Unreadable
from engine.files.shapes import check_design
from engine.files.specs import decode, encode
from engine.layers import LayerSpec

HEAD = "synapscope"
WHAT = "layers"
LONGEST = 8 << 20
"""Characters; longer texts are not looked at."""


def to_text(design: NetworkDesign, layer_ids: Iterable[str], positions: Positions = ()) -> str:
    """Some layers, and the wires among them, as text; fields at their defaults are left out."""
    part = clipboard.fragment_of(design, layer_ids, positions)
    content = {
        HEAD: WHAT,
        "layers": [_short(spec) for spec in part.layers],
        "wires": [[wire.source, wire.target] for wire in part.wires],
        "positions": [list(place) for place in part.positions],
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=1).decode()


def from_text(text: str) -> Fragment | Refusal:
    """What a text holds, or why that is nothing to paste."""
    try:
        if len(text) > LONGEST:
            raise Unreadable("it is too long")
        content = msgspec.json.decode(text.encode("utf-8", "replace"))
        if not isinstance(content, dict) or content.get(HEAD) != WHAT:
            raise Unreadable("it is not a part of a network")
        return _fragment(content)
    except Unreadable as fault:
        return Refusal(f"This text cannot be pasted here: {fault}. Copy layers first.")
    except (msgspec.DecodeError, RecursionError):
        return Refusal("This text cannot be pasted here: it is not a part of a network. Copy layers first.")


def paste(project: Project, text: str, at: Position | None = None) -> Outcome:
    """Paste a text into the project, with fresh ids, at a place on the canvas."""
    part = from_text(text)
    return part if isinstance(part, Refusal) else clipboard.paste(project, part, at)


def _short(spec: LayerSpec) -> dict[str, Any]:
    """The layer as JSON values without the fields that have their default value."""
    usual = {field.name: field.default for field in dataclasses.fields(spec)}
    fields: dict[str, Any] = encode(spec)
    return {
        name: value for name, value in fields.items() if name == "kind" or getattr(spec, name) != usual[name]
    }


def _fragment(content: dict[str, Any]) -> Fragment:
    raw = content.get("layers")
    if not isinstance(raw, list) or not 0 < len(raw) <= MAX_LAYERS:
        raise Unreadable("it holds no layers, or impossibly many")
    layers: tuple[LayerSpec, ...] = decode(tuple[LayerSpec, ...], raw, "layers")
    pairs: tuple[tuple[str, str], ...] = decode(
        tuple[tuple[str, str], ...], content.get("wires", []), "wires"
    )
    positions: Positions = decode(Positions, content.get("positions", []), "positions")
    wires = tuple(Wire(source, target) for source, target in pairs)
    check_design(NetworkDesign(layers=layers, wires=wires))
    return Fragment(layers=layers, wires=wires, positions=positions)
