"""Capacity: whether training fits into the machine's memory, before anything is allocated."""

from __future__ import annotations

from collections.abc import Collection

from engine.memory import SHARE, said
from engine.validation.fault import Fault


def memory_faults(
    needed: dict[str, int], memory: int, beside: int = 0, *, resizable: Collection[str]
) -> list[Fault]:
    """Whether bytes `needed` by each layer id fit into the machine's `memory`; blames the largest layer.

    `beside` are the bytes of another network that is there until this one has its weights; `resizable` are
    the ids of the layers whose neurons a person may choose.
    """
    total, largest = sum(needed.values()), max(needed, key=lambda layer: needed[layer])
    room = SHARE * memory - beside
    if total <= room:
        return []
    has = f"this machine has {said(memory)}"
    if beside:
        has += f", and the network that is trained now takes {said(beside)} until it has handed over"
    message = (
        f"Training this network would take about {said(total)} of memory, {said(needed[largest])} of it "
        f"for “{largest}”, but {has}. Make it, or the batch, smaller."
    )
    field, repair, hint = "unit_ids", "fewer_units", ""
    if largest not in resizable:
        field, repair, hint = "outputs", "", "Give this layer fewer values, or make the batch smaller."
    return [Fault(largest, message, field, f"at most {said(max(room, 0))}", said(total), repair, hint=hint)]
