"""Strongly connected components, and peeling a graph that should have no cycle."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget

_DOING = "looking for cycles in a graph"
_EVERY = 1 << 14  # nodes between two looks at the clock


def strong_components(successors: Sequence[Sequence[int]], *, budget: Budget = DEFAULT) -> list[int]:
    """Number the strongly connected components of a graph.

    Arguments:
        successors: for each node the nodes that its edges lead to; negative entries are no edge.

    Returns:
        the component of each node; components are numbered `0, 1, ...` so that every edge leads to a
        component with the same or a smaller number (sinks first).

    Raises:
        BudgetExceeded: when time is up.

    Complexity: linear in nodes and edges; no recursion.

    Source: Tarjan 1972, in the form with one stack of open nodes.

    >>> strong_components([[1], [0, 2], []])
    [1, 1, 0]
    """
    n = len(successors)
    low = [-1] * n  # the smallest entry time seen from the node; n once its component is closed
    component = [0] * n
    open_nodes: list[int] = []
    time = count = 0
    budget.check_time(_DOING)
    for root in range(n):
        if low[root] >= 0:
            continue
        low[root] = time
        time += 1
        path = [(root, low[root], iter(successors[root]))]
        open_nodes.append(root)
        while path:
            node, entered, rest = path[-1]
            for target in rest:
                if target < 0:
                    continue
                if low[target] < 0:
                    low[target] = time
                    path.append((target, time, iter(successors[target])))
                    open_nodes.append(target)
                    time += 1
                    if not time % _EVERY:
                        budget.check_time(_DOING)
                    break
                if low[target] < low[node]:
                    low[node] = low[target]
            else:
                path.pop()
                if low[node] == entered:
                    while True:
                        member = open_nodes.pop()
                        low[member] = n
                        component[member] = count
                        if member == node:
                            break
                    count += 1
                elif path:
                    above = path[-1][0]
                    if low[node] < low[above]:
                        low[above] = low[node]
    return component


def longest_path(successors: NDArray[np.integer], *, budget: Budget = DEFAULT) -> int | None:
    """Return the number of nodes on a longest path, or None when the graph has a cycle.

    Arguments:
        successors: shape `(m, k)`: node numbers, negative where there is no edge.

    Raises:
        BudgetExceeded: when time is up.

    Complexity: `O(m k)` work, vectorised, in as many rounds as the answer.

    >>> longest_path(np.array([[1, -1], [2, 2], [-1, -1]]))
    3
    """
    m, k = successors.shape
    flat = successors.ravel()
    edges = np.flatnonzero(flat >= 0)
    sources, targets = edges // max(k, 1), flat[edges].astype(np.int64)
    order = np.argsort(targets, kind="stable")
    incoming = sources[order]
    starts = np.searchsorted(targets[order], np.arange(m + 1))
    degree = np.bincount(sources, minlength=m)
    layer = np.flatnonzero(degree == 0)
    rounds = removed = 0
    while len(layer):
        budget.check_time(_DOING)
        rounds += 1
        removed += len(layer)
        lengths = starts[layer + 1] - starts[layer]
        total = int(lengths.sum())
        if not total:
            break
        offsets = np.repeat(starts[layer] - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
        before = incoming[offsets + np.arange(total)]
        np.subtract.at(degree, before, 1)
        before = np.unique(before)
        layer = before[degree[before] == 0]
    return rounds if removed == m else None
