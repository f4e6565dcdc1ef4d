"""Orders the layers of a graph into columns with few crossings: longest path first, then barycenters."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product

_SWEEPS = 4


def order_columns(ids: Sequence[str], edges: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Return layer ids in columns from left to right, each from top to bottom; edges are (source, target).

    A layer stands one column right of its furthest source. Layers on a cycle, a fault that validation
    reports, stand to the right of all others. Within a column the order follows the mean position of a
    layer's neighbors (Sugiyama, Tagawa & Toda 1981), in sweeps to and fro.
    """
    rank = _ranks(ids, edges)
    columns: list[list[str]] = [[] for _ in range(max(rank.values(), default=-1) + 1)]
    for layer in ids:
        columns[rank[layer]].append(layer)
    before: dict[str, list[str]] = {i: [] for i in ids}
    after: dict[str, list[str]] = {i: [] for i in ids}
    for source, target in edges:
        before[target].append(source)
        after[source].append(target)
    for sweep in range(_SWEEPS):
        neighbors = before if sweep % 2 == 0 else after
        for column in columns if sweep % 2 == 0 else reversed(columns):
            place = {i: (k + 0.5) / len(c) for c in columns for k, i in enumerate(c)}
            column.sort(key=lambda i, n=neighbors, p=place: _mean([p[j] for j in n[i]], p[i]))  # type: ignore[misc]
    return columns


def parts_of(ids: Sequence[str], edges: Sequence[tuple[str, str]]) -> list[list[str]]:
    """The parts of a graph that hang together, each in the order of ids, as the parts are by their first."""
    part = {i: {i} for i in ids}
    for source, target in edges:
        if part[source] is not part[target]:
            part[source] |= part[target]
            part |= dict.fromkeys(part[source], part[source])
    return list({id(part[i]): [j for j in ids if j in part[i]] for i in ids}.values())


def between(parts: Sequence[Sequence[str]], edges: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Edges that put the parts of a graph into a row.

    So a network that is not wired through yet, or lost a wire, still reads from left to right.
    """
    leading, fed = {source for source, _ in edges}, {target for _, target in edges}
    return [
        pair
        for a, b in pairwise(parts)
        for pair in product([i for i in a if i not in leading], [i for i in b if i not in fed])
    ]


def _mean(numbers: list[float], otherwise: float) -> float:
    return sum(numbers) / len(numbers) if numbers else otherwise


def _ranks(ids: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Return the longest path to each layer (Kahn's order); layers on or behind a cycle come last."""
    waiting = dict.fromkeys(ids, 0)
    for _, target in edges:
        waiting[target] += 1
    rank = dict.fromkeys(ids, 0)
    ready = [i for i in ids if waiting[i] == 0]
    done = set()
    while ready:
        layer = ready.pop(0)
        done.add(layer)
        for source, target in edges:
            if source == layer:
                rank[target] = max(rank[target], rank[layer] + 1)
                waiting[target] -= 1
                if waiting[target] == 0:
                    ready.append(target)
    last = max((rank[i] for i in done), default=-1)
    return {i: rank[i] if i in done else last + 1 for i in ids}
