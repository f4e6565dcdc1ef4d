"""Capacity: whether training fits into the machine's memory, before anything is allocated."""

from __future__ import annotations

from engine.memory import SHARE, said
from engine.validation.fault import Fault


def memory_faults(needed: dict[str, int], memory: int) -> list[Fault]:
    """Whether bytes `needed` by each layer id fit into the machine's `memory`; blames the largest layer."""
    total, largest = sum(needed.values()), max(needed, key=lambda layer: needed[layer])
    if total <= SHARE * memory:
        return []
    message = (
        f"Training this network would take about {said(total)} of memory, {said(needed[largest])} of it "
        f"for “{largest}”, but this machine has {said(memory)}. Make it, or the batch, smaller."
    )
    return [
        Fault(largest, message, "unit_ids", f"at most {said(SHARE * memory)}", said(total), "fewer_units")
    ]
